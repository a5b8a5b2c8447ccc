"""Error pages, hosts; and the real server with its background process."""

import contextlib
import errno
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client, RequestFactory

from zaidao.shell import views, web


@pytest.mark.parametrize(
    ("view", "status"), [(views.bad_request, 400), (views.forbidden, 403), (views.not_found, 404), (views.failed, 500)],
)
def test_error_pages_say_what_to_do(view: object, status: int) -> None:
    response = view(RequestFactory().get("/"))  # type: ignore[operator]
    assert response.status_code == status
    assert "回到首页" in response.content.decode()
    assert not re.search("traceback|exception", response.content.decode(), re.IGNORECASE)


def test_other_hosts_are_refused() -> None:
    response = Client(HTTP_HOST="example.org").get("/about/")
    assert response.status_code == 400
    assert "没有看懂" in response.content.decode()


@pytest.mark.parametrize(
    ("address", "number", "said"),
    [
        ("127.0.0.1", errno.EADDRINUSE, "--port 8001"), ("0.0.0.0", errno.EACCES, "没有权限使用端口 8000"),
        ("10.9.9.9", errno.EADDRNOTAVAIL, "没有 10.9.9.9"),
    ],
)
def test_a_port_that_cannot_be_had_is_told_for_what_it_is(address: str, number: int, said: str) -> None:
    assert said in web._why_not(OSError(number, "no"), address, 8000)


def test_an_address_of_another_machine_is_refused_before_anything_starts() -> None:
    for address in ("192.0.2.1", "nowhere.invalid"):
        with pytest.raises(web.NotReady, match=f"本机没有 {address}"):
            web._try_port(address, _free_port())
    web._try_port("127.0.0.1", _free_port())


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as response:
        return str(response.read().decode())


def _until(answer: Callable[[], object], seconds: float = 240) -> None:
    """Waits until `answer` is true; a server that does not listen yet, or is too busy, is not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError, sqlite3.OperationalError):
            if answer():
                return
        time.sleep(0.5)
    raise AssertionError("it did not come to pass")


def _brought_in(place: Path) -> bool:
    """Whether a worker brought the demo world in."""
    with contextlib.closing(sqlite3.connect(f"file:{place / 'zaidao.sqlite3'}?mode=ro", uri=True)) as database:
        return bool(database.execute("select 1 from core_job where task = 'shell.demo' and state = 'done'").fetchone())


def _children(pid: int) -> dict[int, str]:
    """Processes begun by a process, with their command lines."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found[int(stat.parent.name)] = (stat.parent / "cmdline").read_text().replace("\0", " ")
    return found


def _run(port: int, environment: dict[str, str], said: Path) -> "subprocess.Popen[bytes]":
    """The server; what it and its worker say goes into the file `said`, for nobody would empty a pipe."""
    command = [sys.executable, "-m", "zaidao", "run", "--port", str(port)]
    with said.open("wb") as out:
        return subprocess.Popen(command, env=environment, stderr=out, start_new_session=True)


def test_run_serves_this_machine_with_a_worker_and_both_end_with_it(tmp_path: Path) -> None:
    port = _free_port()
    environment = os.environ | {"ZAIDAO_VAR": str(tmp_path), "ZAIDAO_TASKS": "worker", "DJANGO_SETTINGS_MODULE": "zaidao.config.settings"}
    said = tmp_path / "said"
    server = _run(port, environment, said)
    try:
        base = f"http://127.0.0.1:{port}"
        _until(lambda: "载道" in _get(f"{base}/"))
        _until(lambda: _brought_in(tmp_path), 480)
        assert "支部书记" in _get(f"{base}/sign-in/")  # somebody to enter as
        assert "sourceMappingURL" not in _get(f"{base}/static/vendor/tabler.min.css")
        assert _run(port, environment, tmp_path / "second").wait(timeout=120) == 1
        assert "已被别的程序使用" in (tmp_path / "second").read_text()
        listening = Path("/proc/net/tcp").read_text()
        assert f" 0100007F:{port:04X} 00000000:0000 0A" in listening  # 127.0.0.1, listening
        assert f" 00000000:{port:04X} 00000000:0000 0A" not in listening
        begun = _children(server.pid)
        worker = next(pid for pid, line in begun.items() if "worker" in line)
        os.kill(worker, signal.SIGKILL)
        _until(lambda: any("worker" in line for pid, line in _children(server.pid).items() if pid != worker))  # started again
        begun |= _children(server.pid)
    finally:
        os.kill(server.pid, signal.SIGTERM)
        server.wait(timeout=120)
        print(said.read_text()[-4000:])  # noqa: T201 - shown where the test fails
    assert f"http://127.0.0.1:{port}/" in said.read_text()
    assert "仅本机可访问" in said.read_text()
    assert not [pid for pid in begun if _lives(pid)]


def test_what_run_began_ends_when_it_is_killed(tmp_path: Path) -> None:
    """Nothing is left that holds the port or takes jobs."""
    environment = os.environ | {"ZAIDAO_VAR": str(tmp_path), "ZAIDAO_TASKS": "worker", "DJANGO_SETTINGS_MODULE": "zaidao.config.settings"}
    port = _free_port()
    server = _run(port, environment, tmp_path / "said")
    try:
        _until(lambda: "载道" in _get(f"http://127.0.0.1:{port}/"))
        begun = _children(server.pid)
        assert len(begun) == 2
    finally:
        server.kill()
        server.wait()
    _until(lambda: not [pid for pid in begun if _lives(pid)])


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
