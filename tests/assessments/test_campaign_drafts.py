"""Next year's draft of a finished campaign, and drafts that are thrown away."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import asking, campaign_drafts, campaigns, courses, genuine, inviting
from assessments.calendar import Calendar
from assessments.models import (
    AdvanceNotice,
    Assessment,
    AssessmentState,
    AuditEvent,
    Campaign,
    CampaignCourse,
    CampaignState,
    Message,
    MessageState,
    Role,
    Supplier,
    User,
)
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
OFFICE = Calendar(ZoneInfo("Asia/Tokyo"), time(9), time(17))
NEXT_AUTUMN = datetime(2027, 10, 30, tzinfo=UTC)


@pytest.fixture
def sato(session: Session) -> User:
    """Whose campaign it is."""
    return factories.user(session, Role.PROCUREMENT)


@pytest.fixture
def finished(session: Session, sato: User) -> Campaign:
    """A yearly campaign that asked three, of whom one was taken out."""
    factories.organisation(session)
    campaign = factories.campaign(
        session, message="よろしくお願いします。", purpose="守るため", created_by_id=sato.id
    )
    for state in (AssessmentState.NOT_STARTED, AssessmentState.EXPIRED, AssessmentState.WITHDRAWN):
        factories.assessment(session, campaign, factories.supplier(session), state=state)
    course = courses.made(session, campaign)
    course.per_day, course.is_yearly = 50, True
    campaign.state, campaign.closed_at = CampaignState.CLOSED, NOW + timedelta(days=30)
    session.flush()
    return campaign


def test_the_next_year_begins_with_the_same_choices(session: Session, finished: Campaign, sato: User) -> None:
    made = campaign_drafts.again(session, finished, OFFICE, now=NEXT_AUTUMN, by=sato)

    assert made.state is CampaignState.DRAFT
    assert made.title == "2027年度 取引先セキュリティ調査"
    assert (made.message, made.purpose) == (finished.message, finished.purpose)
    assert made.due_on == date(2027, 12, 20)  # the 18th is a Saturday
    course = courses.of(session, made)
    assert course is not None
    assert (course.per_day, course.is_yearly, course.follows_id) == (50, True, finished.id)
    asked = select(Assessment.supplier_id).where(Assessment.campaign_id == made.id)
    assert len(session.scalars(asked).all()) == 2
    assert session.scalar(select(func.count(Message.id))) == 0


@pytest.mark.parametrize("days", [0, 1, 4])
def test_the_next_year_keeps_how_long_before_it_is_announced(
    session: Session, finished: Campaign, sato: User, days: int
) -> None:
    if days:
        session.add(AdvanceNotice(campaign_id=finished.id, business_days=days))

    made = campaign_drafts.again(session, finished, OFFICE, now=NEXT_AUTUMN, by=sato)

    assert genuine.notice_days(session, made) == days


@pytest.mark.parametrize(
    ("title", "years", "later"),
    [
        ("2026年度 調査", 1, "2027年度 調査"),
        ("２０２６年度 調査", 1, "２０２７年度 調査"),
        ("2026-2027 調査", 3, "2029-2030 調査"),
        ("令和8年度（2026年度）調査", 1, "令和9年度（2027年度）調査"),
        ("令和９年度 調査", 1, "令和１０年度 調査"),
        ("令和元年度 調査", 1, "令和2年度 調査"),
        ("第8回 調査 120260", 1, "第8回 調査 120260"),
    ],
)
def test_years_in_a_title_are_counted_on(title: str, years: int, later: str) -> None:
    assert campaign_drafts.counted_on(title, years) == later


def test_where_years_were_left_out_the_title_leaves_out_as_many(
    session: Session, finished: Campaign, sato: User
) -> None:
    made = campaign_drafts.again(session, finished, OFFICE, now=NEXT_AUTUMN + timedelta(days=730), by=sato)

    assert (made.due_on.year, made.title) == (2029, "2029年度 取引先セキュリティ調査")


def test_the_next_year_begins_once(session: Session, finished: Campaign, sato: User) -> None:
    made = [campaign_drafts.again(session, finished, OFFICE, now=NEXT_AUTUMN, by=sato).id for _ in range(2)]

    assert made[0] == made[1]
    assert campaign_drafts.due_again(session, now=NEXT_AUTUMN) == []


def test_a_yearly_campaign_is_due_eleven_months_after_it_opened(session: Session, finished: Campaign) -> None:
    assert campaign_drafts.due_again(session, now=NOW + timedelta(days=334)) == []
    assert campaign_drafts.due_again(session, now=NOW + timedelta(days=335)) == [finished.id]


def test_a_yearly_campaign_that_nobody_closed_comes_back_too(session: Session, finished: Campaign) -> None:
    finished.state, finished.closed_at = CampaignState.OPEN, None
    session.flush()

    assert campaign_drafts.due_again(session, now=NEXT_AUTUMN) == [finished.id]
    made = campaign_drafts.again(session, finished, OFFICE, now=NEXT_AUTUMN, by=None)

    assert (made.state, finished.state) == (CampaignState.DRAFT, CampaignState.OPEN)
    assert session.scalar(select(func.count(Message.id))) == 0


def test_a_campaign_that_still_runs_does_not_come_back(session: Session, finished: Campaign) -> None:
    finished.state, finished.closed_at = CampaignState.OPEN, None
    finished.due_on = (NEXT_AUTUMN - timedelta(days=14)).date()
    session.flush()

    assert campaign_drafts.due_again(session, now=NEXT_AUTUMN) == []
    with pytest.raises(campaigns.NotClosed):
        campaign_drafts.again(session, finished, OFFICE, now=NEXT_AUTUMN, by=None)


def test_the_schedule_begins_it_in_the_name_of_who_made_the_first(
    session: Session, finished: Campaign, sato: User
) -> None:
    made = campaign_drafts.again(session, finished, OFFICE, now=NEXT_AUTUMN, by=None)

    assert made.created_by_id == sato.id
    trail = select(AuditEvent.actor).where(AuditEvent.object_id == made.public_id)
    assert set(session.scalars(trail)) == {"system"}


def test_years_later_the_due_date_still_lies_ahead(session: Session, finished: Campaign, sato: User) -> None:
    made = campaign_drafts.again(session, finished, OFFICE, now=NEXT_AUTUMN + timedelta(days=800), by=sato)

    assert made.due_on == date(2030, 12, 18)


def test_a_leap_day_comes_back_as_the_last_of_february(
    session: Session, finished: Campaign, sato: User
) -> None:
    finished.due_on = date(2028, 2, 29)

    made = campaign_drafts.again(session, finished, OFFICE, now=datetime(2028, 12, 1, tzinfo=UTC), by=sato)

    assert made.due_on == date(2029, 2, 28)


def test_what_still_runs_has_no_next_year_yet(session: Session, sato: User) -> None:
    with pytest.raises(campaigns.NotClosed):
        campaign_drafts.again(session, factories.campaign(session), OFFICE, now=NOW, by=sato)


def test_a_draft_is_thrown_away_with_all_it_holds(session: Session, finished: Campaign, sato: User) -> None:
    draft = campaign_drafts.again(session, finished, OFFICE, now=NEXT_AUTUMN, by=sato)
    test_mail = inviting.send_test(session, draft, now=NOW, by=sato)
    asking.add_suppliers(session, draft, Supplier.id > 0, now=NOW)

    campaign_drafts.throw_away(session, draft, now=NOW, by=sato)

    assert session.scalars(select(Campaign)).all() == [finished]
    assert session.scalar(select(func.count(Assessment.id))) == 3
    session.refresh(test_mail)
    assert (test_mail.state, test_mail.campaign_id) == (MessageState.CANCELLED, None)
    standing = session.scalars(select(CampaignCourse).execution_options(populate_existing=True)).one()
    assert (standing.campaign_id, standing.is_yearly) == (finished.id, False)
    assert "campaign.deleted" in session.scalars(select(AuditEvent.action)).all()


@pytest.mark.parametrize("state", [CampaignState.APPROVED, CampaignState.OPEN])
def test_only_a_draft_is_thrown_away(session: Session, sato: User, state: CampaignState) -> None:
    campaign = factories.campaign(session, state=state)

    with pytest.raises(campaigns.CampaignIsFixed):
        campaign_drafts.throw_away(session, campaign, now=NOW, by=sato)
