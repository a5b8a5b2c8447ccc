"""Logs for machines and maintainers, without data about persons: one JSON object a line.

No request body, no query string, no cookie is ever written; what looks like an ID number or a phone number is replaced by stars, in
messages and in the texts of errors; local variables are not written at all. This module is loaded before Django's apps are.
"""

import json
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from traceback import FrameSummary, extract_tb
from typing import Any

from django.db.utils import DataError, Error
from django.http import HttpRequest, HttpResponse

from zaidao.core import scrub

request_id: ContextVar[str] = ContextVar("request_id", default="")
DEEPEST, LONGEST_CHAIN = 40, 5  # frames of one error that are written, and errors behind it
SAFE = frozenset({"request", "digest"})  # hexadecimal by construction: digits in a row mean nothing
CARELESS = ("request", "response", "sql", "params", "duration", "status_code", "alias", "server_time")  # what Django hangs on records

log = logging.getLogger("zaidao.requests")
GetResponse = Callable[[HttpRequest], HttpResponse]


def clean(text: str) -> str:
    """A text as it may be written."""
    return scrub.numbers(scrub.secrets(scrub.queries(text)))


class Private(logging.Filter):
    """Takes out of a record what no log may hold, before any handler sees it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = clean(_message(record)), None
        for name in CARELESS:
            record.__dict__.pop(name, None)
        if record.exc_info and record.exc_info[1]:
            faults = record.__dict__["faults"] = [_fault(error) for error in _chain(record.exc_info[1])]
            record.exc_text = "\n".join(f"{fault['type']}: {fault['text']}" for fault in faults)
        record.exc_info = None
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # a message that does not fit its arguments: these stay unwritten
        return str(record.msg)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those behind it."""
    for _ in range(LONGEST_CHAIN):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _fault(error: BaseException) -> dict[str, Any]:
    frames = extract_tb(error.__traceback__)[-DEEPEST:]
    return {"type": f"{type(error).__module__}.{type(error).__qualname__}", "text": _text(error), "at": [_frame(f) for f in frames]}


def _text(error: BaseException) -> str:
    """What an error says, without what it quotes of people's input. A database's further lines tell the whole row."""
    if isinstance(error, DataError):
        return ""
    text = str(error)
    if isinstance(error, Error) or type(error).__module__.partition(".")[0] in ("psycopg", "sqlite3"):
        text = text.partition("\n")[0]
    return clean(scrub.quoted(text))


def _frame(frame: FrameSummary) -> str:
    file = frame.filename.replace("\\", "/")
    for root in ("site-packages/", "/src/"):
        file = file.rpartition(root)[2]
    return f"{file}:{frame.lineno} {frame.name}"


class Lines(logging.Formatter):
    """One JSON object a line: at, level, logger, request, text, the record's `facts`, and errors with where they arose."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"), "level": record.levelname,
            "logger": record.name, "request": request_id.get(), "text": clean(_message(record)),
        }
        told |= {name: _fact(name, value) for name, value in getattr(record, "facts", {}).items()}
        if faults := getattr(record, "faults", None):
            told["errors"] = faults
        return json.dumps({name: value for name, value in told.items() if value not in ("", None)}, ensure_ascii=False)


def _fact(name: str, value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    return str(value) if name in SAFE else clean(str(value))


def requests(get_response: GetResponse) -> GetResponse:
    """Give each request its number and write one line when it is answered: who, which page, how long; nothing that was sent."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token, began = request_id.set(uuid.uuid4().hex), time.monotonic()
        try:
            response = get_response(request)
            log.info("request", extra={"facts": _answered(request, response, time.monotonic() - began)})
            return response
        finally:
            request_id.reset(token)

    return middleware


def _answered(request: HttpRequest, response: HttpResponse, seconds: float) -> dict[str, Any]:
    match, user = request.resolver_match, getattr(request, "_cached_user", None)  # not request.user: that could ask the database
    return {
        "method": request.method, "path": request.path, "route": match.view_name if match else "", "status": response.status_code,
        "ms": round(seconds * 1000), "user": getattr(user, "pk", None),
    }


def settings(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything through the filter to standard error. Nothing is mailed, nothing is printed beside it."""
    return {
        "version": 1, "disable_existing_loggers": False,
        "filters": {"private": {"()": "zaidao.core.logs.Private"}},
        "formatters": {"lines": {"()": "zaidao.core.logs.Lines"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines", "filters": ["private"]}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "zaidao": {"level": level},
            "django": {"handlers": [], "level": "WARNING"},  # Django's own would mail reports
            "django.request": {"level": "ERROR"},  # what was not found or refused stands in the line of the request
            "django.server": {"handlers": [], "propagate": True},
            "django.db.backends": {"level": "WARNING"},  # statements with their values
            "axes": {"level": "ERROR"},  # names the person; attempts are on record in the audit
        },
    }
