"""Reads what a mail server reports of a mail that it could not deliver (RFC 3464); looks nothing up."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Mail

MOST_BYTES = 10_000_000
STATUS, ORIGINALS = "message/delivery-status", ("message/rfc822", "text/rfc822-headers")
FAILED = "failed"
NO_WORDS = "returned as undeliverable"


class NotAReport(Exception):
    """What was given is no report about a mail's delivery."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient that was given up on: under which addresses it is named, and the server's words."""

    addresses: frozenset[str]
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report: whose mail it is about, if it says so, and who did not get it; a delay is no failure."""

    message_id: str | None
    failures: tuple[Failure, ...]


def read(content: bytes) -> Report:
    """Read a report as a mail server sends it. Raises NotAReport."""
    if len(content) > MOST_BYTES:
        raise NotAReport(f"a report has no more than {MOST_BYTES} bytes")
    try:
        mail = message_from_bytes(content)
        parts = list(_parts(mail))
    except RecursionError as error:
        raise NotAReport("its parts are nested too deep") from error
    groups = [group for part in parts if part.get_content_type() == STATUS for group in _groups(part)]
    recipients = [group for group in groups if "Action" in group and "Final-Recipient" in group]
    if not recipients:
        raise NotAReport("this is no delivery status notification (RFC 3464)")
    return Report(_message_id(mail, parts, groups), tuple(_failures(recipients)))


def _parts(mail: Mail) -> Iterator[Mail]:
    """Give the parts of a mail, but not those of a mail that it encloses."""
    if mail.get_content_maintype() != "multipart" or not mail.is_multipart():
        yield mail
        return
    for part in _enclosed(mail):
        yield from _parts(part)


def _enclosed(part: Mail) -> list[Mail]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Mail)] if isinstance(payload, list) else []


def _groups(part: Mail) -> list[Mail]:
    """Give the groups of fields of a status part: first of the mail, then of each recipient."""
    return _enclosed(part)


def _failures(recipients: list[Mail]) -> Iterator[Failure]:
    for group in recipients:
        if _field(group, "Action").lower() == FAILED:
            named = (_typed(_field(group, name)) for name in ("Final-Recipient", "Original-Recipient"))
            addresses = frozenset(address.strip("<> ").lower() for address in named if address)
            yield Failure(addresses, _words(group))


def _words(group: Mail) -> str:
    """Give the server's words with the code that says why, such as 5.1.1."""
    said, status = _typed(_field(group, "Diagnostic-Code")), _field(group, "Status").split(" ")[0]
    words = said or NO_WORDS
    return words if not status or status in words else f"{words} ({status})"


def _message_id(mail: Mail, parts: list[Mail], groups: list[Mail]) -> str | None:
    """Find the mail the report is about: in what is sent back of it, else in what refers to it."""
    originals = [part for part in parts if part.get_content_type() in ORIGINALS]
    named = [_field(original, "Message-ID") for part in originals for original in _original(part)]
    named += [_field(group, "X-Original-Message-ID") for group in groups]
    named.append(_field(mail, "In-Reply-To"))
    return next((one for one in named if one), None)


def _original(part: Mail) -> list[Mail]:
    enclosed = _enclosed(part)
    if enclosed:
        return enclosed
    content = part.get_payload(decode=True)
    return [message_from_bytes(content)] if isinstance(content, bytes) else []


def _field(group: Mail, name: str) -> str:
    return " ".join(str(group.get(name, "")).split())


def _typed(value: str) -> str:
    """Give a value without the type before it: `rfc822; taro@aoba.example`, `smtp; 550 …`."""
    kind, separator, rest = value.partition(";")
    return rest.strip() if separator and " " not in kind.strip() else value
