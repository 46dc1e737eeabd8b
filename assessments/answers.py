"""What may be said to a question: checked and made canonical, before anything is written."""

import enum
import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

from assessments.questionnaire_content import ChoiceContent, Content, QuestionContent

LONGEST_COMMENT = 2000
LONGEST_TEXT = 500
LONGEST_OTHER = 100
NOT_PLANNED, PLANNED, ABSENT, OTHER = "not_planned", "planned", "absent", "other"
_DIGITS = re.compile(r"\d{1,9}")


class Fault(enum.StrEnum):
    """Why an answer cannot be kept."""

    NO_SUCH_CHOICE = "no_such_choice"
    ABSENT_WANTS_A_COMMENT = "absent_wants_a_comment"
    TOO_LONG = "too_long"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"


class Refused(Exception):
    """An answer that cannot be kept; `fault` says why, `limit` names the longest length or the range."""

    def __init__(self, fault: Fault, limit: str = "") -> None:
        """Keep why."""
        super().__init__(fault)
        self.fault = fault
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Given:
    """What a person said to one question: `code` to a scored one, `value` to one of the profile.

    Values: an int, a text, {"code", "other"} of a single choice, {"codes", "other"} of a multiple one.
    """

    code: str | None = None
    reason: str | None = None
    supports: tuple[str, ...] = ()
    comment: str = ""
    value: Any = None

    @property
    def is_empty(self) -> bool:
        """True where nothing at all was said."""
        return self.code is None and self.value is None and not self.comment

    @property
    def is_answer(self) -> bool:
        """True where the question has its answer; a comment alone is none."""
        return self.code is not None or self.value is not None

    def as_map(self) -> dict[str, Any]:
        """Give what was said as it stands in a revision."""
        return {**asdict(self), "supports": list(self.supports)}


def checked(content: Content, question: QuestionContent, given: Given) -> Given:
    """Give what was said in its one form; what does not belong to the choice is left out. Raises Refused."""
    comment = _text(given.comment, LONGEST_COMMENT)
    if not question.is_scored:
        return Given(comment=comment, value=_value(question, given.value))
    code = given.code or None
    if code is None:
        return Given(comment=comment)
    _one_of(question.choices, code)
    if code == ABSENT and not comment:
        raise Refused(Fault.ABSENT_WANTS_A_COMMENT)
    return Given(
        code=code,
        reason=_reason(content, given.reason) if code == NOT_PLANNED else None,
        supports=_supports(content, given.supports) if code in {NOT_PLANNED, PLANNED} else (),
        comment=comment,
    )


def _text(typed: str, longest: int) -> str:
    text = typed.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(text) > longest:
        raise Refused(Fault.TOO_LONG, str(longest))
    return text


def _one_of(choices: tuple[ChoiceContent, ...], code: str) -> str:
    if code not in {choice.code for choice in choices}:
        raise Refused(Fault.NO_SUCH_CHOICE)
    return code


def _reason(content: Content, reason: str | None) -> str | None:
    return _one_of(content.reasons, reason) if reason else None


def _supports(content: Content, wanted: tuple[str, ...]) -> tuple[str, ...]:
    for code in wanted:
        _one_of(content.supports, code)
    return tuple(choice.code for choice in content.supports if choice.code in wanted)


def _value(question: QuestionContent, value: Any) -> Any:
    if value in (None, ""):
        return None
    match question.kind:
        case "number":
            return _number(question, value)
        case "single":
            return _single(question, value)
        case "multiple":
            return _multiple(question, value)
        case _:
            return _text(str(value), question.max_length or LONGEST_TEXT) or None


def _number(question: QuestionContent, value: Any) -> int:
    typed = unicodedata.normalize("NFKC", str(value)).replace(",", "").strip()
    unit = question.unit.ja if question.unit else ""
    if not _DIGITS.fullmatch(number := typed.removesuffix(unit).strip()):
        raise Refused(Fault.NOT_A_NUMBER)
    lowest, highest = question.minimum or 0, question.maximum
    if int(number) < lowest or (highest is not None and int(number) > highest):
        raise Refused(
            Fault.OUT_OF_RANGE, f"{lowest:,}–{highest:,}" if highest is not None else f"{lowest:,}–"
        )
    return int(number)


def _single(question: QuestionContent, value: Any) -> dict[str, str] | None:
    code = value.get("code")
    if not code:
        return None
    _one_of(question.choices, code)
    return {"code": code, "other": _other(question, {code}, value)}


def _multiple(question: QuestionContent, value: Any) -> dict[str, Any] | None:
    codes = {_one_of(question.choices, code) for code in value.get("codes", ())}
    if not codes:
        return None
    ordered = [choice.code for choice in question.choices if choice.code in codes]
    return {"codes": ordered, "other": _other(question, codes, value)}


def _other(question: QuestionContent, codes: set[str], value: Any) -> str:
    if not question.other or OTHER not in codes:
        return ""
    return _text(str(value.get("other") or ""), LONGEST_OTHER)
