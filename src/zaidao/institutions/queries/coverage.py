"""Which functions of the field an organisation has a rule for, its own or a superior's; and clauses that ask less than a firm rule."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from zaidao.core import rulebook
from zaidao.core.scope import parents
from zaidao.engine import catalogue
from zaidao.engine.duties import clauses as engine
from zaidao.engine.functions import functions_of, required
from zaidao.institutions.access import VIEW
from zaidao.institutions.models import Clause, Edition, Institution
from zaidao.institutions.queries.register import readable, running
from zaidao.institutions.queries.sources import COLUMNS, named, row_of

KINDS = ("committee", "general_branch", "branch")  # those of which rules for functions are required
WORDS = {"own": "自有", "above": "沿用", "none": "未见", "free": "不要求"}


@dataclass(frozen=True)
class Cell:
    """How one organisation stands to one function: a key of WORDS, and the institution that covers it."""

    function: str
    state: str
    institution: Institution | None = None

    @property
    def words(self) -> str:
        return WORDS[self.state]


def functions() -> list[str]:
    """The functions of the field, in the catalogue's order."""
    return [f["function"] for f in catalogue.load().functions]


def covered(organisations: Sequence[Any], day: date) -> dict[int, list[Cell]]:
    """Organisation -> a cell for each function. Two queries, however many organisations.

    What superiors have adopted counts for whoever stands below them, and may be read there.
    """
    paths = {path for o in organisations for path in (*parents(o.path), o.path)}
    made = _made(paths, day)
    return {o.pk: [_cell(f["function"], o, made) for f in catalogue.load().functions] for o in organisations}


def _made(paths: Collection[str], day: date) -> dict[str, dict[str, Institution]]:
    """Path -> function -> the first institution in force there that covers it. Two queries."""
    rows = Edition.everything.filter(running(day), institution__organisation__path__in=paths)
    editions = list(rows.select_related("institution__organisation").order_by("institution__code"))
    subjects: dict[int, list[str]] = defaultdict(list)
    for number, subject in Clause.everything.filter(edition__in=editions).values_list("edition_id", "subject"):
        subjects[number].append(subject)
    known, found = catalogue.load().functions, defaultdict[str, dict[str, Institution]](dict)
    for edition in editions:
        about = edition.institution
        for function in functions_of(known, subjects[edition.pk], about.title):
            found[about.organisation.path].setdefault(function, about)
    return found


def _cell(function: str, organisation: Any, made: Mapping[str, Mapping[str, Institution]]) -> Cell:
    own = made.get(organisation.path, {}).get(function)
    if own:
        return Cell(function, "own", own)
    above = next((made[p][function] for p in reversed(parents(organisation.path)) if function in made.get(p, {})), None)
    if above:
        return Cell(function, "above", above)
    wanted = {f["function"] for f in required(catalogue.load().functions, organisation.kind)}
    return Cell(function, "none" if function in wanted else "free")


@dataclass(frozen=True)
class Sum:
    """One function among some organisations: how many must have a rule for it or have one, with their own, a superior's, none."""

    function: str
    of: int
    own: int
    above: int
    none: int


def sums(cells: Collection[Sequence[Cell]]) -> list[Sum]:
    """The functions in their order, counted over organisations."""
    found = []
    for n, function in enumerate(functions()):
        states = [row[n].state for row in cells]
        own, above, none = (states.count(state) for state in ("own", "above", "none"))
        found.append(Sum(function, own + above + none, own, above, none))
    return found


@dataclass(frozen=True)
class Conflict:
    """A clause that asks less than a firm rule; the rule holds."""

    institution: Institution
    article: str
    subject: str
    clause_asks: str
    rule_asks: str
    ground: str
    resolution: str


def conflicts(day: date, verb: str = VIEW) -> list[Conflict]:
    """Clauses in force that one may read (or export) and that ask less than a firm rule, by the tree. Three queries."""
    institutions = readable(verb).select_related("organisation").order_by("organisation__path", "code")
    rows = Clause.everything.filter(running(day, "edition__"), edition__institution__in=institutions.order_by())
    dated = rows.exclude(every="none").exclude(subject="").values(*COLUMNS)
    local = engine.local_sources([row_of(row, row["edition__institution__code"]) for row in dated], known := rulebook.on(day), named)
    found = engine.conflicts(local, known).to_pylist()
    by_code = {i.code: i for i in institutions.filter(code__in={c["institution_id"] for c in found})} if found else {}
    told = [_conflict(c, by_code[c["institution_id"]]) for c in found]
    return sorted(told, key=lambda c: (c.institution.organisation.path, c.institution.code, c.article))


def _conflict(row: Mapping[str, Any], about: Institution) -> Conflict:
    ground = f"《{row['source']}》{row['article_of_rule']}"
    return Conflict(about, row["article"], row["subject"], row["clause_asks"], row["rule_asks"], ground, row["resolution"])
