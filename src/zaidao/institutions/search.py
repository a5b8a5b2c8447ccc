"""What of institutions can be found by words: title, number, and the text of articles that were adopted. A draft's text finds nothing."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse

from zaidao.core import search
from zaidao.core.search import Hit
from zaidao.institutions import access
from zaidao.institutions.models import Article, Edition, Institution
from zaidao.institutions.queries.register import readable

LONGEST = 20_000  # characters of one institution's articles that are looked into


def _words(row: Any) -> str:
    texts = " ".join(article.text for edition in row.adopted for article in edition.articles.all())
    return f"{row.title} {row.code} {texts[:LONGEST]}"


def _rows() -> Any:
    adopted = Edition.everything.filter(since__isnull=False).order_by("-number")[:1]
    articles = Prefetch("articles", Article.everything.order_by("position"))
    return Institution.everything.prefetch_related(Prefetch("editions", adopted.prefetch_related(articles), to_attr="adopted"))


def _hit(row: Institution) -> Hit:
    return Hit(row.title, row.organisation.name, reverse("institutions:institution", args=[row.pk]))


def _of_editions(numbers: Sequence[int]) -> Iterable[int]:
    return Edition.everything.filter(pk__in=numbers).values_list("institution_id", flat=True)


search.indexed(
    "institution", "制度", Institution, order=30, verb=access.VIEW, words=_words, rows=_rows,
    found=lambda: readable(access.VIEW).select_related("organisation").order_by("organisation__path", "code"), hit=_hit,
    follows={"institutions.edition": _of_editions},
)
