"""Which current results another scoring would be by now, and their packed rows, read at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, extract, func, select
from sqlalchemy.orm import Session

from assessments import constant_content, constants, proof, questionnaires
from assessments.chain.loading import raw_columns
from assessments.chain.rows import Rows
from assessments.constant_content import LEVELS
from assessments.constants import Constants
from assessments.models import Assessment, AssessmentResult, QuestionnaireVersion
from assessments.questionnaire_content import Content, meaning_hash
from assessments.questionnaires import Published
from scoring.scale import Codes, unpack_answers, unpack_assurance

IS_CURRENT: ColumnElement[bool] = Assessment.current_result_id == AssessmentResult.id


@dataclass(frozen=True, slots=True)
class Scoring:
    """What a result is scored by: a version's questions and the buyer's constants."""

    published: Published
    chosen: Constants

    @property
    def content(self) -> Content:
        """The version's content."""
        return self.published.content

    def level_facts(self) -> dict[str, Any]:
        """The constants on which its levels and points rest, by name."""
        model = self.chosen.applied(self.content.model)
        return {one.key: model[one.key] for one in constant_content.constants() if one.changes == LEVELS}

    def evidence_days(self) -> int:
        """How many days before a submission evidence may be dated."""
        return proof.evidence_days(self.content, self.chosen)


@dataclass(frozen=True, slots=True)
class Group:
    """Current results that are alike in what they are scored by, how many, and what they should be by now."""

    count: int
    own: Scoring
    wanted: Scoring

    @property
    def is_stale(self) -> bool:
        """Whether scoring anew could tell something else."""
        is_same_version = self.own.published.version_id == self.wanted.published.version_id
        return not is_same_version or self.own.level_facts() != self.wanted.level_facts()


@dataclass(frozen=True, eq=False)
class Stored:
    """Results of a group as stored, in rising order of id, questions in the wanted version's order.

    What is `own_` stands in the order of their own version; `submitted` is in seconds since 1970. `assurance`
    is as it was judged, `renewed` as it would be now, which differs where evidence counts longer or shorter.
    """

    ids: Rows
    assessment_ids: Rows
    supplier_ids: Rows
    submitted: Rows
    own_codes: Codes
    own_assurance: Codes
    own_renewed: Codes
    codes: Codes
    assurance: Codes
    renewed: Codes
    reasons: Codes
    supports: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.ids)


def groups(session: Session) -> list[Group]:
    """Give all current results by what they are scored by."""
    by = (AssessmentResult.version_id, AssessmentResult.constants_checksum)
    found = session.execute(select(*by, func.count()).where(IS_CURRENT).group_by(*by).order_by(*by))
    now = constants.current(session)
    return [
        Group(
            count=count,
            own=Scoring(
                questionnaires.published(session, version_id), constants.of(session, constants_checksum)
            ),
            wanted=Scoring(_wanted_version(session, version_id), now),
        )
        for version_id, constants_checksum, count in found
    ]


def read(session: Session, group: Group) -> Stored:
    """Read the results of a group."""
    ids, assessment_ids, supplier_ids, submitted, *packed = raw_columns(
        session,
        AssessmentResult.id,
        AssessmentResult.assessment_id,
        AssessmentResult.supplier_id,
        extract("epoch", AssessmentResult.submitted_at),
        AssessmentResult.codes,
        AssessmentResult.assurance,
        AssessmentResult.reasons,
        AssessmentResult.supports,
        order=(AssessmentResult.id,),
        where=IS_CURRENT
        & (AssessmentResult.version_id == group.own.published.version_id)
        & (AssessmentResult.constants_checksum == group.own.chosen.checksum),
    )
    questions = len(group.own.content.scored)
    codes = unpack_answers(packed[0], questions=questions)
    assurance = unpack_assurance(packed[1], questions=questions)
    places = _places(group.own.content, group.wanted.content)
    when = np.array([int(seconds) for seconds in submitted], dtype=np.int64)
    renewed = assurance
    if group.own.evidence_days() != group.wanted.evidence_days():
        renewed = _renewed(session, group, codes, supplier_ids, when)
    return Stored(
        ids=np.array(ids, dtype=np.int64),
        assessment_ids=np.array(assessment_ids, dtype=np.int64),
        supplier_ids=np.array(supplier_ids, dtype=np.int64),
        submitted=when,
        own_codes=codes,
        own_assurance=assurance,
        own_renewed=renewed,
        codes=codes[:, places],
        assurance=assurance[:, places],
        renewed=renewed[:, places],
        reasons=np.frombuffer(b"".join(packed[2]), dtype=np.int8).reshape(-1, questions)[:, places],
        supports=np.frombuffer(b"".join(packed[3]), dtype="<u2").reshape(-1, questions)[:, places],
    )


def _renewed(
    session: Session, group: Group, codes: Codes, supplier_ids: Sequence[int], submitted: Rows
) -> Codes:
    """The assurance of these answers by the days for which evidence counts now."""
    content, days = group.own.content, group.wanted.evidence_days()
    standing = proof.pieces(session, content, supplier_ids, days=days)
    return proof.assured(
        codes, proof.on_days(supplier_ids, submitted.tolist(), proof.zone(session)), standing
    )


def _wanted_version(session: Session, version_id: int) -> Published:
    """The newest version that asks the same questions and scores them otherwise; else the version itself."""
    own = questionnaires.published(session, version_id)
    for later in _later(session, version_id):
        if _meanings(later.content) == _meanings(own.content):
            return own if later.content.scoring_checksum == own.content.scoring_checksum else later
    return own


def _later(session: Session, version_id: int) -> Iterator[Published]:
    of = select(QuestionnaireVersion.questionnaire_id).where(QuestionnaireVersion.id == version_id)
    query = select(QuestionnaireVersion.id).where(
        QuestionnaireVersion.questionnaire_id == of.scalar_subquery(), QuestionnaireVersion.id > version_id
    )
    for later in session.scalars(query.order_by(QuestionnaireVersion.id.desc())):
        yield questionnaires.published(session, later)


def _meanings(content: Content) -> set[tuple[str, str]]:
    return {(question.key, meaning_hash(question)) for question in content.scored}


def _places(own: Content, wanted: Content) -> Any:
    """The place among a version's own questions of each of the wanted ones."""
    if own is wanted:
        return slice(None)
    places = {question.key: place for place, question in enumerate(own.scored)}
    return [places[question.key] for question in wanted.scored]
