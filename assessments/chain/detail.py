"""One supplier as the buyer sees it: priority worked out, result explained, history, what would help."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from assessments import head_counts, questionnaires, reading, register, results, stars, suggestions
from assessments.chain.arithmetic import Arithmetic, work_out
from assessments.chain.picture import Wanted, view
from assessments.chain.rows import NO_ROW, Chain
from assessments.models import (
    Assessment,
    AssessmentResult,
    Campaign,
    Consultation,
    Relationship,
    StarOverride,
    Submission,
    Supplier,
)
from assessments.questionnaire_content import Content
from assessments.questionnaires import Published
from assessments.suggestions import Advice
from scoring.maturity import Explanation, Summary
from scoring.model import EXPOSURES
from scoring.scale import Codes


@dataclass(frozen=True, slots=True)
class Graded:
    """A relationship with its priority, step by step, and the star decided in place of the reckoned one."""

    relationship: Relationship
    arithmetic: Arithmetic
    decided: StarOverride | None

    @property
    def star(self) -> int | None:
        """The star expected of it: the decided one, else the reckoned one."""
        return self.decided.star if self.decided else self.arithmetic.expected_star


@dataclass(frozen=True, slots=True)
class Standing:
    """The result that counts, explained; questions are positions in the published content's scored ones.

    Where four stars are expected of any relationship in view, some aim at a higher answer.
    """

    assessment: Assessment
    submission: Submission
    result: AssessmentResult
    published: Published
    summary: Summary
    explanations: dict[str, Explanation]
    advice: Advice
    is_four_expected: bool

    @property
    def targets(self) -> tuple[str, ...]:
        """The answer that each question aims at."""
        return _targets(self.published.content, is_four_expected=self.is_four_expected)


@dataclass(frozen=True, slots=True)
class Past:
    """A result at any time, with the campaign it was given in; `is_current` is the one that counts."""

    result: AssessmentResult
    campaign: Campaign
    is_current: bool


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything about one supplier that its page shows."""

    supplier: Supplier
    relationships: tuple[Graded, ...]
    standing: Standing | None
    assessments: tuple[Assessment, ...]
    history: tuple[Past, ...]
    consultations: tuple[Consultation, ...]

    @property
    def foremost(self) -> Graded | None:
        """The relationship of highest priority, None where none is graded."""
        graded = [one for one in self.relationships if one.arithmetic.residual is not None]
        return max(graded, key=lambda one: one.arithmetic.residual or 0, default=None)


def detail(
    session: Session,
    chain: Chain,
    supplier: Supplier,
    *,
    units: frozenset[int] | None,
    now: datetime,
    today: date,
) -> Detail:
    """Gather one supplier as those of these units may see it (None: all), in a fixed number of queries."""
    result_id, levels = _current(chain, supplier, units, now)
    between = register.relationships_in_view(session, supplier.id, unit_ids=units)
    worked_out = work_out(chain.rubric, [_grades(one) for one in between], levels)
    decided = stars.of_supplier(session, supplier)
    graded = tuple(
        Graded(one, arithmetic, decided.get(one.business_unit_id))
        for one, arithmetic in zip(between, worked_out, strict=True)
    )
    is_four = any(one.star == stars.FOUR_STARS for one in graded)
    history = _history(session, supplier, result_id)
    return Detail(
        supplier=supplier,
        relationships=graded,
        standing=_standing(session, supplier, history, is_four_expected=is_four, today=today),
        assessments=_assessments(session, supplier),
        history=history,
        consultations=_consultations(session, supplier),
    )


def _current(
    chain: Chain, supplier: Supplier, units: frozenset[int] | None, now: datetime
) -> tuple[int | None, Codes]:
    """The id of the result that counts, and the levels by set; none and zeros without one."""
    picture = view(chain, Wanted(units=units), now=now)
    row = chain.row_of.get(supplier.public_id, NO_ROW)
    places = np.flatnonzero(picture.suppliers == row)
    if not len(places) or picture.result[places[0]] == NO_ROW:
        return None, np.zeros(len(chain.rubric.sets), dtype=np.int8)
    place = int(places[0])
    return int(chain.scored.ids[picture.result[place]]), picture.levels[place]


def _history(session: Session, supplier: Supplier, current: int | None) -> tuple[Past, ...]:
    query = (
        select(AssessmentResult, Campaign)
        .join(Assessment, Assessment.id == AssessmentResult.assessment_id)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .where(AssessmentResult.supplier_id == supplier.id)
        .order_by(AssessmentResult.submitted_at.desc(), AssessmentResult.id.desc())
    )
    return tuple(Past(result, campaign, result.id == current) for result, campaign in session.execute(query))


def _standing(
    session: Session,
    supplier: Supplier,
    history: Sequence[Past],
    *,
    is_four_expected: bool,
    today: date,
) -> Standing | None:
    result = next((one.result for one in history if one.is_current), None)
    if result is None:
        return None
    published = questionnaires.published(session, result.version_id)
    content = published.content
    submission = session.scalars(
        select(Submission).where(Submission.id == result.submission_id, Submission.supplier_id == supplier.id)
    ).one()
    return Standing(
        assessment=session.scalars(
            select(Assessment).where(
                Assessment.id == result.assessment_id, Assessment.supplier_id == supplier.id
            )
        ).one(),
        submission=submission,
        result=result,
        published=published,
        summary=results.summary(content, result),
        explanations=results.explanations(content, result),
        is_four_expected=is_four_expected,
        advice=suggestions.advise(
            content,
            results.codes_of(result),
            targets=_targets(content, is_four_expected=is_four_expected),
            said=reading.said_in(submission),
            employees=head_counts.counted(
                head_counts.said_in(content, submission), registered=supplier.employees
            ),
            on=today,
        ),
    )


def _targets(content: Content, *, is_four_expected: bool) -> tuple[str, ...]:
    return suggestions.star4_targets(content) if is_four_expected else suggestions.usual_targets(content)


def _assessments(session: Session, supplier: Supplier) -> tuple[Assessment, ...]:
    query = (
        select(Assessment)
        .where(Assessment.supplier_id == supplier.id)
        .options(joinedload(Assessment.campaign))
        .order_by(Assessment.id.desc())
    )
    return tuple(session.scalars(query))


def _consultations(session: Session, supplier: Supplier) -> tuple[Consultation, ...]:
    query = (
        select(Consultation)
        .where(Consultation.supplier_id == supplier.id)
        .options(joinedload(Consultation.owner))
        .order_by(Consultation.id.desc())
    )
    return tuple(session.scalars(query))


def _grades(one: Relationship) -> list[int | None]:
    return [getattr(one, name) for name in EXPOSURES]
