"""How the points, scores and levels of a result come about, in whole numbers that a person can add up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assessments import results
from assessments.models import AssessmentResult
from assessments.questionnaire_content import Content, QuestionContent
from assessments.text import Text
from scoring.maturity import Explanation, SetScore, Summary
from scoring.model import PERCENT, Rubric
from scoring.scale import AnswerCode, Assurance, unpack_assurance


@dataclass(frozen=True, slots=True)
class Worth:
    """A question that counts: its answer, that answer's points (`most`: the best answer's), its proof."""

    question: QuestionContent
    code: str
    points: int
    most: int
    weight: int
    assurance: str

    @property
    def weighted(self) -> int:
        """Weight × points."""
        return self.weight * self.points

    @property
    def full_points(self) -> int:
        """Weight × the points of an implemented question."""
        return self.weight * self.most

    @property
    def gain(self) -> int:
        """What an implemented question would add to the sum."""
        return self.full_points - self.weighted


@dataclass(frozen=True, slots=True)
class Part:
    """A domain of an axis: its sums of weight × points."""

    title: Text
    points: int
    full_points: int


@dataclass(frozen=True, slots=True)
class SetArithmetic:
    """A domain, an axis or a lens: what counts, the sums, the thresholds, what leads to the next level.

    `parts` are the domains of an axis that has several. `missing` is weight × points, None without a level.
    `essential` are all of the set, `holding` those that the next level still wants, `lightest` the fewest
    that reach its score.
    """

    counted: tuple[Worth, ...]
    parts: tuple[Part, ...]
    absent: tuple[QuestionContent, ...]
    points: int
    full_points: int
    half_way: int
    advanced: int
    level: int | None
    next_level: int | None
    missing: int | None
    essential: tuple[Worth, ...]
    holding: tuple[Worth, ...]
    lightest: tuple[Worth, ...]

    @property
    def is_advanced(self) -> bool:
        """True where the score reaches the second threshold, whatever the essential questions say."""
        return PERCENT * max(self.points, 0) >= self.advanced * self.full_points > 0

    @property
    def unmet(self) -> int:
        """How many essential questions are not implemented."""
        return sum(1 for one in self.essential if one.code != AnswerCode.IMPLEMENTED.word)

    @property
    def unknown(self) -> int:
        """How many answers are not known: they take points away."""
        return sum(1 for one in self.counted if one.points < 0)


@dataclass(frozen=True, slots=True)
class OfficialCount:
    """How many of the 25 items have an answer, and what that adds to the self-check score."""

    code: str
    count: int
    points: int
    is_ours: bool

    @property
    def sum(self) -> int:
        """Items × points."""
        return self.count * self.points


@dataclass(frozen=True, slots=True)
class Rules:
    """What a result was reckoned by: the points of each answer, and the two thresholds of a score.

    `most` are the points of the best answer, `absent` what the self-check score counts for an absent item.
    """

    points: tuple[tuple[str, int], ...]
    most: int
    absent: int
    half_way: int
    advanced: int


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Everything behind one result; the self-check score stands by answer and by item."""

    rules: Rules
    sets: Mapping[str, SetArithmetic]
    official: tuple[OfficialCount, ...]
    items: tuple[Worth, ...]


def work_out(
    content: Content,
    result: AssessmentResult,
    *,
    summary: Summary,
    explanations: Mapping[str, Explanation],
) -> Arithmetic:
    """Lay open a result as `summary` and `explanations` give it."""
    rubric = results.rubric_behind(content, result)
    assurance = unpack_assurance([result.assurance], questions=rubric.questions)[0]
    worths = [
        _worth(content, rubric, place, AnswerCode(code), Assurance(proof))
        for place, (code, proof) in enumerate(
            zip(results.codes_of(result).tolist(), assurance.tolist(), strict=True)
        )
    ]
    items = _items(rubric, worths)
    return Arithmetic(
        rules=_rules(rubric),
        sets={
            name: _set(content, rubric, worths, score=summary.sets[name], why=why)
            for name, why in explanations.items()
        },
        official=tuple(_official(items)),
        items=items,
    )


def _rules(rubric: Rubric) -> Rules:
    half_way, advanced = rubric.model.practice
    scored = (code for code in AnswerCode if code.word not in _LEFT_OUT)
    return Rules(
        points=tuple((code.word, rubric.model.points[code]) for code in scored),
        most=rubric.model.full_points,
        absent=rubric.model.absent_official_points,
        half_way=half_way,
        advanced=advanced,
    )


def _worth(content: Content, rubric: Rubric, place: int, code: AnswerCode, assurance: Assurance) -> Worth:
    return Worth(
        question=content.scored[place],
        code=code.word,
        points=rubric.model.points[code],
        most=rubric.model.full_points,
        weight=rubric.weight[place],
        assurance=assurance.word,
    )


def _set(
    content: Content, rubric: Rubric, worths: Sequence[Worth], *, score: SetScore, why: Explanation
) -> SetArithmetic:
    members = [worths[place] for place in sorted(rubric.sets[rubric.column(why.set_name)].members)]
    counted = tuple(one for one in members if one.code not in _LEFT_OUT)
    half_way, advanced = rubric.model.practice
    return SetArithmetic(
        counted=counted,
        parts=_parts(content, why.set_name, counted),
        absent=tuple(one.question for one in members if one.code == AnswerCode.ABSENT.word),
        points=score.points,
        full_points=score.full_points,
        half_way=half_way,
        advanced=advanced,
        level=why.level,
        next_level=why.next_level,
        missing=why.weighted_missing,
        essential=tuple(one for one in counted if one.question.essential),
        holding=tuple(worths[place] for place in why.essential),
        lightest=tuple(worths[place] for place in why.lightest),
    )


def _parts(content: Content, name: str, counted: Sequence[Worth]) -> tuple[Part, ...]:
    domains = next((axis.domains for axis in content.axes if axis.key == name), ())
    return tuple(_part(content, key, counted) for key in domains) if len(domains) > 1 else ()


def _part(content: Content, domain: str, counted: Sequence[Worth]) -> Part:
    found = [one for one in counted if one.question.section == domain]
    return Part(
        title=content.section_by_key[domain].title,
        points=sum(one.weighted for one in found),
        full_points=sum(one.full_points for one in found),
    )


def _items(rubric: Rubric, worths: Sequence[Worth]) -> tuple[Worth, ...]:
    """The items of the self-check as it counts them: no weights, and its own points for what is absent."""
    found = [
        Worth(
            question=one.question,
            code=one.code,
            points=rubric.model.absent_official_points if one.code == _ABSENT else one.points,
            most=one.most,
            weight=1,
            assurance=one.assurance,
        )
        for one, item in zip(worths, rubric.official_item, strict=True)
        if item and one.code != AnswerCode.NOT_ASKED.word
    ]
    return tuple(sorted(found, key=lambda one: one.question.official_item or 0))


def _official(items: Sequence[Worth]) -> Iterable[OfficialCount]:
    for code in (code.word for code in AnswerCode):
        found = [one for one in items if one.code == code]
        if found:
            yield OfficialCount(code, len(found), found[0].points, is_ours=code == _ABSENT)


_ABSENT = AnswerCode.ABSENT.word
_LEFT_OUT = (AnswerCode.NOT_ASKED.word, _ABSENT)
