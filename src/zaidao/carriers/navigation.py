"""The entry of the menu for one's own calendar."""

from zaidao.carriers import access
from zaidao.core import menu

menu.item("日历订阅", "carriers:feed", verb=access.FEED, order=30, section="me")
