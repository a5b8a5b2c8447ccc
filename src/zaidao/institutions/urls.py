"""Addresses of this module, under `/institutions/`."""

from django.urls import URLPattern, path

from zaidao.institutions.views import coverage, drafts, duties, execution, register, values

app_name = "institutions"
urlpatterns: list[URLPattern] = [
    path("", register.listing, name="register"),
    path("register.xlsx", register.export, name="register_export"),
    path("<int:pk>/", register.show, name="institution"),
    path("new/", drafts.new, name="new"),
    path("<int:pk>/draft/", drafts.draft, name="draft"),
    path("<int:pk>/draft/discard/", drafts.discard, name="discard"),
    path("<int:pk>/amend/", drafts.amend, name="amend"),
    path("<int:pk>/adopt/", drafts.adopt, name="adopt"),
    path("<int:pk>/repeal/", drafts.repeal, name="repeal"),
    path("execution/", execution.by_source, name="execution"),
    path("execution/organisations/", execution.by_organisation, name="execution_organisations"),
    path("execution/organisations.xlsx", execution.export_organisations, name="execution_organisations_export"),
    path("execution.xlsx", execution.export, name="execution_export"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage.xlsx", coverage.export, name="coverage_export"),
    path("conflicts.xlsx", coverage.export_conflicts, name="conflicts_export"),
    path("values.xlsx", values.export, name="values_export"),
    path("organisations/<int:pk>/coverage/", coverage.of_organisation, name="coverage_of"),
    path("organisations/<int:pk>/coverage.xlsx", coverage.export_of, name="coverage_of_export"),
    path("conflicts/", coverage.conflicts, name="conflicts"),
    path("values/", values.listing, name="values"),
    path("values/<str:key>/", values.show, name="value"),
    path("organisations/<int:pk>/duties/", duties.of_organisation, name="duties"),
    path("organisations/<int:pk>/duties.xlsx", duties.export, name="duties_export"),
    path("duties/<int:pk>/", duties.show, name="duty"),
    path("duties/<int:pk>/exempt/", duties.exempt, name="exempt"),
    path("duties/<int:pk>/postpone/", duties.postpone, name="postpone"),
    path("duties/<int:pk>/done/", duties.tell, name="duty_done"),
    path("records/<int:pk>/withdraw/", duties.take_back, name="record_withdraw"),
    path("exemptions/<int:pk>/withdraw/", duties.withdraw, name="exemption_withdraw"),
]
