"""What is shipped: a wheel that holds all it needs and runs elsewhere, assets with their licences."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _run(*command: str | Path, cwd: Path = ROOT, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True, timeout=300, check=False, **more)  # type: ignore[call-overload,no-any-return]


def test_vendored_assets_carry_licences_and_no_source_maps() -> None:
    vendor = ROOT / "src/zaidao/shell/static/vendor"
    for file in vendor.glob("*.min.*"):
        assert "sourceMappingURL" not in file.read_text(encoding="utf-8")
        assert (vendor / f"{file.name.split('.')[0]}.LICENSE.txt").is_file(), file.name


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel in a venv of its own, which sees the other packages but not this checkout."""
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    tracked = _run("git", "ls-files", "src", "pyproject.toml", "README.md", "LICENSE").stdout.split("\n")
    for name in filter(None, tracked):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    built = _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place, cwd=source)
    assert built.returncode == 0, built.stderr
    venv.create(place / "venv", with_pip=False)
    python = place / "venv/bin/python"
    wheel = next(place.glob("*.whl"))
    done = _run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    assert done.returncode == 0, done.stderr
    here = Path(_run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip())
    (here / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place / "venv"


def test_the_wheel_holds_all_it_needs_and_runs(installed: Path, tmp_path: Path) -> None:
    python, zaidao = installed / "bin/python", installed / "bin/zaidao"
    where = _run(python, "-c", "import zaidao; print(zaidao.__file__)", cwd=tmp_path).stdout.strip()
    assert where.startswith(str(installed))
    assert "诊断" in _run(zaidao, "--help", cwd=tmp_path).stdout
    made = _run(zaidao, "template", tmp_path / "模板.xlsx", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "模板.xlsx").stat().st_size > 5_000
    package = Path(where).parent
    for name in (
        "engine/catalogue/data/rules.toml", "engine/catalogue/data/findings/shell.toml", "engine/catalogue/data/hours.csv",
        "engine/report/report.css",
        "diagnosis/demo/haiwan-group.xlsx", "diagnosis/migrations/0001_initial.py", "core/migrations/0001_initial.py",
        "diagnosis/templates/diagnosis/overview.html", "shell/templates/base.html", "shell/static/vendor/tabler.min.css",
        "shell/static/zaidao/app.css",
    ):
        assert (package / name).is_file(), name


def test_the_wheel_reads_the_sample_and_serves_pages(installed: Path, tmp_path: Path) -> None:
    code = """
from importlib.resources import files
from zaidao.diagnosis import intake
from zaidao.engine import catalogue
assert catalogue.load().rules
from pathlib import Path
sample = files("zaidao.diagnosis") / "demo" / "haiwan-group.xlsx"
assert not intake.read([Path(str(sample))]).errors
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.test import Client
client = Client(HTTP_HOST="127.0.0.1")
print(client.get("/").status_code, client.get("/static/vendor/tabler.min.css").status_code)
"""
    environment = {"ZAIDAO_VAR": str(tmp_path / "var"), "DJANGO_SETTINGS_MODULE": "zaidao.config.settings", "PATH": "/usr/bin:/bin"}
    done = _run(installed / "bin/python", "-c", code, cwd=tmp_path, env=environment)
    assert done.stdout.strip() == "200 200", done.stderr
