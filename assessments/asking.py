"""Whom a campaign asks, for which parts, and why again: the rows of a draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, delete, func, select
from sqlalchemy.orm import Session

from assessments import audit, parts, questionnaires
from assessments.models import (
    Assessment,
    Campaign,
    CampaignState,
    Invitation,
    Relationship,
    Supplier,
    User,
)
from assessments.models.adding import add_rows

CHUNK = 250
TWELVE_MONTHS = timedelta(days=365)
_assessments = cast(Table, Assessment.__table__)


class NotADraft(Exception):
    """Whom a campaign asks is settled once its approval is asked for."""


class RepeatReasonWanted(Exception):
    """Suppliers asked within the last twelve months are asked again, and nobody has said why."""


class PartsReasonWanted(Exception):
    """Asking other parts than the rule's wants a reason."""


class PartsRefused(Exception):
    """A part that everybody is asked was left out, or one named that the questionnaire does not have."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one chunk of a bulk verb did; `last_id` None means that nothing is left."""

    count: int
    last_id: int | None


def add_suppliers(
    session: Session,
    campaign: Campaign,
    wanted: ColumnElement[bool],
    *,
    after_id: int = 0,
    limit: int = CHUNK,
    now: datetime,
) -> Chunk:
    """Ask the next chunk of suppliers of whom `wanted` holds, each for the parts of the rule.

    Raises NotADraft.
    """
    hold(session, campaign)
    must_be_draft(campaign)
    content = questionnaires.published(session, campaign.version_id).content
    following = select(Supplier.id).where(wanted, Supplier.id > after_id).order_by(Supplier.id)
    found = session.scalars(following.limit(limit)).all()
    # Thousands of suppliers share a few dozen combinations of exposures.
    axes = cache(lambda highest: parts.asked_axes(content, highest))
    rows = [
        {
            "campaign_id": campaign.id,
            "supplier_id": supplier_id,
            "version_id": campaign.version_id,
            "axes": axes(highest),
            "created_at": now,
        }
        for supplier_id, highest in _not_asked_yet(session, campaign, found).items()
    ]
    if rows:
        add_rows(session, _assessments, rows)
    return Chunk(len(rows), found[-1] if len(found) == limit else None)


def note_added(session: Session, campaign: Campaign, count: int, *, now: datetime, by: User | None) -> None:
    """Write down that suppliers were added, once all chunks stand."""
    who = by or audit.OPERATOR
    audit.note(session, campaign, "campaign.suppliers_added", now=now, by=who, count=count)


def remove(
    session: Session, campaign: Campaign, supplier_public_ids: Sequence[str], *, now: datetime, by: User
) -> int:
    """Leave these suppliers out of a draft; gives how many there were. Raises NotADraft."""
    named = select(Supplier.id).where(Supplier.public_id.in_(supplier_public_ids))
    return _remove(session, campaign, Assessment.supplier_id.in_(named), now=now, by=by)


def remove_all(
    session: Session, campaign: Campaign, *, scope: ColumnElement[bool], now: datetime, by: User
) -> int:
    """Leave out every supplier the person may see; gives how many there were. Raises NotADraft."""
    mine = Assessment.supplier_id.in_(select(Supplier.id).where(scope))
    return _remove(session, campaign, mine, now=now, by=by)


def change_parts(
    session: Session, assessment: Assessment, axes: Sequence[str], *, reason: str, now: datetime, by: User
) -> None:
    """Ask one supplier other parts than the rule's, with a reason the supplier reads; the rule's need none.

    Raises NotADraft, PartsRefused, PartsReasonWanted.
    """
    campaign = assessment.campaign
    hold(session, campaign)
    must_be_draft(campaign)
    content = questionnaires.published(session, campaign.version_id).content
    wanted = [axis.key for axis in content.axes if axis.key in set(axes)]
    if len(wanted) != len(set(axes)) or not parts.always_asked(content) <= set(wanted):
        raise PartsRefused
    is_the_rule = wanted == parts.asked_axes(content, highest_exposures(session, assessment.supplier_id))
    if not is_the_rule and not reason.strip():
        raise PartsReasonWanted
    assessment.axes = wanted
    assessment.axes_reason = "" if is_the_rule else reason.strip()
    facts = {"assessment": assessment.public_id, "axes": wanted}
    audit.note(session, campaign, "campaign.parts_changed", now=now, by=by, **facts)


