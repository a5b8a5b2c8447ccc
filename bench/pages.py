"""Server time, size and statements of every page of a published run: `python -m bench.pages [RESULT FOLDER]`.

Without a folder the sample group is diagnosed first. Each page is asked for seven times in this process; the median counts.
Printed besides the wall time is the processor time, which says more on a busy machine.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TIMES = 7
SAMPLE = Path(__file__).parents[1] / "src/zaidao/diagnosis/demo/haiwan-group.xlsx"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as place:
        os.environ |= {"ZAIDAO_VAR": place, "ZAIDAO_TASKS": "inline", "DJANGO_SETTINGS_MODULE": "zaidao.config.settings"}
        report(folder.absolute() if folder else _sample(Path(place)))
    return 0


def _sample(place: Path) -> Path:
    from zaidao.diagnosis import intake
    from zaidao.engine import outputs, run

    read = intake.read([SAMPLE])
    outputs.write(run.diagnose(read.facts), place / "sample", read.problems, read.counts)
    return place / "sample"


def report(folder: Path) -> None:
    """Print a line per page and the median over all."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    from zaidao.core import parquet
    from zaidao.diagnosis.models import Run, Upload

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    made = Run.objects.create(upload=Upload.objects.create(title="bench"), title="bench", manifest=manifest)
    made.path.parent.mkdir(parents=True)
    made.path.symlink_to(folder)
    client = Client(HTTP_HOST="127.0.0.1")
    medians = []
    print(f"{'page':<58} {'ms':>6} {'cpu ms':>7} {'KB':>6} {'statements':>10}")
    for url in _pages(made):
        before = parquet.statements
        taken = [_ask(lambda u=url: client.get(u)) for _ in range(TIMES)]
        wall, used = (statistics.median(t[i] for t in taken) for i in (0, 1))
        medians.append(wall)
        print(f"{url:<58} {wall:6.0f} {used:7.0f} {taken[0][2] / 1024:6.0f} {(parquet.statements - before) // TIMES:10}")
    print(f"median over pages: {statistics.median(medians):.0f} ms")


def _ask(get: Callable[[], Any]) -> tuple[float, float, int]:
    """Milliseconds of wall and of processor time, and the size in bytes."""
    wall, used = time.perf_counter(), time.process_time()
    response = get()
    assert response.status_code == 200
    return (time.perf_counter() - wall) * 1000, (time.process_time() - used) * 1000, len(response.content)


def _pages(made: Any) -> Iterator[str]:
    base, folder = f"/runs/{made.pk}", made.folder
    root = folder.row("select org_id from {derived/org} where depth = 0 order by ord limit 1")["org_id"]
    found = folder.row("select org_id, finding, evidence from {findings} where severity >= 2 and len(evidence) > 0 order by org_id limit 1")
    org, code = found["org_id"], found["finding"]
    records = [r["activity_id"] for r in folder.rows("select activity_id from {snapshot/activity} limit 2")]
    yield from ("/", "/uploads/", "/catalogue/", "/method/", f"{base}/", f"{base}/?view=below", f"{base}/picture/?element=carriers")
    yield from (f"{base}/children/{root}/", f"{base}/findings/", f"{base}/findings/?under={root}", f"{base}/load/", f"{base}/problems/")
    yield from (f"{base}/organisations/{root}/", f"{base}/organisations/{org}/", f"{base}/findings/{code}/{org}/")
    yield from (f"{base}/records/activity/{records[0]}/", f"{base}/compare/?a={records[0]}&b={records[1]}")


if __name__ == "__main__":
    raise SystemExit(main())
