"""The house keeps its own rules: arrows between modules, neutral words, locked requirements, nothing from outside the clone."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/zaidao"
FORBIDDEN = ("造假", "抄袭", "空壳", "僵尸", "懒政", "落后", "排名", "扣分", "未召开", "没有召开", "未开会")


def test_import_contracts_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0, capsys.readouterr().out


def test_every_module_of_the_design_has_its_layer() -> None:
    """Layers not built yet are named already, so that the arrows are known before the first line."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = " ".join(contracts[0]["layers"])
    design = (
        "config", "shell", "press", "honours", "assessment", "diagnosis", "innovation", "guidance", "carriers", "learning", "voice",
        "institutions", "ballots", "organisations", "accounts", "core", "engine", "sheets",
    )
    assert re.findall(r"\w+", layers) == list(design)
    assert {p.parent.name for p in SOURCE.glob("*/__init__.py")} <= set(design)


def test_the_engine_and_the_readers_load_no_web_framework() -> None:
    """Nor what would make every start slow."""
    code = (
        "import sys, zaidao.shell.cli, zaidao.engine.run, zaidao.engine.outputs, zaidao.sheets.reader, zaidao.diagnosis.intake\n"
        "print(*sorted({m.partition('.')[0] for m in sys.modules} & {'django', 'pyspark', 'openpyxl', 'zaidao'}))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["zaidao"]


def strings(file: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every string of a Python file, those of f-strings too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_no_text_of_the_package_uses_a_word_that_condemns() -> None:
    """Strings of the code, templates, catalogue and assets of our own."""
    said = [(file, line, text) for file in SOURCE.rglob("*.py") for line, text in strings(file)]
    for pattern in ("*.html", "*.toml", "*.csv", "*.js", "*.css", "*.txt"):
        files = [f for f in SOURCE.rglob(pattern) if "vendor" not in f.parts]
        said += [(f, n, line) for f in files for n, line in enumerate(f.read_text(encoding="utf-8").splitlines(), 1)]
    assert len(said) > 5000
    assert [(f.relative_to(ROOT).as_posix(), n, w) for f, n, text in said for w in FORBIDDEN if w in text] == []


@pytest.mark.parametrize("name", ["", "-postgres", "-build", "-dev", "-cluster"])
def test_requirements_are_hashed_and_name_no_host_and_no_path(name: str) -> None:
    lines = (ROOT / f"requirements{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    wanted = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    assert len(wanted) > (3 if name == "-build" else 20)
    for line in wanted:
        assert re.match(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==[^ ;]+", line), line
        assert "--hash=sha256:" in line, line
        assert not re.search(r"://|(^|\s)-[efi]\b|--(index|extra|find|trusted)|\.\./|/(work|root|home|tmp)\b", line), line


def test_what_is_installed_meets_what_is_locked() -> None:
    """The four that move together are locked to what the project asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {d for d in project["dependencies"] if "==" in d}
    assert len(pinned) == 5
    for name in ("requirements.txt", "requirements-postgres.txt", "requirements-dev.txt", "requirements-cluster.txt"):
        locked = (ROOT / name).read_text(encoding="utf-8")
        assert [p for p in pinned if not re.search(rf"^{re.escape(p)}(\s|$)", locked, re.MULTILINE)] == [], name


def tracked() -> list[Path]:
    """Every text file of the project's own."""
    kinds = {".py", ".toml", ".md", ".html", ".css", ".txt", ".yaml", ".json", ""}
    tops = [ROOT / name for name in ("src", "tests", "bench", "docs", "deploy", "tools", ".ci")]
    inside = [p for top in tops for p in top.rglob("*") if not {"out", "node_modules", "vendor", "__pycache__"} & set(p.parts)]
    return [p for p in [*inside, *ROOT.glob("*")] if p.is_file() and p.suffix in kinds and p != Path(__file__)]


def test_a_clone_needs_nothing_from_outside_itself() -> None:
    """No file names a path of the machine on which it was written."""
    for file in tracked():
        text = file.read_text(encoding="utf-8")
        assert not [place for place in (f"{ROOT}/", "../shared/") if place in text], file


def test_no_test_depends_on_the_machine_or_is_expected_to_fail() -> None:
    for file in (ROOT / "tests").rglob("test_*.py"):
        names = {n.attr for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.Attribute)}
        assert not names & {"skipif", "xfail", "importorskip"}, file
