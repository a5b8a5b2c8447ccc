"""Which role a post gives."""

from zaidao.accounts.access import COMMISSIONER, OFFICE, ORGANISER, SECRETARY

OFFICE_WORDS = ("干事", "党务", "党办", "党群", "党建", "党委办公室", "组织员", "组织部", "专责", "政工")


def role_of(title: str, domain: str, kind: str, tenure: str = "") -> str | None:
    """The role that a post gives in its organisation, or None. `tenure` 主持工作 gives the secretary's."""
    if domain in ("administrative", "mass"):
        return None
    if tenure == "主持工作" or (title.endswith("书记") and "团" not in title and "纪" not in title):
        return SECRETARY
    if any(word in title for word in OFFICE_WORDS):
        return OFFICE
    if "组织" in title and title.endswith("委员"):
        return ORGANISER
    if title.endswith(("委员", "组长")) or "纪" in title:
        return COMMISSIONER if kind != "group" or title.endswith("组长") else None
    return None
