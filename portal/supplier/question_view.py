"""Questions as the page's macro wants them: the fixed words once a language, the answers each time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assessments.answers import Given
from assessments.models import Answer
from assessments.own_view import OwnEarlierAnswer
from assessments.questionnaire_content import ChoiceContent, Content, QuestionContent, SectionContent
from assessments.responses import given_of
from assessments.text import Text
from portal import filters
from portal.question_form import QuestionField


@dataclass(frozen=True, slots=True)
class Offered:
    """A choice as shown."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """The fixed words of a question in one language."""

    name: str
    kind: str
    number: str
    title: str
    prompt: str
    why: str
    implemented: str
    partial: str
    example: str
    evidence: str
    first_step: str
    find_out: str
    absent_when: str
    allows_absent: bool
    is_required: bool
    unit: str
    other: bool
    max_length: int
    choices: tuple[Offered, ...]


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """What stands, or was typed. In the profile `supports` are several choices and `comment` the words."""

    code: str
    reason: str
    supports: tuple[str, ...]
    comment: str
    version: int


@dataclass(frozen=True, slots=True)
class ShownEarlier:
    """What was said last time, and when."""

    code: str
    label: str
    when: str


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question on the page with its answer, errors, the reader's remark and last time's answer."""

    q: ShownQuestion
    answer: ShownAnswer
    errors: tuple[str, ...]
    remark: str
    previous: ShownEarlier | None


def shown_questions(content: Content, section: SectionContent) -> tuple[ShownQuestion, ...]:
    """Give the fixed words of a page's questions in the page's language, made once."""
    language = filters.language()
    name = (content.content_checksum, section.key, language)
    if name not in _kept:
        _kept[name] = tuple(_shown(question, language) for question in section.questions)
    return _kept[name]


def asked_questions(
    content: Content,
    section: SectionContent,
    answers: Mapping[str, Answer],
    *,
    remarks: Mapping[str, str],
    earlier: Mapping[str, OwnEarlierAnswer],
    typed: Mapping[str, QuestionField] | None = None,
) -> list[AskedQuestion]:
    """Give a page's questions with what stands for each; refused fields show what was typed."""
    refused = {key: field for key, field in (typed or {}).items() if field.errors}
    return [
        AskedQuestion(
            q=question,
            answer=_answer(answers.get(question.name), refused.get(question.name)),
            errors=tuple(str(words) for words in refused[question.name].errors)
            if question.name in refused
            else (),
            remark=remarks.get(question.name, ""),
            previous=_earlier(content, earlier.get(question.name)),
        )
        for question in shown_questions(content, section)
    ]


def offered(choices: Sequence[ChoiceContent], *, short: bool = False) -> tuple[Offered, ...]:
    """Give choices with their words in the page's language."""
    language = filters.language()
    return tuple(
        Offered(choice.code, (choice.short if short else choice.label).in_(language)) for choice in choices
    )


def shown_answer(given: Given, version: int) -> ShownAnswer:
    """Give what was said as the page's controls hold it."""
    if given.code is not None or given.value is None:
        return ShownAnswer(given.code or "", given.reason or "", given.supports, given.comment, version)
    value = given.value
    if isinstance(value, Mapping):
        return ShownAnswer(
            value.get("code") or "", "", tuple(value.get("codes", ())), value.get("other") or "", version
        )
    return ShownAnswer("", "", (), str(value), version)


def month(moment: datetime) -> str:
    """Show 2025年11月, or Nov 2025."""
    local = moment.astimezone(filters.zone())
    return f"{local:%b %Y}" if filters.language() == "en" else f"{local.year}年{local.month}月"


def number(question: QuestionContent) -> str:
    """Show No.7 for one of the 25 items."""
    return f"No.{question.official_item}" if question.official_item else ""


_kept: dict[tuple[str, str, str], tuple[ShownQuestion, ...]] = {}
_NOTHING = Text("", "")


def _shown(question: QuestionContent, language: str) -> ShownQuestion:
    words = {
        name: question.guidance.get(name, _NOTHING).in_(language)
        for name in (
            "why",
            "implemented",
            "partial",
            "example",
            "evidence",
            "first_step",
            "find_out",
            "absent_when",
        )
    }
    return ShownQuestion(
        name=question.key,
        kind=question.kind,
        number=number(question),
        title=question.name.in_(language),
        prompt=question.prompt.in_(language),
        allows_absent=question.allows_absent,
        is_required=question.required,
        unit=question.unit.in_(language) if question.unit else "",
        other=question.other,
        max_length=question.max_length or 500,
        choices=tuple(Offered(choice.code, choice.short.in_(language)) for choice in question.choices),
        **words,
    )


def _answer(standing: Answer | None, refused: QuestionField | None) -> ShownAnswer:
    if refused is not None:
        return shown_answer(refused.data, refused.expected)
    if standing is None:
        return _UNANSWERED
    return shown_answer(given_of(standing), standing.revision)


def _earlier(content: Content, found: OwnEarlierAnswer | None) -> ShownEarlier | None:
    if found is None:
        return None
    labels: dict[str, Any] = {choice.code: choice.short for choice in content.answers}
    return ShownEarlier(found.code, labels[found.code].in_(filters.language()), month(found.submitted_at))


_UNANSWERED = ShownAnswer("", "", (), "", 0)
