"""The wheel alone is whole: built offline, put into an empty environment, it reads the sample, writes a template, serves a page."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/zaidao"


def done(*words: object, at: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A finished command; its output where it fails."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "DJANGO", "ZAIDAO"))}
    result = subprocess.run([str(w) for w in words], cwd=at, env=clean | environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from this tree without any index."""
    place = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps", "--no-index"]
    done(*pip, "--no-build-isolation", "--wheel-dir", place, ROOT, at=place)
    return next(place.glob("zaidao-*.whl"))


@pytest.fixture(scope="module")
def home(wheel: Path) -> Path:
    """An empty environment with the wheel in it, and what it depends on in sight (though no editable install of this tree)."""
    home = wheel.parent / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", home / "bin/python", "install", "--quiet", "--no-deps", "--no-index"]
    done(*pip, "--disable-pip-version-check", wheel, at=wheel.parent)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    where = done(home / "bin/python", "-c", "import zaidao; print(zaidao.__file__)", at=wheel.parent).stdout
    assert Path(where.strip()).is_relative_to(home)
    return home


def test_everything_that_is_not_code_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    files = {p.relative_to(PACKAGE.parent).as_posix() for p in PACKAGE.rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    assert files <= names
    for start, least in {
        "zaidao/engine/catalogue/data/findings/": 13, "zaidao/diagnosis/templates/": 10, "zaidao/shell/templates/": 4,
        "zaidao/diagnosis/migrations/": 2, "zaidao/core/migrations/": 2, "zaidao/shell/static/vendor/": 3, "zaidao/diagnosis/demo/": 1,
    }.items():
        assert sum(n.startswith(start) for n in names) >= least, start


def test_nothing_but_the_package_is_in_the_wheel(wheel: Path) -> None:
    """Neither keys nor tests nor what a machine left behind; the licence is."""
    names = zipfile.ZipFile(wheel).namelist()
    assert [n for n in names if not n.startswith(("zaidao/", "zaidao-"))] == []
    assert [n for n in names if ".key." in n or "evidence.csv" in n or "__pycache__" in n or n.endswith((".sqlite3", ".log"))] == []
    assert any(n.endswith("licenses/LICENSE") for n in names)


def test_the_installed_command_reads_the_sample_group(home: Path, tmp_path: Path) -> None:
    zaidao = home / "bin/zaidao"
    assert "用法: zaidao" in done(zaidao, "--help", at=tmp_path).stdout
    done(zaidao, "template", "模板.xlsx", at=tmp_path)
    assert zipfile.is_zipfile(tmp_path / "模板.xlsx")
    sample = next(home.rglob("demo/haiwan-group.xlsx"))
    said = done(zaidao, "check", sample, "--strict", "--out", "问题.csv", at=tmp_path).stderr
    assert "错误 0," in said
    assert (tmp_path / "问题.csv").exists()


def test_the_installed_pages_answer(home: Path, tmp_path: Path) -> None:
    """Migrations, templates and static files come from the wheel."""
    code = """
import django
django.setup()
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
page = Client().get("/", follow=True, headers={"host": "127.0.0.1"})
print(page.status_code, "供核实与帮扶使用" in page.content.decode(), finders.find("zaidao/app.css"))
"""
    environment = {"DJANGO_SETTINGS_MODULE": "zaidao.config.settings", "ZAIDAO_VAR": str(tmp_path / "var")}
    said = done(home / "bin/python", "-c", code, at=tmp_path, **environment)
    status, notice, css = said.stdout.split()
    assert (status, notice) == ("200", "True")
    assert Path(css).is_relative_to(home)
