"""The entries of the menu that lead to accounts."""

from zaidao.accounts import access
from zaidao.core import menu

menu.item("账号", "accounts:users", verb=access.ACCOUNTS_VIEW, order=10, section="system")
menu.item("审计记录", "accounts:audit", verb=access.AUDIT_READ, order=20, section="system")
menu.item("投诉建议的答复", "accounts:suggestions", verb=access.SUGGESTIONS_ANSWER, order=30, section="system")
menu.item("节假日表", "accounts:calendar", verb=access.CALENDAR_IMPORT, order=40, section="system")
menu.item("我的账号", "accounts:me", order=10, section="me")
menu.item("投诉建议", "accounts:suggest", order=90, section="help")
