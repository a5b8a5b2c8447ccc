"""Audit entries told in words (`ui/history.html`): of one object, of one person's acts, or of a search. Two queries, however many.

Who may ask is the caller's part: whoever may see the object may see what became of it.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from zaidao.core import written
from zaidao.core.access import VERBS
from zaidao.core.audit import HIDDEN
from zaidao.core.fields import EncryptedTextField
from zaidao.core.models import Entry
from zaidao.core.scope import Reach

OPENED = "opened"  # the key of `changes` under which `masks.reveal` names the fields that were read
GONE = "已注销账号"
DAY = re.compile(r"\d{4}-\d\d-\d\d")
Places = Callable[[Collection[str]], Mapping[str, str]]
Find = Callable[[str], Collection[str]]
_places: list[Places] = []
_find: list[Find] = []
_words: dict[tuple[str, str], str] = {}
_values: dict[tuple[str, str], Mapping[str, str]] = {}


@dataclass(frozen=True)
class Change:
    """One field's change in words; None is unknown. `hidden`: only that it changed is known."""

    label: str
    before: str | None = None
    after: str | None = None
    hidden: bool = False


@dataclass(frozen=True)
class Told:
    """One act as `ui/history.html` shows it. `who` is "系统" where no person acted; `place` is "" where it was nowhere in the tree."""

    number: int
    at: datetime
    who: str
    on_behalf_of: str
    what: str
    object: str
    place: str
    changes: tuple[Change, ...]
    reason: str


def places(resolver: Places) -> Places:
    """Register what places are called: paths -> names, in one query. The module that keeps the tree does."""
    _places[:] = [resolver]
    return resolver


def finder(find: Find) -> Find:
    """Register how places are found: what somebody types -> paths. For whoever may read the whole audit: it knows no scope."""
    _find[:] = [find]
    return find


def find_places(text: str) -> tuple[str, ...]:
    """The paths of the places that are called so; none where none is."""
    return tuple(_find[0](text)) if _find else ()


def words(object_type: str, kind: str = "", /, **labels: str) -> None:
    """What a kind of object is called, and the keys that actions write into `changes` where they are no fields with a name of their own.

    An empty type names keys for every kind of object.
    """
    if kind:
        _words[object_type, ""] = kind
    _words.update({(object_type, name): label for name, label in labels.items()})


def values(object_type: str, name: str, said: Mapping[str, str]) -> None:
    """How the values of a field are said that has no choices of its own."""
    _values[object_type, name] = said


def of(obj: models.Model, limit: int = 20) -> list[Told]:
    """What was done to one object, the newest first."""
    return told(Entry.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk)).order_by("-pk")[:limit])


def by(user: Any, limit: int = 20) -> list[Told]:
    """What somebody has done, or others in their place, the newest first."""
    return told(Entry.objects.filter(models.Q(actor=user.pk) | models.Q(on_behalf_of=user.pk)).order_by("-pk")[:limit])


@dataclass(frozen=True)
class Wanted:
    """A search of the audit. Empty parts do not narrow it. `paths`: the subtrees of these; `until` is the last day, included."""

    people: tuple[int, ...] | None = None
    paths: tuple[str, ...] | None = None
    verb: str = ""
    since: date | None = None
    until: date | None = None


def search(wanted: Wanted) -> "models.QuerySet[Entry]":
    """The entries that are wanted, the newest first. Nothing where people or places are named that do not exist."""
    found = Entry.objects.order_by("-pk")
    if wanted.people is not None:
        found = found.filter(models.Q(actor__in=wanted.people) | models.Q(on_behalf_of__in=wanted.people))
    if wanted.paths is not None:
        found = found.filter(Reach(frozenset(wanted.paths)).q("path"))
    if wanted.verb:
        found = found.filter(verb=wanted.verb)
    return _between(found, wanted.since, wanted.until)


def _between(found: "models.QuerySet[Entry]", since: date | None, until: date | None) -> "models.QuerySet[Entry]":
    if since:
        found = found.filter(at__gte=_midnight(since))
    return found.filter(at__lt=_midnight(date.fromordinal(until.toordinal() + 1))) if until else found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def told(entries: Iterable[Entry], *, with_places: bool = False) -> list[Told]:
    """The entries in words: one query for the entries, one for the names of people; with places, one more for those."""
    found = list(entries)
    names = people({n for e in found for n in (e.actor, e.on_behalf_of) if n is not None})
    paths = {e.path for e in found if e.path} if with_places and _places else set()
    where = _places[0](paths) if paths else {}
    return [_told(entry, names, where) for entry in found]


