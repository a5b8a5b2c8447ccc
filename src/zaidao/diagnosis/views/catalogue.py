"""The catalogue with its sources, and the method in plain words."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from zaidao.diagnosis import labels
from zaidao.engine import catalogue
from zaidao.engine.catalogue.rules import CONFIDENCE
from zaidao.engine.report.method import PLAIN
from zaidao.engine.schema import ELEMENTS, FINDINGS
from zaidao.engine.words import ELEMENT_NAMES, ELEMENT_ROOTS, FAMILY_NAMES, FINDING_NAMES, SEVERITY_NAMES, STATE_NAMES


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Rules with source and confidence, every threshold with its reason, functions that want a rule, standard hours."""
    known = catalogue.load()
    rules: dict[str, list[object]] = {}
    for rule in known.rules:
        rules.setdefault(rule.group, []).append(rule)
    params: dict[str, list[object]] = {}
    for param in known.parameters:
        params.setdefault(param.group, []).append(param)
    return render(request, "diagnosis/catalogue.html", {
        "menu": "catalogue", "known": known, "rules": rules, "params": params, "confidence": CONFIDENCE,
        "functions": [_function(f) for f in known.functions], "hours": [_hours(h) for h in known.hours],
    })


def _function(row: Mapping[str, str]) -> dict[str, str]:
    """A function that wants a rule, in words."""
    return dict(row) | {
        "required_of": labels.kinds(row["rule_required_of"]), "inherited": labels.kinds(row["inherited_ok"]),
        "subjects": labels.subjects(row["typical_subject"]),
    }


def _hours(row: Mapping[str, str]) -> dict[str, str]:
    """Standard hours of a post, in words."""
    return dict(row) | {
        "title": labels.CAPACITIES.get(row["post"], row["post"]), "kinds": labels.kinds(row["organisation_kind"]),
        "domain_name": labels.kinds(row["domain"]), "shares": labels.share_of_hours(row["prepare_hold_record_share"]),
    }


@require_GET
def method(request: HttpRequest) -> HttpResponse:
    cards = catalogue.load().cards
    return render(request, "diagnosis/method.html", {
        "menu": "method", "plain": PLAIN, "cards": [(c, FINDING_NAMES[c], cards[c]) for c in FINDINGS if c in cards],
        "elements": [(ELEMENT_NAMES[e], ELEMENT_ROOTS[e]) for e in ELEMENTS], "families": FAMILY_NAMES.values(),
        "states": STATE_NAMES.values(), "severities": [SEVERITY_NAMES[s] for s in (1, 2, 3)],
    })
