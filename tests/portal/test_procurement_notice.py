"""The notice before an invitation, as the last step of making a campaign shows and keeps it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.models import AdvanceNotice, Campaign, CampaignState, Organisation, Role
from tests import factories
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """A draft that gives a notice a business day before."""
    made = factories.campaign(session, state=CampaignState.DRAFT, opened_at=None)
    factories.assessment(session, made, factories.supplier(session))
    session.add(AdvanceNotice(campaign_id=made.id))
    session.commit()
    return made


def test_the_last_step_shows_the_notice_as_it_will_be(campaign: Campaign, as_buyer: SignIn) -> None:
    page = as_buyer(Role.PROCUREMENT).get(f"/procurement/campaigns/{campaign.public_id}/check")

    notice = page.find(id="notice")
    assert notice is not None
    assert notice.select_one('option[value="1"][selected]')
    for words in ("（取引先ごとの受付番号）", "http://localhost/genuine", "2026年度 取引先セキュリティ調査"):
        assert words in notice.get_text(), words


@pytest.mark.parametrize(("days", "kept"), [("3", [3]), ("0", [])])
def test_a_person_changes_it_or_does_without(
    session: Session, campaign: Campaign, as_buyer: SignIn, days: str, kept: list[int]
) -> None:
    desk, path = as_buyer(Role.PROCUREMENT), f"/procurement/campaigns/{campaign.public_id}"

    assert desk.post(f"{path}/notice", {"days": days}).status_code == 302

    assert list(session.scalars(select(AdvanceNotice.business_days))) == kept
    session.commit()
    page = desk.get(f"{path}/check")
    assert page.select_one(f'#notice option[value="{days}"][selected]')
    assert bool(page.select("#notice details")) == bool(kept)


def test_what_is_offered_is_all_there_is(campaign: Campaign, as_buyer: SignIn) -> None:
    path = f"/procurement/campaigns/{campaign.public_id}/notice"

    assert as_buyer(Role.PROCUREMENT).post(path, {"days": "9"}).status_code == 400


def test_what_is_no_draft_any_more_keeps_its_notice(
    session: Session, campaign: Campaign, as_buyer: SignIn
) -> None:
    campaign.state = CampaignState.AWAITING_APPROVAL
    session.commit()
    desk, path = as_buyer(Role.PROCUREMENT), f"/procurement/campaigns/{campaign.public_id}"

    assert desk.post(f"{path}/notice", {"days": "0"}).status_code == 409
    page = desk.get(f"{path}/check")
    assert page.select("#notice select") == []
    assert "1営業日前に知らせる" in page.get_text()


@pytest.mark.parametrize(("is_demo", "kept"), [(False, [1]), (True, [])])
def test_a_new_campaign_is_announced_except_in_the_demo(
    session: Session, buyer: Organisation, as_buyer: SignIn, is_demo: bool, kept: list[int]
) -> None:
    buyer.is_demo = is_demo
    version = factories.version(session)
    desk = as_buyer(Role.PROCUREMENT)
    session.commit()

    made = desk.post(
        "/procurement/campaigns/new",
        {"title": "調査", "purpose": "対策を知るため", "due_on": "2027-02-26", "version": version.public_id},
    )

    assert made.status_code == 302
    assert list(session.scalars(select(AdvanceNotice.business_days))) == kept


def test_a_running_campaign_says_when_the_requests_behind_notices_leave(
    session: Session, buyer: Organisation, as_buyer: SignIn
) -> None:
    running = factories.campaign(session)
    invitation = factories.invitation(
        session, factories.assessment(session, running, factories.supplier(session))
    )
    session.commit()
    desk, path = as_buyer(Role.PROCUREMENT), f"/procurement/campaigns/{running.public_id}"
    assert "順に出ていきます" not in desk.get(path).text

    factories.mail(
        session,
        invitation,
        campaign_id=running.id,
        lane=2,
        due_at=datetime(2036, 12, 1, 0, 30, tzinfo=UTC),
    )
    session.commit()

    assert "待っている依頼のメールは、2036年12月1日（月）09:30から順に出ていきます" in desk.get(path).text
