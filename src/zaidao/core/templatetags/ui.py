"""Small words for templates: numbers, days, shares. Unknown reads 未知 or —, never zero."""

from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import is_aware, localtime

from zaidao.core import access, written
from zaidao.core import panels as registry

register = template.Library()
UNKNOWN = "—"


@register.filter
def share(value: float | None) -> str:
    """A share in [0, 1] as whole percent."""
    return UNKNOWN if value is None else f"{round(value * 100)}%"


@register.filter
def figure(value: float | None) -> str:
    """A number without needless decimals (at most two)."""
    if value is None:
        return UNKNOWN
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


@register.filter
def day(value: date | None) -> str:
    """2026年3月5日; local time for moments."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime) and is_aware(value):
        value = localtime(value)
    return written.day(value)


@register.filter
def moment(value: datetime | None) -> str:
    """2026年3月5日 09:30, in local time: when something was written down."""
    if value is None:
        return UNKNOWN
    if is_aware(value):
        value = localtime(value)
    return written.stamp(value)


@register.filter
def dated(text: Any) -> str:
    """A text whose days are written as 2026-03-05, told as people write them; nothing for nothing."""
    return "" if text is None else written.words(str(text))


@register.filter
def when(value: datetime | None) -> str:
    """2026年3月5日(周四)09:30: when people come together."""
    if value is None:
        return UNKNOWN
    if is_aware(value):
        value = localtime(value)
    return written.moment(value)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or None."""
    return mapping.get(key) if mapping else None


@register.filter
def shade(gap: float | None) -> str:
    """The class of a cell's tint: five steps of one neutral hue. Nothing is judged by it; the text says the numbers."""
    if gap is None:
        return "shade-unknown"
    return f"shade-{sum(gap > step for step in (0.1, 0.25, 0.4, 0.6))}"


INTERVAL_WIDTH = 200  # units of the little picture of an interval


@register.filter
def scaled(value: float | None) -> str:
    """A share as a place on the picture of an interval."""
    return f"{(value or 0.0) * INTERVAL_WIDTH:.1f}"


@register.filter
def span(row: Any) -> str:
    """The width of the interval of a row with `low` and `high`."""
    return f"{max(((row['high'] or 0.0) - (row['low'] or 0.0)) * INTERVAL_WIDTH, 1.0):.1f}"


@register.simple_tag(takes_context=True)
def may(context: template.Context, verb: str, path: str = "") -> bool:
    """`{% may "posts.edit" organisation.path as ok %}`: whether the signed-in person may do it there. A wrong verb raises KeyError."""
    user = getattr(context.get("request"), "user", None)
    return user is not None and user.is_authenticated and access.holder(user).may(verb, path)


@register.simple_block_tag
def table(content: str, label: str, *, kind: str = "", box: str = "", stack: bool = True) -> SafeString:
    """`{% table "名册" box="card" %}<thead>…<tbody>…{% endtable %}`: a table with its name, that may be wider than the page. On a
    telephone it is read row by row (`stack`), each cell with its `data-label`. `kind`, `box`: further classes of table and box."""
    told = {"content": content, "label": label, "kind": kind, "box": box, "stack": stack}
    return mark_safe(get_template("ui/table.html").render(told))  # noqa: S308  a rendered template


@register.simple_tag(takes_context=True)
def panels(context: template.RequestContext, slot: str, obj: Any) -> SafeString:
    """Every panel of the slot, one after another. A panel that fails is written to the log and says so; the page stands."""
    shown = [_later(each, context, obj) if each.apart(obj) else _panel(each, context, obj) for each in registry.of(slot)]
    return mark_safe("".join(shown))  # noqa: S308  rendered templates


def _later(each: registry.Panel, context: template.RequestContext, obj: Any) -> str:
    """The place of a panel that is fetched apart; nothing for whom it is not."""
    if not registry.allowed(each, context["request"], obj):
        return ""
    return str(get_template("ui/panel_later.html").render({"panel": each, "pk": obj.pk}))


@register.simple_tag(takes_context=True)
def one_panel(context: template.RequestContext, each: registry.Panel, obj: Any) -> SafeString:
    """One panel by itself."""
    return mark_safe(_panel(each, context, obj))  # noqa: S308  a rendered template


def _panel(each: registry.Panel, context: template.RequestContext, obj: Any) -> str:
    try:
        told = registry.values(each, context["request"], obj)
        if told is None:
            return ""
        with context.push(**told):
            return str(get_template(each.template).template.render(context))  # type: ignore[attr-defined]
    except Exception:
        registry.broken(each)
        return str(get_template("ui/panel_broken.html").render())


@register.simple_tag(takes_context=True)
def kept_filters(context: template.Context, page: str) -> Any:
    """The filters that the signed-in person keeps for a list; nothing for somebody who is not."""
    user = getattr(context.get("request"), "user", None)
    return user.filters.filter(page=page) if user is not None and user.is_authenticated else ()


LONG = ("Textarea", "FileInput", "ClearableFileInput", "MultipleFileInput")
CLASSES = {
    "checkbox": "form-check-input", "radioselect": "choices", "checkboxselectmultiple": "choices", "select": "form-select",
    "selectmultiple": "form-select", "nullbooleanselect": "form-select", "hidden": "",
}


def _class(field: BoundField) -> str:
    return CLASSES.get(field.widget_type, "form-control")


@register.filter
def widget(field: BoundField) -> SafeString:
    """The field's widget with the house's classes, its help and errors named for screen readers, the date picker for dates."""
    own = field.field.widget.attrs
    described = " ".join(f"{field.auto_id}_{part}" for part, there in (("help", field.help_text), ("error", field.errors)) if there)
    classes = [own.get("class"), _class(field), "is-invalid" if field.errors else ""]
    attrs: dict[str, str | bool] = {"class": " ".join(filter(None, classes))}
    if described:
        attrs["aria-describedby"] = described
    if field.name == "q" and field.widget_type == "text":
        field.field.widget.input_type = "search"
    if field.widget_type == "date" and getattr(field.field.widget, "input_type", "") == "text":
        return _dated(field, attrs)
    return field.as_widget(attrs=attrs)


def _dated(field: BoundField, attrs: dict[str, str | bool]) -> SafeString:
    """A day, picked by the browser and written as it wants it."""
    field.field.widget.input_type = "date"
    field.field.widget.format = "%Y-%m-%d"
    return field.as_widget(attrs=attrs)


@register.filter
def kind(field: BoundField) -> str:
    """How a field is laid out: "check" (label behind), "choices" (a group), "hidden", or "plain"."""
    if field.is_hidden:
        return "hidden"
    return {"checkbox": "check", "radioselect": "choices", "checkboxselectmultiple": "choices"}.get(field.widget_type, "plain")


@register.filter
def wide(field: BoundField) -> bool:
    """Whether the field takes the whole width: long texts, files, groups of choices."""
    return kind(field) == "choices" or type(field.field.widget).__name__ in LONG


@register.filter
def secrecy(field: BoundField) -> bool:
    """Whether the notice about secrets stands beside it: long texts and files."""
    return type(field.field.widget).__name__ in LONG


@register.filter
def state_kind(kind: str) -> str:
    """The class of a state pill; anything unknown is open."""
    return f"state-{kind if kind in ('open', 'done', 'wait', 'off') else 'open'}"
