"""The last step of making a campaign warns of a due date that is too near, and says what to change."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from assessments import courses
from assessments.models import Campaign, CampaignState, Role
from portal import clock
from tests import factories
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]
TODAY = clock.today("Asia/Tokyo")


def _draft(session: Session, days: int, per_day: int | None = None) -> Campaign:
    campaign = factories.campaign(
        session, state=CampaignState.DRAFT, opened_at=None, due_on=TODAY + timedelta(days=days)
    )
    course = courses.made(session, campaign)
    course.reminds, course.per_day = True, per_day
    for _ in range(8):
        supplier = factories.supplier(session)
        factories.contact(session, supplier)
        factories.assessment(session, campaign, supplier)
    session.commit()
    return campaign


def _page(session: Session, as_buyer: SignIn, campaign: Campaign) -> str:
    path = f"/procurement/campaigns/{campaign.public_id}/check"
    return as_buyer(Role.PROCUREMENT).get(path).get_text(" ", strip=True)


def test_a_near_date_is_warned_of_with_the_days_that_are_missing(session: Session, as_buyer: SignIn) -> None:
    page = _page(session, as_buyer, _draft(session, 7))

    assert "期限が近く、予定のご案内を送りきれません" in page
    assert "営業日足りません" in page
    assert "期限を変える" in page


def test_waves_that_go_beyond_the_date_are_warned_of(session: Session, as_buyer: SignIn) -> None:
    page = _page(session, as_buyer, _draft(session, 7, per_day=1))

    assert "期限までに、すべての取引先へ送りきれません" in page
    assert "1営業日に送る数（いまは1社）を増やす" in page


def test_a_date_with_room_is_not_warned_of(session: Session, as_buyer: SignIn) -> None:
    page = _page(session, as_buyer, _draft(session, 90))

    assert "送りきれません" not in page
