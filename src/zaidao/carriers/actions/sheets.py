"""Paper sheets of several branches entered in one grid: each is registered and filed in a transaction of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from zaidao.carriers import access
from zaidao.carriers.actions import planning
from zaidao.carriers.actions.filing import file
from zaidao.carriers.decisions.record import Record
from zaidao.carriers.models import Activity
from zaidao.core import access as core_access
from zaidao.core import rulebook
from zaidao.core.access import Denied
from zaidao.core.errors import Refused
from zaidao.engine.schema import ACTIVITY_KINDS


@dataclass(frozen=True)
class Sheet:
    """One paper sheet. `token`: of its row in the grid, so that a grid sent twice files once."""

    organisation: Any
    kind: str
    title: str
    record: Record
    late_reason: str = ""
    token: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one sheet: the activity, or why not."""

    activity: Any = None
    errors: tuple[str, ...] = ()


def file_sheets(*, actor: Any, rows: Sequence[Sheet]) -> list[Outcome]:
    """File up to ten sheets, each on its own: one that is refused leaves the others filed. Outcomes in the order of the rows."""
    most = int(rulebook.today().param("living.sheets_at_once"))
    if len(rows) > most:
        raise Refused(f"一次最多录入{most}份。")
    return [_outcome(actor, sheet) for sheet in rows]


def _outcome(actor: Any, sheet: Sheet) -> Outcome:
    try:
        return Outcome(_file(actor, sheet))
    except Refused as refused:
        return Outcome(errors=refused.reasons)
    except Denied as denied:
        return Outcome(errors=(str(denied),))


@transaction.atomic
def _file(actor: Any, sheet: Sheet) -> Activity:
    """A meeting that nobody planned here: its planned day stays unknown."""
    core_access.require(actor, access.FILE, sheet.organisation.path)
    everyone = planning.together(sheet.organisation, ())
    row = planning.made(actor, sheet.organisation, sheet.token)
    if row is None:
        if sheet.kind not in ACTIVITY_KINDS:
            raise Refused("请选择活动类别。")
        row = planning.register(actor, everyone, sheet.kind, sheet.title, token=sheet.token)
    return file(actor=actor, activity=row, record=sheet.record, late_reason=sheet.late_reason, token=sheet.token)
