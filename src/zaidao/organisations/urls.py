"""Addresses of organisations, posts and people, under `/organisations/`: each part in its own section."""

from django.urls import URLPattern, URLResolver

app_name = "organisations"
urlpatterns: list[URLPattern | URLResolver] = [
    # Tree, organisations and their changes.

    # Posts, appointments, terms, structure.

    # People, transfers.

    # Import, export.
]
