"""Entries of the menu for what is handed on: the ledger, one's own calendar."""

from zaidao.carriers import access
from zaidao.core import menu

menu.item("三会一课台账", "carriers:ledger", verb=access.EXPORT, order=27, key="ledger")
menu.item("日历订阅", "carriers:feed", verb=access.FEED, order=30, section="me")
