"""Reads the chain from the database into arrays, and keeps it until something in it changes."""

from collections.abc import Sequence
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Engine, extract, func, select, true
from sqlalchemy.orm import Session

from assessments import constants, proof, questionnaires, results, stars
from assessments.chain.rows import (
    NO_ROW,
    NOBODY,
    STATES,
    Asked,
    CampaignFacts,
    Chain,
    Mask,
    Named,
    Relationships,
    Rows,
    Scored,
    Suppliers,
)
from assessments.models import (
    Assessment,
    AssessmentResult,
    AuditEvent,
    BusinessUnit,
    Campaign,
    CampaignState,
    Invitation,
    QuestionnaireVersion,
    Relationship,
    Review,
    Supplier,
    User,
)
from assessments.questionnaire_content import Content, meaning_hash
from scoring import maturity
from scoring.scale import Codes, unpack_answers, unpack_assurance

# What every change of the chain moves: the newest audit line, the newest rows, the newest moments.
NEWEST = (
    AuditEvent.sequence,
    Supplier.id,
    Supplier.updated_at,
    Relationship.id,
    Campaign.id,
    Assessment.id,
    Assessment.started_at,
    Invitation.opened_at,
    AssessmentResult.id,
    Review.id,
    QuestionnaireVersion.id,
)
FEW = 500
EXPOSURES = (Relationship.confidentiality, Relationship.continuity, Relationship.connectivity)

_kept: WeakKeyDictionary[Engine, Chain] = WeakKeyDictionary()
_one_at_a_time = Lock()


class Snapshots(NamedTuple):
    """Current results as the database has them, oldest submission first; a list a column."""

    ids: list[int]
    supplier_ids: list[int]
    campaigns: list[int]
    versions: list[int]
    constants: list[str]
    submitted: list[int]
    codes: list[bytes]
    assurance: list[bytes]
    reasons: list[bytes]
    supports: list[bytes]


def load(session: Session) -> Chain | None:
    """Give the chain as it stands; None before a questionnaire is published.

    From memory, at the cost of one small query, where nothing changed.
    """
    engine = session.get_bind().engine
    key = tuple(session.execute(select(*(_newest(column) for column in NEWEST))).one())
    kept = _kept.get(engine)
    if kept is not None and kept.key == key:
        return kept
    with _one_at_a_time:
        kept = _kept.get(engine)
        if kept is not None and kept.key == key:
            return kept
        made = _read(session, key)
        if made is not None:
            _kept[engine] = made
        return made


def _newest(column: Any) -> Any:
    return select(func.max(column)).scalar_subquery()


def _read(session: Session, key: tuple[object, ...]) -> Chain | None:
    snapshots = _snapshots(session)
    lead = max(snapshots.versions, default=0) or session.scalar(select(func.max(QuestionnaireVersion.id)))
    if lead is None:
        return None
    content = questionnaires.published(session, lead).content
    chosen, suppliers = constants.current(session), _suppliers(session)
    return Chain(
        key=key,
        content=content,
        constants=chosen,
        zone=proof.zone(session),
        rubric=results.rubric(content, chosen),
        campaigns=_campaigns(session),
        units=_units(session),
        owners=_owners(session),
        suppliers=suppliers,
        relationships=_relationships(session, suppliers),
        asked=_asked(session, suppliers),
        scored=_scored(session, content, suppliers, snapshots),
    )


def _campaigns(session: Session) -> tuple[CampaignFacts, ...]:
    shown = [CampaignState.OPENING, CampaignState.OPEN, CampaignState.CLOSED]
    columns = (Campaign.id, Campaign.public_id, Campaign.title, Campaign.state, Campaign.due_on)
    query = select(*columns).where(Campaign.state.in_(shown)).order_by(Campaign.id.desc())
    return tuple(CampaignFacts(*row) for row in session.execute(query))


def _units(session: Session) -> tuple[Named, ...]:
    query = select(BusinessUnit.id, BusinessUnit.public_id, BusinessUnit.name)
    ordered = query.order_by(BusinessUnit.is_whole_company.desc(), BusinessUnit.name)
    return tuple(Named(*row) for row in session.execute(ordered))


def _owners(session: Session) -> tuple[Named, ...]:
    owning = select(Relationship.owner_id).where(Relationship.owner_id.is_not(None)).distinct()
    query = select(User.id, User.public_id, User.name).where(User.id.in_(owning))
    return tuple(Named(*row) for row in session.execute(query.order_by(User.name, User.id)))


