"""From files to a plan: read, compare with what is kept, and write one plan row for each row of the files."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.core import access, bulk, crypto, scrub
from zaidao.core.errors import Refused
from zaidao.core.models import Plan, PlanRow
from zaidao.core.plans import files, reading
from zaidao.core.plans.reading import Tell
from zaidao.core.plans.registry import Kind, Planned, Work, kind
from zaidao.core.scope import scope

CHUNK = 500  # rows
MOST_ROWS = 200_000  # of one import; more belongs in several
TOLD = 3  # files or sheets whose fault stands on top; the others in the list of notes
EMPTY = "文件里没有可以导入的行。请检查工作表名称和表头,或下载空白模板填写后再上传。"


def make(plan: Plan, tell: Tell) -> None:
    """Read the plan's files and work out every row; begun again from nothing where an earlier try was cut short.

    Raises Refused where there is nothing that can be imported; the plan says so too.
    """
    if plan.state not in (Plan.State.READING, Plan.State.REFUSED):
        return
    made = kind(plan.kind)
    PlanRow.objects.filter(plan=plan).delete()
    with scope(access.holder(plan.owner)):
        found = reading.read(made, files.sources(plan), lambda share, step: tell(0.3 * share, step))
        total = sum(map(len, found.rows.values()))
        refusal = _refusal(total, found)
        counts, flags = ({}, set()) if refusal else _write(plan, made, found, total, tell)
    _settle(plan, found, total, counts, flags, refusal)
    if refusal:
        raise Refused(refusal)


def _refusal(total: int, found: reading.Reading) -> str:
    """Why there is nothing to import: what is wrong with the files, where that is known."""
    if total > MOST_ROWS:
        return f"一次最多导入 {MOST_ROWS} 行,这次有 {total} 行。请拆分成几个文件分别导入。"
    if total or found.kept:
        return ""
    wrong = [f"{n['file']}:{n['reason']}{n['remedy']}" for n in found.notes if n["severity"] == "error"]
    return "".join(dict.fromkeys(wrong[:TOLD])) or EMPTY


def _write(plan: Plan, made: Kind, found: reading.Reading, total: int, tell: Tell) -> tuple[dict[str, Any], set[str]]:
    """Compare table by table, in the order in which they will be committed, and write the rows; counts, and what is to be asked."""
    work = Work(plan.owner, timezone.localdate())
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    number, flags = 0, set()
    for importer in made.importers:
        rows = importer.arrange(found.rows.get(importer.table, []), work)
        for part in _parts(rows):
            tell(0.3 + 0.7 * number / max(total, 1), f"正在核对“{importer.sheet.title}”({number}/{total})")
            with crypto.one_ring():
                compared = importer.plan(part, work)
                bulk.add(_rows(plan, compared, number))
            counts[importer.table].update(p.state for p in compared)
            flags |= {p.flag for p in compared if p.flag}
            number += len(part)
    return {table: dict(by_state) for table, by_state in counts.items()}, flags


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start:start + CHUNK] for start in range(0, len(rows), CHUNK))


def _rows(plan: Plan, compared: Sequence[Planned], number: int) -> list[PlanRow]:
    return [
        PlanRow(
            plan=plan, n=number + i, table=p.given.table, sheet=scrub.numbers(p.given.sheet.strip())[:80], row=p.given.row, key=p.key,
            state=p.state, fields=p.fields, reason=p.reason, object_id=p.object_id, stamp=p.stamp,
        )
        for i, p in enumerate(compared, 1)
    ]


@transaction.atomic
def _settle(plan: Plan, found: reading.Reading, total: int, counts: dict[str, Any], flags: set[str], refusal: str) -> None:
    plan.state = Plan.State.REFUSED if refusal else Plan.State.READY
    plan.notes, plan.total, plan.counts, plan.reason, plan.cursor = found.notes, total, counts, refusal, 0
    plan.seal = crypto.blind(f"{plan.pk} {plan.created_at.isoformat()} {sorted(counts.items())}", "plan.seal")
    plan.options = plan.options | {"flags": sorted(flags)}
    plan.save(update_fields=["state", "notes", "total", "counts", "reason", "cursor", "seal", "options"])
