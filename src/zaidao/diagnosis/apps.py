from django.apps import AppConfig


class DiagnosisConfig(AppConfig):
    name = "zaidao.diagnosis"
    label = "diagnosis"
    verbose_name = "诊断与路径"

    def ready(self) -> None:
        from zaidao.core import menu, plans
        from zaidao.diagnosis import access, columns, consequences, handed, panels  # noqa: F401  panels register themselves

        plans.keep("organisations", columns.SHEETS, handed.keep)  # sheets that the import only recognises: they stay ledgers
        menu.item("全组织诊断", "diagnosis:living", section="diagnosis", order=5, verb=access.VIEW)
        menu.item("台账上传", "diagnosis:uploads", section="diagnosis", order=10, verb=access.LEDGERS)
        menu.item("规则目录", "diagnosis:catalogue", section="diagnosis", order=20)
        menu.item("方法", "diagnosis:method", section="diagnosis", order=30)
