"""Plain functions that put the cast on the stage: 青葉鋳造 is ours, 梅田精機 is a stranger."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import courses, jobs, outbox, questionnaires
from assessments.folding import search_text
from assessments.jobs import Claim
from assessments.models import (
    Assessment,
    Base,
    BusinessUnit,
    Campaign,
    CampaignState,
    Contact,
    Invitation,
    Job,
    Lane,
    Membership,
    Message,
    Organisation,
    QuestionnaireVersion,
    Relationship,
    Role,
    Supplier,
    User,
)

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
QUESTIONNAIRE = "sanpo-2026"
_numbers = count(1)
Row = TypeVar("Row", bound=Base)


def organisation(session: Session, **changes: Any) -> Organisation:
    """The buyer: 東都製作所."""
    facts: dict[str, Any] = {
        "name": "株式会社東都製作所",
        "name_en": "Toto Seisakusho Co., Ltd.",
        "privacy_contact": "個人情報相談窓口 03-0000-0001",
        "complaint_contact": "取引先相談窓口 03-0000-0002",
        "genuine_contact": "購買部 代表 03-0000-0000",
        "needs_campaign_approval": False,
    }
    return _added(session, Organisation(**facts | changes))


def whole_company(session: Session) -> BusinessUnit:
    """The unit that stands for 全社."""
    standing = session.scalar(select(BusinessUnit).where(BusinessUnit.is_whole_company))
    return standing or _added(session, BusinessUnit(name="全社", is_whole_company=True))


def unit(session: Session, name: str = "精密機器事業部") -> BusinessUnit:
    """A business unit."""
    return _added(session, BusinessUnit(name=name))


def user(session: Session, *roles: Role, unit: BusinessUnit | None = None, **changes: Any) -> User:
    """A buyer's user with these roles, in all units or one."""
    facts: dict[str, Any] = {
        "email": f"user{next(_numbers)}@buyer.example",
        "name": "佐藤 恵子",
        "phone": "03-0000-1000",
        "created_at": NOW,
    }
    made = _added(session, User(**facts | changes))
    for role in roles:
        session.add(
            Membership(user=made, role=role, business_unit_id=unit.id if unit else None, granted_at=NOW)
        )
    session.flush()
    return made


def supplier(session: Session, name: str = "株式会社青葉鋳造", **changes: Any) -> Supplier:
    """A supplier in the register, without contact or relationship."""
    facts: dict[str, Any] = {
        "name": name,
        "code": f"S{next(_numbers):05d}",
        "industry": "E",
        "prefecture": "23",
        "employees": 12,
        "search_text": search_text(name),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return _added(session, Supplier(**facts | changes))


def stranger(session: Session) -> Supplier:
    """The other supplier: 梅田精機."""
    return supplier(session, "梅田精機株式会社")


def contact(session: Session, of: Supplier, **changes: Any) -> Contact:
    """A contact with an address."""
    facts: dict[str, Any] = {
        "supplier_id": of.id,
        "name": "青葉 太郎",
        "email": f"contact{next(_numbers)}@aoba.example",
        "phone": "052-000-0000",
    }
    return _added(session, Contact(**facts | changes))


def relationship(session: Session, to: Supplier, **changes: Any) -> Relationship:
    """What 全社 has with a supplier: confidentiality 3, continuity 2, connectivity 2."""
    facts: dict[str, Any] = {
        "supplier_id": to.id,
        "business_unit_id": whole_company(session).id,
        "confidentiality": 3,
        "continuity": 2,
        "connectivity": 2,
        "spend": 12_000_000,
        "tier": 1,
    }
    return _added(session, Relationship(**facts | changes))


def version(session: Session) -> QuestionnaireVersion:
    """The shipped questionnaire, published."""
    return questionnaires.publish(session, QUESTIONNAIRE, now=NOW - timedelta(days=400))


def campaign(session: Session, **changes: Any) -> Campaign:
    """An open campaign due on 2026-12-18."""
    facts: dict[str, Any] = {
        "title": "2026年度 取引先セキュリティ調査",
        "version_id": version(session).id,
        "due_on": date(2026, 12, 18),
        "purpose": "部品の供給を一緒に守るため",
        "state": CampaignState.OPEN,
        "created_at": NOW,
        "opened_at": NOW,
    }
    return _added(session, Campaign(**facts | changes))


def assessment(session: Session, campaign: Campaign, of: Supplier, **changes: Any) -> Assessment:
    """A supplier's part in a campaign, not started, asked all parts."""
    facts: dict[str, Any] = {
        "campaign_id": campaign.id,
        "supplier_id": of.id,
        "version_id": campaign.version_id,
        "axes": ["cyber", "secrets", "executive"],
        "created_at": NOW,
    }
    return _added(session, Assessment(**facts | changes))


def due_campaign(session: Session) -> Campaign:
    """An approved campaign whose moment came a minute ago by the real clock; it asks nobody yet."""
    now = datetime.now(UTC)
    made = campaign(
        session,
        state=CampaignState.APPROVED,
        opened_at=None,
        approval="colleague",
        approved_at=now,
        due_on=now.date() + timedelta(days=60),
    )
    courses.made(session, made).starts_at = now - timedelta(minutes=1)
    return made


def invitation(session: Session, assessment: Assessment, **changes: Any) -> Invitation:
    """The offer to 青葉 太郎 to answer an assessment; its token is nobody's."""
    number = next(_numbers)
    facts: dict[str, Any] = {
        "assessment_id": assessment.id,
        "supplier_id": assessment.supplier_id,
        "name": "青葉 太郎",
        "email": f"contact{number}@aoba.example",
        "token_hash": f"{number:064d}",
        "created_at": NOW,
    }
    return _added(session, Invitation(**facts | changes))


def queued_mail(session: Session, name: str, **changes: Any) -> int:
    """A mail waits to leave to `name` at 青葉鋳造; gives its id."""
    facts: dict[str, Any] = {"lane": Lane.NOTICE, "to_email": f"{name}@aoba.example", "language": "ja"}
    key = f"accepted:{name}:1"
    return outbox.queue(session, kind="accepted", send_key=key, now=NOW, **facts | changes).id


def urgent_mail(session: Session) -> str:
    """A mail to a newcomer waits to leave before all others; gives its address."""
    newcomer = user(session)
    outbox.queue(
        session,
        kind="enrolment",
        send_key=f"enrolment:{newcomer.public_id}:1",
        lane=Lane.URGENT,
        to_email=newcomer.email,
        language="ja",
        now=datetime.now(UTC),
        user_id=newcomer.id,
        facts={"enrolment": 1},
    )
    return newcomer.email


def mail(session: Session, invitation: Invitation, **changes: Any) -> Message:
    """The mail of an invitation in the outbox, waiting to leave."""
    facts: dict[str, Any] = {
        "send_key": f"invitation:{invitation.public_id}:{next(_numbers)}",
        "kind": "invitation",
        "to_email": invitation.email,
        "invitation_id": invitation.id,
        "created_at": NOW,
        "due_at": NOW,
    }
    return _added(session, Message(**facts | changes))


def claimed(session: Session, job: Job, *, now: datetime = NOW) -> Claim:
    """What the runner holds that has just taken up a job."""
    mine = jobs.claim(session, job.id, now=now)
    assert mine is not None
    return mine


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
