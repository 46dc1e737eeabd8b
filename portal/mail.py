"""The line to whoever carries mails outside, as SANPO_MAIL_URL names it: a mail server or a provider."""

from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

from assessments.outbox import Outcome
from portal import mail_http, mail_smtp
from portal.letter import Letter
from portal.settings import Settings

LONGEST_SECONDS = max(mail_http.TIMEOUT_SECONDS, mail_smtp.LONGEST_SECONDS)


class Line(Protocol):
    """What carries mails, one after the other, over a connection that stays open between them."""

    @property
    def keys_kept(self) -> timedelta:
        """How long a mail sent twice under one key arrives once; zero where there are no keys."""

    @property
    def whose_keys(self) -> str:
        """Whose keys they are: letters, as many for each, that tell neither an address nor a secret."""

    def send(self, letter: Letter) -> Outcome:
        """Hand over one mail, and tell how that ended."""

    def close(self) -> None:
        """Take leave; the next mail opens the line anew."""


def line(settings: Settings) -> Line | None:
    """Give the line, not yet open; None where mails stay in the local mailbox. Raises SettingsRefused."""
    if not settings.mail_url:
        return None
    scheme = urlsplit(settings.mail_url).scheme
    return mail_http.line(settings) if scheme in mail_http.SCHEMES else mail_smtp.line(settings)
