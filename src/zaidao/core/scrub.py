"""Numbers of persons taken out of free text: what people type into a reason, or what an error quotes."""

import re

from django.core.exceptions import ValidationError

from zaidao.sheets.flaw import seen

STARS = "***"
SHORTEST = 11  # characters of what is looked for: a mobile number without anything around it
# An ID number (18 characters, or 15 as they once were); a mobile number, also with the country before it. Full-width digits count;
# blanks and hyphens may stand between the usual groups. Paths in the tree (8, 16, 24… digits) are none of these.
_PERSON = re.compile(
    r"(?<!\d)\d{6}[ -]?\d{4}[ -]?\d{2}[ -]?\d{2}[ -]?\d{3}[\dXxX](?!\d)"
    r"|(?<!\d)\d{15}(?!\d)"
    r"|(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)",
)
_QUERY = re.compile(r"(?<=[\w/])\?[^\s\"'<>]*=[^\s\"'<>]*")
_SECRET = re.compile(r"(?<=/)[A-Za-z0-9_-]{40,}")
_QUOTED = re.compile(r"(['\"“‘「])[^'\"“”‘’「」]*[\u3400-\u9fff][^'\"“”‘’「」]*(['\"”’」])")


def numbers(text: str) -> str:
    """The text with everything that looks like an ID number or a mobile number replaced by stars."""
    return _PERSON.sub(STARS, text) if len(text) >= SHORTEST else text


def visible(text: str) -> str:
    """A name or title without white space around it and signs that nobody sees (a search would not find it); empty where nothing of it
    can be seen: no sheet could hold it."""
    text = seen(text)
    return text.strip() if any(sign.isprintable() and not sign.isspace() for sign in text) else ""


def refuse_numbers(text: str) -> None:
    """A validator of free text: nobody's number belongs where it would lie readable."""
    if numbers(text) != text:
        raise ValidationError("请不要在这里写身份号码或手机号:文字会原样保存。")


def queries(text: str) -> str:
    """The text with the query strings of addresses cut off."""
    return _QUERY.sub("?…", text)


def secrets(text: str) -> str:
    """The text with long random parts of addresses replaced by stars: whoever knows such an address may read what it gives."""
    return _SECRET.sub(STARS, text)


def quoted(text: str) -> str:
    """The text of an error with its quotations of Chinese left out: they are people's input more often than not."""
    return _QUOTED.sub(r"\1…\2", text)
