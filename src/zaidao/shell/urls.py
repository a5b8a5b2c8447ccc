from django.urls import path

from zaidao.shell import views
from zaidao.shell.burden import views as burden
from zaidao.shell.demo.views import progress
from zaidao.shell.search import views as searching

app_name = "shell"
urlpatterns = [
    path("", views.home, name="home"),
    path("burden/", burden.show, name="burden"),
    path("search/", searching.show, name="search"),
    path("about/", views.about, name="about"),
    path("panels/<slug:slot>/<slug:key>/<int:pk>/", views.panel, name="panel"),
    path("health/", views.health, name="health"),
    path("ping/", views.ping, name="ping"),
    path("demo/progress/", progress, name="demo_progress"),
    path("filters/", views.filter_save, name="filter_save"),
    path("filters/<int:pk>/drop/", views.filter_drop, name="filter_drop"),
]
