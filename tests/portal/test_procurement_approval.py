"""What a second person approves is what they have read."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from assessments.models import CampaignState, Organisation, Role
from portal import clock
from tests import factories
from tests.fixtures_app import Visitor
from tests.pages import hidden, main_words

SignIn = Callable[..., Visitor]
CHANGED = "依頼の内容が変わりました。あらためてご確認ください。"


@pytest.fixture
def here(session: Session, buyer: Organisation) -> str:
    """The address of a draft that asks one supplier and needs a second person's approval."""
    session.merge(buyer).needs_campaign_approval = True
    campaign = factories.campaign(
        session,
        state=CampaignState.DRAFT,
        opened_at=None,
        due_on=clock.today("Asia/Tokyo").replace(year=2099, day=1),
        purpose="守るため",
    )
    supplier = factories.supplier(session)
    factories.contact(session, supplier, email="taro@aoba.example")
    factories.relationship(session, supplier)
    factories.assessment(session, campaign, supplier)
    session.commit()
    return f"/procurement/campaigns/{campaign.public_id}"


def test_an_old_page_approves_nothing_that_was_asked_for_anew(as_buyer: SignIn, here: str) -> None:
    sato, suzuki = as_buyer(Role.PROCUREMENT), as_buyer(Role.PROCUREMENT)
    sato.post(f"{here}/request-approval")
    read = suzuki.get(f"{here}/check")
    sato.post(f"{here}/send-back")
    sato.post(f"{here}/message", {"message": "別の文面です。"})
    sato.post(f"{here}/request-approval")

    answer = suzuki.post(f"{here}/approve", {"note": "確かめました", "asked": hidden(read, "asked")})

    assert answer.status_code == 409
    page = BeautifulSoup(answer.data, "html.parser")
    summary = page.select_one(".error-summary")
    assert summary is not None and CHANGED in summary.get_text()
    assert "別の文面です。" in main_words(page)
    assert "承認を待っています" in main_words(sato.get(f"{here}/check"))

    suzuki.post(f"{here}/approve", {"note": "確かめました", "asked": hidden(page, "asked")})

    assert "1社に依頼を送る" in main_words(sato.get(f"{here}/check"))


def test_a_form_that_does_not_say_what_was_read_approves_nothing(as_buyer: SignIn, here: str) -> None:
    sato, suzuki = as_buyer(Role.PROCUREMENT), as_buyer(Role.PROCUREMENT)
    sato.post(f"{here}/request-approval")

    assert suzuki.post(f"{here}/approve", {"note": "確かめました"}).status_code == 409
    assert "承認を待っています" in main_words(sato.get(f"{here}/check"))
