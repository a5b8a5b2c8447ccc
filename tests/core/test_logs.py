"""Logs and reports of errors hold nothing about persons."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.utils.log import configure_logging
from django.views.debug import technical_500_response

from zaidao.accounts.models import User
from zaidao.core import logs, scrub

# Backwards and in pieces, for a report of an error quotes lines of this file.
ID, PHONE, NAME, SECRET = "732110100991101011"[::-1], "87654321931"[::-1], "".join(("张", "三丰")), "-".join(("s3cret", "cookie"))


def stumble(request: HttpRequest) -> HttpResponse:
    number, name = request.POST.get("id_no", ID), request.POST.get("name", NAME)
    try:
        int(name)
    except ValueError as error:
        raise RuntimeError(f"无法处理 {number} / {number[:6]} {number[6:14]} {number[14:]},电话 +86 {PHONE}") from error
    return HttpResponse()


def answer(request: HttpRequest, n: str) -> HttpResponse:
    logging.getLogger("zaidao.tests").warning("看了 %s", f"{request.get_full_path()} {ID}", extra={"request": request})
    return HttpResponse("好")


urlpatterns = [path("stumble/", stumble, name="stumble"), path("answer/<str:n>/", answer, name="answer")]


def plain(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse(status=500 if request.path == "/stumble/" else 404)


handler404 = handler500 = plain


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the configured logging writes to standard error."""
    out = io.StringIO()
    configure_logging(django_settings.LOGGING_CONFIG, django_settings.LOGGING)
    handler = next(h for h in logging.getLogger().handlers if isinstance(h.formatter, logs.Lines))
    before = handler.setStream(out)  # type: ignore[attr-defined]
    yield out
    handler.setStream(before)  # type: ignore[attr-defined]


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def clean(text: str) -> None:
    for secret in (ID, PHONE, NAME, SECRET, "1990", ID[6:14]):
        assert secret not in text


@pytest.mark.urls(__name__)
def test_an_error_that_quotes_an_id_number_is_written_without_it(written: io.StringIO, settings: Any) -> None:
    settings.MIDDLEWARE = ["zaidao.core.logs.requests"]
    client = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False)
    client.cookies["sessionid"] = SECRET
    client.post(f"/stumble/?id_no={ID}&name={NAME}", {"id_no": ID, "name": NAME, "phone": PHONE})
    clean(written.getvalue())
    failed, told = lines(written)
    assert (failed["logger"], failed["level"], failed["request"]) == ("django.request", "ERROR", told["request"])
    assert [e["type"] for e in failed["errors"]] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert any(at.endswith(" stumble") for at in failed["errors"][0]["at"])
    assert not any(at.startswith("/") and "zaidao/" in at for error in failed["errors"] for at in error["at"])
    assert (told["method"], told["path"], told["route"], told["status"]) == ("POST", "/stumble/", "stumble", 500)
    assert told["ms"] >= 0


@pytest.mark.urls(__name__)
def test_a_request_is_one_line_without_what_was_asked(written: io.StringIO, settings: Any) -> None:
    settings.MIDDLEWARE = ["zaidao.core.logs.requests"]
    Client(HTTP_HOST="127.0.0.1").get(f"/answer/{PHONE}/?q={NAME}&n={ID}")
    Client(HTTP_HOST="127.0.0.1").get(f"/nowhere/{ID}/?q={NAME}")
    clean(written.getvalue())
    said, told, gone = lines(written)
    assert said["text"] == f"看了 /answer/{scrub.STARS}/?… {scrub.STARS}"
    assert (told["route"], told["path"], told["status"]) == ("answer", f"/answer/{scrub.STARS}/", 200)
    assert (gone["status"], "route" in gone) == (404, False)
    assert len({said["request"], told["request"], gone["request"]}) == 2


@pytest.mark.django_db
def test_the_line_names_the_user_by_number_and_asks_the_database_nothing(written: io.StringIO) -> None:
    user = User.objects.create(work_no="U1", name=NAME)
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/")
    client.logout()
    client.get("/")
    told = [line for line in lines(written) if line["logger"] == "zaidao.requests"]
    assert [line.get("user") for line in told] == [user.pk, None]
    clean(written.getvalue())


