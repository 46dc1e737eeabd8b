"""The suppliers of a campaign as a list: filter, sort, page, and what each row says. It reads only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select, true
from sqlalchemy.orm import Session, joinedload

from assessments.campaign_counts import (
    NEVER_SUBMITTED,
    has_an_address,
    invited,
    is_late,
    is_within,
    last_mail,
)
from assessments.folding import search_words
from assessments.inviting import REMINDER, main_contact_id
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    Contact,
    Invitation,
    Message,
    MessageState,
    Relationship,
    Supplier,
    User,
)

PAGE_SIZE = 50
EXPORT_CHUNK = 1_000
DELIVERIES = ("queued", "sent", "unknown", "failed")
SITUATIONS = (
    "unanswered",
    "late",
    "delivered",
    "unopened",
    "opened",
    "not_started",
    "in_progress",
    "answered",
    "returned",
    "accepted",
    "declined",
    "no_address",
    "ready",
    *DELIVERIES,
)


@dataclass(frozen=True, slots=True)
class RowFilter:
    """What a person looks for; owner and unit must hold of the same relationship.

    `situation` is one of SITUATIONS or blank; `unit_ids` are the units the person may see, None for all.
    """

    words: str = ""
    situation: str = ""
    owner_id: int | None = None
    unit_id: int | None = None
    unit_ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whom the newest living invitation went to, or the main contact where nobody is invited yet."""

    name: str
    department: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One supplier's part. `delivery` is of the last invitation mail, `no_address`, or None before it."""

    assessment: Assessment
    supplier: Supplier
    owners: tuple[User, ...]
    owner_names: tuple[str, ...]
    addressed: Addressed | None
    delivery: str | None
    opened_at: datetime | None
    reminders: int
    reminded_at: datetime | None
    is_late: bool


def matching(
    campaign: Campaign, wanted: RowFilter, *, scope: ColumnElement[bool], today: date
) -> ColumnElement[bool]:
    """Give the condition on Assessment of a campaign's rows that the filter asks for."""
    conditions = [Assessment.campaign_id == campaign.id, is_within(scope)]
    words = [Supplier.search_text.contains(word, autoescape=True) for word in search_words(wanted.words)]
    if words:
        conditions.append(Assessment.supplier_id.in_(select(Supplier.id).where(*words)))
    between = _of_relationship(wanted)
    if between:
        theirs = Relationship.supplier_id == Assessment.supplier_id
        conditions.append(exists().where(theirs, in_view(wanted.unit_ids), *between))
    if wanted.situation in SITUATIONS:
        conditions.append(_is_in(wanted.situation, campaign, today))
    return and_(*conditions)


def count(session: Session, condition: ColumnElement[bool]) -> int:
    """Give how many rows there are."""
    return session.scalar(select(func.count()).select_from(Assessment).where(condition)) or 0


def page(
    session: Session,
    campaign: Campaign,
    condition: ColumnElement[bool],
    *,
    sort: str,
    number: int,
    unit_ids: frozenset[int] | None,
    today: date,
) -> list[CampaignRow]:
    """Give one page of rows in five queries."""
    found = session.execute(_sorted(condition, sort).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE))
    return rows_of(session, campaign, found.all(), unit_ids=unit_ids, today=today)


def all_rows(
    session: Session,
    campaign: Campaign,
    condition: ColumnElement[bool],
    *,
    sort: str = "name",
    unit_ids: frozenset[int] | None,
    today: date,
) -> list[CampaignRow]:
    """Give all rows, as an export or a printed list needs them."""
    found = session.execute(_sorted(condition, sort)).all()
    chunks = (found[start : start + EXPORT_CHUNK] for start in range(0, len(found), EXPORT_CHUNK))
    return [
        row for chunk in chunks for row in rows_of(session, campaign, chunk, unit_ids=unit_ids, today=today)
    ]


