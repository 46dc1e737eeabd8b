"""Not answering this time, in a real browser: said on a phone, seen at a desk, taken back; fit to be seen."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from assessments import courses
from assessments.models import Assessment, CampaignState, Membership, Role, Side, User
from portal import clock, sessions
from tests import answering, factories
from tests.journeys.looking import look
from tests.journeys.site import PHONE, Window, open_window, site

pytestmark = pytest.mark.browser
__all__ = ["open_window", "site"]  # fixtures are found by their names in the module


@pytest.fixture
def aoba(session: Session) -> Assessment:
    """青葉鋳造, asked, with an owner, and its person known."""
    made, _ = answering.invited(session)
    owner = factories.user(session, Role.PROCUREMENT, name="鈴木 一郎")
    factories.relationship(session, made.supplier, owner_id=owner.id)
    answering.person(session).memberships = [
        Membership(role=Role.RESPONDENT, supplier_id=made.supplier_id, granted_at=factories.NOW)
    ]
    session.commit()
    return made


def test_a_supplier_declines_and_comes_back(
    open_window: Window, site: str, session: Session, aoba: Assessment
) -> None:
    taro = answering.person(session)
    page = _signed_in(session, site, open_window(width=PHONE), taro, supplier_id=aoba.supplier_id)
    keiko = factories.user(session, Role.PROCUREMENT)
    desk = _signed_in(session, site, open_window(), keiko, supplier_id=None)

    mine, campaign = f"/supplier/assessments/{aoba.public_id}", aoba.campaign.public_id
    session.commit()  # this session must not keep the writer from the application

    page.goto(mine)
    page.get_by_role("link", name="今回は回答しない").click()
    look(page, "decline-form")
    page.get_by_role("radio", name="いまは手が回らない").check()
    page.get_by_label("ひとこと").fill("担当が来月まで休んでいます。")
    page.get_by_role("button", name="今回は回答しないと知らせる").click()
    look(page, "decline-said")

    desk.goto(f"/procurement/campaigns/{campaign}")
    look(desk, "decline-campaign")
    desk.get_by_role("link", name="手が回らない").click()
    expect(desk.get_by_text("担当が来月まで休んでいます。")).to_be_visible()
    look(desk, "decline-buyer")

    page.goto(mine)
    look(page, "decline-overview")
    page.get_by_role("button", name="やはり回答する").click()
    expect(page.get_by_role("link", name="回答をはじめる")).to_be_visible()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_near_date_is_warned_of_on_a_phone(
    open_window: Window, site: str, session: Session, language: str
) -> None:
    due_on = clock.today("Asia/Tokyo") + timedelta(days=5)
    campaign = factories.campaign(session, state=CampaignState.DRAFT, opened_at=None, due_on=due_on)
    course = courses.made(session, campaign)
    course.reminds, course.per_day = True, 1
    for _ in range(8):
        supplier = factories.supplier(session)
        factories.contact(session, supplier)
        factories.assessment(session, campaign, supplier)
    keiko = factories.user(session, Role.PROCUREMENT, language=language)
    page = _signed_in(session, site, open_window(width=PHONE, language=language), keiko, supplier_id=None)

    path = f"/procurement/campaigns/{campaign.public_id}/check"
    session.commit()

    page.goto(path)

    look(page, f"draft-timing-{language}")


def _signed_in(session: Session, site: str, page: Page, person: User, *, supplier_id: int | None) -> Page:
    side = Side.BUYER if supplier_id is None else Side.SUPPLIER
    secret = sessions.open_(session, person, side=side, supplier_id=supplier_id, now=clock.now())
    session.commit()
    page.context.add_cookies([{"name": "sanpo", "value": secret, "url": site}])
    return page
