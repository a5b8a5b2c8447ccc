"""Files that leave a demonstration say so in their name."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_header_parameters

PREFIX = "示例_"


def named(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Put the word before the name of every file that is downloaded."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if settings.DEMO and response.get("Content-Disposition", "").startswith("attachment"):
            name = parse_header_parameters(response["Content-Disposition"])[1].get("filename", "")
            response["Content-Disposition"] = content_disposition_header(True, f"{PREFIX}{name}") or "attachment"  # noqa: FBT003
        return response

    return middleware
