"""From one set of answers to the public schemes: requirements reached, steps done; never a point."""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assessments import schemes
from assessments.models import SecurityActionDeclaration
from assessments.questionnaire_content import Content, QuestionContent
from assessments.schemes import Basic, Requirement
from scoring import crosswalk
from scoring.crosswalk import Reach
from scoring.scale import AnswerCode, Codes

IMPLEMENTED, PARTIAL, ABSENT = (
    code.word for code in (AnswerCode.IMPLEMENTED, AnswerCode.PARTIAL, AnswerCode.ABSENT)
)


class NotAsked(enum.StrEnum):
    """Why nothing is known: no question touches it, none was asked this time, or the thing is absent."""

    UNTOUCHED = "untouched"
    THIS_TIME = "this_time"
    ABSENT = "absent"


class Step(enum.StrEnum):
    """済み, 一部, これから, お聞きしていません."""

    DONE = "done"
    PARTLY = "partly"
    MISSING = "missing"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Touch:
    """A question that belongs to a requirement.

    `code` None: not asked this time; `direct`: it stands for the requirement itself, not only for a part.
    """

    question: QuestionContent
    code: str | None
    direct: bool


@dataclass(frozen=True, slots=True)
class RequirementStanding:
    """How far a requirement is reached by the supplier's word, and by which answers."""

    requirement: Requirement
    reach: Reach
    not_asked: NotAsked | None
    touches: tuple[Touch, ...]

    @property
    def open_touches(self) -> tuple[Touch, ...]:
        """The questions asked whose answers hold it back."""
        return tuple(one for one in self.touches if one.code not in {None, IMPLEMENTED, ABSENT})

    @property
    def done(self) -> int:
        """How many of its questions are implemented."""
        return sum(one.code == IMPLEMENTED for one in self.touches)

    @property
    def not_asked_now(self) -> int:
        """How many of its questions were not asked this time."""
        return sum(one.code is None for one in self.touches)

    @property
    def has_direct(self) -> bool:
        """Whether any question stands for the requirement itself."""
        return any(one.direct for one in self.touches)


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """The requirements of star 3 beside one set of answers."""

    lines: tuple[RequirementStanding, ...]

    def count(self, reach: Reach) -> int:
        """How many requirements stand so."""
        return sum(one.reach is reach for one in self.lines)

    @property
    def remaining(self) -> int:
        """How many are still to go, those nobody asked about among them."""
        return len(self.lines) - self.count(Reach.DECLARED)


@dataclass(frozen=True, slots=True)
class BasicStep:
    """A basic of one star with its question and answer; no question where the questionnaire has none."""

    basic: Basic
    question: QuestionContent | None
    step: Step


@dataclass(frozen=True, slots=True)
class Readiness:
    """What one star and two stars of SECURITY ACTION ask, as far as answers and records tell."""

    basics: tuple[BasicStep, ...]
    self_check: Step
    policy_set: Step
    policy_published: Step

    @property
    def begun(self) -> int:
        """How many basics are done at least in part."""
        return sum(one.step in {Step.DONE, Step.PARTLY} for one in self.basics)

    @property
    def missing_for_two(self) -> int:
        """How many of the three steps of two stars are not done."""
        return sum(
            step is not Step.DONE for step in (self.self_check, self.policy_set, self.policy_published)
        )


def reaches(content: Content, codes: Codes) -> Codes:
    """Give the reach of each star-3 requirement by assessment, A×26, from packed answers A×Q."""
    return crosswalk.reach(_mapping(content), codes)


def star3(content: Content, answers: Mapping[str, str]) -> Crosswalk:
    """Give the requirements of star 3 beside one set of answer words by key, the asked ones only."""
    row = [AnswerCode[answers.get(one.key, "not_asked").upper()] for one in content.scored]
    found = reaches(content, [row])[0].tolist()  # type: ignore[arg-type]  # a row of codes is an array of them
    return Crosswalk(
        tuple(
            _standing(content, requirement, Reach(number), answers)
            for requirement, number in zip(schemes.requirements().star3, found, strict=True)
        )
    )


def security_action(
    content: Content, answers: Mapping[str, str], declared: SecurityActionDeclaration | None
) -> Readiness:
    """Give how far the steps of SECURITY ACTION are done by answer words and what was declared."""
    words = schemes.self_declaration()
    by_item = {one.official_item: one for one in content.scored if one.official_item is not None}
    is_published = declared is not None and declared.policy_url != ""
    said = [answers[key] for key in sorted(words.policy_questions) if key in answers]
    return Readiness(
        basics=tuple(_basic(one, by_item.get(one.official_item), answers) for one in words.basics),
        self_check=_self_check(by_item.values(), answers),
        policy_set=Step.DONE if is_published else _furthest(said),
        policy_published=Step.DONE if is_published else Step.MISSING,
    )


def touching(content: Content, requirement: Requirement) -> tuple[tuple[QuestionContent, bool], ...]:
    """Give the questions of a requirement in order, and whether each stands for it and not for a part."""
    return tuple(
        (one, requirement.id in one.requirements.get("direct", ()))
        for one in content.scored
        if _touches(one, requirement)
    )


_mappings: dict[str, crosswalk.Mapping] = {}


def _mapping(content: Content) -> crosswalk.Mapping:
    found = _mappings.get(content.content_checksum)
    if found is None:
        wanted = schemes.requirements().star3
        direct, partial = (_rows(content, wanted, kind) for kind in ("direct", "partial"))
        found = _mappings[content.content_checksum] = crosswalk.mapping_of(direct, partial)
    return found


def _rows(content: Content, wanted: Iterable[Requirement], kind: str) -> list[list[bool]]:
    return [
        [requirement.id in one.requirements.get(kind, ()) for one in content.scored] for requirement in wanted
    ]


def _touches(question: QuestionContent, requirement: Requirement) -> bool:
    return any(requirement.id in question.requirements.get(kind, ()) for kind in ("direct", "partial"))


def _standing(
    content: Content, requirement: Requirement, reach: Reach, answers: Mapping[str, str]
) -> RequirementStanding:
    touches = tuple(
        Touch(question, answers.get(question.key), direct)
        for question, direct in touching(content, requirement)
    )
    return RequirementStanding(
        requirement, reach, _why_not_asked(touches) if reach is Reach.NOT_ASKED else None, touches
    )


def _why_not_asked(touches: tuple[Touch, ...]) -> NotAsked:
    if not touches:
        return NotAsked.UNTOUCHED
    return NotAsked.ABSENT if any(one.code == ABSENT for one in touches) else NotAsked.THIS_TIME


def _self_check(items: Iterable[QuestionContent], answers: Mapping[str, str]) -> Step:
    given = [one.key in answers for one in items]
    return Step.DONE if given and all(given) else Step.NOT_ASKED


def _basic(basic: Basic, question: QuestionContent | None, answers: Mapping[str, str]) -> BasicStep:
    code = answers.get(question.key) if question else None
    return BasicStep(basic, question, _furthest([code] if code else []))


def _furthest(codes: Iterable[str]) -> Step:
    """The furthest of some answers; an absent thing asks for nothing, so it counts as done."""
    steps = {
        Step.DONE if code in {IMPLEMENTED, ABSENT} else Step.PARTLY if code == PARTIAL else Step.MISSING
        for code in codes
    }
    return next((step for step in (Step.DONE, Step.PARTLY, Step.MISSING) if step in steps), Step.NOT_ASKED)
