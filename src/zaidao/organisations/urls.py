"""Addresses of organisations, posts and people, under `/organisations/`: each part in its own section."""

from django.urls import URLPattern, URLResolver, path

from zaidao.organisations.views import appointments, hand_over, posts, structure, terms

app_name = "organisations"
urlpatterns: list[URLPattern | URLResolver] = [
    # Tree, organisations and their changes.

    # Posts, appointments, terms, structure.
    path("<int:pk>/posts/", posts.show, name="posts"),
    path("<int:pk>/posts/new/", posts.create, name="post_new"),
    path("posts/<int:pk>/", posts.post, name="post"),
    path("posts/<int:pk>/seats/", posts.seats, name="post_seats"),
    path("posts/<int:pk>/abolish/", posts.abolish, name="post_abolish"),
    path("posts/<int:pk>/appoint/", appointments.appoint, name="appoint"),
    path("appointments/<int:pk>/end/", appointments.end, name="appointment_end"),
    path("appointments/<int:pk>/correct/", appointments.correct, name="appointment_correct"),
    path("appointments/<int:pk>/void/", appointments.void, name="appointment_void"),
    path("hand-overs/", hand_over.listing, name="hand_overs"),
    path("hand-overs/<int:pk>/", hand_over.show, name="hand_over"),
    path("hand-overs/<int:pk>/edit/", hand_over.edit, name="hand_over_edit"),
    path("hand-overs/<int:pk>/confirm/", hand_over.confirm, name="hand_over_confirm"),
    path("terms/", terms.listing, name="terms"),
    path("<int:pk>/term/", terms.show, name="term"),
    path("<int:pk>/term/elect/", terms.elect, name="term_elect"),
    path("<int:pk>/term/extend/", terms.extend, name="term_extend"),
    path("<int:pk>/term/correct/", terms.correct, name="term_correct"),
    path("structure/", structure.listing, name="structure_list"),
    path("<int:pk>/structure/", structure.show, name="structure"),
    path("<int:pk>/expected/", structure.expected, name="expected"),

    # People, transfers.

    # Import, export.
]
