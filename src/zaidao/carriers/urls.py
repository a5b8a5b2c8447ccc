"""Addresses of meetings, follow-ups and carriers, under `/activities/`: each part in its own section."""

from django.urls import URLPattern, URLResolver, path

from zaidao.carriers.forms_out.urls import urlpatterns as handed_on
from zaidao.carriers.month.urls import urlpatterns as month
from zaidao.carriers.views import carriers, follow_ups, meetings, planning, record, sheets

app_name = "carriers"
urlpatterns: list[URLPattern | URLResolver] = [
    # Meetings: from the plan to what is filed.
    path("", meetings.listing, name="list"),
    path("plan/", planning.plan, name="plan"),
    path("sheets/", sheets.sheets, name="sheets"),
    path("<int:pk>/", meetings.show, name="activity"),
    path("<int:pk>/history/", meetings.history, name="history"),
    path("<int:pk>/leave/", meetings.leave, name="leave"),
    path("<int:pk>/replan/", planning.replan, name="replan"),
    path("<int:pk>/cancel/", planning.cancel, name="cancel"),
    path("<int:pk>/notice/", planning.notice, name="notice"),
    path("<int:pk>/notice/give/", planning.give_notice, name="notice_give"),
    path("<int:pk>/record/", record.record, name="record"),
    path("<int:pk>/draft/", record.draft, name="draft"),
    path("<int:pk>/draft/forget/", record.forget, name="draft_forget"),
    path("<int:pk>/correct/", record.correct, name="correct"),
    path("attendance/<int:pk>/", record.attendance, name="attendance"),

    # Follow-ups, carriers.
    path("follow-ups/", follow_ups.listing, name="follow_ups"),
    path("follow-ups/<int:pk>/done/", follow_ups.done, name="follow_up_done"),
    path("follow-ups/<int:pk>/confirm/", follow_ups.confirm, name="follow_up_confirm"),
    path("follow-ups/<int:pk>/reopen/", follow_ups.reopen, name="follow_up_reopen"),
    path("follow-ups/<int:pk>/drop/", follow_ups.drop, name="follow_up_drop"),
    path("carriers/", carriers.listing, name="carriers"),
    path("carriers/new/", carriers.begin, name="carrier_new"),
    path("carriers/<int:pk>/", carriers.show, name="carrier"),
    path("carriers/<int:pk>/end/", carriers.end, name="carrier_end"),
    *month,
    *handed_on,
]
