"""One mail as bytes: strict addresses, headers of one line, text beside simple HTML."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from urllib.parse import urlsplit

from assessments import addresses
from assessments.addresses import NotAnAddress
from portal.settings import Settings, SettingsRefused

LINE_END = "\r\n"
LONGEST_HEADER = 900


class HeaderRefused(Exception):
    """A header would hold a line break or a control letter, or grow beyond all measure."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the address of the envelope and the name shown."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: as bytes for a mail server, in its parts for a provider. `key` is the same at each try."""

    to_email: str
    reply_to: str
    subject: str
    text: str
    html: str
    message_id: str
    key: str
    content: bytes


def sender(settings: Settings) -> Sender:
    """Give the sender of SANPO_MAIL_FROM. Raises SettingsRefused."""
    return _sender(settings.mail_from)


@lru_cache(maxsize=8)
def _sender(mail_from: str) -> Sender:
    name, address = parseaddr(mail_from)
    try:
        _one_line(name)
        return Sender(addresses.normalised(address), name)
    except (NotAnAddress, HeaderRefused) as error:
        raise SettingsRefused(
            f"SANPO_MAIL_FROM: {mail_from!r} is no sender such as `Sanpo <sanpo@buyer.example>`"
        ) from error


def message_id(send_key: str, settings: Settings) -> str:
    """Give the Message-ID of a send key: the same mail has the same one, however often it is tried."""
    host = urlsplit(settings.public_url).hostname or "localhost"
    return f"<{hashlib.sha256(send_key.encode()).hexdigest()[:40]}@{host}>"


def write(
    *,
    to_email: str,
    reply_to: str,
    subject: str,
    text: str,
    html: str,
    send_key: str,
    settings: Settings,
    now: datetime,
) -> Letter:
    """Put a mail together. Raises NotAnAddress, HeaderRefused, SettingsRefused."""
    whose = sender(settings)
    to_email = addresses.normalised(to_email)
    headers = {
        "From": formataddr((whose.name, whose.address)),
        "To": to_email,
        "Subject": _encoded(subject),
        "Date": format_datetime(now),
        "Message-ID": message_id(send_key, settings),
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
    }
    if reply_to:
        # Whoever is in charge has the answer in their own mailbox, and Sanpo may have it beside them.
        whom = dict.fromkeys([addresses.normalised(reply_to), settings.mail_replies])
        headers["Reply-To"] = reply_to = ", ".join(one for one in whom if one)
    boundary = "sanpo-" + hashlib.sha256(f"{send_key}|boundary".encode()).hexdigest()[:24]
    headers["Content-Type"] = f'multipart/alternative; boundary="{boundary}"'
    return Letter(
        to_email=to_email,
        reply_to=reply_to,
        subject=subject,
        text=text,
        html=html,
        message_id=headers["Message-ID"],
        key=hashlib.sha256(f"{send_key}|key".encode()).hexdigest(),
        content=_assembled(headers, boundary, {"plain": text, "html": html}),
    )


def _assembled(headers: dict[str, str], boundary: str, bodies: dict[str, str]) -> bytes:
    parts = [
        LINE_END.join(
            (
                f"--{boundary}",
                f'Content-Type: text/{kind}; charset="utf-8"',
                "Content-Transfer-Encoding: base64",
                "",
                base64.encodebytes(body.replace("\n", LINE_END).encode()).decode().replace("\n", LINE_END),
            )
        )
        for kind, body in bodies.items()
    ]
    head = "".join(f"{name}: {value}{LINE_END}" for name, value in headers.items())
    return (head + LINE_END + "".join(parts) + f"--{boundary}--{LINE_END}").encode("ascii")


@lru_cache(maxsize=256)
def _encoded(words: str) -> str:
    _one_line(words)
    charset = "us-ascii" if words.isascii() else "utf-8"
    return Header(words, charset, header_name="Subject").encode(linesep=LINE_END)


def _one_line(words: str) -> None:
    if len(words) > LONGEST_HEADER or not all(letter.isprintable() for letter in words):
        raise HeaderRefused
