"""Verbs of institutions and duties: the only way in. What crosses the module's border stands here."""

from zaidao.institutions.actions.editions import (
    adopt,
    discard_draft,
    draft_edition,
    register,
    repeal,
    save_articles,
    save_clauses,
)
from zaidao.institutions.actions.exemptions import exempt, postpone, withdraw_exemption
from zaidao.institutions.actions.fulfilment import record_fulfilment, withdraw_fulfilment
from zaidao.institutions.actions.holding import hold_duty
from zaidao.institutions.actions.laying import lay_out
from zaidao.institutions.actions.values import set_value

__all__ = [
    "adopt", "discard_draft", "draft_edition", "exempt", "hold_duty", "lay_out", "postpone", "record_fulfilment", "register", "repeal",
    "save_articles", "save_clauses", "set_value", "withdraw_exemption", "withdraw_fulfilment",
]
