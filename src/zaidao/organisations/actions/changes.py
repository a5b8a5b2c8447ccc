"""Any structural change by its order: what a page that has shown the preview calls."""

from typing import Any

from zaidao.organisations.actions import dissolve, merge, move, rename, split, structure
from zaidao.organisations.actions.structure import Write
from zaidao.organisations.decisions.structure_facts import Order
from zaidao.organisations.models import Change

WRITES: dict[str, Write] = {
    "rename": rename.write, "rekind": rename.write, "move": move.write, "merge": merge.write, "split": split.write,
    "dissolve": dissolve.write,
}


def make(*, actor: Any, order: Order, reason: str = "", token: str = "") -> Change:
    """Make the change. Raises Denied, Stale (with the new preview) or Refused."""
    return structure.make(actor, order, WRITES[order.kind], reason=reason, token=token)