def _suppliers(session: Session) -> Suppliers:
    ids, public_ids, names, codes, industries, prefectures, employees = raw_columns(
        session,
        Supplier.id,
        Supplier.public_id,
        Supplier.name,
        func.coalesce(Supplier.code, ""),
        func.coalesce(Supplier.industry, ""),
        func.coalesce(Supplier.prefecture, ""),
        func.coalesce(Supplier.employees, -1),
        order=(Supplier.id,),
    )
    return Suppliers(
        ids=_whole(ids),
        public_ids=tuple(public_ids),
        names=tuple(names),
        codes=tuple(codes),
        industries=np.array(industries, dtype=np.str_),
        prefectures=np.array(prefectures, dtype=np.str_),
        employees=_whole(employees),
    )


def _relationships(session: Session, suppliers: Suppliers) -> Relationships:
    found = raw_columns(
        session,
        Relationship.supplier_id,
        Relationship.business_unit_id,
        func.coalesce(Relationship.owner_id, NOBODY),
        func.coalesce(Relationship.tier, 0),
        func.coalesce(Relationship.spend, 0),
        *(func.coalesce(column, 0) for column in EXPOSURES),
        order=(Relationship.id,),
    )
    facts = np.array(found, dtype=np.int64)
    without = np.setdiff1d(suppliers.ids, facts[0])
    empty = np.zeros((len(facts), len(without)), dtype=np.int64)
    empty[0] = without
    supplier_ids, unit, owner, tier, spend, *exposures = np.concatenate([facts, empty], axis=1)
    return Relationships(
        supplier=_rows_of(suppliers, supplier_ids),
        unit=unit,
        owner=owner,
        tier=tier,
        spend=spend,
        exposures=np.stack(exposures, axis=1).astype(np.int8),
        star=_stars(session, supplier_ids, unit),
    )


def _stars(session: Session, supplier_ids: Rows, unit: Rows) -> Codes:
    """The stars decided for relationships, 0 for none."""
    decided = stars.decided(session)
    found = np.zeros(len(unit), dtype=np.int8)
    if decided:
        places = zip(supplier_ids.tolist(), unit.tolist(), strict=True)
        found[:] = [decided.get(place, 0) for place in places]
    return found


def _asked(session: Session, suppliers: Suppliers) -> Asked:
    ids, supplier_ids, campaigns, started, states = raw_columns(
        session,
        Assessment.id,
        Assessment.supplier_id,
        Assessment.campaign_id,
        Assessment.started_at.is_not(None),
        Assessment.state,
        order=(Assessment.id,),
    )
    (opened,) = raw_columns(
        session, Invitation.assessment_id, order=(Invitation.id,), where=Invitation.opened_at.is_not(None)
    )
    place = {state.value: number for number, state in enumerate(STATES)}
    return Asked(
        supplier=_rows_of(suppliers, _whole(supplier_ids)),
        campaign=_whole(campaigns),
        state=_whole([place[state] for state in states]),
        is_opened=np.isin(_whole(ids), _whole(opened)),
        is_started=np.array(started, dtype=np.bool_),
    )


def _scored(session: Session, content: Content, suppliers: Suppliers, found: Snapshots) -> Scored:
    answers, levels, is_self_declared = _aligned(session, content, found)
    codes, assurance, reasons, supports = answers
    return Scored(
        ids=_whole(found.ids),
        supplier=_rows_of(suppliers, _whole(found.supplier_ids)),
        campaign=_whole(found.campaigns),
        submitted=_whole([int(seconds) for seconds in found.submitted]),
        codes=codes,
        assurance=assurance,
        reasons=reasons,
        supports=supports,
        levels=levels,
        is_self_declared=is_self_declared,
    )


def _snapshots(session: Session) -> Snapshots:
    return Snapshots(
        *raw_columns(
            session,
            AssessmentResult.id,
            AssessmentResult.supplier_id,
            Assessment.campaign_id,
            AssessmentResult.version_id,
            AssessmentResult.constants_checksum,
            extract("epoch", AssessmentResult.submitted_at),
            AssessmentResult.codes,
            AssessmentResult.assurance,
            AssessmentResult.reasons,
            AssessmentResult.supports,
            order=(AssessmentResult.submitted_at, AssessmentResult.id),
            where=Assessment.current_result_id == AssessmentResult.id,
        )
    )


