"""Hands a mail to an SMTP server over a kept-open connection, and tells how that ended.

A refusal with a status of policy (5.7.x, "relay not permitted") may mean us – an address that has come onto
a blocklist, a relay that does not know us any more – or that one recipient takes no mail from outside. So
such a mail is put off, again and again for as long as any, and fails only then. Where recipients at three
domains were refused so, and no mail was taken in between, we are meant: after each further refusal all mails
wait as for a server that cannot be reached, and the next one that is due tries again.

A mail has one time limit for all its steps, well below its lease: a living sender's mail never lapses. Some
of it is kept for the answer to the last dot, since only what breaks off there may have arrived.
"""

import re
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from assessments.outbox import Ending, Outcome
from assessments.outbox_keys import NO_KEYS
from portal.letter import Letter, Sender, sender
from portal.settings import Settings, SettingsRefused

MAIL_SECONDS, DOT_SECONDS, QUIT_SECONDS = 40.0, 15.0, 2.0
LONGEST_SECONDS = MAIL_SECONDS + QUIT_SECONDS
PORTS = {"smtp": 25, "smtps": 465}
GO_AHEAD, CLOSING, PUT_OFF, REFUSALS, PAST_ALL = 354, 421, 400, 500, 600
OK = range(200, 300)
# Said at a recipient they concern all mails alike: the server wants to know first who is sending.
SENDER_UNKNOWN = frozenset({530, 534, 535, 538})
POLICY = re.compile(r"^5\.7\.\d|\brelay(ing)? (access |is )?(denied|not|prohibited)", re.IGNORECASE)
DOMAINS_OF_ALL = 3


class OutcomeUnknown(Exception):
    """The connection broke after the whole mail was handed over: it may have arrived, or not."""


class BrokeOff(Exception):
    """The connection broke while a mail was being handed over, before its end: the server has nothing."""


@dataclass(frozen=True, slots=True, repr=False)
class Server:
    """A mail server as SANPO_MAIL_URL names it."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    starttls: bool


class _Timed(smtplib.SMTP):
    """A connection whose steps are all over by `until`.

    It inherits since smtplib itself limits each single operation of the socket, of which a mail has a dozen.
    """

    def __init__(self, until: float, **how: Any) -> None:
        self.until = until
        super().__init__(timeout=_left(until), **how)

    def send(self, s: Any) -> None:
        self._hurry()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        self._hurry()
        return super().getreply()

    def _hurry(self) -> None:
        if self.sock is not None:
            self.sock.settimeout(_left(self.until))


class _TimedOverTls(_Timed, smtplib.SMTP_SSL):
    """The same inside TLS from the first word on."""


@dataclass(slots=True)
class SmtpLine:
    """A connection to a mail server, opened when first needed.

    `barred` holds the domains whose recipients were refused by policy since a mail was last taken; `until`
    is when the mail in hand must be over.
    """

    server: Server
    whose: Sender
    smtp: _Timed | None = field(default=None)
    until: float = 0.0
    barred: set[str] = field(default_factory=set)
    let_wait: str = ""

    @property
    def keys_kept(self) -> timedelta:
        """SMTP knows no keys: what may have arrived is never sent again."""
        return NO_KEYS

    @property
    def whose_keys(self) -> str:
        """Nobody's."""
        return ""

    def send(self, letter: Letter) -> Outcome:
        """Hand over one mail. A line that broke before the mail was handed over is opened anew once."""
        if self.let_wait:
            return Outcome(Ending.UNREACHABLE, self.let_wait)
        self.until = time.monotonic() + MAIL_SECONDS
        was_open = self.smtp is not None
        outcome = _try(self, letter)
        if was_open and outcome.ending is Ending.UNREACHABLE:
            outcome = _try(self, letter)
        return outcome

    def close(self) -> None:
        """Take leave of the server; whatever all mails wait for, the next one tries anew."""
        self.let_wait = ""
        if self.smtp is not None:
            self.smtp.until = time.monotonic() + QUIT_SECONDS
            with suppress(smtplib.SMTPException, OSError):
                self.smtp.quit()
        _drop(self)


def server(settings: Settings) -> Server:
    """Give the mail server of SANPO_MAIL_URL. Raises SettingsRefused."""
    try:
        parts = urlsplit(settings.mail_url)
        port = parts.port
    except ValueError as error:
        raise _refused() from error
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in {"", "/"}:
        raise _refused()
    return Server(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parse_qs(parts.query).get("starttls") == ["1"],
    )


def line(settings: Settings) -> SmtpLine:
    """Give a line to the mail server, not yet open. Raises SettingsRefused."""
    return SmtpLine(server(settings), sender(settings))