def rows_of(
    session: Session,
    campaign: Campaign,
    found: Sequence[tuple[Assessment, Supplier]],
    *,
    unit_ids: frozenset[int] | None,
    today: date,
) -> list[CampaignRow]:
    """Add to assessments what their mails, invitations and relationships in view say, in four queries."""
    among = Assessment.id.in_([assessment.id for assessment, _supplier in found])
    mails, invitations = _deliveries(session, among), _addressed(session, among)
    reminded = _reminded(session, among)
    relationships = _relationships(session, [supplier.id for _assessment, supplier in found], unit_ids)
    return [
        _row(
            assessment,
            supplier,
            relationships[supplier.id],
            invitations[assessment.id],
            mails.get(assessment.id),
            reminded.get(assessment.id, (0, None)),
            is_overdue=campaign.due_on < today,
        )
        for assessment, supplier in found
    ]


def in_view(unit_ids: frozenset[int] | None) -> ColumnElement[bool]:
    """Give the condition on Relationship that the person may see it."""
    return true() if unit_ids is None else Relationship.business_unit_id.in_(unit_ids)


def owners(session: Session, campaign: Campaign, *, unit_ids: frozenset[int] | None) -> list[User]:
    """Give who looks after the suppliers of a campaign, by name."""
    mine = select(Assessment.supplier_id).where(Assessment.campaign_id == campaign.id)
    theirs = select(Relationship.owner_id).where(Relationship.supplier_id.in_(mine), in_view(unit_ids))
    return list(session.scalars(select(User).where(User.id.in_(theirs)).order_by(User.name, User.id)))


def _is_in(situation: str, campaign: Campaign, today: date) -> ColumnElement[bool]:
    among = Assessment.campaign_id == campaign.id
    someone = invited(among)
    is_invited = Assessment.id.in_(select(someone.c.assessment_id))
    was_opened = Assessment.id.in_(select(someone.c.assessment_id).where(someone.c.opened_at.is_not(None)))
    never_submitted = Assessment.state.in_(NEVER_SUBMITTED)
    is_overdue = exists().where(Campaign.id == Assessment.campaign_id, is_late(today))
    conditions = {
        "unanswered": never_submitted,
        "late": is_invited & is_overdue,
        "delivered": _has_delivery(among, "sent") | was_opened,
        "unopened": is_invited & ~was_opened & never_submitted,
        "opened": was_opened,
        "answered": Assessment.state.in_([AssessmentState.SUBMITTED, AssessmentState.ACCEPTED]),
        "no_address": ~is_invited & ~has_an_address(),
        "ready": ~is_invited & has_an_address(),
    }
    if situation in DELIVERIES:
        return _has_delivery(among, situation)
    found = conditions.get(situation)
    return found if found is not None else Assessment.state == AssessmentState(situation)


def _has_delivery(among: ColumnElement[bool], state: str) -> ColumnElement[bool]:
    mail = last_mail(among)
    return Assessment.id.in_(select(mail.c.assessment_id).where(mail.c.state == state))


