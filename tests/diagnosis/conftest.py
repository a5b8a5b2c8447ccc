"""The sample group, diagnosed once per session and shared by all test processes; each test gets its own database and place."""

import fcntl
import json
import shutil
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from tests import world
from tests.diagnosis.grown import grow
from zaidao.core.parquet import Folder
from zaidao.diagnosis.demo import WORKBOOK
from zaidao.diagnosis.models import Run, Upload

DEMO = Path(__file__).parents[2] / "src/zaidao/diagnosis/demo" / WORKBOOK
COPIES = 40


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `uploads` and `runs/1`: the sample group as `demo.ensure` leaves it; never written to by tests."""
    shared = tmp_path_factory.getbasetemp().parent / "published"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "done").exists():
            _diagnose(shared)
            (shared / "done").touch()
    return shared


def _diagnose(place: Path) -> None:
    from zaidao.diagnosis import intake
    from zaidao.engine import outputs, run
    from zaidao.engine.facts import Facts

    read = intake.read([DEMO])
    (place / "facts").mkdir(exist_ok=True)
    read.facts.write(place / "facts")
    outputs.write(run.diagnose(Facts.from_parquet(place / "facts")), place / "run", read.problems, read.counts)


@pytest.fixture(scope="session")
def grown(published: Path) -> Path:
    """The same group forty times over under one root: 1,921 organisations."""
    large = published / "grown"
    with (published / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not large.exists():
            grow(published / "run", large, COPIES)
    return large


@pytest.fixture
def place(settings: LazySettings, tmp_path: Path) -> Path:
    """Where this test's uploads and results lie."""
    settings.VAR = tmp_path
    return tmp_path


@pytest.fixture
def upload(db: None, place: Path, published: Path) -> Upload:
    """The sample group's upload, read."""
    made = Upload.objects.create(title="示例集团", demo=True)
    made.files.mkdir(parents=True)
    (made.files / WORKBOOK).symlink_to(DEMO)
    made.facts.symlink_to(published / "facts")
    return made


def _run(upload: Upload, folder: Path) -> Run:
    run = Run.objects.create(upload=upload, title="示例集团", manifest=json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    run.path.parent.mkdir(exist_ok=True)
    run.path.symlink_to(folder)
    run.look_through(Folder(run.path))
    return run


@pytest.fixture
def run(upload: Upload, published: Path) -> Run:
    """The sample group's published run."""
    return _run(upload, published / "run")


@pytest.fixture
def large_run(upload: Upload, grown: Path) -> Run:
    return _run(upload, grown)


@pytest.fixture
def small(db: None) -> world.World:
    """The tests' small group with its six persons."""
    return world.build()


@pytest.fixture
def web(small: world.World) -> Client:
    """The Party-affairs officer of the whole group, signed in."""
    return world.signed_in(small.users["office"])


@pytest.fixture
def errors_workbook(tmp_path: Path) -> Path:
    """The workbook with planted errors."""
    target = tmp_path / "errors.xlsx"
    shutil.copyfile(Path(__file__).parents[1] / "data/haiwan-group-errors.xlsx", target)
    return target
