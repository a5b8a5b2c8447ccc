"""What temporary organisations leave to others, as far as the catalogue says so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import world
from zaidao.core.errors import Refused
from zaidao.core.scope import system_scope
from zaidao.engine import catalogue
from zaidao.organisations.actions import standing, terms, transfers
from zaidao.organisations.decisions.placement import withheld
from zaidao.organisations.models import Organisation

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()

Act = Callable[[world.World], Any]


def _election(made: world.World) -> Any:
    branch = made.orgs["branch"]
    return terms.elect(actor=made.users["superior"], organisation=branch, on=TODAY, today=TODAY, years=None, basis="批复", stay=[])


def _admission(made: world.World) -> Any:
    person = world.person("P-t", "发展", made.orgs["branch"], category="activist")
    return standing.step(actor=made.users["superior"], person=person, to="candidate", on=TODAY)


def _expulsion(made: world.World) -> Any:
    person = world.person("P-t", "处置", made.orgs["branch"])
    return standing.step(actor=made.users["superior"], person=person, to="employee", on=TODAY, reason="决定")


def _transfer(made: world.World) -> Any:
    asked = {"issued_on": TODAY, "valid_until": TODAY + timedelta(days=20)}
    person = world.person("P-t", "转接", made.orgs["sibling"])
    return transfers.ask(actor=made.users["head"], person=person, receiver=made.orgs["branch"], **asked)


ACTS: dict[str, Act] = {"不进行换届": _election, "不发展党员": _admission, "不处分处置党员": _expulsion, "不接转": _transfer}


@pytest.mark.parametrize("said", sorted(ACTS))
def test_a_temporary_organisation_leaves_it_to_others(said: str) -> None:
    made = world.build()
    with system_scope("test"):
        branch = made.orgs["branch"]
        Organisation.everything.filter(pk=branch.pk).update(form="临时")
        branch.refresh_from_db()
        with pytest.raises(Refused, match=said):
            ACTS[said](made)


@pytest.mark.parametrize("said", sorted(set(ACTS) - {"不进行换届"}))
def test_others_may(said: str) -> None:
    made = world.build()
    with system_scope("test"):
        assert ACTS[said](made).pk


def test_the_catalogue_says_what() -> None:
    known = catalogue.load()
    assert withheld("临时", "develop", known)
    assert withheld("联合", "develop", known) is None
    known = replace(known, params={**known.params, "living.temporary_withheld": ["term"]})
    assert withheld("临时", "develop", known) is None
    assert withheld("临时", "term", known)
