"""A supplier's own result, in allow-listed records: points, levels, and what helps."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import questionnaires, reading, results, suggestions
from assessments.arithmetic import Arithmetic, OfficialCount, Rules, SetArithmetic, Worth, work_out
from assessments.lenses import lenses
from assessments.models import Assessment, AssessmentResult, Submission
from assessments.own_measures import OwnMeasure, first_steps, other_free, paid
from assessments.questionnaire_content import AxisContent, Content, QuestionContent
from assessments.suggestions import Advice
from assessments.text import Text
from scoring.maturity import Explanation, SetScore, Summary

IMPLEMENTED = "implemented"
HIGHEST = 100


@dataclass(frozen=True, slots=True)
class OwnBand:
    """A band of the self-check score, from `start` to `end` points."""

    start: int
    end: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class OwnOfficial:
    """The self-check score: points, its bands, how many items are absent, what each answer and item adds."""

    points: int | None
    bands: tuple[OwnBand, ...]
    absent: int
    counts: tuple[OfficialCount, ...]
    items: tuple[Worth, ...]


@dataclass(frozen=True, slots=True)
class OwnLadder:
    """Where an axis stands and what leads to the next step: the essential questions first."""

    key: str
    title: Text
    level: int | None
    next_level: int | None
    essential: tuple[QuestionContent, ...]
    others: tuple[QuestionContent, ...]
    wants_proof: bool
    arithmetic: SetArithmetic


@dataclass(frozen=True, slots=True)
class OwnSet:
    """A domain (of `axis`) or a lens: its level, how many questions count, are done, are not known."""

    title: Text
    about: Text | None
    axis: str | None
    level: int | None
    counted: int
    done: int
    unknown: int
    arithmetic: SetArithmetic


@dataclass(frozen=True, slots=True)
class OwnResult:
    """Everything the result page tells."""

    number: int
    submitted_at: datetime
    sha256: str
    done: int
    counted: int
    unknown: int
    raised: tuple[QuestionContent, ...]
    rules: Rules
    official: OwnOfficial
    ladders: tuple[OwnLadder, ...]
    sets: tuple[OwnSet, ...]
    steps: tuple[OwnMeasure, ...]


def result(session: Session, assessment: Assessment, *, on: date) -> OwnResult | None:
    """Give the current result of an assessment; None before the first submission."""
    found = session.execute(
        select(AssessmentResult, Submission)
        .join(Submission, Submission.id == AssessmentResult.submission_id)
        .where(
            AssessmentResult.id == assessment.current_result_id,
            AssessmentResult.supplier_id == assessment.supplier_id,
        )
    ).first()
    if found is None:
        return None
    row, submission = found
    content = questionnaires.published(session, row.version_id).content
    summary, codes = results.summary(content, row), results.answers_of(content, row)
    explanations = results.explanations(content, row)
    worked_out = work_out(content, row, summary=summary, explanations=explanations)
    advice = _advice(content, row, submission, on=on)
    return OwnResult(
        number=submission.number,
        submitted_at=submission.submitted_at,
        sha256=submission.sha256,
        done=sum(1 for code in codes.values() if code == IMPLEMENTED),
        counted=len(codes) - summary.absent,
        unknown=summary.unknown,
        raised=_raised(session, content, row, codes),
        rules=worked_out.rules,
        official=_official(content, summary, worked_out),
        ladders=_ladders(content, explanations, worked_out),
        sets=(*_domains(content, summary, worked_out), *_lenses(content, summary, worked_out)),
        steps=first_steps(advice),
    )


def helpful_measures(
    session: Session, row: AssessmentResult, *, on: date
) -> tuple[tuple[OwnMeasure, ...], tuple[OwnMeasure, ...]]:
    """Give what helps after a result: what is free, the first steps at the head, and what costs."""
    content = questionnaires.published(session, row.version_id).content
    advice = _advice(content, row, session.get_one(Submission, row.submission_id), on=on)
    return first_steps(advice) + other_free(advice), paid(advice)


def _advice(content: Content, row: AssessmentResult, submission: Submission, *, on: date) -> Advice:
    said = json.loads(submission.content)
    return suggestions.advise(
        content,
        results.codes_of(row),
        targets=suggestions.usual_targets(content),
        said=said["answers"],
        employees=reading.head_count(content, said["profile"]),
        on=on,
    )


def _official(content: Content, summary: Summary, worked_out: Arithmetic) -> OwnOfficial:
    starts = [(band["name"], int(band["from"])) for band in content.model["official_bands"]]
    ends = [start - 1 for _, start in starts[1:]] + [HIGHEST]
    return OwnOfficial(
        points=summary.official_score,
        bands=tuple(
            OwnBand(start, end, name == summary.official_band)
            for (name, start), end in zip(starts, ends, strict=True)
        ),
        absent=summary.official_absent,
        counts=worked_out.official,
        items=worked_out.items,
    )


def _ladders(
    content: Content, explained: Mapping[str, Explanation], worked_out: Arithmetic
) -> tuple[OwnLadder, ...]:
    return tuple(
        _ladder(content, axis, explained[axis.key], worked_out.sets[axis.key])
        for axis in content.axes
        if explained[axis.key].level is not None
    )


def _ladder(content: Content, axis: AxisContent, why: Explanation, worked_out: SetArithmetic) -> OwnLadder:
    proof = (why.level or 0) >= 3  # noqa: PLR2004  from here on proof leads on, not answers (scoring.md §2)
    return OwnLadder(
        key=axis.key,
        title=axis.title,
        level=why.level,
        next_level=why.next_level,
        essential=tuple(content.scored[place] for place in why.essential),
        others=tuple(content.scored[place] for place in why.lightest if place not in why.essential),
        wants_proof=proof and why.next_level is not None,
        arithmetic=worked_out,
    )


def _domains(content: Content, summary: Summary, worked_out: Arithmetic) -> Iterable[OwnSet]:
    for axis in content.axes:
        for key in axis.domains:
            if summary.sets[key].asked:
                title = content.section_by_key[key].title
                yield _set(summary.sets[key], worked_out.sets[key], title=title, axis=axis.key)


def _lenses(content: Content, summary: Summary, worked_out: Arithmetic) -> Iterable[OwnSet]:
    for key in content.model["lenses"]:
        if summary.sets[key].asked:
            lens = lenses()[key]
            yield _set(summary.sets[key], worked_out.sets[key], title=lens.title, about=lens.about)


def _set(
    one: SetScore,
    worked_out: SetArithmetic,
    *,
    title: Text,
    about: Text | None = None,
    axis: str | None = None,
) -> OwnSet:
    return OwnSet(
        title=title,
        about=about,
        axis=axis,
        level=one.level,
        counted=one.asked - one.absent,
        done=one.done,
        unknown=one.unknown,
        arithmetic=worked_out,
    )


def _raised(
    session: Session, content: Content, row: AssessmentResult, codes: Mapping[str, str]
) -> tuple[QuestionContent, ...]:
    """The questions that are implemented now and were not in the result before this submission."""
    before = session.scalar(
        select(AssessmentResult)
        .where(
            AssessmentResult.supplier_id == row.supplier_id,
            AssessmentResult.submitted_at < row.submitted_at,
        )
        .order_by(AssessmentResult.submitted_at.desc(), AssessmentResult.id.desc())
        .limit(1)
    )
    if before is None:
        return ()
    earlier = results.answers_of(questionnaires.published(session, before.version_id).content, before)
    return tuple(
        content.by_key[key]
        for key, code in codes.items()
        if code == IMPLEMENTED and earlier.get(key) not in {None, IMPLEMENTED}
    )
