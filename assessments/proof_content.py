"""Kinds of certificates with the questions they cover, and how the sample to ask is drawn, as content."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from assessments.content_files import read_yaml
from assessments.questionnaire_content import Content, QuestionContent
from assessments.text import Text, text_of


@dataclass(frozen=True, slots=True)
class Certificate:
    """A kind of certificate or report; `covers` gives by question key which part of it says so, "" for all.

    `kind` is `certificate` or `report`; `months` how long one usually runs; `check` marks facts as 要確認.
    """

    key: str
    kind: str
    name: Text
    gloss: Text
    months: int
    check: bool
    source: Text | None
    address: str
    covers: Mapping[str, str]

    def questions(self, content: Content) -> list[QuestionContent]:
        """Give the scored questions of a questionnaire that it covers, in order."""
        return [question for question in content.scored if question.key in self.covers]


@dataclass(frozen=True, slots=True)
class Certificates:
    """All kinds in order, with what is ours about the mapping."""

    as_of: date
    ours: Text
    scope_check: Text
    kinds: tuple[Certificate, ...]

    def find(self, key: str) -> Certificate | None:
        """Give a kind by its key."""
        return next((one for one in self.kinds if one.key == key), None)


@dataclass(frozen=True, slots=True)
class SampleRules:
    """How many to ask: whole percents of the candidates and of the sample; and about how many questions."""

    largest_share: int
    at_random: int
    most_questions: int
    reason: Text


@cache
def certificates() -> Certificates:
    """Read the kinds; raises KeyError where something is missing."""
    raw = read_yaml("certificates.yaml")
    return Certificates(
        as_of=raw["as_of"],
        ours=text_of(raw["ours"]),
        scope_check=text_of(raw["scope_check"]),
        kinds=tuple(_certificate(entry) for entry in raw["kinds"]),
    )


@cache
def sample_rules() -> SampleRules:
    """Read how the sample is drawn."""
    raw = read_yaml("proof_sample.yaml")
    return SampleRules(
        largest_share=int(raw["largest_share"]),
        at_random=int(raw["at_random"]),
        most_questions=int(raw["most_questions"]),
        reason=text_of(raw["reason"]),
    )


def _certificate(raw: Mapping[str, Any]) -> Certificate:
    source = raw["source"]
    return Certificate(
        key=raw["key"],
        kind=raw["kind"],
        name=text_of(raw["name"]),
        gloss=text_of(raw["gloss"]),
        months=int(raw["months"]),
        check=bool(raw["check"]),
        source=text_of(source["name"]) if source else None,
        address=source["address"] if source else "",
        covers=_covers(raw["covers"]),
    )


def _covers(raw: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    return {entry["question"]: str(entry["basis"]) for entry in raw}
