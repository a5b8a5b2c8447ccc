"""Import of the sheets 组织, 人员, 任职 into the living system: each row becomes the acts that its page would do."""

from zaidao.core import menu, plans
from zaidao.core.plans import tasks  # noqa: F401  the worker finds them here
from zaidao.organisations import access, tree
from zaidao.organisations.imports.appointment import AppointmentImporter
from zaidao.organisations.imports.organisation import OrganisationImporter
from zaidao.organisations.imports.person import PersonImporter

KIND = plans.register(plans.Kind(
    "organisations", "台账导入", access.IMPORT, tree.LOCK, (OrganisationImporter(), PersonImporter(), AppointmentImporter()),
))

menu.item("台账导入", "organisations:imports", verb=access.IMPORT, order=60, section="ledgers")
menu.item("台账导出", "organisations:export", verb=access.EXPORT, order=61, section="ledgers")
