"""Serve the pages on this machine: database brought up to date, demo world asked for, granian on 127.0.0.1, a worker beside it."""

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from importlib import import_module
from typing import Any

ADDRESS = "127.0.0.1"
LOOK_EVERY = 0.5  # seconds between two looks whether the worker lives
ANEW_AFTER = 5.0  # seconds until a fallen worker is started again
STOP_WITHIN = 20.0  # seconds that a worker has to finish what it does itself


class NotReady(Exception):
    """The port, the database or the keys are not as this version needs them; what it says is Chinese and tells what to do."""


def serve(port: int = 8000) -> None:
    """The demo world on this machine until interrupted. Raises NotReady for a port that is taken before anything is written."""
    _try_port(ADDRESS, port)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zaidao.config.settings")
    os.environ.setdefault("ZAIDAO_DEMO", "1")
    os.environ.setdefault("ZAIDAO_LOG", "WARNING")  # who tries it out wants to see the address, not a line for each request
    prepare()
    said = f"网页已可打开:http://{ADDRESS}:{port}/ (仅本机可访问;按 Ctrl+C 停止)"
    threading.Thread(target=_say_once_it_listens, args=(port, said), daemon=True).start()
    _listen(ADDRESS, port)


def _say_once_it_listens(port: int, said: str) -> None:
    """Whoever follows the address finds somebody there."""
    while True:
        with socket.socket() as trial:
            if trial.connect_ex((ADDRESS, port)) == 0:
                break
        time.sleep(LOOK_EVERY)
    _say(said)


def serve_in_earnest(address: str, port: int, *, worker: bool = True) -> None:
    """The office's own system until interrupted: never migrates, never makes keys. Without `worker` one runs elsewhere.

    Raises NotReady.
    """
    _try_port(address, port)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zaidao.config.settings")
    import django

    django.setup()
    _require_up_to_date()
    from zaidao.core import keys

    wrong = keys.check()
    if wrong:
        raise NotReady("".join(wrong))
    _say(f"网页在 http://{address}:{port}/")
    _listen(address, port, worker=worker)


def _require_up_to_date() -> None:
    """Raises NotReady upon what is left of a restore or an upgrade that was cut off, and while an upgrade is due."""
    from zaidao.shell.keeping import unfinished, upgrade

    if unfinished.what():
        raise NotReady(unfinished.sentence())
    if upgrade.waiting():
        raise NotReady("数据库还没有升级到这个版本。请先运行 zaidao upgrade。")


def _try_port(address: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
        except OSError as error:
            raise NotReady(_why_not(error, address, port)) from error


def _why_not(error: OSError, address: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"端口 {port} 已被别的程序使用。请关闭它,或换一个端口:--port {port % 65535 + 1}"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"没有权限使用端口 {port}:1024 以下的要由管理员开放。请用 8000 这样的端口,由反向代理转接。"
    return f"本机没有 {address} 这个地址。请写本机的地址:127.0.0.1 只供本机,0.0.0.0 是全部。"


def _listen(address: str, port: int, *, worker: bool = True) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    with worker_beside() if worker else nullcontext():
        Granian(
            "zaidao.shell.web:application", factory=True, address=address, port=port, interface=Interfaces.WSGI, blocking_threads=4,
            websockets=False, log_level="warning",  # type: ignore[arg-type]
        ).serve()


def application() -> Any:
    """What granian's own process serves; it leaves the port when the process that started it was killed."""
    from zaidao.core.processes import end_with

    end_with(os.getppid(), signal.SIGTERM)
    return import_module("zaidao.config.wsgi").application


def work(parent: int | None = None) -> None:
    """Do background work until interrupted, or until the process `parent` is gone. Raises KeyMissing, NotReady."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zaidao.config.settings")
    import django

    django.setup()
    _require_up_to_date()
    from zaidao.core import keys
    from zaidao.core.processes import end_with
    from zaidao.core.worker import Worker

    keys.ensure()  # with other keys it would write what the pages cannot read
    if parent:
        end_with(parent, signal.SIGTERM)
    Worker().run()


@contextmanager
def worker_beside() -> Iterator[None]:
    """A worker in a process of its own: started again where it falls, stopped with this one, and gone soon after if this is killed."""
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(_begin(), over), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _begin() -> "subprocess.Popen[bytes]":
    """A worker, begun without the pipe by which a fork reports its errors: where granian forks at that moment, its child holds the pipe's
    other end, and we would wait for it for ever. Files are closed anyhow, for Python opens none that are inherited."""
    command = [sys.executable, "-m", "zaidao", "worker", "--parent", str(os.getpid())]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, close_fds=False)


def _keep(child: "subprocess.Popen[bytes]", over: threading.Event) -> None:
    while True:
        while child.poll() is None and not over.wait(LOOK_EVERY):
            pass
        if over.is_set():
            return _stop(child)
        _say("后台工作意外停止,将重新启动。")
        if over.wait(ANEW_AFTER):
            return None
        child = _begin()


def _stop(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def prepare() -> None:
    """Database tables and calendar up to date, keys at hand; in a demonstration the worker is asked for its world where it is not there.

    What was there before a new version is backed up first. Raises KeyMissing where the database needs keys that are lost, Refused upon
    what is left of a restore.
    """
    import django

    django.setup()
    from django.conf import settings

    from zaidao.shell.keeping import upgrade

    upgrade.run(_say)
    _say(f"数据、上传的文件和结果都在 {settings.VAR}")
    if settings.DEMO:
        _bring_in_the_sample()


def _bring_in_the_sample() -> None:
    from zaidao.shell.demo import world

    if not world.may_begin():
        _say("这里已有正式数据,不装入示例。正式使用请运行 zaidao serve。")
    elif world.ask():
        _say("示例集团正在后台装入,约需一分钟;打开网页可以看到进度。")


def _say(message: str) -> None:
    with suppress(OSError):  # a terminal that was closed is no reason to leave the worker lying
        print(message, file=sys.stderr, flush=True)