def _aligned(
    session: Session, lead: Content, found: Snapshots
) -> tuple[tuple[Any, Any, Any, Any], Codes, Mask]:
    """Unpack results of any version into the lead one's columns; levels are those of their own scoring."""
    versions, rubric = _whole(found.versions), results.rubric(lead)
    checksums = np.array(found.constants, dtype=np.str_)
    answers = [np.zeros((len(versions), rubric.questions), dtype=kind) for kind in ("i1", "i1", "i1", "<u2")]
    levels = np.zeros((len(versions), len(rubric.sets)), dtype=np.int8)
    is_self_declared = np.zeros(levels.shape, dtype=np.bool_)
    for version, checksum in sorted(set(zip(found.versions, found.constants, strict=True))):
        own = questionnaires.published(session, version).content
        chosen = np.flatnonzero((versions == version) & (checksums == checksum))
        unpacked = _unpacked(own, found, chosen)
        own_rubric = results.rubric(own, constants.of(session, checksum))
        scores = maturity.score(own_rubric, unpacked[0], unpacked[1])
        columns = _shared_questions(lead, own)
        for target, source in zip(answers, unpacked, strict=True):
            target[chosen] = _taken(source, columns)
        columns = _shared_sets(lead, own)
        levels[chosen] = _taken(scores.level, columns)
        is_self_declared[chosen] = _taken(scores.is_self_declared, columns)
    return (answers[0], answers[1], answers[2], answers[3]), levels, is_self_declared


def _unpacked(own: Content, found: Snapshots, chosen: Rows) -> tuple[Codes, Codes, Codes, Any]:
    questions, rows = len(own.scored), chosen.tolist()
    reasons = b"".join(found.reasons[row] for row in rows)
    supports = b"".join(found.supports[row] for row in rows)
    return (
        unpack_answers([found.codes[row] for row in rows], questions=questions),
        unpack_assurance([found.assurance[row] for row in rows], questions=questions),
        np.frombuffer(reasons, dtype=np.int8).reshape(-1, questions),
        np.frombuffer(supports, dtype="<u2").reshape(-1, questions),
    )


def _taken(source: NDArray[Any], columns: Rows) -> NDArray[Any]:
    """The source's columns by place in the target, zeros where the source has none."""
    if len(columns) == source.shape[1] and np.array_equal(columns, np.arange(len(columns))):
        return source
    taken: NDArray[Any] = np.where(columns == NO_ROW, 0, source[:, columns]).astype(source.dtype)
    return taken


def _shared_questions(lead: Content, own: Content) -> Rows:
    """The place in the other version of each lead question that means the same there, else NO_ROW."""
    if own is lead:
        return np.arange(len(lead.scored))
    theirs = {(question.key, meaning_hash(question)): place for place, question in enumerate(own.scored)}
    return _whole([theirs.get((question.key, meaning_hash(question)), NO_ROW) for question in lead.scored])


def _shared_sets(lead: Content, own: Content) -> Rows:
    theirs = {named.name: place for place, named in enumerate(results.rubric(own).sets)}
    return _whole([theirs.get(named.name, NO_ROW) for named in results.rubric(lead).sets])


def raw_columns(
    session: Session, *columns: Any, order: tuple[Any, ...], where: ColumnElement[bool] | None = None
) -> list[list[Any]]:
    """The columns of a query as lists, from the driver's own rows and few at a time.

    A row object of SQLAlchemy's each, or 10 000 tuples at once for the collector to look through, would cost
    three times as much.
    """
    query = select(*columns).where(true() if where is None else where).order_by(*order)
    cursor = session.connection().execute(query).cursor
    gathered: list[list[Any]] = [[] for _ in columns]
    while rows := cursor.fetchmany(FEW):
        for column, values in zip(gathered, zip(*rows, strict=True), strict=True):
            column.extend(values)
    return gathered


def _whole(numbers: Sequence[int]) -> Rows:
    return np.array(numbers, dtype=np.int64)


def _rows_of(suppliers: Suppliers, ids: Rows) -> Rows:
    """Rows of suppliers by id; a foreign key sees to it that each is there."""
    return np.searchsorted(suppliers.ids, ids).astype(np.int64)