def people(numbers: Collection[int]) -> dict[int, str]:
    """Users' names by number, without opening anything encrypted."""
    user = get_user_model()
    closed = [f.attname for f in user._meta.concrete_fields if isinstance(f, EncryptedTextField)]
    return {u.pk: str(u) for u in user._base_manager.filter(pk__in=numbers).defer(*closed)} if numbers else {}


def _told(entry: Entry, names: Mapping[int, str], where: Mapping[str, str]) -> Told:
    model = _model(entry.object_type)
    who = "系统" if entry.actor is None else names.get(entry.actor, GONE)
    other = "" if entry.on_behalf_of is None else names.get(entry.on_behalf_of, GONE)
    changes = tuple(_change(entry.object_type, model, name, entry.changes[name]) for name in _ordered(entry.changes, model))
    what, thing = _what(entry, model), _object(entry, model)
    return Told(entry.pk, entry.at, who, other, what, thing, where.get(entry.path, ""), changes, entry.reason)


def _ordered(changes: Mapping[str, Any], model: type[models.Model] | None) -> list[str]:
    """The names in the order of the model's fields, others behind: the databases keep them in orders of their own."""
    places = {name: n for n, f in enumerate(model._meta.concrete_fields) for name in (f.name, f.attname)} if model else {}
    return sorted(changes.keys() - {OPENED}, key=lambda name: (places.get(name, len(places)), name))


def _what(entry: Entry, model: type[models.Model] | None) -> str:
    verb = VERBS.get(entry.verb)
    label = verb.label if verb else entry.verb
    opened = [_label(entry.object_type, model, name) for name in entry.changes.get(OPENED, ())]
    return f"{label}:{'、'.join(opened)}" if opened else label


def _object(entry: Entry, model: type[models.Model] | None) -> str:
    kind = _words.get((entry.object_type, "")) or (str(model._meta.verbose_name) if model else entry.object_type)
    return f"{kind} {entry.object_id}".strip()


def _model(object_type: str) -> type[models.Model] | None:
    """None for a model that is no more."""
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return None


def _field(model: type[models.Model] | None, name: str) -> "models.Field[Any, Any] | None":
    return next((f for f in model._meta.concrete_fields if name in (f.name, f.attname)), None) if model else None


def _label(object_type: str, model: type[models.Model] | None, name: str) -> str:
    field = _field(model, name)
    return _words.get((object_type, name)) or _words.get(("", name)) or (str(field.verbose_name) if field else name)


def _change(object_type: str, model: type[models.Model] | None, name: str, value: Any) -> Change:
    label, field = _label(object_type, model, name), _field(model, name)
    if value == HIDDEN:
        return Change(label, hidden=True)
    said = _values.get((object_type, name), {})
    if isinstance(value, list) and len(value) == 2:
        before, after = (_text(field, each, said) for each in value)
        return Change(label, before, after)
    return Change(label, "", _text(field, value, said))


def _text(field: "models.Field[Any, Any] | None", value: Any, said: Mapping[str, str]) -> str | None:
    """A value in words, what is in it too (`said`: how keys and values are said); None stays unknown."""
    if value is None or isinstance(value, bool):
        return None if value is None else "是" if value else "否"
    if isinstance(value, list | dict):
        named = value.items() if isinstance(value, dict) else [("", each) for each in value]
        parts = [(f"{said.get(key, key)}:" if key else "", each) for key, each in named]
        return "、".join(f"{before}{_text(field, each, said) or '未知'}" for before, each in parts) or "空"
    if isinstance(value, str) and value in said:
        return said[value]
    choices = dict(field.flatchoices) if field is not None and field.choices else {}
    return str(choices[value]) if value in choices else _dated(field, str(value)) or "空"


def _dated(field: "models.Field[Any, Any] | None", text: str) -> str:
    """A day or a moment as people write it; anything else as it is."""
    moment = parse_datetime(text) if isinstance(field, models.DateTimeField) else None
    if moment and timezone.is_aware(moment):
        return written.stamp(timezone.localtime(moment))
    day = parse_date(text) if (field is None or isinstance(field, models.DateField)) and DAY.fullmatch(text) else None
    return written.day(day) if day else text
