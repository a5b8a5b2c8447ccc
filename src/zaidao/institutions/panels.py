"""What this module adds to every page: its menu entry, and the words of its histories."""

from zaidao.core import history, menu
from zaidao.institutions import access

menu.item("制度", "institutions:register", verb=access.VIEW, order=40, key="institutions")
history.words("institutions.institution", "制度", edition="版次", since="施行日期", until="止于", clauses="条款", articles="条文")
history.words("institutions.edition", "制度版次")
history.words("institutions.duty", "应办事项")
history.words("institutions.officevalue", "单位取值")
