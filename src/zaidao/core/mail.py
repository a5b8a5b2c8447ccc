"""Mail that goes out, where a server is named (`ZAIDAO_MAIL_HOST`): plain text, one address each, nothing sensitive.

What the server refuses is written to the log by the number of the person, never by address, and is not tried again.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    """`user`: the number of whom it is for, for the log."""

    user: int
    address: str
    subject: str
    text: str


def able() -> bool:
    """Whether a mail server is named."""
    return bool(settings.EMAIL_HOST)


def send(letters: Iterable[Letter]) -> int:
    """Hand letters to the server by one connection; returns how many it took. Never raises for what the server or the line does."""
    taken = 0
    connection = get_connection(fail_silently=False)
    try:
        connection.open()
        for letter in letters:
            taken += _sent(letter, connection)
    except OSError as error:  # the line; errors of SMTP are among them
        log.warning("the mail server was not reached: %s", type(error).__name__)
    finally:
        connection.close()
    return taken


def _sent(letter: Letter, connection: object) -> bool:
    mail = EmailMessage(letter.subject, letter.text, to=[letter.address], connection=connection)  # type: ignore[arg-type]
    try:
        return bool(mail.send())
    except (OSError, ValueError) as error:  # its text may name the address
        log.warning("a letter to account %s was not taken: %s", letter.user, type(error).__name__)
        return False
