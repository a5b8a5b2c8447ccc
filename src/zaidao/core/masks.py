"""What is shown of a sensitive value, and the one way to see it whole: by right, with a second factor and a reason, on record."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from zaidao.core import access, audit, history
from zaidao.core.errors import Refused
from zaidao.core.fields import UNREADABLE, EncryptedTextField, KeyMissing, Unreadable
from zaidao.sheets.problem import masked

SHORTEST_REASON = 4  # characters; less says nothing
MOST_FIELDS = 2  # one act opens what one piece of work needs, not a whole record


def shown(obj: Any, field: str) -> str:
    """A field as a page shows it: first 3 and last 2 characters, "" where there is nothing, or that no key opens it."""
    try:
        return masked_value(getattr(obj, field))
    except KeyMissing:
        return UNREADABLE


def masked_value(value: Any) -> str:
    """A value that `values_list` gave, as a page or a sheet shows it."""
    return str(value) if isinstance(value, Unreadable) else masked(value or "")


@transaction.atomic
def reveal(*, actor: Any, verb: str, obj: Any, fields: Iterable[str], reason: str, confirmed: bool) -> dict[str, str]:
    """The plain values of a few encrypted fields of one object, by name; the act is on record before they are given.

    `confirmed`: whether this session has passed a second factor. Raises Denied where the actor may not, Refused where the reason is
    too short, the second factor is missing, too much is asked for at once, or the key is lost.
    """
    path, wanted = access.path_of(obj) if hasattr(obj, "scope_path") else "", tuple(dict.fromkeys(fields))
    grant = access.require(actor, verb, path)
    _decide(obj, wanted, reason, confirmed)
    try:
        values = {name: getattr(obj, name) for name in wanted}
    except KeyMissing:
        raise Refused(f"{UNREADABLE}。请联系系统管理员恢复密钥文件。") from None
    audit.record(actor, verb, obj, path=path, changes={history.OPENED: list(wanted)}, reason=reason.strip(), grant=grant)
    return values


def _decide(obj: Any, wanted: tuple[str, ...], reason: str, confirmed: bool) -> None:
    if not confirmed:
        raise Refused("查看敏感信息前,请先通过第二重验证(动态口令或通行密钥)。")
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused(f"请写明查看的理由(不少于 {SHORTEST_REASON} 个字)。")
    if not 1 <= len(wanted) <= MOST_FIELDS:
        raise Refused(f"请选定要查看的内容,一次最多 {MOST_FIELDS} 项。")
    if not set(wanted) <= {f.attname for f in obj._meta.concrete_fields if isinstance(f, EncryptedTextField)}:
        raise Refused("要查看的内容不在可查看之列。")
