"""A submission as the buyer's reader sees it: answers by page, with reasons, wishes, remarks and changes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assessments.models import Review, Submission
from assessments.questionnaire_content import ChoiceContent, Content, QuestionContent, SectionContent
from assessments.questionnaires import Published
from assessments.text import Text


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reader asked about a question, and when."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AnswerRead:
    """One answer: `code` for scored questions, `value` as texts for the profile; `before` if it changed."""

    question: QuestionContent
    code: str | None
    value: tuple[Text, ...]
    reason: Text | None
    supports: tuple[Text, ...]
    comment: str
    before: str | None
    remarks: tuple[Remark, ...]

    @property
    def wants_a_look(self) -> bool:
        """Whether there is more to read than the choice: a comment, a change, a thing absent, a remark."""
        return bool(self.comment or self.before or self.remarks or self.code == "absent")


@dataclass(frozen=True, slots=True)
class SectionRead:
    """One page of the questionnaire with its answers."""

    section: SectionContent
    answers: tuple[AnswerRead, ...]


def said_in(submission: Submission) -> Mapping[str, Mapping[str, Any]]:
    """Give the scored answers of a submission by question key."""
    answers: Mapping[str, Mapping[str, Any]] = json.loads(submission.content)["answers"]
    return answers


def head_count(content: Content, profile: Mapping[str, object]) -> int | None:
    """Give the head count of a profile; None where there is none."""
    counted = head_count_question(content)
    found = profile.get(counted.key) if counted else None
    return found if isinstance(found, int) else None


def head_count_question(content: Content) -> QuestionContent | None:
    """Give the question about the head count: the first number that must be given."""
    return next((one for one in content.questions() if one.kind == "number" and one.required), None)


def read(
    published: Published, submission: Submission, *, earlier: Submission | None, reviews: list[Review]
) -> tuple[SectionRead, ...]:
    """Give what was submitted, page by page; `earlier` is the submission before it in the same assessment."""
    content, said = published.content, json.loads(submission.content)
    before = said_in(earlier) if earlier else {}
    remarks = _remarks(published, reviews)
    return tuple(
        SectionRead(
            section=section,
            answers=tuple(
                _answer(content, question, said, before, remarks.get(question.key, ()))
                for question in section.questions
            ),
        )
        for section in content.asked(said["axes"])
    )


def _answer(
    content: Content,
    question: QuestionContent,
    said: Mapping[str, Any],
    before: Mapping[str, Mapping[str, Any]],
    remarks: tuple[Remark, ...],
) -> AnswerRead:
    given = said["answers"].get(question.key, {})
    old = before.get(question.key, {}).get("code")
    return AnswerRead(
        question=question,
        code=given.get("code"),
        value=_value(question, said["profile"].get(question.key)),
        reason=next(iter(_labels(content.reasons, [given.get("reason")])), None),
        supports=_labels(content.supports, given.get("supports") or []),
        comment=given.get("comment") or "",
        before=old if old and old != given.get("code") else None,
        remarks=remarks,
    )


def _value(question: QuestionContent, value: Any) -> tuple[Text, ...]:
    """A value of the profile as texts: a number with its unit, words, the labels of choices."""
    if value is None:
        return ()
    if not isinstance(value, dict):
        unit = question.unit or Text("", "")
        return (Text(f"{value:,}{unit.ja}", f"{value:,} {unit.en}") if question.unit else _same(str(value)),)
    chosen = _labels(question.choices, value.get("codes") or [value.get("code")])
    return chosen + ((_same(value["other"]),) if value.get("other") else ())


def _labels(choices: tuple[ChoiceContent, ...], codes: list[Any]) -> tuple[Text, ...]:
    return tuple(choice.label for choice in choices if choice.code in codes)


def _same(words: str) -> Text:
    return Text(words, words)


def _remarks(published: Published, reviews: list[Review]) -> dict[str, tuple[Remark, ...]]:
    found: dict[str, list[Remark]] = {}
    for review in reviews:
        for one in review.comments:
            found.setdefault(published.keys[one.question_id], []).append(
                Remark(one.comment, review.reviewed_at)
            )
    return {key: tuple(remarks) for key, remarks in found.items()}
