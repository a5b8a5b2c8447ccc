"""Error pages, hosts; and the real server with its background process."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.test import Client, RequestFactory

from zaidao.shell import views


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


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as response:
        return str(response.read().decode())


def _until(url: str, wanted: str, seconds: float) -> str:
    """The page once it holds `wanted`; fails after `seconds`."""
    end, text = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        try:
            text = _get(url)
        except (urllib.error.URLError, ConnectionError):
            text = ""
        if wanted in text:
            return text
        time.sleep(0.5)
    raise AssertionError(f"{wanted} did not appear: {text[:300]}")


def test_run_serves_this_machine_and_diagnoses_the_sample_in_the_background(tmp_path: Path) -> None:
    port = _free_port()
    environment = os.environ | {"ZAIDAO_VAR": str(tmp_path), "ZAIDAO_TASKS": "worker", "DJANGO_SETTINGS_MODULE": "zaidao.config.settings"}
    server = subprocess.Popen(
        [sys.executable, "-m", "zaidao", "run", "--port", str(port)],
        env=environment, stderr=subprocess.PIPE, start_new_session=True, text=True,
    )
    try:
        base = f"http://127.0.0.1:{port}"
        _until(f"{base}/", "先看示例", 90)
        home = _until(f"{base}/", "打开示例集团的诊断", 240)
        found = re.search(r'href="(/runs/\d+/)"', home)
        assert found
        assert "海湾" in _get(base + found[1])
        assert "sourceMappingURL" not in _get(f"{base}/static/vendor/tabler.min.css")
        command = [sys.executable, "-m", "zaidao", "run", "--port", str(port)]
        second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert second.returncode == 1
        assert "已被别的程序使用" in second.stderr
        listening = Path("/proc/net/tcp").read_text()
        assert f" 0100007F:{port:04X} 00000000:0000 0A" in listening  # 127.0.0.1, listening
        assert f" 00000000:{port:04X} 00000000:0000 0A" not in listening
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        _, said = server.communicate(timeout=30)
    assert f"http://127.0.0.1:{port}/" in said
    assert "仅本机可访问" in said
