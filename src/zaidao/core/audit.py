"""Who did what: one row an act, written in the transaction of the act. See `models.audit` for what a row says.

Every act passes here with its object as it now stands, so that what finds the object by words is brought up to date here too
(`core.search`), and which post the act was done by is told to the counter of what people fill in (`core.burden`).
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from zaidao.core import bulk, burden, crypto, scrub, search, witness
from zaidao.core.access import VERBS, Grant
from zaidao.core.middleware import request_id
from zaidao.core.models import Entry

NONCE = 8  # random bytes in each row, so that no two rows are alike and a copied row is found out
HIDDEN = "已改动"  # what is said of a sensitive value: that it changed, never what it was


def record(
    actor: Any, verb: str, obj: Any, *, path: str = "", changes: Mapping[str, Any] | None = None, reason: str = "",
    grant: Grant | None = None,
) -> Entry:
    """Write one act. `actor`: a user, or None for the system itself. `obj`: a row, or a model where the act was on many rows.

    `changes`: field -> [before, after], or HIDDEN where sensitive. What looks like an ID number or a phone number in any text is
    replaced by stars: people type them into reasons.
    """
    entry = _entry(actor, verb, obj, path, changes or {}, reason, grant)
    entry.save(force_insert=True)
    witness.entries([entry])
    if not (verb in VERBS and VERBS[verb].looks):
        search.touched([obj])
    burden.acted(grant)
    return entry


Act = tuple[Any, str, Mapping[str, Any]]  # object, path, changes


def record_many(actor: Any, verb: str, acts: Iterable[Act], *, reason: str = "", grants: Mapping[str, Grant | None] | None = None) -> None:
    """Write many acts of one verb by one statement a thousand; `grants`: path -> the grant that allowed it there."""
    known, told = grants or {}, list(acts)
    entries = [_entry(actor, verb, obj, path, changes, reason, known.get(path)) for obj, path, changes in told]
    bulk.add(entries, numbered=True)
    witness.entries(entries)
    search.touched(obj for obj, _, _ in told)


def _entry(actor: Any, verb: str, obj: Any, path: str, changes: Mapping[str, Any], reason: str, grant: Grant | None) -> Entry:
    entry = Entry(
        at=timezone.now(), actor=getattr(actor, "pk", None), on_behalf_of=grant.on_behalf_of if grant else None, verb=verb,
        object_type=obj._meta.label_lower, object_id="" if isinstance(obj, type) else str(obj.pk), path=path, changes=_plain(changes),
        reason=_told(reason)[:500], request_id=request_id.get(), nonce=secrets.token_hex(NONCE),
    )
    entry.mac = crypto.mac(canonical(entry))
    return entry


def canonical(entry: Entry) -> str:
    """The row's content as one text, the same before it is stored and after."""
    told = [
        entry.at.timestamp(), entry.actor, entry.on_behalf_of, entry.verb, entry.object_type, entry.object_id, entry.path, entry.changes,
        entry.reason, entry.request_id, entry.nonce,
    ]
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _told(text: str) -> str:
    """Free text as both databases keep it, without numbers of persons."""
    if text.isprintable():  # most are: nothing then that a database would refuse
        return scrub.numbers(text)
    return scrub.numbers(text.replace("\0", "").encode("utf-8", "replace").decode())


def _plain(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes as JSON gives them back from either database: fractions as text, for PostgreSQL writes large ones otherwise."""
    return {_told(str(name)): _simple(value) for name, value in changes.items()}


def _simple(value: Any) -> Any:
    """What most changes hold as it is; anything else by way of JSON."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _told(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_simple(each) for each in value]
    return _cleaned(_read(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)))


def _read(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_constant=str)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _told(value)
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return {_told(key): _cleaned(each) for key, each in value.items()} if isinstance(value, dict) else value


def changed(before: Mapping[str, Any], after: Mapping[str, Any], *, hidden: tuple[str, ...] = ()) -> dict[str, Any]:
    """field -> [before, after] of what differs; of hidden fields only that they do."""
    return {
        name: HIDDEN if name in hidden else [before.get(name), value] for name, value in after.items() if before.get(name) != value
    }
