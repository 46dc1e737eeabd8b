"""Turns the facts of a mail into subject, text and simple HTML; the templates are in templates/email."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from sqlalchemy.orm import Session

from assessments import genuine
from assessments.models import Campaign
from portal import mail_facts
from portal.mail_facts import Gathered, MailFacts
from portal.settings import Settings

TEMPLATES = Path(__file__).parent.parent / "templates" / "email"
SUBJECT, TEST = "Subject: ", "test_mail"
# Joiners, letters of private use, and what Unicode has not given away yet: they have no place in a header.
UNSEEN = frozenset({"Cf", "Co", "Cn"})
HEADING = {"ja": "■ ", "en": "## "}
URL = re.compile(r"https?://[^\s<>\"、。）」]+")
SAMPLE = {
    "ja": {
        "supplier": "（取引先の名前）",
        "name": "（窓口の方のお名前）",
        "link": "（取引先ごとのリンクがここに入ります）",
        "consultation_url": "（ご相談のページのリンクがここに入ります）",
        "number": "（取引先ごとの受付番号）",
        "invitation_on": "（依頼をお送りする日）",
    },
    "en": {
        "supplier": "(name of the supplier)",
        "name": "(name of the contact)",
        "link": "(each supplier's own link stands here)",
        "consultation_url": "(the link to the consultation page stands here)",
        "number": "(each supplier's own reference number)",
        "invitation_on": "(the day of the request)",
    },
}


class NotOneLine(Exception):
    """A header would have held a line break."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a mail says; may hold markers for secrets until `filled`."""

    subject: str
    text: str
    html: str

    def filled(self, secrets: Mapping[str, str]) -> "Rendered":
        """Put the secrets in the places of their markers."""
        subject, text, html = self.subject, self.text, self.html
        for marker, secret in secrets.items():
            subject, text, html = (part.replace(marker, secret) for part in (subject, text, html))
        return Rendered(subject, text, html)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, or a paragraph as lines of (text, address or nothing)."""

    heading: str
    lines: tuple[tuple[tuple[str, str], ...], ...]


def write(of: Gathered, message_id: int, settings: Settings, *, now: datetime) -> tuple[MailFacts, Rendered]:
    """Write the mail of a message. Raises Withdrawn, and as `render` does."""
    facts = mail_facts.facts_of(of, message_id, settings, now=now)
    campaign = of.sources[message_id].campaign
    if facts.kind == TEST and campaign is not None:
        shown = _sample(of, campaign, settings, facts.language)
        values = {**facts.values, "invitation_subject": shown.subject, "invitation": shown.text}
        facts = replace(facts, values=values)
    return facts, render(facts)


def render(facts: MailFacts) -> Rendered:
    """Write a mail. Raises NotOneLine for a subject with a line break, TemplateNotFound for another kind."""
    subject, body = _parts(facts.kind, facts.language)
    line = _shown(subject.render(facts.values))
    if "\n" in line or "\r" in line:
        raise NotOneLine
    return _finished(line, body.render(facts.values), facts)


def preview(
    session: Session,
    campaign: Campaign,
    settings: Settings,
    *,
    language: str,
    real: Mapping[str, str] | None = None,
) -> Rendered:
    """Write a campaign's invitation as a supplier would get it, without a link that works.

    `real` are values of one supplier in place of the words that stand for any.
    """
    of = mail_facts.gather(session, [], campaigns=[campaign])
    return _sample(of, campaign, settings, language, real)


def preview_notice(session: Session, campaign: Campaign, settings: Settings, *, language: str) -> Rendered:
    """Write the notice before a campaign's invitation as a supplier would get it."""
    words = SAMPLE["en" if language == "en" else "ja"]
    of = mail_facts.gather(session, [], campaigns=[campaign])
    facts = mail_facts.sample_of(of, campaign, settings, language=language, words=words)
    return render(replace(facts, kind=genuine.NOTICE, fairness=()))


def _sample(
    of: Gathered,
    campaign: Campaign,
    settings: Settings,
    language: str,
    real: Mapping[str, str] | None = None,
) -> Rendered:
    words = SAMPLE["en" if language == "en" else "ja"] | dict(real or {})
    return render(mail_facts.sample_of(of, campaign, settings, language=language, words=words))


def _shown(line: str) -> str:
    """Give a subject that every header can hold: 株式会社　青葉 has a space of full width in it."""
    kinds = [(letter, unicodedata.category(letter)) for letter in line]
    return "".join(" " if kind == "Zs" else letter for letter, kind in kinds if kind not in UNSEEN)


def _finished(subject: str, body: str, facts: MailFacts) -> Rendered:
    language = facts.language
    promises = [f"{HEADING[language]}{title}\n{text}" for title, text in facts.fairness]
    end = "" if facts.kind == TEST else _template(f"_end.{language}.txt").render(facts.values)
    parts = ("\n".join(part.splitlines()) for part in (body, *promises, end))
    text = "\n\n".join(part.strip() for part in parts).strip() + "\n"
    layout = _template("layout.html")
    html = layout.render(language=language, subject=subject, blocks=_blocks(text, HEADING[language]))
    return Rendered(subject, re.sub(r"\n{3,}", "\n\n", text), html)


def _blocks(text: str, mark: str) -> list[Block]:
    return [_block(part.strip().split("\n"), mark) for part in re.split(r"\n{2,}", text) if part.strip()]


def _block(lines: list[str], mark: str) -> Block:
    heading = lines[0].removeprefix(mark) if lines[0].startswith(mark) else ""
    return Block(heading, tuple(_pieces(line) for line in (lines[1:] if heading else lines)))


def _pieces(line: str) -> tuple[tuple[str, str], ...]:
    pieces, end = [], 0
    for found in URL.finditer(line):
        pieces += [(line[end : found.start()], ""), (found[0], found[0])]
        end = found.end()
    return tuple(piece for piece in (*pieces, (line[end:], "")) if piece[0])


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"], default_for_string=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _parts(kind: str, language: str) -> tuple[Template, Template]:
    environment = _environment()
    name = f"{kind}.{language}.txt"
    source, _path, _is_current = environment.loader.get_source(environment, name)  # type: ignore[union-attr]  # set above
    first, _, rest = source.partition("\n")
    return environment.from_string(first.removeprefix(SUBJECT)), environment.from_string(rest)
