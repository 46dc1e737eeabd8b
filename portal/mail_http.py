"""Hands a mail to a provider's HTTP API under a key, so that the same mail tried twice arrives once.

POST to the address of SANPO_MAIL_URL without its key, which goes as `Authorization: Bearer KEY`:

    {"from": "Sanpo <sanpo@buyer.example>", "to": "taro@aoba.example", "reply_to": "keiko@buyer.example",
     "subject": "…", "text": "…", "html": "…",
     "headers": {"Message-ID": "<…>", "Auto-Submitted": "auto-generated"}}

`reply_to` is left out where nobody is named. `Idempotency-Key` is the same for each try of a mail.
"""

import hashlib
import http.client
import json
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from email.headerregistry import Address
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

from assessments.outbox import Ending, Outcome
from assessments.outbox_keys import NO_KEYS, WHOSE_LETTERS
from portal.letter import Letter, Sender, sender
from portal.settings import LOOPBACK, Settings, SettingsRefused

SCHEMES = frozenset({"http", "https"})
TIMEOUT_SECONDS = 20.0
KEY_HOURS = 24
# All tries of a mail lie within this time; a key must outlive the last of them.
TRIES_TAKE = timedelta(hours=6)
MOST_WORDS = 4_000
# What concerns all mails alike, and so is no fault of one: the key, the address, the provider's own limits.
NO_FAULT_OF_THE_MAIL = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PAYMENT_REQUIRED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
# A conflict is a key that is known: its earlier try is still being taken, or was taken with other words.
MAY_HAVE_ARRIVED = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT})


@dataclass(frozen=True, slots=True, repr=False)
class Provider:
    """A provider as SANPO_MAIL_URL names it. `keys_kept` is how long a key may be used again."""

    scheme: str
    host: str
    port: int | None
    path: str
    key: str
    keys_kept: timedelta
    digest: str


@dataclass(slots=True)
class HttpLine:
    """A connection to a provider, opened when first needed."""

    provider: Provider
    whose: Sender
    connection: http.client.HTTPConnection | None = field(default=None)

    @property
    def keys_kept(self) -> timedelta:
        """How long the provider knows a mail again by its key."""
        return self.provider.keys_kept

    @property
    def whose_keys(self) -> str:
        """Tell the account at the provider by a hash: another one knows nothing of these keys."""
        return self.provider.digest

    def send(self, letter: Letter) -> Outcome:
        """Hand over one mail. Under a key, a line found broken is opened anew and the mail tried again."""
        if not self.keys_kept:
            self.close()  # a line left open may be broken: nobody could tell whether the mail arrived
        was_open = self.connection is not None
        outcome = self._try(letter)
        if was_open and outcome.ending is Ending.REPEAT and self.connection is None:
            again = self._try(letter)
            # Whatever else is said now, the first try may have arrived.
            return again if again.ending is Ending.SENT else outcome
        return outcome

    def close(self) -> None:
        """Take leave of the provider."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _try(self, letter: Letter) -> Outcome:
        try:
            connection = self._opened()
        except OSError as error:
            self.close()
            return Outcome(Ending.UNREACHABLE, _named(error))
        try:
            connection.request("POST", self.provider.path, _body(letter, self.whose), self._headers(letter))
            answer = connection.getresponse()
            status, words = answer.status, answer.read(MOST_WORDS)
        except (http.client.HTTPException, OSError) as error:
            self.close()
            return self._unclear(f"no answer: {_named(error)}")
        if not answer.isclosed():
            self.close()  # the rest of a long answer is not wanted
        return self._ending(status, f"{status} {' '.join(words.decode('utf-8', 'replace').split())}")

    def _opened(self) -> http.client.HTTPConnection:
        if self.connection is None:
            self.connection = _connection(self.provider, TIMEOUT_SECONDS)
            self.connection.connect()
        return self.connection

    def _headers(self, letter: Letter) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.provider.key}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "sanpo",
            "Idempotency-Key": letter.key,
        }

    def _ending(self, status: int, words: str) -> Outcome:
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return Outcome(Ending.SENT)
        if status in NO_FAULT_OF_THE_MAIL or status < HTTPStatus.BAD_REQUEST:
            return Outcome(Ending.UNREACHABLE, words)
        if status in MAY_HAVE_ARRIVED or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return self._unclear(words)
        return Outcome(Ending.REFUSED, words)

    def _unclear(self, words: str) -> Outcome:
        return Outcome(Ending.REPEAT if self.keys_kept else Ending.UNKNOWN, words)


def line(settings: Settings) -> HttpLine:
    """Give a line to the provider of SANPO_MAIL_URL, not yet open. Raises SettingsRefused."""
    return HttpLine(_provider(settings.mail_url), sender(settings))


def reach(settings: Settings, *, seconds: float) -> None:
    """Connect to the provider, inside TLS, and hang up: nothing is asked. Raises OSError, SettingsRefused."""
    connection = _connection(_provider(settings.mail_url), seconds)
    try:
        connection.connect()
    finally:
        connection.close()


def _connection(to: Provider, seconds: float) -> http.client.HTTPConnection:
    if to.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(to.host, to.port, timeout=seconds, context=context)
    return http.client.HTTPConnection(to.host, to.port, timeout=seconds)


def _provider(url: str) -> Provider:
    try:
        parts = urlsplit(url)
        port, asked = parts.port, parse_qs(parts.query).get("key_hours", [str(KEY_HOURS)])
        hours = timedelta(hours=int(asked[0]))
    except (ValueError, OverflowError) as error:
        raise _refused() from error
    if (
        not parts.hostname
        or not parts.username
        or (parts.scheme != "https" and parts.hostname not in LOOPBACK)
    ):
        raise _refused()
    key = unquote(parts.username) + (f":{unquote(parts.password)}" if parts.password else "")
    if not key.isascii() or not key.isprintable():
        raise _refused()
    kept = max(hours - TRIES_TAKE, NO_KEYS)
    digest = hashlib.sha256(f"{parts.hostname}:{port} {key}".encode()).hexdigest()[:WHOSE_LETTERS]
    return Provider(parts.scheme, parts.hostname, port, parts.path or "/", key, kept, digest)


def _body(letter: Letter, whose: Sender) -> bytes:
    fields: dict[str, object] = {
        # Quoted where the name has a comma or the like, and not encoded: JSON holds every letter.
        "from": str(Address(whose.name, addr_spec=whose.address)) if whose.name else whose.address,
        "to": letter.to_email,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "headers": {"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
    }
    if letter.reply_to:
        fields["reply_to"] = letter.reply_to
    return json.dumps(fields, ensure_ascii=False).encode()


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".strip(": ").splitlines()[0]


def _refused() -> SettingsRefused:
    # The value is not shown: it holds the key.
    return SettingsRefused("SANPO_MAIL_URL: a provider must read https://key@host/path[?key_hours=24]")
