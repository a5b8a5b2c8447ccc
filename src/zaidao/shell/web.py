"""Serve the pages on this machine: database brought up to date, sample group diagnosed, granian on 127.0.0.1."""

import os
import socket
import sys

ADDRESS = "127.0.0.1"


class PortTaken(Exception):
    """Another program listens on the port."""


def serve(port: int = 8000) -> None:
    """Run until interrupted. Raises PortTaken before anything is written."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((ADDRESS, port))
        except OSError as taken:
            raise PortTaken(port) from taken
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zaidao.config.settings")
    prepare()
    _say(f"网页已可打开:http://{ADDRESS}:{port}/ (仅本机可访问,尚无登录;按 Ctrl+C 停止)")
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "zaidao.config.wsgi:application", address=ADDRESS, port=port, interface=Interfaces.WSGI, blocking_threads=4, websockets=False,
        log_level="warning",  # type: ignore[arg-type]
    ).serve()


def prepare() -> None:
    """Database tables up to date, and the sample group's diagnosis begun where it is not done."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from zaidao.diagnosis import demo

    run = demo.ensure()
    _say(f"数据、上传的文件和结果都在 {settings.VAR}")
    if not run.done:
        _say("示例集团正在后台诊断,约需半分钟。")


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
