"""Workbooks as offices hand them in, and imports of them: what the tests of import and export share."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from zaidao.accounts.models import User
from zaidao.core import access
from zaidao.core.plans import Plan, PlanRow, actions
from zaidao.core.plans.committing import commit as run
from zaidao.organisations.columns import SHEETS

HEADERS = {s.name: {c.name: c.header for c in s.columns} for s in SHEETS}
TITLES = {s.name: s.title for s in SHEETS}
Rows = list[dict[str, Any]]


def book(**tables: Rows) -> bytes:
    """A workbook: one sheet a table, the columns that any of its rows uses. A field that is no column stands under its own name."""
    made = Workbook()
    made.remove(made.active)
    for table, rows in tables.items():
        page = made.create_sheet(TITLES.get(table, table))
        names = list(dict.fromkeys(name for row in rows for name in row))
        page.append([HEADERS.get(table, {}).get(n, n) for n in names])
        for row in rows:
            page.append([row.get(n) for n in names])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def upload(user: User, *files: bytes, name: str = "台账.xlsx") -> Plan:
    """The plan of these files, worked out."""
    user = User.objects.get(pk=user.pk)
    sent = [SimpleUploadedFile(name if i == 0 else f"{i}-{name}", data) for i, data in enumerate(files)]
    plan = actions.begin(actor=user, name="organisations", uploads=sent)
    plan.refresh_from_db()
    return plan


def plan_of(user: User, **tables: Rows) -> Plan:
    return upload(user, book(**tables))


def commit(plan: Plan, **options: Any) -> Plan:
    """Confirm and let it run to its end."""
    access.forget(plan.owner)
    actions.confirm(actor=User.objects.get(pk=plan.owner_id), plan=plan, seal=plan.seal, options=options)
    plan.refresh_from_db()
    return plan


def imported(user: User, **tables: Rows) -> Plan:
    return commit(plan_of(user, **tables))


def go_on(plan: Plan) -> None:
    """As the worker does after a kill: from what the database holds."""
    run(Plan.objects.select_related("owner").get(pk=plan.pk), lambda _share, _step: None)


def undo(plan: Plan) -> Plan:
    actions.take_back(actor=User.objects.get(pk=plan.owner_id), plan=plan)
    plan.refresh_from_db()
    return plan


def states(plan: Plan) -> list[str]:
    return list(plan.rows.order_by("n").values_list("state", flat=True))


def outcomes(plan: Plan) -> list[str]:
    return list(plan.rows.order_by("n").values_list("outcome", flat=True))


def row(plan: Plan, key: str) -> PlanRow:
    """The row whose key begins so; of the last table that has one."""
    return next(r for r in plan.rows.order_by("-n") if r.key.startswith(key))


def said(row: PlanRow, name: str) -> str:
    """What is said about one field."""
    return str(row.fields[name].get("reason", ""))


def sheets(data: bytes) -> dict[str, list[list[Any]]]:
    """The rows of a workbook by sheet."""
    made = load_workbook(io.BytesIO(data))
    return {page.title: [list(r) for r in page.iter_rows(values_only=True)] for page in made}