def highest_exposures(session: Session, supplier_id: int) -> parts.Highest:
    """Give the highest exposure of each kind over all relationships of a supplier."""
    found = session.execute(
        select(*highest_of(Relationship)).where(Relationship.supplier_id == supplier_id)
    ).one()
    return parts.Highest(found[0], found[1], found[2])


def highest_of(theirs: type[Relationship]) -> tuple[ColumnElement[Any], ...]:
    """Give the columns of the highest exposures: confidentiality, continuity, connectivity."""
    return (
        func.max(theirs.confidentiality),
        func.max(theirs.continuity),
        func.max(theirs.connectivity),
    )


def asked_again(session: Session, campaign: Campaign, *, now: datetime) -> int:
    """Count the suppliers of a campaign that another campaign invited within the last twelve months."""
    mine = select(Assessment.supplier_id).where(Assessment.campaign_id == campaign.id)
    recently = (
        select(func.count(Assessment.supplier_id.distinct()))
        .join(Invitation, Invitation.assessment_id == Assessment.id)
        .where(
            Assessment.campaign_id != campaign.id,
            Assessment.supplier_id.in_(mine),
            Invitation.created_at > now - TWELVE_MONTHS,
        )
    )
    return session.scalar(recently) or 0


def must_have_repeat_reason(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """Raise RepeatReasonWanted where suppliers are asked again soon and nobody has said why."""
    if not campaign.repeat_reason.strip() and asked_again(session, campaign, now=now):
        raise RepeatReasonWanted


def must_be_draft(campaign: Campaign) -> None:
    """Raise NotADraft unless whom it asks may still change."""
    if campaign.state is not CampaignState.DRAFT:
        raise NotADraft


def hold(session: Session, campaign: Campaign) -> None:
    """Let one writer at a time work on a campaign, and read it as it stands by then.

    Rows that merely point at the campaign may be added meanwhile: a submission waits for nobody here.
    """
    session.flush()
    session.refresh(campaign, with_for_update={"key_share": True})


def _not_asked_yet(
    session: Session, campaign: Campaign, supplier_ids: Sequence[int]
) -> dict[int, parts.Highest]:
    """Give the highest exposures of those of these suppliers, in order, that are not asked yet.

    Looked up by the stretch of their ids: these two plans stay good where the database knows nothing yet
    of a table that is just being filled.
    """
    if not supplier_ids:
        return {}
    stretch = supplier_ids[0], supplier_ids[-1]
    asked = set(
        session.scalars(
            select(Assessment.supplier_id).where(
                Assessment.campaign_id == campaign.id, Assessment.supplier_id.between(*stretch)
            )
        )
    )
    theirs = Relationship.supplier_id
    exposures = select(theirs, *highest_of(Relationship)).where(theirs.between(*stretch)).group_by(theirs)
    found = {one: parts.Highest(*highest) for one, *highest in session.execute(exposures)}
    return {one: found.get(one, parts.Highest()) for one in supplier_ids if one not in asked}


def _remove(
    session: Session, campaign: Campaign, condition: ColumnElement[bool], *, now: datetime, by: User
) -> int:
    hold(session, campaign)
    must_be_draft(campaign)
    gone = session.scalars(
        delete(Assessment).where(Assessment.campaign_id == campaign.id, condition).returning(Assessment.id)
    ).all()
    audit.note(session, campaign, "campaign.suppliers_removed", now=now, by=by, count=len(gone))
    return len(gone)