def _of_relationship(wanted: RowFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.owner_id is not None:
        conditions.append(Relationship.owner_id == wanted.owner_id)
    if wanted.unit_id is not None:
        conditions.append(Relationship.business_unit_id == wanted.unit_id)
    return conditions


SORTS: Mapping[str, ColumnElement[Any]] = {
    "name": func.coalesce(func.nullif(Supplier.kana, ""), Supplier.name),
    "code": func.coalesce(Supplier.code, ""),
    "state": Assessment.state.expression,
    "activity": func.coalesce(Assessment.last_activity_at, Assessment.created_at),
}


def _sorted(condition: ColumnElement[bool], sort: str) -> Select[Assessment, Supplier]:
    column = SORTS.get(sort.removeprefix("-"), SORTS["name"])
    ordered = column.desc() if sort.startswith("-") else column.asc()
    return (
        select(Assessment, Supplier)
        .join(Supplier, Supplier.id == Assessment.supplier_id)
        .where(condition)
        .order_by(ordered, Assessment.id)
    )


def _deliveries(session: Session, among: ColumnElement[bool]) -> Mapping[int, str]:
    mail = last_mail(among)
    return dict(session.execute(select(mail.c.assessment_id, mail.c.state)).all())


@dataclass(frozen=True, slots=True)
class _Invited:
    """What the invitations of an assessment come to."""

    addressed: Addressed | None = None
    is_invited: bool = False
    opened_at: datetime | None = None


def _addressed(session: Session, among: ColumnElement[bool]) -> Mapping[int, _Invited]:
    # One row an invitation, newest last; an assessment without any comes once, with its main contact.
    contact = func.coalesce(Invitation.contact_id, main_contact_id())
    statement = (
        select(Assessment.id, Invitation, Contact)
        .outerjoin(Invitation, Invitation.assessment_id == Assessment.id)
        .outerjoin(Contact, Contact.id == contact)
        .where(among)
        .order_by(Assessment.id, Invitation.revoked_at.is_(None), Invitation.id)
    )
    found: dict[int, _Invited] = defaultdict(_Invited)
    rows: Iterable[tuple[int, Invitation | None, Contact | None]] = session.execute(statement)
    for assessment_id, invitation, person in rows:
        before = found[assessment_id].opened_at
        opened = invitation.opened_at if invitation is not None else None
        found[assessment_id] = _Invited(
            addressed=_person(invitation, person),
            is_invited=invitation is not None,
            opened_at=max((one for one in (before, opened) if one), default=None),
        )
    return found


def _person(invitation: Invitation | None, contact: Contact | None) -> Addressed | None:
    frozen = contact if invitation is None else invitation
    if frozen is None:
        return None
    return Addressed(
        name=frozen.name,
        department=contact.department if contact else "",
        email=frozen.email or "",
        phone=contact.phone if contact else "",
    )


def _reminded(session: Session, among: ColumnElement[bool]) -> Mapping[int, tuple[int, datetime | None]]:
    statement = (
        select(Invitation.assessment_id, func.count(), func.max(Message.created_at))
        .join(Invitation, Invitation.id == Message.invitation_id)
        .join(Assessment, Assessment.id == Invitation.assessment_id)
        .where(among, Message.kind == REMINDER, Message.state != MessageState.CANCELLED)
        .group_by(Invitation.assessment_id)
    )
    return {assessment_id: (number, last) for assessment_id, number, last in session.execute(statement)}


def _relationships(
    session: Session, supplier_ids: Iterable[int], unit_ids: frozenset[int] | None
) -> Mapping[int, list[Relationship]]:
    found: dict[int, list[Relationship]] = defaultdict(list)
    statement = (
        select(Relationship)
        .where(Relationship.supplier_id.in_(list(supplier_ids)), in_view(unit_ids))
        .options(joinedload(Relationship.owner))
        .order_by(Relationship.id)
    )
    for relationship in session.scalars(statement):
        found[relationship.supplier_id].append(relationship)
    return found


def _row(
    assessment: Assessment,
    supplier: Supplier,
    relationships: Sequence[Relationship],
    invitation: _Invited,
    mail: str | None,
    reminded: tuple[int, datetime | None],
    *,
    is_overdue: bool,
) -> CampaignRow:
    people = {one.owner.id: one.owner for one in relationships if one.owner}
    names = dict.fromkeys(one.owner.name if one.owner else one.owner_name for one in relationships)
    has_nobody = not invitation.is_invited and invitation.addressed is None
    return CampaignRow(
        assessment=assessment,
        supplier=supplier,
        owners=tuple(people.values()),
        owner_names=tuple(name for name in names if name),
        addressed=invitation.addressed,
        delivery="no_address" if has_nobody else mail,
        opened_at=invitation.opened_at,
        reminders=reminded[0],
        reminded_at=reminded[1],
        is_late=is_overdue and invitation.is_invited and assessment.state in NEVER_SUBMITTED,
    )
