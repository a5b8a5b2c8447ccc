"""Django's reports of errors (pages in debug mode, mails) without anything that was sent or held in a variable."""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest, QueryDict
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from zaidao.core import logs, scrub

DROPPED = ("request", "request_GET_items", "request_FILES_items", "request_insecure_uri", "user_str", "unicode_hint", "exception_notes")


class Nothing(SafeExceptionReporterFilter):
    """Hides everything: settings, headers, cookies, what was posted, local variables."""

    def is_active(self, request: HttpRequest | None) -> bool:  # noqa: ARG002
        return True

    def get_safe_settings(self) -> dict[str, Any]:
        return {}

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def get_post_parameters(self, request: HttpRequest | None) -> QueryDict:  # noqa: ARG002
        return QueryDict()

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:  # noqa: ARG002
        return dict[str, Any]().items()


class Reporter(ExceptionReporter):
    """Where and of which kind, never with what."""

    def get_traceback_data(self) -> dict[str, Any]:
        told = super().get_traceback_data()
        for name in DROPPED:
            told.pop(name, None)
        if "exception_value" in told:
            told["exception_value"] = logs.clean(scrub.quoted(told["exception_value"]))
        for frame in told["frames"]:
            frame["exc_cause"] = logs.clean(scrub.quoted(str(frame["exc_cause"]))) if frame.get("exc_cause") else None
        return told