@pytest.mark.django_db
def test_a_database_error_tells_the_rule_and_not_the_row(written: io.StringIO) -> None:
    User.objects.create(work_no=f"工号{NAME}", name=NAME)
    for wrong in (lambda: User.objects.create(work_no=f"工号{NAME}", name=NAME), lambda: raw("SELECT CAST(%s AS integer) + no_such", NAME)):
        try:
            with transaction.atomic():
                wrong()
        except (IntegrityError, DatabaseError):
            logging.getLogger("zaidao.tests").exception("写不进去")
    clean(written.getvalue())
    taken = lines(written)[0]["errors"][0]
    assert taken["type"].endswith("IntegrityError")
    assert "accounts_user" in taken["text"]


def raw(statement: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])


def test_facts_are_scrubbed_but_digests_stay(written: io.StringIO) -> None:
    digest = "a" * 20 + ID + "b" * 20
    logging.getLogger("zaidao.tests").warning("封存", extra={"facts": {"digest": digest, "n": 3, "what": ID, "none": None}})
    told, = lines(written)
    assert (told["digest"], told["n"], told["what"], "none" in told) == (digest, 3, scrub.STARS, False)


def test_a_message_that_does_not_fit_its_arguments_does_not_show_them(written: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("zaidao.tests").warning("%d", ID)
    clean(written.getvalue() + capsys.readouterr().err)
    assert lines(written)[0]["text"] == "%d"


def test_a_message_of_several_lines_stays_one_line(written: io.StringIO) -> None:
    logging.getLogger("zaidao.tests").warning("一\n{\"level\": \"INFO\"}")
    assert len(written.getvalue().splitlines()) == 1


def test_an_endless_chain_of_errors_ends(written: io.StringIO) -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    logging.getLogger("zaidao.tests").error("x", exc_info=first)
    assert len(lines(written)[0]["errors"]) == logs.LONGEST_CHAIN


def test_nothing_is_mailed_and_no_statement_is_written(written: io.StringIO) -> None:
    handlers = [h for name in ("", "django", "django.server", "django.request") for h in logging.getLogger(name).handlers]
    assert not [h for h in handlers if "Mail" in type(h).__name__]
    assert all(any(isinstance(f, logs.Private) for f in h.filters) for h in handlers if isinstance(h.formatter, logs.Lines))
    assert logging.getLogger("django.db.backends").getEffectiveLevel() >= logging.WARNING
    assert logging.getLogger("axes").getEffectiveLevel() >= logging.ERROR


@pytest.mark.parametrize("kind", ["text/html", "text/plain"])
def test_djangos_report_shows_nothing_that_was_sent(kind: str) -> None:
    headers = {"accept": kind, "cookie": f"sessionid={SECRET}"}
    request = RequestFactory().post(f"/stumble/?q={ID}", {"id_no": ID, "name": NAME}, headers=headers)
    try:
        stumble(request)
    except RuntimeError as error:
        text = technical_500_response(request, type(error), error, error.__traceback__).content.decode()
    assert "RuntimeError" in text
    assert "stumble" in text
    clean(text)
    assert "_".join(("ROOT", "URLCONF")) not in text


@pytest.mark.parametrize(("text", "left"), [
    (ID, "***"), (ID[:-1] + "x", "***"), (f"号{ID}号", "号***号"), (f"a{ID}b", "a***b"), ("110101 1990 0101 1237", "***"),
    ("110101-19900101-1237", "***"), ("110101900101123", "***"), ("11010119900101123X", "***"), (PHONE, "***"), (f"+86 {PHONE}", "***"),
    (f"86{PHONE}", "***"), ("139-1234-5678", "***"), ("139 1234 5678", "***"),
    ("2026-11-26 12:00:00.123456", None), ("1764123456", None), ("1700000000000", None), ("0000000100000002", None), ("〔2026〕12号", None),
    ("000000010000000200000003", None), ("12345678901", None), ("10912345678", None),
])
def test_what_counts_as_a_number_of_a_person(text: str, left: str | None) -> None:
    assert scrub.numbers(text) == (text if left is None else left)


@pytest.mark.parametrize(("text", "left"), [
    ("invalid literal for int() with base 10: '张三'", "invalid literal for int() with base 10: '…'"), ("KeyError: 'name'", None),
    ("“张三”不是有效的日期", "“…”不是有效的日期"), ("没有引号的张三", None),
])
def test_quotations_of_people_are_left_out(text: str, left: str | None) -> None:
    assert scrub.quoted(text) == (text if left is None else left)
