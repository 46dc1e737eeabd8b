"""Scores and levels of sets of questions, and what holds each of them where it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoring.model import OFFICIAL_ITEMS, PERCENT, Model, Rubric
from scoring.scale import AnswerCode, Assurance, Codes, Level, answer_codes, assurance_codes
from scoring.tallies import Counts, Tallies, tally_all

_LEFT_OUT = (AnswerCode.NOT_ASKED, AnswerCode.ABSENT)


@dataclass(frozen=True)
class Scores:
    """What a batch scores (assessments × sets, the sets in the rubric's order).

    0 in level and practice means none; `official` is the self-check score and stands where `has_official`.
    """

    rubric: Rubric
    tallies: Tallies
    practice: Codes
    level: Codes
    official: Counts
    has_official: NDArray[np.bool_]
    official_absent: Counts
    unknown: Counts  # over all questions
    absent: Counts
    assured: Counts  # implemented questions attested, evidenced, verified (assessments × 3)

    @property
    def score(self) -> NDArray[np.float64]:
        """Scores 0 to 100, unrounded; NaN where a set has none."""
        whole = self.rubric.model.full_points * self.tallies.weight.astype(np.float64)
        gained = PERCENT * np.maximum(self.tallies.points, 0)
        percent: NDArray[np.float64] = np.full(whole.shape, np.nan)
        np.divide(gained, whole, out=percent, where=whole > 0)
        return percent

    @property
    def is_self_declared(self) -> NDArray[np.bool_]:
        """Where a set has a level and nothing but the supplier's word behind it."""
        is_theirs_alone: NDArray[np.bool_] = (self.level > Level.NONE) & (self.tallies.proven == 0)
        return is_theirs_alone

    @property
    def overall_level(self) -> Codes:
        """The lowest level among the axes that have one, 0 where none has."""
        return lowest_level(self.level, self.rubric.axis_columns)


@dataclass(frozen=True, slots=True)
class SetScore:
    """One assessment's result in one set; None for what does not exist."""

    level: int | None
    practice: int | None
    score: float | None
    points: int
    full_points: int
    asked: int
    done: int
    unknown: int
    absent: int
    is_self_declared: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """One assessment's result; None for what does not exist."""

    sets: dict[str, SetScore]
    overall_level: int | None
    official_score: int | None
    official_band: str | None
    official_absent: int
    unknown: int
    absent: int
    attested: int
    evidenced: int
    verified: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What holds a set where it is; questions are positions in the rubric.

    `points_missing` to the threshold are points of the score (0 to 100, unrounded), `weighted_missing` the
    same in weight × points; both are 0 when no score is wanting, None without a level. `essential` hold the
    next level: they are not implemented (towards 3) or lack proof (towards 4 and 5). `lightest` are the
    fewest that, made implemented, reach the next level's score.
    """

    set_name: str
    level: int | None
    next_level: int | None
    threshold: int | None
    points_missing: float | None
    weighted_missing: int | None
    essential: tuple[int, ...]
    lightest: tuple[int, ...]


def score(rubric: Rubric, answers: ArrayLike, assurance: ArrayLike) -> Scores:
    """Score a batch of submitted assessments, by the specification's exact comparisons.

    Both matrices are assessments × questions of AnswerCode and Assurance; any number of rows, also none.
    Raises WrongShape, CodeOutOfRange, NotWhole.
    """
    codes = answer_codes(answers, shape=(None, rubric.questions))
    proof = assurance_codes(assurance, shape=codes.shape)
    tallies, totals = tally_all(rubric, codes, proof)
    practice, level = grade(rubric.model, tallies)
    has_items = sum(item > 0 for item in rubric.official_item) == OFFICIAL_ITEMS
    return Scores(
        rubric=rubric,
        tallies=tallies,
        practice=practice,
        level=level,
        official=totals.official_points,
        has_official=(totals.official_missing == 0) & has_items,
        official_absent=totals.official_absent,
        unknown=totals.unknown,
        absent=totals.absent,
        assured=np.stack([totals.attested, totals.evidenced, totals.verified], axis=1),
    )


def grade(model: Model, tallies: Tallies) -> tuple[Codes, Codes]:
    """Practice and level by the model's thresholds; 0 where a set has no question left."""
    gained = PERCENT * np.maximum(tallies.points, 0).astype(np.int64)
    whole = model.full_points * tallies.weight.astype(np.int64)
    half_way, advanced = (gained >= threshold * whole for threshold in model.practice)
    practice = np.where(half_way, Level.PARTLY, Level.BEGINNING).astype(np.int8)
    practice[advanced & (tallies.essential_unmet == 0)] = Level.DONE
    practice[whole == 0] = Level.NONE
    level = practice.copy()
    may_rise = (practice == Level.DONE) & (tallies.essential > 0)
    level[may_rise & (tallies.essential_unproven == 0)] = Level.CONFIRMED
    level[may_rise & (tallies.essential_unverified == 0)] = Level.VERIFIED
    return practice, level


def lowest_level(levels: Codes, columns: Sequence[int]) -> Codes:
    """The lowest level among these columns that have one, a row; 0 where none has."""
    chosen = levels[:, list(columns)]
    above_all = len(Level)
    lowest = np.where(chosen > Level.NONE, chosen, above_all).min(axis=1, initial=above_all)
    return np.where(lowest == above_all, Level.NONE, lowest).astype(np.int8)


def summary(scores: Scores, row: int = 0) -> Summary:
    """One assessment of a batch in plain numbers, None for what does not exist."""
    overall = int(lowest_level(scores.level[[row]], scores.rubric.axis_columns)[0])
    official = int(scores.official[row]) if scores.has_official[row] else None
    attested, evidenced, verified = scores.assured[row].tolist()
    return Summary(
        sets={named.name: _set_score(scores, row, place) for place, named in enumerate(scores.rubric.sets)},
        overall_level=overall or None,
        official_score=official,
        official_band=None if official is None else official_band(scores.rubric.model, official),
        official_absent=int(scores.official_absent[row]),
        unknown=int(scores.unknown[row]),
        absent=int(scores.absent[row]),
        attested=attested,
        evidenced=evidenced,
        verified=verified,
    )


def official_band(model: Model, points: int) -> str:
    """The name of the self-check band in which these points lie."""
    reached = [band.name for band in model.official_bands if band.from_points <= points]
    return reached[-1] if reached else model.official_bands[0].name


def explain(rubric: Rubric, answers: ArrayLike, assurance: ArrayLike, set_name: str) -> Explanation:
    """What holds one assessment's set at its level, and the fewest questions that lift it.

    Raises UnknownName, WrongShape, CodeOutOfRange, NotWhole.
    """
    column = rubric.column(set_name)
    codes, proof = _one(rubric, answers, assurance)
    return _explained(score(rubric, codes, proof), 0, codes[0].tolist(), proof[0].tolist(), column)


def explain_all(rubric: Rubric, answers: ArrayLike, assurance: ArrayLike) -> dict[str, Explanation]:
    """The explanations of one assessment by the name of the set, in the rubric's order."""
    codes, proof = _one(rubric, answers, assurance)
    return next(explanations(score(rubric, codes, proof), codes, proof))


def explanations(
    scores: Scores, answers: ArrayLike, assurance: ArrayLike
) -> Iterator[dict[str, Explanation]]:
    """Give the explanations of each assessment of a scored batch, by set, from the codes it was scored by.

    Raises WrongShape, CodeOutOfRange, NotWhole.
    """
    shape = (len(scores.level), scores.rubric.questions)
    codes, proof = (
        answer_codes(answers, shape=shape).tolist(),
        assurance_codes(assurance, shape=shape).tolist(),
    )
    for row in range(len(codes)):
        yield {
            named.name: _explained(scores, row, codes[row], proof[row], column)
            for column, named in enumerate(scores.rubric.sets)
        }


def _one(rubric: Rubric, answers: ArrayLike, assurance: ArrayLike) -> tuple[Codes, Codes]:
    """One assessment's checked codes as a batch of one."""
    shape = (rubric.questions,)
    return answer_codes(answers, shape=shape)[None], assurance_codes(assurance, shape=shape)[None]


def _set_score(scores: Scores, row: int, column: int) -> SetScore:
    tallies = scores.tallies
    level = int(scores.level[row, column])
    points, weight = int(tallies.points[row, column]), int(tallies.weight[row, column])
    full_points = scores.rubric.model.full_points * weight
    return SetScore(
        level=level or None,
        practice=int(scores.practice[row, column]) or None,
        score=PERCENT * max(points, 0) / full_points if weight else None,
        points=points,
        full_points=full_points,
        asked=int(tallies.asked[row, column]),
        done=int(tallies.done[row, column]),
        unknown=int(tallies.unknown[row, column]),
        absent=int(tallies.absent[row, column]),
        is_self_declared=level > Level.NONE and not tallies.proven[row, column],
    )


def _explained(scores: Scores, row: int, codes: list[int], proof: list[int], column: int) -> Explanation:
    rubric, named = scores.rubric, scores.rubric.sets[column]
    level = int(scores.level[row, column])
    if level == Level.NONE:
        return Explanation(named.name, None, None, None, None, None, (), ())
    counted = [place for place in sorted(named.members) if codes[place] not in _LEFT_OUT]
    essential = [place for place in counted if rubric.essential[place]]
    may_rise = level < Level.DONE or (level < Level.VERIFIED and essential)
    next_level = level + 1 if may_rise else None
    holding = _holding(next_level, essential, codes, proof)
    if level >= Level.DONE:
        return Explanation(named.name, level, next_level, None, 0.0, 0, holding, ())
    threshold = rubric.model.practice[level - 1]
    points = int(scores.tallies.points[row, column])
    whole = rubric.model.full_points * int(scores.tallies.weight[row, column])
    wanting = max(0, -(-threshold * whole // PERCENT) - points)
    return Explanation(
        set_name=named.name,
        level=level,
        next_level=next_level,
        threshold=threshold,
        points_missing=max(0, threshold * whole - PERCENT * max(points, 0)) / whole,
        weighted_missing=wanting,
        essential=holding,
        lightest=_lightest(rubric, codes, counted, first=holding, wanting=wanting),
    )


def _holding(
    next_level: int | None, essential: Sequence[int], codes: Sequence[int], proof: Sequence[int]
) -> tuple[int, ...]:
    """The essential questions that the next level still wants: done (3), proven (4) or verified (5)."""
    if next_level == Level.DONE:
        return tuple(place for place in essential if codes[place] != AnswerCode.IMPLEMENTED)
    wanted = {Level.CONFIRMED: Assurance.EVIDENCED, Level.VERIFIED: Assurance.VERIFIED}
    least = wanted.get(Level(next_level or Level.NONE), Assurance.NONE)
    return tuple(place for place in essential if proof[place] < least)


def _lightest(
    rubric: Rubric, codes: Sequence[int], counted: Sequence[int], *, first: Sequence[int], wanting: int
) -> tuple[int, ...]:
    """The questions of `first`, then those of the largest gain, until the wanting points are there."""
    points = rubric.model.points
    gain = {
        place: rubric.weight[place] * (rubric.model.full_points - points[codes[place]]) for place in counted
    }
    chosen = list(first)
    wanting -= sum(gain[place] for place in first)
    for place in sorted(set(counted) - set(first), key=lambda place: (-gain[place], place)):
        if wanting <= 0:
            break
        chosen.append(place)
        wanting -= gain[place]
    return tuple(chosen)
