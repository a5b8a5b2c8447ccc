from django.urls import path

from zaidao.diagnosis.views import catalogue, findings, living, load, organisations, runs, uploads

app_name = "diagnosis"
urlpatterns = [
    path("uploads/", uploads.index, name="uploads"),
    path("uploads/<int:pk>/", uploads.show, name="upload"),
    path("uploads/<int:pk>/progress/", uploads.progress, name="upload_progress"),
    path("uploads/<int:pk>/diagnose/", uploads.diagnose, name="diagnose"),
    path("uploads/<int:pk>/keep/", uploads.keep, name="keep"),
    path("uploads/<int:pk>/delete/", uploads.delete, name="delete"),
    path("uploads/<int:pk>/problems.csv", uploads.problems_csv, name="problems_csv"),
    path("template.xlsx", uploads.blank, name="template"),
    path("catalogue/", catalogue.show, name="catalogue"),
    path("method/", catalogue.method, name="method"),
    path("diagnosis/", living.index, name="living"),
    path("diagnosis/begin/", living.begin, name="begin_living"),
    path("load/<int:pk>/", load.show, name="what_if"),
    path("runs/<int:pk>/", runs.show, name="run"),
    path("runs/<int:pk>/wait/", uploads.run_wait, name="run_wait"),
    path("runs/<int:pk>/progress/", uploads.run_progress, name="run_progress"),
    path("runs/<int:pk>/picture/", runs.picture, name="picture"),
    path("runs/<int:pk>/findings/", runs.findings, name="findings"),
    path("runs/<int:pk>/findings/<slug:code>/<path:org_id>/", findings.show, name="finding"),
    path("runs/<int:pk>/answers/<int:answer>/withdraw/", findings.withdraw, name="withdraw"),
    path("runs/<int:pk>/load/", runs.load, name="load"),
    path("runs/<int:pk>/problems/", uploads.of_run, name="problems"),
    path("runs/<int:pk>/compare/", organisations.compare, name="compare"),
    path("runs/<int:pk>/report/", runs.report, name="report"),
    path("runs/<int:pk>/files/<str:name>", runs.file, name="file"),
    path("runs/<int:pk>/children/<path:org_id>/", runs.children, name="children"),
    path("runs/<int:pk>/organisations/<path:org_id>/", organisations.show, name="organisation"),
    path("runs/<int:pk>/records/<slug:table>/<path:key>/", organisations.record, name="record"),
]
