"""`python -m bench.burden [--first]`: a branch's regular month by the keyboard alone, counted, beside the same month on paper.

`--first`: of a branch that has no month before it on file, so that nothing is known of where and when it meets.
Writes its branch into a database of its own that is gone afterwards, and drives Chromium on a server in this process.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.burden")
    parser.add_argument("--first", action="store_true", help="the branch has no month on file before this one")
    first = parser.parse_args().first
    with tempfile.TemporaryDirectory(prefix="zaidao-burden-") as place:
        os.environ |= {"ZAIDAO_VAR": place, "ZAIDAO_TASKS": "inline", "ZAIDAO_LOG": "WARNING"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.burden.settings"
        return _run(first=first)


def _run(*, first: bool) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    from bench.burden import branch, month, show
    from tests.shell import browsing
    from zaidao.core import crypto

    call_command("migrate", verbosity=0)
    crypto.create()
    with branch.clock(month.BEGINS) as now, browsing.chromium() as browser, _server() as base:
        made = branch.build(now, first=first)
        steps = month.run(browser, base, made, now)
        wrong = month.left(made)
    print(show.table(steps))
    for problem in (*wrong, *show.over(steps)):
        print(problem, file=sys.stderr)
    return int(bool(wrong or show.over(steps)))


@contextmanager
def _server() -> Iterator[str]:
    """Pages and their files, in a thread of this process, so that the clock holds for them too."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.test.testcases import LiveServerThread

    thread = LiveServerThread("localhost", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        yield f"http://{thread.host}:{thread.port}"
    finally:
        thread.terminate()


if __name__ == "__main__":
    raise SystemExit(main())
