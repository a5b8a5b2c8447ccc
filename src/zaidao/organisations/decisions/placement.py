"""Which organisation may stand under which, and what a temporary one may not do."""

from zaidao.engine.catalogue import Catalogue
from zaidao.engine.schema import ORG_FORMS, ORG_KINDS

# Kind -> what it may stand under; "" is the top of the tree.
UNDER: dict[str, tuple[str, ...]] = {
    "committee": ("", "committee"), "general_branch": ("", "committee"), "branch": ("", "committee", "general_branch"),
    "group": ("branch",),
}
ABOVE_GROUPS = ("committee", "general_branch", "branch")
# Form -> the kinds that may have it.
OF_FORM: dict[str, tuple[str, ...]] = {"固定": tuple(ORG_KINDS), "联合": ("branch",), "临时": ABOVE_GROUPS, "项目": ABOVE_GROUPS}
TEMPORARY = "临时"
# What the rules keep from temporary organisations (支部工作条例第7条,条号待核), by what it is about.
WITHHELD: dict[str, str] = {
    "develop": "临时党组织不发展党员。", "discipline": "临时党组织不处分处置党员。", "term": "临时党组织不进行换届选举。",
    "transfer": "临时党组织不接转正式组织关系,党员的组织关系留在原组织。",
}


def withheld(form: str, deed: str, known: Catalogue) -> str | None:
    """Why an organisation of this form may not do something (`WITHHELD`, as far as the catalogue says so); None where it may."""
    kept = form == TEMPORARY and deed in known.param("living.temporary_withheld")
    return WITHHELD[deed] if kept else None


def placement(kind: str, form: str, above: str, form_above: str = "", *, name: str = "该组织") -> list[str]:
    """Why an organisation may not stand there; nothing where it may. `above`: the superior's kind, "" for the top of the tree."""
    found = []
    if kind not in OF_FORM[form]:
        found.append(f"{name}:{ORG_KINDS[kind]}没有“{ORG_FORMS[form]}”这种形式。")
    if above not in UNDER[kind]:
        found.append(f"{name}:{ORG_KINDS[kind]}{_must(kind)},不能{_where(above)}。")
    if form_above == TEMPORARY and kind != "group" and form != TEMPORARY:
        found.append(f"{name}:临时党组织之下只设党小组或其他临时党组织。")
    return found


def _must(kind: str) -> str:
    return "设在" + "、".join(ORG_KINDS[k] for k in UNDER[kind] if k) + "之下"


def _where(above: str) -> str:
    return f"设在{ORG_KINDS[above]}之下" if above else "作为最上级组织"
