"""Reads a mail that somebody wrote back; looks nothing up."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.message import Message as Mail
from email.utils import parseaddr
from html.parser import HTMLParser

from assessments.contact_notes import Told
from assessments.models import NoteChannel

MOST_BYTES = 50_000_000
# What Japanese mail programs write goes beyond the letters that these names stand for.
CHARSETS = {"iso-2022-jp": "iso2022_jp_ext", "shift_jis": "cp932", "gb2312": "gb18030"}
MESSAGE_ID = re.compile(r"<[^<>\s]+>")
PLAIN, HTML = "text/plain", "text/html"
# What a browser shows of these is a new line, or nothing.
LINES = frozenset({"br", "p", "div", "tr", "li", "blockquote", "h1", "h2", "h3"})
UNSEEN = frozenset({"style", "script", "head", "title"})


LONGEST_TEXT, LONGEST_PERSON = 2_000, 100
CUT = "［長いため、ここまでを記録しました。続きはメールソフトでご覧ください］"
NOT_KEPT = "［添付ファイルは記録していません：{names}］"
NO_WORDS = "［本文のないメールです］"


class NotAReply(Exception):
    """What was given is no mail that somebody wrote."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail: what it answers, the last named first, who wrote it, its words, and the names of its files."""

    message_id: str
    answers: tuple[str, ...]
    address: str
    name: str
    subject: str
    text: str
    files: tuple[str, ...]
    is_automatic: bool


def read(content: bytes) -> Reply:
    """Read a mail as a mail server hands it over. Raises NotAReply."""
    if len(content) > MOST_BYTES:
        raise NotAReply(f"a mail has no more than {MOST_BYTES} bytes")
    try:
        mail = message_from_bytes(content)
        parts = [part for part in mail.walk() if not part.is_multipart()]
    except RecursionError as error:
        raise NotAReply("its parts are nested too deep") from error
    name, address = parseaddr(_field(mail, "From"))
    if "@" not in address:
        raise NotAReply("it does not say who wrote it")
    return Reply(
        message_id=_field(mail, "Message-ID"),
        answers=tuple(_answers(mail)),
        address=address.lower(),
        name=name,
        subject=_field(mail, "Subject"),
        text=_own_words(_words(parts)),
        files=tuple(_readable(file) for part in parts if (file := part.get_filename())),
        is_automatic=_is_automatic(mail),
    )


def told(reply: Reply, came_on: date, *, answer_on: date) -> Told:
    """Give the contact note that a reply becomes, with the day to answer it."""
    files = [NOT_KEPT.format(names="、".join(reply.files))] if reply.files else []
    whole = "\n\n".join(part for part in (reply.subject, reply.text or NO_WORDS, *files) if part)
    is_long = len(whole) > LONGEST_TEXT
    person = f"{reply.name} <{reply.address}>" if reply.name else reply.address
    return Told(
        happened_on=came_on,
        channel=NoteChannel.MAIL,
        text=f"{whole[: LONGEST_TEXT - len(CUT) - 1]}\n{CUT}" if is_long else whole,
        person=person if len(person) <= LONGEST_PERSON else reply.address[:LONGEST_PERSON],
        next_on=answer_on,
    )


def key(content: bytes, reply: Reply) -> str:
    """Give what tells a mail from every other one, however often it is handed over."""
    return hashlib.sha256(reply.message_id.encode() or content).hexdigest()


def _answers(mail: Mail) -> Iterator[str]:
    for name in ("In-Reply-To", "References"):
        yield from reversed(MESSAGE_ID.findall(str(mail.get(name, ""))))


def _is_automatic(mail: Mail) -> bool:
    """Tell a machine's mail (RFC 3834), as of somebody who is out of office."""
    submitted = _field(mail, "Auto-Submitted").lower()
    precedence = _field(mail, "Precedence").lower()
    is_returned = _field(mail, "Return-Path") == "<>"
    return submitted not in {"", "no"} or precedence in {"bulk", "junk", "auto_reply"} or is_returned


def _words(parts: list[Mail]) -> str:
    """Give the plain text, else what the HTML shows."""
    shown = [part for part in parts if part.get_filename() is None]
    plain = [_decoded(part) for part in shown if part.get_content_type() == PLAIN]
    if any(text.strip() for text in plain):
        return "\n".join(plain)
    return "\n".join(_Shown.of(_decoded(part)) for part in shown if part.get_content_type() == HTML)


def _decoded(part: Mail) -> str:
    content = part.get_payload(decode=True)
    charset = str(part.get_content_charset("utf-8"))
    raw = content if isinstance(content, bytes) else b""
    try:
        return raw.decode(CHARSETS.get(charset, charset), "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _own_words(text: str) -> str:
    """Leave out what is quoted beneath, and letters that no screen shows."""
    lines = [_clean(line) for line in text.replace("\r\n", "\n").split("\n")]
    while lines and (not lines[-1] or lines[-1].startswith((">", "＞"))):
        lines.pop()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _clean(line: str) -> str:
    return "".join(
        letter for letter in line if letter == "\t" or unicodedata.category(letter) != "Cc"
    ).rstrip()


def _field(mail: Mail, name: str) -> str:
    return _readable(mail.get(name, ""))


def _readable(raw: str | Header) -> str:
    """Give a header on one line, its letters decoded as far as they can be."""
    try:
        decoded = str(make_header(decode_header(raw)))
    except (HeaderParseError, LookupError, ValueError):
        decoded = str(raw)
    return _clean(" ".join(decoded.split()))


class _Shown(HTMLParser):
    """Collects what a page shows."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []
        self._unseen = 0

    @classmethod
    def of(cls, page: str) -> str:
        """Give the words of a page."""
        parser = cls()
        parser.feed(page)
        parser.close()
        lines = (" ".join(line.split()) for line in "".join(parser.shown).split("\n"))
        return "\n".join(lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, or what is not seen."""
        self._unseen += tag in UNSEEN
        if tag in LINES:
            self.shown.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End what is not seen."""
        self._unseen -= tag in UNSEEN and self._unseen > 0

    def handle_data(self, data: str) -> None:
        """Take what is seen."""
        if not self._unseen:
            self.shown.append(data.replace("\n", " "))
