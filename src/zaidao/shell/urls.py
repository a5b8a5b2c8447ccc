from django.urls import path

from zaidao.shell import views

app_name = "shell"
urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
]
