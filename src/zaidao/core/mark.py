"""The word that everything printed or carried out of a demonstration bears, so that nobody takes it for real. Cells stay as they are: what
is exported can be imported again."""

from typing import Any

from django.conf import settings

WORD = "示例,虚构"


def word() -> str:
    """What the file is marked with; "" outside a demonstration."""
    return WORD if settings.DEMO else ""


def sheet(page: Any) -> None:
    """Mark a sheet of a workbook (openpyxl) above and below each printed page."""
    if settings.DEMO:
        page.oddHeader.center.text = page.oddFooter.center.text = WORD
