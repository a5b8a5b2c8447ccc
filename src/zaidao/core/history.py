"""What was done to a row, in words: its audit entries prepared for `ui/history.html`. Whoever shows them has asked for the right to."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from zaidao.core.access import VERBS
from zaidao.core.audit import HIDDEN
from zaidao.core.models import Entry

MOST = 50  # acts shown
Told = dict[str, Any]


def of(obj: models.Model, *, most: int = MOST) -> list[Told]:
    """The latest acts on a row, newest first, by two queries.

    Each has at, who, on_behalf_of, what, reason, and changes with label and before, after, or text, or hidden.
    """
    entries = list(Entry.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk)).order_by("-pk")[:most])
    names = people({n for e in entries for n in (e.actor, e.on_behalf_of) if n is not None})
    return [told(entry, type(obj), names) for entry in entries]


def people(numbers: Collection[int]) -> dict[int, str]:
    """Users' names by number."""
    if not numbers:
        return {}
    return {user.pk: str(user) for user in get_user_model()._base_manager.filter(pk__in=numbers)}


def told(entry: Entry, model: type[models.Model], names: dict[int, str]) -> Told:
    """One entry in words. Somebody whose account is gone is 已注销账号; the system itself is 系统."""
    return {
        "at": entry.at, "who": _name(entry.actor, names), "on_behalf_of": _name(entry.on_behalf_of, names) if entry.on_behalf_of else "",
        "what": VERBS[entry.verb].label if entry.verb in VERBS else entry.verb, "reason": entry.reason,
        "changes": list(_changes(entry.changes.items(), model)),
    }


def _name(number: int | None, names: dict[int, str]) -> str:
    return "系统" if number is None else names.get(number, "已注销账号")


def _changes(changes: Iterable[tuple[str, Any]], model: type[models.Model]) -> Iterable[Told]:
    for name, change in changes:
        field = _field(model, name)
        label = str(field.verbose_name) if field is not None else name
        if isinstance(change, list) and len(change) == 2:
            yield {"label": label, "before": _plain(change[0], field), "after": _plain(change[1], field), "hidden": False}
        elif change == HIDDEN:
            yield {"label": label, "hidden": True}
        else:
            yield {"label": label, "text": str(change), "hidden": False}


def _field(model: type[models.Model], name: str) -> Any:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.Field) else None


def _plain(value: Any, field: Any) -> Any:
    """A stored value as people read it: choices by name, 是/否, days written out; None stays unknown."""
    if value in (None, ""):
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    choices = dict(field.flatchoices) if field is not None and field.choices else {}
    if value in choices:
        return str(choices[value])
    return _day(value) if isinstance(field, models.DateField) and isinstance(value, str) else value


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.year}年{day.month}月{day.day}日"
