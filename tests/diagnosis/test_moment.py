"""The snapshot of the living system is of one moment: what is written while it is taken is in all of its tables or in none."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connections, transaction

from tests import world
from zaidao.core.parquet import Folder
from zaidao.core.scope import system_scope
from zaidao.diagnosis import living
from zaidao.diagnosis.models import Run
from zaidao.organisations import facts, tree


def _somebody_joins_a_new_branch(parent: Any) -> None:
    with transaction.atomic(), system_scope("test"):
        branch = world.organisation("late", "新支部", "branch", parent)
        tree.rebuild([branch.pk])
        world.person("P-late", "新人", branch)
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_what_is_written_meanwhile_is_in_no_table(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, people = world.build(), facts.people

    def late() -> Iterator[Any]:
        """The organisations are written; before the people are read, somebody joins a new branch."""
        other = Thread(target=_somebody_joins_a_new_branch, args=(made.orgs["group"],))
        other.start()
        other.join(20)
        assert not other.is_alive()
        yield from people()

    monkeypatch.setattr(facts, "people", late)
    run = Run.objects.create(title=living.TITLE)
    living.diagnose(run, lambda _share, _step: None)
    told = Folder(run.path).rows("select org_id from {snapshot/organisation} union select org_id from {snapshot/person}")
    assert "O-late" not in {r["org_id"] for r in told}
    monkeypatch.undo()
    later = Run.objects.create(title=living.TITLE)
    living.diagnose(later, lambda _share, _step: None)
    assert Folder(later.path).rows("select 1 from {snapshot/person} where person_id = 'P-late'")
