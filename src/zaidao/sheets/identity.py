"""Citizen identity numbers (GB 11643): 17 digits and a check character by ISO 7064 MOD 11-2."""

import re
from datetime import date
from operator import mul

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
SHAPE = re.compile(r"\d{17}[\dX]")


def check_character(first17: str) -> str:
    """The check character of 17 digits."""
    return CHECKS[sum(map(mul, map(int, first17), WEIGHTS)) % 11]


def is_shaped(number: str) -> bool:
    """18 characters: 17 digits and a digit or X."""
    return SHAPE.fullmatch(number) is not None


def is_valid(number: str) -> bool:
    """True if the check character is right; the number must be shaped."""
    return check_character(number[:17]) == number[17]


def birth_date(number: str) -> date | None:
    """The date of birth that a shaped number holds; None if that is no date."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def gender(number: str) -> str:
    """男 or 女, by the parity of the 17th digit."""
    return "男" if int(number[16]) % 2 else "女"
