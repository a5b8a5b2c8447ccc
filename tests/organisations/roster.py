"""What tests of the roster share: identity numbers that add up, and days."""

from datetime import date

from zaidao.sheets.identity import check_character

TODAY = date(2026, 11, 26)


def id_no(born: str = "19900203", serial: str = "123", area: str = "110101") -> str:
    """A sound identity number; an odd last digit of the serial is 男."""
    first = f"{area}{born}{serial}"
    return first + check_character(first)
