from django.apps import AppConfig


class DiagnosisConfig(AppConfig):
    name = "zaidao.diagnosis"
    label = "diagnosis"
    verbose_name = "诊断与路径"
