"""Addresses of what is handed on: ledger, overview, files, sheets to print, one's own calendar."""

from django.urls import URLPattern, path

from zaidao.carriers.views import exports, feed, files, ledger, year

urlpatterns: list[URLPattern] = [
    path("ledger/", ledger.show, name="ledger"),
    path("ledger.xlsx", ledger.export, name="ledger_file"),
    path("list.xlsx", exports.meetings, name="list_file"),
    path("follow-ups.xlsx", exports.follow_ups, name="follow_ups_file"),
    path("carriers.xlsx", exports.carriers, name="carriers_file"),
    path("of/<int:pk>/year/", year.show, name="year"),
    path("of/<int:pk>/year.xlsx", year.export, name="year_file"),
    path("of/<int:pk>/blank-minutes.pdf", files.blank_minutes, name="blank_minutes"),
    path("of/<int:pk>/blank-attendance.pdf", files.blank_attendance, name="blank_attendance"),
    path("<int:pk>/minutes.docx", files.minutes_word, name="minutes_word"),
    path("<int:pk>/minutes.pdf", files.minutes_pdf, name="minutes_pdf"),
    path("<int:pk>/attendance.pdf", files.attendance, name="attendance_file"),
    path("feed/", feed.show, name="feed"),
    path("feed/begin/", feed.begin, name="feed_begin"),
    path("feed/close/", feed.close, name="feed_close"),
    path("feed/<str:token>.ics", feed.calendar, name="feed_calendar"),
]
