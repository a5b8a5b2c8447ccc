"""Verbs of institutions and duties. Everybody on a roster may read the rules that bind them; those who manage an organisation lay its
rules down; whoever sees to an organisation sees its duties."""

from zaidao.accounts.access import COMMISSIONER, LEADERS, MANAGERS, MEMBER, ORGANISER
from zaidao.core import access

VIEW = access.verb("institutions.view", "查看制度", below=LEADERS, here=[MEMBER])
DRAFT = access.verb("institutions.draft", "起草制度", below=[*MANAGERS, ORGANISER, COMMISSIONER])
ADOPT = access.verb("institutions.adopt", "施行、修订、废止制度", below=MANAGERS)
DUTIES = access.verb("institutions.duties", "查看应办事项", below=LEADERS, here=[MEMBER])
EXEMPT = access.verb("institutions.exempt", "免办、延期应办事项", under=MANAGERS)
POSTPONE = access.verb("institutions.postpone", "说明顺延", below=MANAGERS)
FULFIL = access.verb("institutions.fulfil", "登记办理", below=[*MANAGERS, ORGANISER, COMMISSIONER])
VALUES = access.verb("institutions.values", "设定本单位取值", below=MANAGERS)
EXPORT = access.verb("institutions.export", "导出制度、应办事项", below=LEADERS, looks=True)
