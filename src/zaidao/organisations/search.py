"""What of organisations and people can be found by words: by names of today, codes, and how a name is typed."""

from typing import Any

from django.db.models import F
from django.urls import reverse

from zaidao.core import search
from zaidao.core.search import Hit
from zaidao.organisations import access
from zaidao.organisations.models import Organisation, Person

FORMER = "(已撤销)"


def _organisation(row: Organisation) -> Hit:
    title = row.name if row.standing else f"{row.name}{FORMER}"
    return Hit(title, row.unit, reverse("organisations:organisation", args=[row.pk]))


def _person(row: Any) -> Hit:
    return Hit(row.name, row.organisation.name if row.organisation else "", reverse("organisations:person", args=[row.pk]))


search.indexed(
    "organisation", "组织", Organisation, order=10, verb=access.VIEW,
    words=lambda row: f"{row.name} {row.code} {row.unit}",
    rows=lambda: Organisation.everything.only("pk", "name", "code", "unit"),
    found=lambda: Organisation.objects.within(access.VIEW).order_by(F("dissolved_on").asc(nulls_first=True), "path"),
    hit=_organisation,
)
search.indexed(
    "person", "人员", Person, order=20, verb=access.PEOPLE,
    words=lambda row: f"{row.name} {row.pinyin} {row.initials} {row.pinyin_other} {row.initials_other} {row.code}",
    rows=lambda: Person.everything.only("pk", "name", "pinyin", "initials", "pinyin_other", "initials_other", "code"),
    found=lambda: Person.objects.filter(organisation__isnull=False).select_related("organisation").defer("id_no", "phone").order_by(
        "organisation__path", "code",
    ),
    hit=_person,
)
