"""Each request gets a number and, for somebody signed in, the scope of what they may see. Without sign-in there is no scope at all."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from zaidao.core import access, rulebook, scope
from zaidao.core.logs import request_id

GetResponse = Callable[[HttpRequest], HttpResponse]


def scoped_requests(get_response: GetResponse) -> Callable[[HttpRequest], HttpResponse]:
    """Run the view, its templates included, inside the signed-in person's scope."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = request_id.set(request_id.get() or uuid.uuid4().hex)
        user = getattr(request, "user", None)
        seer = access.holder(user) if user is not None and user.is_authenticated else None
        try:
            with scope.scope(seer), rulebook.read_once():
                return get_response(request)
        finally:
            request_id.reset(token)

    return middleware
