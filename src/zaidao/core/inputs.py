"""Fields that the forms of every module have."""

from django import forms


def day(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    """A day, chosen from the browser's calendar."""
    return forms.DateField(label=label, required=required, help_text=help_text, widget=forms.DateInput())
