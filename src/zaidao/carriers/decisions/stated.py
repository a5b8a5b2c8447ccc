"""Whether a record says that it was put off: by the words that the diagnosis looks for, in the texts that it is given."""

from zaidao.engine.catalogue import Catalogue


def remark_of(remark: str, late_reason: str) -> str:
    """The remark of the facts: why the plan was moved, and why it was filed late."""
    return ";".join(filter(None, (remark, f"延迟归档:{late_reason}" if late_reason else "")))


def stated(title: str, remark: str, known: Catalogue) -> bool:
    """Whether title or remark state a postponement."""
    words = known.param("duties.stated_words")
    return any(word in text for text in (title, remark) for word in words)
