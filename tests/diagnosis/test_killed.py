"""Killed at any write, to the database or to a file, a diagnosis of the living system publishes nothing; begun again it is whole."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.db import connection, transaction

from tests import crash, world
from zaidao.core.parquet import Folder
from zaidao.diagnosis import living
from zaidao.diagnosis.models import FindingClock, Run

TABLES = ("findings", "elements", "duties", "rollup", "derived/org", "snapshot/person")


@contextmanager
def killed_after(writes: int) -> Iterator[list[int]]:
    """Let so many writes through, counting files too, then raise Killed before the next."""
    seen: list[int] = []

    def counted(write: Any) -> Any:
        def once(*args: Any, **kwargs: Any) -> Any:
            if len(seen) >= writes:
                raise crash.Killed
            seen.append(1)
            return write(*args, **kwargs)

        return once

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pq, "write_table", counted(pq.write_table))
        patch.setattr(pq.ParquetWriter, "write_table", counted(pq.ParquetWriter.write_table))
        patch.setattr(Path, "write_text", counted(Path.write_text))
        for verb in ("replace", "rename"):
            patch.setattr(os, verb, counted(getattr(os, verb)))
        with connection.execute_wrapper(lambda execute, sql, *rest: (counted(execute) if crash.WRITE.match(sql) else execute)(sql, *rest)):
            yield seen


def _whole(run: Run) -> list[int]:
    return [len(Folder(run.path).rows(f"select 1 from {{{name}}}")) for name in TABLES]


def _diagnose(run: Run) -> None:
    living.diagnose(Run.objects.get(pk=run.pk), lambda _share, _step: None)


def _killed_at(points: int, run: Run) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    with transaction.atomic(), killed_after(10**9) as seen:
        _diagnose(run)
        whole = _whole(run)
        transaction.set_rollback(True)
    living.shutil.rmtree(run.path)
    assert len(seen) > 20
    for point in random.Random(seed).choices(range(len(seen)), k=points):
        with pytest.raises(crash.Killed), transaction.atomic(), killed_after(point):
            _diagnose(run)
        held = Run.objects.get(pk=run.pk)
        assert not held.done or _whole(held) == whole, f"killed after {point} of {len(seen)} writes"
        assert not FindingClock.objects.exists()
        left = [f.name for f in run.path.parent.iterdir() if f != run.path]
        assert left == [], f"killed after {point}: {left}"
    _diagnose(run)
    assert _whole(Run.objects.get(pk=run.pk)) == whole


@pytest.fixture
def waiting(db: None, place: Path) -> Run:
    world.build()
    (place / "runs").mkdir()
    return Run.objects.create(title=living.TITLE)


def test_killed_at_a_few_points(waiting: Run) -> None:
    _killed_at(4, waiting)


@pytest.mark.slow
def test_killed_at_fifty_points(waiting: Run) -> None:
    _killed_at(50, waiting)
