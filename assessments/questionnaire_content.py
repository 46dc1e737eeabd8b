"""The content of a questionnaire as frozen objects: built from its YAML or from a published version alike."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assessments.content_files import questionnaire_names, read_yaml
from assessments.text import Text, text_of

GUIDANCE = ("why", "implemented", "partial", "example", "evidence", "first_step", "find_out", "absent_when")


class UnknownQuestionnaire(Exception):
    """No questionnaire of this name is shipped."""


@dataclass(frozen=True, slots=True)
class ChoiceContent:
    """A choice: its code and how it reads; `short` and `hint` where the content has them."""

    code: str
    label: Text
    short: Text
    hint: Text | None


@dataclass(frozen=True, slots=True)
class QuestionContent:
    """One question. `kind` is `scored` or a profile kind; `guidance` is by name (why, first_step, …)."""

    key: str
    position: int
    section: str
    axis: str | None
    kind: str
    name: Text
    prompt: Text
    guidance: Mapping[str, Text]
    weight: int
    essential: bool
    allows_absent: bool
    official_item: int | None
    target: str
    target_star4: str
    requirements: Mapping[str, tuple[str, ...]]
    benchmark: str | None
    required: bool
    other: bool
    unit: Text | None
    minimum: int | None
    maximum: int | None
    max_length: int | None
    choices: tuple[ChoiceContent, ...]

    @property
    def is_scored(self) -> bool:
        """True for the questions that count."""
        return self.kind == "scored"


@dataclass(frozen=True, slots=True)
class SectionContent:
    """A page: the profile (no axis) or a domain."""

    key: str
    axis: str | None
    title: Text
    intro: Text
    questions: tuple[QuestionContent, ...]


@dataclass(frozen=True, slots=True)
class AxisContent:
    """An axis, its domains in order, and when it is asked (`always`, or exposure minima in `when`)."""

    key: str
    title: Text
    domains: tuple[str, ...]
    always: bool
    when: Mapping[str, int]
    reason: Text


@dataclass(frozen=True)
class Content:
    """A whole questionnaire; `raw` is the canonical map behind the checksums."""

    raw: Mapping[str, Any]
    name: str
    version: str
    title: Text
    intro: Text
    minutes_per_question: float
    sections: tuple[SectionContent, ...]
    axes: tuple[AxisContent, ...]
    answers: tuple[ChoiceContent, ...]
    reasons: tuple[ChoiceContent, ...]
    supports: tuple[ChoiceContent, ...]
    model: Mapping[str, Any]

    @cached_property
    def by_key(self) -> Mapping[str, QuestionContent]:
        """Every question by its key."""
        return {question.key: question for question in self.questions()}

    @cached_property
    def scored(self) -> tuple[QuestionContent, ...]:
        """The scored questions in order: the columns of every packed vector."""
        return tuple(question for question in self.questions() if question.is_scored)

    @cached_property
    def section_by_key(self) -> Mapping[str, SectionContent]:
        """Every section by its key."""
        return {section.key: section for section in self.sections}

    @cached_property
    def content_checksum(self) -> str:
        """SHA-256 over everything."""
        return digest(self.raw)

    @cached_property
    def scoring_checksum(self) -> str:
        """SHA-256 over what scores: keys, order, weights, essentials, targets, choices, model, sets."""
        return digest(
            {
                "questions": [scoring_facts(question) for question in self.scored],
                "answers": [choice.code for choice in self.answers],
                "axes": [{"key": axis.key, "domains": list(axis.domains)} for axis in self.axes],
                "model": dict(self.model),
            }
        )

    def questions(self) -> Iterator[QuestionContent]:
        """Give all questions, page by page."""
        for section in self.sections:
            yield from section.questions

    def asked(self, axes: list[str]) -> tuple[SectionContent, ...]:
        """Give the sections asked when `axes` are asked: the profile always, the domains of those axes."""
        return tuple(section for section in self.sections if section.axis is None or section.axis in axes)


def digest(value: Any) -> str:
    """Give the SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def canonical(value: Any) -> str:
    """Give the one JSON text of a value: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def scoring_facts(question: QuestionContent) -> dict[str, Any]:
    """Give what the arithmetic knows of a question, as exported."""
    return {
        "key": question.key,
        "axis": question.axis,
        "domain": question.section,
        "weight": question.weight,
        "essential": question.essential,
        "target": question.target,
        "target_star4": question.target_star4,
        "allows_absent": question.allows_absent,
        "official_item": question.official_item,
    }


def meaning_hash(question: QuestionContent) -> str:
    """Give the hash of what a Japanese reader is asked: prompt and choices."""
    return digest([question.prompt.ja, [[choice.code, choice.label.ja] for choice in question.choices]])


def read(name: str) -> Content:
    """Read a shipped questionnaire from its files; raises UnknownQuestionnaire."""
    if name not in questionnaire_names():
        raise UnknownQuestionnaire(name)
    folder = f"questionnaires/{name}"
    raw = {
        "questionnaire": read_yaml(f"{folder}/questionnaire.yaml"),
        "model": read_yaml(f"{folder}/model.yaml"),
        "answers": read_yaml(f"{folder}/answers.yaml"),
    }
    raw["sections"] = [read_yaml(f"{folder}/{key}.yaml") for key in raw["questionnaire"]["sections"]]
    return build(json.loads(canonical(raw)))


def build(raw: Mapping[str, Any]) -> Content:
    """Build the objects from the canonical map; raises KeyError where a text is missing."""
    head = raw["questionnaire"]
    answers = tuple(_choice(entry) for entry in raw["answers"]["answers"])
    sections: list[SectionContent] = []
    position = 0
    for entry in raw["sections"]:
        section = _section(entry, first_position=position, answers=answers)
        position += len(section.questions)
        sections.append(section)
    return Content(
        raw=raw,
        name=head["name"],
        version=head["version"],
        title=text_of(head["title"]),
        intro=text_of(head["intro"]),
        minutes_per_question=float(head["minutes_per_question"]),
        sections=tuple(sections),
        axes=tuple(_axis(entry, head["parts"]) for entry in head["axes"]),
        answers=answers,
        reasons=tuple(_choice(entry) for entry in raw["answers"]["reasons"]),
        supports=tuple(_choice(entry) for entry in raw["answers"]["supports"]),
        model=raw["model"],
    )


def _choice(raw: Mapping[str, Any]) -> ChoiceContent:
    label = text_of(raw["label"])
    return ChoiceContent(
        code=raw["code"],
        label=label,
        short=text_of(raw["short"]) if "short" in raw else label,
        hint=text_of(raw["hint"]) if "hint" in raw else None,
    )


def _axis(raw: Mapping[str, Any], parts: list[Mapping[str, Any]]) -> AxisContent:
    part = next(entry for entry in parts if entry["axis"] == raw["key"])
    return AxisContent(
        key=raw["key"],
        title=text_of(raw["title"]),
        domains=tuple(raw["domains"]),
        always=bool(part.get("always")),
        when=part.get("when", {}),
        reason=text_of(part["reason"]),
    )


def _section(
    raw: Mapping[str, Any], *, first_position: int, answers: tuple[ChoiceContent, ...]
) -> SectionContent:
    questions = tuple(
        _question(
            entry, section=raw["section"], axis=raw["axis"], position=first_position + i, answers=answers
        )
        for i, entry in enumerate(raw["questions"])
    )
    return SectionContent(
        key=raw["section"],
        axis=raw["axis"],
        title=text_of(raw["title"]),
        intro=text_of(raw["intro"]),
        questions=questions,
    )


def _question(
    raw: Mapping[str, Any],
    *,
    section: str,
    axis: str | None,
    position: int,
    answers: tuple[ChoiceContent, ...],
) -> QuestionContent:
    is_scored = axis is not None
    own_choices = tuple(_choice(entry) for entry in raw.get("choices", ()))
    offered = tuple(choice for choice in answers if choice.code != "absent" or raw.get("allows_absent"))
    return QuestionContent(
        key=raw["key"],
        position=position,
        section=section,
        axis=axis,
        kind="scored" if is_scored else raw["kind"],
        name=text_of(raw["name"]),
        prompt=text_of(raw["prompt"]),
        guidance={name: text_of(raw[name]) for name in GUIDANCE if name in raw},
        weight=int(raw.get("weight", 1)) if is_scored else 0,
        essential=bool(raw.get("essential")),
        allows_absent=bool(raw.get("allows_absent")),
        official_item=raw.get("official_item"),
        target=raw.get("target", "implemented"),
        target_star4=raw.get("target_star4", "implemented"),
        requirements={kind: tuple(ids) for kind, ids in raw.get("requirements", {}).items()},
        benchmark=raw.get("benchmark"),
        required=is_scored or bool(raw.get("required")),
        other=bool(raw.get("other")),
        unit=text_of(raw["unit"]) if "unit" in raw else None,
        minimum=raw.get("min"),
        maximum=raw.get("max"),
        max_length=raw.get("max_length"),
        choices=offered if is_scored else own_choices,
    )
