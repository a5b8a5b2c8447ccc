"""Whoever signs out leaves no draft behind."""

from typing import Any

from zaidao.carriers.actions import drafts


def end(user: Any = None, **_: Any) -> None:
    """Handler of `user_logged_out`."""
    if user is not None and user.pk is not None:
        drafts.forget_all(user)
