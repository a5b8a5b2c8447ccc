"""Judgements about organisations, posts and people: values in, verdicts with reasons out. No database, no clock."""

from zaidao.organisations.decisions.roles import role_of

__all__ = ["role_of"]