def greet(settings: Settings, *, seconds: float) -> None:
    """Open a line as a mail has it opened, sign in, and take leave: nothing is sent.

    Raises OSError, SMTPException, ValueError for a login that cannot be carried, SettingsRefused.
    """
    opened = SmtpLine(server(settings), Sender("", ""))
    opened.until = time.monotonic() + seconds + DOT_SECONDS
    try:
        code, words = _opened(opened).noop()
        if code not in OK:
            raise smtplib.SMTPResponseException(code, words)
    finally:
        opened.close()


def _try(to: SmtpLine, letter: Letter) -> Outcome:
    was_open = to.smtp is not None
    try:
        return _hand_over(to, _opened(to), letter)
    except OutcomeUnknown as error:
        ending, words = Ending.UNKNOWN, str(error)
    except BrokeOff as error:
        # On a line just opened this mail may be what breaks it: it waits, so that the others can go on.
        ending, words = Ending.UNREACHABLE if was_open else Ending.LATER, str(error)
    except smtplib.SMTPResponseException as error:
        ending, words = Ending.UNREACHABLE, _words(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        # A ValueError is a login that this protocol cannot carry.
        ending, words = Ending.UNREACHABLE, _named(error)
    _drop(to)
    return Outcome(ending, words)


def _opened(line: SmtpLine) -> _Timed:
    until = line.until - DOT_SECONDS
    if line.smtp is not None:
        line.smtp.until = until
        return line.smtp
    at = line.server
    if at.scheme == "smtps":
        context = ssl.create_default_context()
        smtp: _Timed = _TimedOverTls(until, host=at.host, port=at.port, context=context)
    else:
        smtp = _Timed(until, host=at.host, port=at.port)
    line.smtp = smtp
    # The last dot travels by itself: without this it would wait 40 ms for the server's acknowledgement.
    if smtp.sock is not None:
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if at.starttls:
        smtp.starttls(context=ssl.create_default_context())
    if at.user:
        smtp.login(at.user, at.password)
    else:
        smtp.ehlo_or_helo_if_needed()
    return smtp


def _hand_over(line: SmtpLine, smtp: _Timed, letter: Letter) -> Outcome:
    code, words = smtp.mail(line.whose.address)
    if code not in OK:
        # What refuses the sender refuses every mail: no fault of this one.
        raise smtplib.SMTPResponseException(code, words)
    try:
        code, words = smtp.rcpt(letter.to_email)
        if code in OK:
            code, words = smtp.docmd("DATA")
            if code == GO_AHEAD:
                return _data(line, smtp, letter)
    except (smtplib.SMTPException, OSError) as error:
        raise BrokeOff(_named(error)) from error
    if code in SENDER_UNKNOWN:
        raise smtplib.SMTPResponseException(code, words)
    if code == CLOSING or not _is_refusal(code):
        raise BrokeOff(_words(code, words))
    _begin_anew(line, smtp)
    return _not_taken(line, letter, code, words)


def _begin_anew(line: SmtpLine, smtp: smtplib.SMTP) -> None:
    """Forget the mail that was refused. Some servers hang up on a refusal: it stands all the same."""
    try:
        smtp.rset()
    except (smtplib.SMTPException, OSError):
        _drop(line)


def _data(line: SmtpLine, smtp: _Timed, letter: Letter) -> Outcome:
    # As long as the last dot has not been sent, the server has nothing: a break until here is harmless.
    # No line of a letter begins with a dot (its bodies are base64), so nothing needs to be quoted.
    smtp.send(letter.content)
    smtp.until = line.until
    try:
        smtp.send(b".\r\n")
        code, words = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise OutcomeUnknown(f"no answer after the whole mail: {type(error).__name__}") from error
    if code in OK:
        line.barred.clear()
        return Outcome(Ending.SENT, "")
    if not _is_refusal(code):
        raise OutcomeUnknown(f"no answer one can read after the whole mail: {_words(code, words)}")
    return _not_taken(line, letter, code, words)


def _is_refusal(code: int) -> bool:
    return PUT_OFF <= code < PAST_ALL


def _not_taken(line: SmtpLine, letter: Letter, code: int, words: bytes) -> Outcome:
    said = _words(code, words)
    if code < REFUSALS:
        return Outcome(Ending.LATER, said)
    if not POLICY.search(said.partition(" ")[2]):
        return Outcome(Ending.REFUSED, said)
    line.barred.add(letter.to_email.rpartition("@")[2].lower())
    if len(line.barred) >= DOMAINS_OF_ALL:
        line.let_wait = said
    return Outcome(Ending.LATER, said)


def _left(until: float) -> float:
    if (seconds := until - time.monotonic()) <= 0:
        raise TimeoutError("the mail server is too slow")
    return seconds


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"


def _drop(line: SmtpLine) -> None:
    if line.smtp is not None:
        line.smtp.close()
        line.smtp = None


def _refused() -> SettingsRefused:
    # The value is not shown: it may hold a password.
    return SettingsRefused(
        "SANPO_MAIL_URL: must read smtp://[user:password@]host:port[?starttls=1], smtps://… or https://key@host/path"
    )
