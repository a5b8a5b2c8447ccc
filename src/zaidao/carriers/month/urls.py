"""Addresses of the month, among those of carriers."""

from django.urls import URLPattern, path

from zaidao.carriers.month import views

urlpatterns: list[URLPattern] = [
    path("month/", views.show, name="month"),
    path("month/below/", views.below, name="below"),
    path("month/below.xlsx", views.below_file, name="below_file"),
    path("month/reminder/close/", views.close, name="digest_close"),
    path("month/reminder/choose/", views.choose, name="digest_choose"),
]
