"""What people type to say who they are: a work number or a telephone number, however their keyboard writes it."""

import unicodedata

LONGEST = 40


def plain(text: str | None) -> str:
    """Full-width signs made plain, all spaces gone: 'Z 001' and '138 0000 0000' as they are kept."""
    return "".join(unicodedata.normalize("NFKC", text or "").split())[:LONGEST]


def phone(text: str | None) -> str:
    """A telephone number as it is kept: digits alone, without +86; "" where it cannot be one."""
    digits = plain(text).replace("-", "").removeprefix("+86")
    return digits if digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 20 else ""
