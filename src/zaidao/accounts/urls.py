"""Addresses of accounts. Those of allauth stand in `sign_in_urls`, each by itself."""

from django.urls import path

from zaidao.accounts.views import acts, audit, calendar, me, sign_in, suggestions, users

app_name = "accounts"
urlpatterns = [
    path("activate/", sign_in.activate, name="activate"),
    path("sign-in/factor/code/", sign_in.factor_code, name="factor_code"),
    path("sign-in/enter/", sign_in.enter, name="enter"),
    path("accounts/", users.index, name="users"),
    path("accounts/new/", users.new, name="user_new"),
    path("accounts/<int:pk>/", users.show, name="user"),
    path("accounts/<int:pk>/edit/", users.edit, name="user_edit"),
    path("accounts/<int:pk>/deactivate/", acts.act, {"name": "deactivate"}, name="deactivate"),
    path("accounts/<int:pk>/reactivate/", acts.act, {"name": "reactivate"}, name="reactivate"),
    path("accounts/<int:pk>/unlock/", acts.act, {"name": "unlock"}, name="unlock"),
    path("accounts/<int:pk>/code/", acts.issue, {"name": "code"}, name="issue_code"),
    path("accounts/<int:pk>/factors/", acts.issue, {"name": "factors"}, name="issue_factor_code"),
    path("accounts/<int:pk>/appoint/", acts.appoint, name="appoint"),
    path("accounts/duties/<int:pk>/end/", acts.end_duty, name="end_duty"),
    path("audit/", audit.index, name="audit"),
    path("audit/state/", audit.state, name="audit_state"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("audit/export/", audit.export, name="audit_export"),
    path("calendar/", calendar.show, name="calendar"),
    path("calendar/template.xlsx", calendar.blank, name="calendar_template"),
    path("me/", me.show, name="me"),
    path("me/phone/", me.phone, name="phone"),
    path("me/sessions/<int:pk>/end/", me.end_session, name="end_session"),
    path("me/delegations/", me.delegate, name="delegations"),
    path("me/delegations/<int:pk>/end/", me.end_delegation, name="end_delegation"),
    path("suggestions/", suggestions.index, name="suggestions"),
    path("suggestions/new/", suggestions.suggest, name="suggest"),
    path("suggestions/<int:pk>/", suggestions.show, name="suggestion"),
    path("suggestions/<int:pk>/answer/", suggestions.answer, name="answer"),
]
