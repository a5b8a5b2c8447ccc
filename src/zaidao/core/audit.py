"""Who did what: one row an act, written in the transaction of the act. See `models.audit` for what a row says."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from zaidao.core import crypto
from zaidao.core.access import Grant
from zaidao.core.middleware import request_id
from zaidao.core.models import Entry

HIDDEN = "已改动"  # what is said of a sensitive value: that it changed, never what it was


def record(
    actor: Any, verb: str, obj: Any, *, path: str = "", changes: Mapping[str, Any] | None = None, reason: str = "", grant: Grant | None = None,
) -> Entry:
    """Write one act. `actor`: a user, or None for the system itself. `changes`: field -> [before, after], or HIDDEN where sensitive."""
    entry = Entry(
        at=timezone.now(), actor=getattr(actor, "pk", None), on_behalf_of=grant.on_behalf_of if grant else None, verb=verb,
        object_type=obj._meta.label_lower, object_id=str(obj.pk), path=path, changes=_plain(changes or {}), reason=reason[:500],
        request_id=request_id.get(),
    )
    entry.mac = crypto.mac(canonical(entry))
    entry.save(force_insert=True)
    return entry


def canonical(entry: Entry) -> str:
    """The row's content as one text, the same before it is stored and after."""
    told = [
        entry.at.timestamp(), entry.actor, entry.on_behalf_of, entry.verb, entry.object_type, entry.object_id, entry.path, entry.changes,
        entry.reason, entry.request_id,
    ]
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _plain(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes as JSON gives them back."""
    return dict(json.loads(json.dumps(changes, cls=DjangoJSONEncoder, ensure_ascii=False)))


def changed(before: Mapping[str, Any], after: Mapping[str, Any], *, hidden: tuple[str, ...] = ()) -> dict[str, Any]:
    """field -> [before, after] of what differs; of hidden fields only that they do."""
    return {
        name: HIDDEN if name in hidden else [before.get(name), value] for name, value in after.items() if before.get(name) != value
    }
