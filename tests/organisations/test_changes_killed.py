"""Killed at any write, a change of the tree leaves nothing: neither half a tree nor people, posts, news or audit of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests import crash, world
from tests.organisations.test_import_killed import facts
from zaidao.core.scope import system_scope
from zaidao.organisations.actions import merge, move
from zaidao.organisations.models import Change, Organisation, Place

TODAY = timezone.localdate()

Act = Callable[[world.World], Any]


def _move(made: world.World) -> Any:
    return move.move(
        actor=made.users["head"], organisation=made.orgs["company"].pk, parent=made.orgs["other"].pk, effective_on=TODAY, document_no="文1",
    )


def _merge(made: world.World) -> Any:
    sources, under = [made.orgs["branch"].pk, made.orgs["sibling"].pk], made.orgs["company"].pk
    return merge.merge(
        actor=made.users["superior"], sources=sources, name="联合党支部", parent=under, effective_on=TODAY, document_no="文2",
    )


ACTS: dict[str, Act] = {"move": _move, "merge": _merge}


def state() -> str:
    """Everything that a change of the tree touches, as one text."""
    told: dict[str, Any] = facts()
    told["paths"] = sorted(Organisation.everything.values_list("code", "path", "name", "dissolved_on", "version"))
    told["places"] = sorted(Place.everything.values_list("organisation__code", "path", "since", "until"), key=str)
    told["changes"] = Change.everything.count()
    text = json.dumps(told, default=str, sort_keys=True)
    for n, (pk, code) in enumerate(Organisation.everything.order_by("pk").values_list("pk", "code")):
        text = text.replace(f"{pk:08}", f"<{n}>").replace(code, f"[{n}]")  # numbers of a row that was rolled back are not given again
    return text


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ACTS))
def test_killed_at_fifty_points(name: str) -> None:
    made = world.build()
    with system_scope("test"):
        crash.killed_at_fifty_points(lambda: ACTS[name](made), state, least=5)


