"""Two at once about one rule: what is adopted is what was shown, and every refusal is in words. Without the locks it would go wrong."""

from datetime import date
from typing import Any

import pytest

from tests import world
from tests.institutions.test_editions import JULY, MONTHLY, adopt, draft
from tests.institutions.test_editions import made as made  # noqa: PLC0414  the fixture
from tests.races import names, race, without_locks
from zaidao.core.models import Entry
from zaidao.institutions import actions
from zaidao.institutions.actions import editions, exemptions
from zaidao.institutions.models import Clause, Duty, Edition, Institution
from zaidao.institutions.queries import preview

pytestmark = pytest.mark.django_db(transaction=True)


# --- adopted while the draft is edited ------------------------------------------------------------------------------------------------

def adopt_and_edit(made: world.World, edition: Edition) -> list[Any]:
    shown = preview(edition, JULY)
    return race(
        lambda: adopt(made, edition, token=shown.token),
        lambda: actions.save_clauses(actor=made.users["head"], edition=edition, rows=[MONTHLY | {"at_least": 2}]))


def in_force() -> tuple[bool, int | None]:
    """Whether the edition is in force, and how often its clause asks."""
    return Edition.everything.get().since is not None, Clause.everything.get().at_least


def test_a_draft_that_is_edited_meanwhile_is_adopted_as_shown_or_not_at_all(made: world.World) -> None:
    adopted, edited = adopt_and_edit(made, draft(made))
    assert (type(adopted).__name__, type(edited).__name__) in {("Edition", "Refused"), ("Stale", "Edition")}
    assert in_force() in {(True, 1), (False, 2)}


def test_without_the_lock_something_else_than_shown_would_be_in_force(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the database breaks one off, for duties that stand on a clause that is gone."""
    edition = draft(made)
    without_locks(monkeypatch, meet=[(editions, "preview"), (editions.decisions, "clauses")])
    came = names(adopt_and_edit(made, edition))
    assert came == ["Edition", "IntegrityError"] or (came, in_force()) == (["Edition", "Edition"], (True, 2))


# --- two adoptions, two repeals -------------------------------------------------------------------------------------------------------

def both_adopt(made: world.World) -> list[Any]:
    edition = draft(made)
    days = (JULY, date(2026, 8, 1))
    return race(*(lambda day=day: adopt(made, edition, since=day) for day in days))  # type: ignore[misc]


def test_a_draft_is_adopted_once(made: world.World) -> None:
    assert names(both_adopt(made)) == ["Edition", "Refused"]
    assert Entry.objects.filter(verb="institutions.adopt").count() == 1


def test_without_the_lock_it_would_be_adopted_twice(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks(monkeypatch, meet=[(editions, "preview")])
    assert names(both_adopt(made)) == ["Edition", "Edition"]
    assert Entry.objects.filter(verb="institutions.adopt").count() == 2


def both_register(made: world.World) -> list[Any]:
    return race(*[lambda: actions.register(
        actor=made.users["superior"], organisation=made.orgs["company"], title="学习办法", origin="own", code="Z8")] * 2)


def test_a_code_that_two_choose_is_the_firsts_and_the_other_is_told(made: world.World) -> None:
    came = both_register(made)
    assert names(came) == ["Edition", "Refused"]
    assert "已经有了" in str(next(one for one in came if not isinstance(one, Edition)))
    assert Institution.everything.count() == 1


def test_without_the_lock_the_database_breaks_one_off(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks(monkeypatch, meet=[(editions.decisions, "register")])
    assert names(both_register(made)) == ["Edition", "IntegrityError"]


# --- let off twice --------------------------------------------------------------------------------------------------------------------

def both_let_off(made: world.World) -> list[Any]:
    adopt(made, draft(made))
    owed = Duty.everything.get(organisation=made.orgs["branch"], subject="主题党日", period_start=JULY)
    return race(*(lambda who=who: actions.exempt(actor=made.users[who], duty=owed, reason="停产")  # type: ignore[misc]
                  for who in ("superior", "head")))


def test_a_duty_is_let_off_once(made: world.World) -> None:
    assert names(both_let_off(made)) == ["Exemption", "Refused"]


def test_without_the_lock_it_would_be_let_off_twice(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    without_locks(monkeypatch, meet=[(exemptions.decisions, "exempt")])
    assert names(both_let_off(made)) == ["Exemption", "Exemption"]
