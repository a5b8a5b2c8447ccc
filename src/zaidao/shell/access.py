"""Verbs of pages that belong to no single module."""

from zaidao.accounts.access import MANAGERS
from zaidao.core import access

BURDEN = access.verb("burden.view", "查看填报负担", below=MANAGERS)
