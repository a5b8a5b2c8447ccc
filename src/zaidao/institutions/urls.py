"""Addresses of this module, under `/institutions/`."""

from django.urls import URLPattern, path

from zaidao.institutions.views import register

app_name = "institutions"
urlpatterns: list[URLPattern] = [
    path("", register.listing, name="register"),
    path("register.xlsx", register.export, name="register_export"),
    path("<int:pk>/", register.show, name="institution"),
]
