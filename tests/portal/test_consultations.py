"""Suppliers' talks about cost: found by their owners in procurement or risk, answered once, told by mail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import consultations
from assessments.models import Consultation, ConsultationTopic, Message, Role, Supplier, User
from tests import factories, supply_chain
from tests.factories import NOW
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]
OVERVIEW = "/risk/consultations/"


@dataclass
class Cast:
    """A talk that 青葉鋳造 opened with its owner."""

    aoba: Supplier
    owner: User
    talk: Consultation

    @property
    def page(self) -> str:
        """The page of the talk."""
        return f"{OVERVIEW}{self.talk.public_id}"


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nobody is woken in these tests; the mails stay in the outbox."""
    calls: list[str] = []
    monkeypatch.setattr("portal.consultations.views.wake_dispatcher", lambda: calls.append("dispatcher"))
    return calls


@pytest.fixture
def cast(session: Session) -> Cast:
    owner = factories.user(session, Role.PROCUREMENT, name="購買 花子")
    campaign, aoba = factories.campaign(session), factories.supplier(session)
    factories.relationship(session, aoba, owner_id=owner.id)
    assessment = factories.assessment(session, campaign, aoba)
    invitation = supply_chain.invitation(assessment, NOW)
    session.add(invitation)
    person = factories.user(session, email=invitation.email, name="青葉 太郎")
    talk = consultations.open_(
        session,
        assessment,
        topic=ConsultationTopic.COST,
        message="費用のことで相談させてください。",
        now=NOW - timedelta(days=3),
        by=person,
    )
    session.commit()
    return Cast(aoba, owner, talk)


def test_the_owner_in_procurement_answers_and_the_supplier_is_told(
    as_buyer: SignIn, session: Session, cast: Cast, woken: list[str]
) -> None:
    owner = as_buyer(user=cast.owner)
    assert "費用のことで相談させてください。" in owner.get(cast.page).get_text()

    answer = owner.post(cast.page, {"answer": "単価も含めて、来週お話ししましょう。"})

    assert (answer.status_code, answer.location) == (302, OVERVIEW)
    session.expire_all()
    talk = session.get_one(Consultation, cast.talk.id)
    assert (talk.answer, talk.answered_by_id) == ("単価も含めて、来週お話ししましょう。", cast.owner.id)
    mail = session.scalars(select(Message).where(Message.kind == "consultation_answered")).one()
    assert mail.to_email == talk.opened_by.email
    assert mail.invitation_id is not None
    assert mail.facts == {"consultation_id": talk.id}
    assert woken == ["dispatcher"]
    assert "お返事済み" in owner.get(OVERVIEW).get_text()


def test_what_waits_stands_first_and_ones_own_can_be_chosen(
    as_buyer: SignIn, session: Session, cast: Cast
) -> None:
    umeda = factories.stranger(session)
    session.add(
        Consultation(
            supplier_id=umeda.id,
            topic=ConsultationTopic.TIMING,
            message="時期",
            opened_by_id=factories.user(session).id,
            opened_at=NOW - timedelta(days=30),
            answer="承知しました。",
            answered_at=NOW,
        )
    )
    session.commit()
    owner = as_buyer(user=cast.owner)

    both = [row.get_text() for row in owner.get(OVERVIEW).select("tbody th")]
    mine = [row.get_text() for row in owner.get(f"{OVERVIEW}?owner=me").select("tbody th")]

    assert both == ["株式会社青葉鋳造", "梅田精機株式会社"]
    assert mine == ["株式会社青葉鋳造"]


def test_others_may_read_or_not(as_buyer: SignIn, cast: Cast) -> None:
    for role in (Role.LEGAL, Role.AUDITOR):
        reader = as_buyer(role)
        assert not reader.get(cast.page).select("textarea")
        assert reader.post(cast.page, {"answer": "？"}).status_code == 403
    for role in (Role.VIEWER, Role.ADMIN):
        assert as_buyer(role).client.get(OVERVIEW).status_code == 403


def test_someone_of_another_unit_finds_nothing(as_buyer: SignIn, session: Session, cast: Cast) -> None:
    elsewhere = factories.user(session, Role.PROCUREMENT, unit=factories.unit(session))
    stranger = as_buyer(user=elsewhere)

    assert stranger.client.get(cast.page).status_code == 404
    assert "青葉鋳造" not in stranger.get(OVERVIEW).get_text()


def test_a_supplier_finds_nothing_here(as_supplier: SignIn, cast: Cast) -> None:
    at_aoba = as_supplier(cast.aoba, "somebody@aoba.example")

    assert at_aoba.client.get(OVERVIEW).status_code == 404
    assert at_aoba.client.get(cast.page).status_code == 404


def test_an_empty_answer_is_refused_at_its_field(as_buyer: SignIn, cast: Cast) -> None:
    answer = as_buyer(Role.RISK).post(cast.page, {"answer": "  "})

    assert answer.status_code == 422
    assert "お返事を入力してください。" in answer.get_data(as_text=True)


def test_an_answer_given_is_not_overwritten_and_the_second_one_not_lost(
    as_buyer: SignIn, session: Session, cast: Cast
) -> None:
    as_buyer(user=cast.owner).post(cast.page, {"answer": "先のお返事"})

    answer = as_buyer(Role.RISK).post(cast.page, {"answer": "あとのお返事"})

    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "ほかの方がすでにお返事しています" in text
    assert "あとのお返事" in text
    session.expire_all()
    assert session.get_one(Consultation, cast.talk.id).answer == "先のお返事"


def test_without_talks_the_page_says_why_it_is_empty(as_buyer: SignIn) -> None:
    assert "ご相談はありません" in as_buyer(Role.RISK).get(OVERVIEW).get_text()
