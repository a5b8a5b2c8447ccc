"""The menu: modules add items with the verb that opens them; a person sees those they may do somewhere."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from zaidao.core.access import Holder

# Key -> name, in this order. Entries of the first stand in the bar itself, those of "me" beside the person's name.
SECTIONS: dict[str, str] = {"": "", "ledgers": "台账", "diagnosis": "诊断", "system": "系统", "help": "帮助", "me": "我"}


@dataclass(frozen=True)
class Item:
    """One entry. `key` is what a view may pass as `menu` where its address does not begin with the entry's."""

    text: str
    url_name: str
    verb: str | None
    order: int
    section: str
    key: str


@dataclass(frozen=True)
class Shown:
    """An entry as the page shows it. `here`: "page" on its own page, "true" below it, "" elsewhere."""

    text: str
    href: str
    key: str
    here: str


@dataclass(frozen=True)
class Section:
    """Entries under one name. `key` as in SECTIONS; a section nobody declared has its own name as key."""

    key: str
    name: str
    items: tuple[Shown, ...]

    @property
    def here(self) -> bool:
        return any(item.here for item in self.items)


_items: list[Item] = []


def item(text: str, url_name: str, *, verb: str | None = None, order: int = 50, section: str = "", key: str = "") -> None:
    """Add an entry. Without a verb everybody signed in sees it. A section that SECTIONS lacks is a name; twice the same adds nothing."""
    made = Item(text, url_name, verb, order, section, key or url_name.rpartition(":")[2])
    if made not in _items:
        _items.append(made)


def items() -> list[Item]:
    """All entries, in the order of sections and of their own."""
    places = sections()
    return sorted(_items, key=lambda i: (places.index(i.section), i.order))


def sections() -> list[str]:
    """The keys of sections in use and declared, in order; what nobody declared stands behind."""
    return list(dict.fromkeys([*SECTIONS, *(i.section for i in _items)]))


def visible(holder: Holder, path: str = "") -> list[Section]:
    """What this person sees, by section; `path` is the address of the page shown. Entries whose page does not exist are left out."""
    open_to = [(i, _address(i)) for i in items() if i.verb is None or holder.may_somewhere(i.verb)]
    there = [(i, href) for i, href in open_to if href is not None]
    nearest = _nearest((href for _, href in there), path)
    shown = [(i.section, Shown(i.text, href, i.key, _here(href, nearest, path))) for i, href in there]
    by_section = [(key, tuple(s for section, s in shown if section == key)) for key in sections()]
    return [Section(key, SECTIONS.get(key, key), entries) for key, entries in by_section if entries]


def _address(entry: Item) -> str | None:
    try:
        return reverse(entry.url_name)
    except NoReverseMatch:
        return None


def _nearest(addresses: Iterable[str], path: str) -> str:
    """The longest address that the page's begins with."""
    return max((a for a in addresses if path == a or (a != "/" and path.startswith(a))), key=len, default="")


def _here(address: str, nearest: str, path: str) -> str:
    if address != nearest or not nearest:
        return ""
    return "page" if address == path else "true"


def forget(url_name: str) -> None:
    """Take an entry out again: for tests."""
    _items[:] = [i for i in _items if i.url_name != url_name]
