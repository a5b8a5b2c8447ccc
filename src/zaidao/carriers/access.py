"""Verbs of carriers, meetings and follow-ups. Members see what their own organisation planned and filed, and answer for themselves."""

from zaidao.accounts.access import COMMISSIONER, LEADERS, MANAGERS, MEMBER, ORGANISER
from zaidao.core import access

KEEPERS = (*MANAGERS, ORGANISER, COMMISSIONER)

VIEW = access.verb("carriers.view", "查看会议和活动", below=LEADERS, here=[MEMBER])
CARRY = access.verb("carriers.carry", "登记载体", below=KEEPERS)
PLAN = access.verb("carriers.plan", "安排会议和活动", below=KEEPERS)
ATTEND = access.verb("carriers.attend", "登记到会情况", below=KEEPERS)
FILE = access.verb("carriers.file", "归档记录", below=KEEPERS)
READ = access.verb("carriers.read", "查看记录正文", below=LEADERS, here=[MEMBER])
PRIVATE = access.verb("carriers.private", "查看谈心谈话和组织生活会、民主评议的事项", below=LEADERS, looks=True)
CORRECT = access.verb("carriers.correct", "更正已归档的记录", below=MANAGERS)
CLOSE = access.verb("carriers.close", "确认办结", below=KEEPERS)
EXPORT = access.verb("carriers.export", "导出会议和活动", below=LEADERS, looks=True)
MONTH = access.verb("carriers.month", "查看本月事项和所辖组织的办理情况", below=LEADERS)
MINE = access.verb("carriers.mine", "答复通知、办理本人事项", anyone=True)
FEED = access.verb("carriers.feed", "使用本人的日历订阅", anyone=True)
