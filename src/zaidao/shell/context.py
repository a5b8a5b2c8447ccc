"""What every page says."""

from typing import Any

from django.http import HttpRequest

from zaidao.engine.words import NOTICE

HTMX = (
    '{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0,"selfRequestsOnly":true,'
    '"refreshOnHistoryMiss":true}'
)


def base(request: HttpRequest) -> dict[str, Any]:
    return {"notice": NOTICE, "htmx_config": HTMX}
