"""The parts of the bench one after another, each telling its figures."""

import argparse
from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone

from bench.living import ledger, records, works
from bench.living.cast import cast
from bench.living.load import analyse, load
from bench.living.pages import HEAD, measure, pages, told
from bench.living.processes import worker
from bench.living.shape import Shape
from zaidao.core import keys, search
from zaidao.core.scope import system_scope

WHO = ("head", "office", "superior", "secretary", "member", "auditor", "keeper")


def _load(args: argparse.Namespace) -> None:
    call_command("migrate", verbosity=0)
    keys.ensure()
    day = timezone.localdate()
    load(Shape(args.organisations, args.people), day, _say)
    records.lay(cast(), args.months, day, _say)
    analyse()
    _say(f"{search.rebuild()} entries of the search")


def _pages(args: argparse.Namespace) -> None:
    found = cast()
    _say(HEAD)
    for who in (w for w in WHO if args.who in w):
        for page in pages(found, who):
            if args.only in page.name:
                _say(told(measure(found, who, page)))


def _move(_args: argparse.Namespace) -> None:
    with system_scope("bench"):
        for size, seconds in works.moves(cast()):
            _say(f"move of {size} organisations: {seconds:.2f} s")


def _import(_args: argparse.Namespace) -> None:
    found = cast()
    content = works.sheet(found)
    with worker() as watch:
        for line in works.importing(found, content, watch):
            _say(line)
    analyse()


def _diagnosis(args: argparse.Namespace) -> None:
    if args.ledger:
        ledger.lay(ledger.made(Path(args.ledger), args.organisations))
    with worker() as watch:
        _say(works.diagnosis(watch))


def _say(text: str) -> None:
    print(text, flush=True)


STEPS: dict[str, Callable[[argparse.Namespace], None]] = {
    "load": _load, "pages": _pages, "move": _move, "import": _import, "diagnosis": _diagnosis,
}
