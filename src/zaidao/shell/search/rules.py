"""The field's rules among what is found: they lie in the catalogue, not in the database, and everybody may read them."""

from functools import cache

from django.urls import reverse

from zaidao.core import search, tokens
from zaidao.core.search import Hit
from zaidao.core.tokens import Asked
from zaidao.engine import catalogue


@cache
def _rules() -> tuple[tuple[str, Hit], ...]:
    """(words, hit) of every rule, in the catalogue's order."""
    where = reverse("diagnosis:catalogue") + "#rules"
    return tuple(
        (f"{r.name} {r.text} {r.source} {r.subject}", Hit(f"{r.name}:{r.text}", f"《{r.source}》{r.article}" if r.source else "", where))
        for r in catalogue.load().rules
    )


def _find(asked: tuple[Asked, ...], start: int, end: int, _many: bool) -> list[Hit]:
    return [hit for words, hit in _rules() if tokens.fits(asked, words)][start:end]


search.source(search.Source("rule", "规章规则", 35, None, _find))
