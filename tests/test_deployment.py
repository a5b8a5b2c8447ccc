"""Files for installing: what they name exists. No container is built here; that takes a machine with an engine."""

import configparser
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from zaidao.shell import web
from zaidao.shell.cli import COMMANDS
from zaidao.shell.usage import parser

ROOT = Path(__file__).parents[1]
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))


def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def ours() -> dict[str, Any]:
    return {name: s for name, s in compose()["services"].items() if s["image"].startswith("zaidao:")}


def command(words: list[str]) -> None:
    """Raises SystemExit where the command line would refuse it."""
    assert parser().parse_args(words).command in COMMANDS


def test_services_name_only_what_is_declared() -> None:
    told = compose()
    for name, service in told["services"].items():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert source.startswith("./") or source in told["volumes"], (name, mount)
        assert set(service.get("secrets", [])) <= set(told["secrets"]), name
        assert set(service.get("networks", [])) <= set(told["networks"]), name
        assert set(service.get("depends_on", {})) <= set(told["services"]), name


def test_services_run_commands_that_exist() -> None:
    assert set(ours()) == {"upgrade", "web", "worker", "tools"}
    for name, service in ours().items():
        if name != "tools":
            command(service["command"])


def test_the_database_is_upgraded_before_anything_is_served() -> None:
    for name in ("web", "worker"):
        assert ours()[name]["depends_on"] == {"upgrade": {"condition": "service_completed_successfully"}}
        assert "keys:/var/lib/zaidao-keys:ro" in ours()[name]["volumes"]
    assert ours()["upgrade"]["restart"] == "no"


def test_no_password_stands_in_the_file_and_only_this_machine_reaches_the_pages() -> None:
    told = compose()
    for name, service in told["services"].items():
        words = {k: v for k, v in service["environment"].items() if "PASSWORD" in k or "SECRET" in k}
        assert words, name
        assert all(k.endswith("_FILE") and v.startswith("/run/secrets/") for k, v in words.items()), name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
    assert "ports" not in told["services"]["db"]
    assert told["networks"]["inside"]["internal"]


def test_the_image_installs_by_hash_and_runs_without_root() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    installs = re.findall(r"pip install (.*?)(?: \\\n|\n)", text)
    assert len(installs) == 3
    assert all("--require-hashes" in i or "--no-index" in i for i in installs), installs
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / name).exists() for name in copied.split()), copied
        allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        assert all(f"!{name}" in allowed for name in copied.split()), copied
    users = re.findall(r"^USER (.+)$", text, re.MULTILINE)
    assert users == ["zaidao"]
    assert text.index("USER zaidao") < text.index("ENTRYPOINT")
    command([str(w) for w in yaml.safe_load(re.findall(r"^CMD (\[.+\])$", text, re.MULTILINE)[-1])])


def test_what_the_image_installs_is_what_is_tested() -> None:
    """The driver and everything else at the versions of the development lock."""
    pinned = re.compile(r"^([a-z0-9-]+==\S+)", re.MULTILINE)
    image = set(pinned.findall((ROOT / "requirements-postgres.txt").read_text(encoding="utf-8")))
    plain = set(pinned.findall((ROOT / "requirements.txt").read_text(encoding="utf-8")))
    tested = set(pinned.findall((ROOT / "requirements-dev.txt").read_text(encoding="utf-8")))
    assert {p.partition("==")[0] for p in image - plain} == {"psycopg", "psycopg-binary"}
    assert plain < image <= tested


@pytest.mark.parametrize("file", UNITS, ids=lambda p: p.name)
def test_units_run_commands_that_exist_with_little_power(file: Path) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(file, encoding="utf-8")
    service = unit["Service"]
    line = service["ExecStart"].replace("$$(date +%%Y%%m%%d-%%H%%M%%S)", "now")
    words = re.search(r"/opt/zaidao/bin/zaidao ([^']+)", line)
    assert words
    command(words[1].split())
    assert service["User"] == "zaidao"
    assert service["EnvironmentFile"] == "/etc/zaidao/zaidao.env"
    assert (service["ProtectSystem"], service["NoNewPrivileges"], service["CapabilityBoundingSet"]) == ("strict", "yes", "")
    assert "MemoryDenyWriteExecute" not in service


def test_the_proxy_tells_what_the_program_believes_and_takes_as_much_as_it_does() -> None:
    from django.conf import settings

    text = (ROOT / "deploy/nginx/zaidao.conf").read_text(encoding="utf-8")
    for header in ("Host", "X-Forwarded-Proto", "X-Forwarded-For"):
        assert re.search(rf"proxy_set_header {header}\s+\$", text), header
    most = re.search(r"client_max_body_size (\d+)m", text)
    assert most
    assert int(most[1]) * 2**20 > settings.UPLOAD_LIMIT


def test_the_helper_can_be_run() -> None:
    assert (ROOT / "deploy/systemd/zaidao-as").stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize("worker", [True, False])
def test_pages_run_with_a_worker_beside_them_or_without(worker: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[str] = []

    @contextmanager
    def beside() -> Iterator[None]:
        began.append("worker")
        yield

    class Server:
        def __init__(self, *_: object, **__: object) -> None:
            began.append("server")

        def serve(self) -> None:
            began.append("served")

    monkeypatch.setattr(web, "worker_beside", beside)
    monkeypatch.setattr("granian.Granian", Server)
    web._listen("127.0.0.1", 8000, worker=worker)
    assert began == [*(["worker"] if worker else []), "server", "served"]


def test_every_command_is_described() -> None:
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^    zaidao (\w+)", page, re.MULTILINE)) == set(COMMANDS)
