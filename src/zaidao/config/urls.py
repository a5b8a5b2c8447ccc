"""Addresses: the shell's pages and those of each module."""

from django.urls import include, path

urlpatterns = [
    path("", include("zaidao.shell.urls")),
    path("", include("zaidao.accounts.sign_in_urls")),
    path("", include("zaidao.accounts.urls")),
    path("", include("zaidao.diagnosis.urls")),
    path("organisations/", include("zaidao.organisations.urls")),
    path("institutions/", include("zaidao.institutions.urls")),
    path("activities/", include("zaidao.carriers.urls")),
]

handler400 = "zaidao.shell.views.bad_request"
handler403 = "zaidao.shell.views.forbidden"
handler404 = "zaidao.shell.views.not_found"
handler500 = "zaidao.shell.views.failed"
