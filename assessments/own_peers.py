"""A supplier's answers beside those of its peers, in allow-listed records: nothing tells of one of them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import benchmarks, questionnaires, results
from assessments.benchmarks import BenchmarkSource, PublicRate, TradeSecretRate
from assessments.models import Assessment, AssessmentResult, Supplier
from assessments.own_survey import OwnSurvey, survey
from assessments.pool import loading
from assessments.pool.groups import Group, group, nesting, parts
from assessments.pool.shared import Shared
from assessments.questionnaire_content import Content, QuestionContent, meaning_hash
from assessments.reference import SizeBand, size_bands
from assessments.text import Text
from scoring import benchmark
from scoring.maturity import SetScore, Summary

WHOLE = 100
MONTHS = 12


@dataclass(frozen=True, slots=True)
class OwnRate:
    """How many percent (0-100) of the `n` firms of a group implement something."""

    percent: float
    n: int
    group: Group


@dataclass(frozen=True, slots=True)
class PeerItem:
    """One question: the own answer, the rate of the closest group, a published survey's, where they exist.

    `everybody` is the rate of all firms, None where that is the closest group or too few.
    """

    question: QuestionContent
    code: str
    pool: OwnRate | None
    everybody: OwnRate | None
    survey: PublicRate | None
    trade_secret: TradeSecretRate | None


@dataclass(frozen=True, slots=True)
class OwnStanding:
    """A score among `n` firms of a group: quartile 1 (best) to 4, quarters of the scores (0-100).

    `questions_below` are about how many questions lead to the median, 0 at or above it.
    """

    quartile: int
    questions_below: int
    lower: float
    median: float
    upper: float
    n: int
    group: Group


@dataclass(frozen=True, slots=True)
class PeerSet:
    """An axis or a domain: the own score and where it stands; None where the group is too small."""

    title: Text
    is_axis: bool
    score: float
    standing: OwnStanding | None


@dataclass(frozen=True, slots=True)
class StaffRow:
    """Who looks after security in a size band: percent by choice of `n` firms; None where too few.

    `size` None is all firms.
    """

    size: SizeBand | None
    is_own: bool
    n: int | None
    percent: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class OwnPeers:
    """Everything the page tells. `firms` counts all that are let out, None where they are too few.

    Answers of the last `months` count, let out at least `smallest` firms' at a time.
    """

    as_of: date
    next_on: date
    industry: Text | None
    size: Text | None
    firms: int | None
    smallest: int
    months: int
    sets: tuple[PeerSet, ...]
    domains: tuple[tuple[Text, tuple[PeerItem, ...]], ...]
    staff_choices: tuple[Text, ...]
    staff_own: Text | None
    staff: tuple[StaffRow, ...]
    survey: OwnSurvey
    trade_secret: BenchmarkSource


def peers(session: Session, assessment: Assessment, *, on: date, zone: tzinfo) -> OwnPeers | None:
    """Give an assessment's current result beside its peers'; None before the first submission."""
    row = session.scalar(
        select(AssessmentResult).where(
            AssessmentResult.id == assessment.current_result_id,
            AssessmentResult.supplier_id == assessment.supplier_id,
        )
    )
    pool = loading.load(session, on=on, zone=zone)
    if row is None or pool is None:
        return None
    supplier = session.get_one(Supplier, assessment.supplier_id)
    content = questionnaires.published(session, row.version_id).content
    summary, codes = results.summary(content, row), results.answers_of(content, row)
    place = _part(session, supplier.id, content)
    own = group(place)
    return OwnPeers(
        as_of=pool.as_of,
        next_on=_next_month(pool.as_of),
        industry=own.industry.name if own.industry else None,
        size=own.size.name if own.size else None,
        firms=pool.everybody,
        smallest=benchmark.SMALLEST_SHARED,
        months=int(pool.content.model["months_current"]),
        sets=tuple(_sets(pool, content, summary, place)),
        domains=tuple(_domains(pool, content, codes, place, supplier.industry)),
        staff_choices=tuple(_staff_choices(pool)),
        staff_own=_staff_own(session, pool, row),
        staff=tuple(_staff(pool, own.size)),
        survey=survey(content, summary, codes, supplier.industry),
        trade_secret=benchmarks.sources()["trade_secret"],
    )


def _part(session: Session, supplier: int, content: Content) -> int:
    """The part that the supplier belongs to by now, whichever its answers are counted in."""
    own = loading.firms(session, np.array([supplier]), content)
    return int(parts(own.industry, own.band)[0])


def _next_month(first: date) -> date:
    years, month = divmod(first.year * MONTHS + first.month, MONTHS)
    return date(years, month + 1, 1)


def _sets(pool: Shared, content: Content, summary: Summary, part: int) -> Iterable[PeerSet]:
    for axis in content.axes:
        yield from _set(pool, axis.key, axis.title, summary.sets[axis.key], part, is_axis=True)
        # An axis of one domain is that domain.
        for key in axis.domains if len(axis.domains) > 1 else ():
            title = content.section_by_key[key].title
            yield from _set(pool, key, title, summary.sets[key], part, is_axis=False)


def _set(
    pool: Shared, name: str, title: Text, own: SetScore, part: int, *, is_axis: bool
) -> Iterable[PeerSet]:
    if own.score is not None:
        yield PeerSet(title, is_axis, own.score, _standing(pool, name, own, own.score, part))


def _standing(pool: Shared, name: str, own: SetScore, score: float, part: int) -> OwnStanding | None:
    if name not in pool.columns:
        return None
    column = pool.columns[name]
    closest = pool.closest_scores(part, column)
    if closest is None:
        return None
    scores = pool.scores_of(closest, column)
    place, quarters = benchmark.standing(score, scores), benchmark.quartiles(scores)
    if place is None or quarters is None:
        return None
    missing = max(0.0, -place.above_median) / WHOLE * (own.asked - own.absent)
    return OwnStanding(
        quartile=place.quartile,
        questions_below=math.ceil(round(missing, 6)),
        lower=quarters.lower,
        median=quarters.median,
        upper=quarters.upper,
        n=place.pool,
        group=group(closest),
    )


def _domains(
    pool: Shared, content: Content, codes: Mapping[str, str], part: int, industry: str | None
) -> Iterable[tuple[Text, tuple[PeerItem, ...]]]:
    for key in (key for axis in content.axes for key in axis.domains):
        section = content.section_by_key[key]
        items = tuple(
            _item(pool, question, codes[question.key], part, industry)
            for question in section.questions
            if question.key in codes
        )
        if items:
            yield section.title, items


def _item(pool: Shared, question: QuestionContent, code: str, part: int, industry: str | None) -> PeerItem:
    column = pool.questions.get((question.key, meaning_hash(question)))
    closest = None if column is None else pool.closest_rate(part, column)
    everything = nesting().everything
    return PeerItem(
        question=question,
        code=code,
        pool=_rate(pool, closest, column),
        everybody=None if closest in (None, everything) else _rate(pool, everything, column),
        survey=benchmarks.public_rate(question.official_item, industry) if question.official_item else None,
        trade_secret=benchmarks.trade_secret_rates().get(question.benchmark or ""),
    )


def _rate(pool: Shared, shown: int | None, column: int | None) -> OwnRate | None:
    if shown is None or column is None:
        return None
    percent = float(pool.rates.percent[shown, column])
    return OwnRate(percent, int(pool.rates.counted[shown, column]), group(shown))


def _staff_choices(pool: Shared) -> Iterable[Text]:
    return (choice.label for choice in pool.staff.question.choices) if pool.staff.question else ()


def _staff_own(session: Session, pool: Shared, row: AssessmentResult) -> Text | None:
    question = pool.staff.question
    if question is None:
        return None
    said = loading.choice_of(session, question, row.submission_id)
    return next((choice.label for choice in question.choices if choice.code == said), None)


def _staff(pool: Shared, own: SizeBand | None) -> Iterable[StaffRow]:
    staff = pool.staff
    if not staff.is_everybody_shown:
        return
    for place, band in enumerate(size_bands()):
        counts = staff.by_band[place].tolist()
        yield _staff_row(band, band == own, counts, is_shown=bool(staff.is_shown[place]))
    yield _staff_row(None, False, staff.everybody.tolist(), is_shown=True)


def _staff_row(size: SizeBand | None, is_own: bool, counts: list[int], *, is_shown: bool) -> StaffRow:
    n = sum(counts)
    if not is_shown:
        return StaffRow(size, is_own, None, None)
    return StaffRow(size, is_own, n, tuple(WHOLE * count / n for count in counts))
