"""What a draft comes to before it leaves: whom it reaches, what they are asked, what is still missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, func, or_, select
from sqlalchemy.orm import Session

from assessments import asking, constants, placeholders, questionnaires, stars
from assessments.campaign_counts import counts, is_within
from assessments.inviting import main_contact_id
from assessments.models import Assessment, Campaign, Contact, Relationship, StarOverride, Supplier

NOBODY, DUE_PASSED, NO_REPEAT_REASON, NO_PURPOSE = "nobody", "due_passed", "no_repeat_reason", "no_purpose"
UNKNOWN_WORDS = "unknown_words"


@dataclass(frozen=True, slots=True)
class DraftCheck:
    """Suppliers a draft asks. `parts` counts them by axis; `unset` lack an exposure; ★4 fits `high` of them.

    `problems` names what keeps the draft from leaving.
    """

    suppliers: int
    reachable: int
    no_address: int
    asked_again: int
    unset: int
    high: int
    is_mostly_high: bool
    parts: Mapping[str, int]
    problems: tuple[str, ...]


def check(
    session: Session, campaign: Campaign, *, scope: ColumnElement[bool], now: datetime, today: date
) -> DraftCheck:
    """Look a draft over, as far as `scope` (a condition on Supplier) reaches."""
    found = counts(session, campaign, today=today, scope=scope)
    shipped = questionnaires.published(session, campaign.version_id).content.model
    model = constants.current(session).applied(shipped)
    unset, high = _exposures(session, campaign, scope, star_exposure=model["star_exposure"])
    again = asking.asked_again(session, campaign, now=now)
    return DraftCheck(
        suppliers=found.suppliers,
        reachable=found.suppliers - found.no_address,
        no_address=found.no_address,
        asked_again=again,
        unset=unset,
        high=high,
        is_mostly_high=100 * high > model["star_share_warning"] * found.suppliers,
        parts=parts_asked(session, campaign, scope=scope),
        problems=_problems(campaign, found.suppliers, again, today),
    )


def parts_asked(session: Session, campaign: Campaign, *, scope: ColumnElement[bool]) -> Mapping[str, int]:
    """Give how many suppliers are asked each axis."""
    # PostgreSQL compares JSON as text only.
    axes = cast(Assessment.axes, Text)
    statement = (
        select(func.min(Assessment.id), func.count())
        .where(Assessment.campaign_id == campaign.id, is_within(scope))
        .group_by(axes)
    )
    by_example: dict[int, int] = dict(session.execute(statement).all())
    asked: dict[str, int] = {}
    examples = select(Assessment.id, Assessment.axes).where(Assessment.id.in_(by_example))
    for example, names in session.execute(examples):
        for name in names:
            asked[name] = asked.get(name, 0) + by_example[example]
    return asked


def first_asked(session: Session, campaign: Campaign, *, scope: ColumnElement[bool]) -> dict[str, str]:
    """Give the names that a sample of the mail shows: the first supplier with an address, and its contact."""
    row = session.execute(
        select(Supplier.name, Contact.name)
        .select_from(Assessment)
        .join(Supplier, Supplier.id == Assessment.supplier_id)
        .join(Contact, Contact.id == main_contact_id())
        .where(Assessment.campaign_id == campaign.id, is_within(scope))
        .order_by(Assessment.id)
        .limit(1)
    ).first()
    if row is None:
        return {}
    supplier, person = row
    return {"supplier": supplier, **({"name": person} if person else {})}


def _exposures(
    session: Session, campaign: Campaign, scope: ColumnElement[bool], *, star_exposure: int
) -> tuple[int, int]:
    """How many lack an exposure, and for how many ★4 fits: as decided, else by their exposures."""
    graded = (Relationship.confidentiality, Relationship.continuity, Relationship.connectivity)
    reaches = or_(*(column >= star_exposure for column in graded))
    is_four = case((StarOverride.star.is_not(None), StarOverride.star == max(stars.STARS)), else_=reaches)
    highest = (
        select(
            *(
                column.label(name)
                for name, column in zip("abc", asking.highest_of(Relationship), strict=True)
            ),
            func.max(case((is_four, 1), else_=0)).label("high"),
        )
        .select_from(Assessment)
        .outerjoin(Relationship, Relationship.supplier_id == Assessment.supplier_id)
        .outerjoin(StarOverride, _decides(Relationship))
        .where(Assessment.campaign_id == campaign.id, is_within(scope))
        .group_by(Assessment.id)
        .subquery()
    )
    columns: tuple[ColumnElement[Any], ...] = (highest.c.a, highest.c.b, highest.c.c)
    is_unset = or_(*(column.is_(None) for column in columns))
    found = session.execute(select(func.sum(case((is_unset, 1), else_=0)), func.sum(highest.c.high))).one()
    return found[0] or 0, found[1] or 0


def _decides(between: type[Relationship]) -> ColumnElement[bool]:
    """Whether a decision about a star is the one that holds for a relationship."""
    is_theirs = (StarOverride.supplier_id == between.supplier_id) & (
        StarOverride.business_unit_id == between.business_unit_id
    )
    return is_theirs & StarOverride.id.in_(stars.standing_ids())


def _problems(campaign: Campaign, suppliers: int, again: int, today: date) -> tuple[str, ...]:
    missing = {
        NOBODY: not suppliers,
        NO_PURPOSE: not campaign.purpose.strip(),
        DUE_PASSED: campaign.due_on <= today,
        UNKNOWN_WORDS: bool(placeholders.unknown(campaign.message)),
        NO_REPEAT_REASON: bool(again) and not campaign.repeat_reason.strip(),
    }
    return tuple(name for name, is_missing in missing.items() if is_missing)
