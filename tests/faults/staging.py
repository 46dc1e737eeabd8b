"""What stands in the database before the kills: campaigns nobody has sent yet, firms that are answering."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from assessments import questionnaires
from assessments.models import (
    Campaign,
    CampaignState,
    Membership,
    Role,
    Side,
    Supplier,
    User,
)
from portal import clock, sessions
from portal.db import Database
from tests import factories
from tests.faults.taking import BUSY, DROPPED, NOBODY, SILENT, SLOW

NOTICE = "2026.1"
AXES = ["cyber", "secrets", "executive"]
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Desk:
    """The buyer's: campaigns ready to send, how many each asks, and the session of who sends them."""

    campaigns: Sequence[str]
    suppliers: int
    secret: str


@dataclass(frozen=True, slots=True)
class Firm:
    """One that answers: its part of a campaign, the session of its person, the questions by id and key."""

    assessment_id: int
    public_id: str
    secret: str
    questions: Sequence[tuple[int, str]]
    section: str


def desk(database: Database, *, suppliers: int, campaigns: int, has_faults: bool) -> Desk:
    """Put campaigns on the desk that ask the same suppliers; the first addresses have faults."""
    with database.writer.begin() as session:
        factories.organisation(session)
        asked = [_supplier(session, number, has_faults=has_faults) for number in range(suppliers)]
        ready = [_campaign(session, asked) for _ in range(campaigns)]
        who = factories.user(session, Role.PROCUREMENT)
        secret = sessions.open_(session, who, side=Side.BUYER, supplier_id=None, now=clock.now())
        return Desk([one.public_id for one in ready], suppliers, secret)


def answering(database: Database, *, firms: int, questions: int) -> list[Firm]:
    """Put firms on the stage that have read the first screen and answer now."""
    with database.writer.begin() as session:
        factories.organisation(session)
        open_now = factories.campaign(session, due_on=_due())
        return [_firm(session, open_now, number, questions) for number in range(firms)]


def _supplier(session: Session, number: int, *, has_faults: bool) -> Supplier:
    made = factories.supplier(session, f"取引先{number:04d}株式会社")
    faults = dict(enumerate((NOBODY, BUSY, DROPPED, SILENT, SLOW))) if has_faults else {}
    name = faults.get(number, "sound")
    factories.contact(session, made, email=f"{name}.{number}@supplier{number}.example")
    factories.relationship(session, made)
    return made


def _campaign(session: Session, asked: Sequence[Supplier]) -> Campaign:
    made = factories.campaign(
        session,
        state=CampaignState.DRAFT,
        opened_at=None,
        created_at=clock.now(),
        due_on=_due(),
        purpose="取引先と一緒に対策を進めるため",
        repeat_reason="試験のため",
    )
    for supplier in asked:
        factories.assessment(session, made, supplier, created_at=clock.now())
    return made


def _firm(session: Session, campaign: Campaign, number: int, questions: int) -> Firm:
    supplier = factories.supplier(session, f"取引先{number:04d}株式会社")
    now = clock.now()
    mine = factories.assessment(session, campaign, supplier, notice_version=NOTICE, notice_seen_at=now)
    person = User(email=f"taro@supplier{number}.example", name="青葉 太郎", created_at=now)
    person.memberships = [Membership(role=Role.RESPONDENT, supplier_id=supplier.id, granted_at=now)]
    session.add(person)
    session.flush()
    factories.invitation(session, mine, email=person.email)
    secret = sessions.open_(session, person, side=Side.SUPPLIER, supplier_id=supplier.id, now=now)
    published = questionnaires.published(session, campaign.version_id)
    section = next(one for one in published.content.asked(AXES) if one.axis)
    scored = [one for one in published.content.scored if one.section == section.key][:questions]
    asked = [(published.ids[one.key], one.key) for one in scored]
    return Firm(mine.id, mine.public_id, secret, asked, section.key)


def _due() -> date:
    return clock.today("Asia/Tokyo") + MONTH
