"""What the tests of doors share: somebody who signs in now, all that an answer says, all that these modules keep."""

import io
import zipfile
from typing import Any

from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests import world
from tests.world import World

CANARY = world.canary("sibling")
TODAY = timezone.localdate()
HX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_HISTORY_RESTORE_REQUEST": "true", "HTTP_HX_BOOSTED": "true", "HTTP_HX_TARGET": "main",
      "HTTP_HX_CURRENT_URL": "http://127.0.0.1/"}


def client_of(made: World, who: str) -> Client:
    """Of somebody who signs in now, with the rights of now."""
    user = type(made.users[who]).objects.get(pk=made.users[who].pk)
    client = world.signed_in(user)
    client.raise_request_exception = False
    return client


def text_of(response: HttpResponse) -> str:
    """All that an answer says, headers and what is packed inside included."""
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    if raw[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            raw = b"\n".join(book.read(name) for name in book.namelist())
    return raw.decode("utf-8", "replace") + str(response.headers)


def state() -> dict[str, list[Any]]:
    """Everything that these modules keep, and what is on record."""
    models = [m for label in ("carriers", "institutions") for m in apps.get_app_config(label).get_models()]
    rows = {m._meta.label: list(m._base_manager.order_by("pk").values_list()) for m in models}
    return rows | {"entries": list(apps.get_model("core.Entry").objects.exclude(verb="accounts.sign_in").values_list("pk"))}
