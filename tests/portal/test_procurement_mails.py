"""The pages of mails: each whose end is not known is settled by a person; why others did not arrive."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments.models import (
    Assessment,
    Campaign,
    Contact,
    Invitation,
    Message,
    MessageSettlement,
    MessageState,
    Role,
    Supplier,
)
from portal.procurement import mail_words
from tests import factories
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]
REFUSAL = "550 5.1.1 no such user"


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """An open campaign."""
    return factories.campaign(session)


@pytest.fixture
def invitation(session: Session, campaign: Campaign) -> Invitation:
    """The invitation to the contact of 青葉鋳造."""
    supplier = factories.supplier(session)
    contact = factories.contact(session, supplier, email="taro@aoba.example", department="総務部")
    assessment = factories.assessment(session, campaign, supplier)
    made = factories.invitation(session, assessment, email="taro@aoba.example", contact_id=contact.id)
    session.commit()
    return made


def test_a_mail_that_had_arrived_leaves_the_list(
    session: Session, campaign: Campaign, invitation: Invitation, as_buyer: SignIn
) -> None:
    mail, keiko = _mail(session, campaign, invitation, MessageState.UNKNOWN), as_buyer(Role.PROCUREMENT)
    page = keiko.get(f"/procurement/campaigns/{campaign.public_id}/mails")
    assert "taro@aoba.example" in page.text

    answer = keiko.post(_action(page, "届いていた"))

    assert answer.status_code == 302
    assert "taro@aoba.example" not in keiko.get(answer.location).text
    session.refresh(mail)
    assert mail.state is MessageState.SENT


def test_a_mail_sent_again_is_sent_once_however_often_it_is_pressed(
    session: Session, campaign: Campaign, invitation: Invitation, as_buyer: SignIn
) -> None:
    _mail(session, campaign, invitation, MessageState.UNKNOWN)
    keiko = as_buyer(Role.PROCUREMENT)
    again = _action(keiko.get("/procurement/mails"), "もう一度送る")

    assert keiko.post(again).status_code == 302
    assert keiko.post(again).status_code == 409

    session.rollback()
    assert session.scalar(select(func.count(Message.id)).where(Message.state == MessageState.QUEUED)) == 1
    assert session.scalar(select(func.count(MessageSettlement.id))) == 1


def test_the_campaign_says_how_many_wait_to_be_settled(
    session: Session, campaign: Campaign, invitation: Invitation, as_buyer: SignIn
) -> None:
    keiko, path = as_buyer(Role.PROCUREMENT), f"/procurement/campaigns/{campaign.public_id}"
    assert "結果の分からないメールが" not in keiko.get(path).text

    _mail(session, campaign, invitation, MessageState.UNKNOWN)

    page = keiko.get(path)
    assert "結果の分からないメールが1通あります" in page.text
    assert page.find("a", string="メールの結果を確かめる") is not None


def test_a_reader_sees_and_does_not_settle(
    session: Session, campaign: Campaign, invitation: Invitation, as_buyer: SignIn
) -> None:
    mail, auditor = _mail(session, campaign, invitation, MessageState.UNKNOWN), as_buyer(Role.AUDITOR)

    assert "もう一度送る" not in [
        button.text.strip() for button in auditor.get("/procurement/mails")("button")
    ]
    assert auditor.post(f"/procurement/mails/{mail.public_id}/delivered").status_code == 403


def test_another_unit_s_mails_are_not_found(
    session: Session, campaign: Campaign, invitation: Invitation, as_buyer: SignIn
) -> None:
    mail = _mail(session, campaign, invitation, MessageState.UNKNOWN)
    unit = factories.unit(session, "医療機器事業部")
    umeda = factories.stranger(session)
    factories.relationship(session, umeda, business_unit_id=unit.id)
    factories.assessment(session, campaign, umeda)
    stranger = as_buyer(user=factories.user(session, Role.PROCUREMENT, unit=unit))

    assert "taro@aoba.example" not in stranger.get("/procurement/mails").text
    assert "taro@aoba.example" not in stranger.get(f"/procurement/campaigns/{campaign.public_id}/mails").text
    for act in ("delivered", "again"):
        assert stranger.post(f"/procurement/mails/{mail.public_id}/{act}").status_code == 404


def test_after_a_server_s_fault_all_is_sent_again_once_its_answers_were_seen(
    session: Session, campaign: Campaign, invitation: Invitation, as_buyer: SignIn
) -> None:
    _mail(session, campaign, invitation, MessageState.FAILED, failure="451 4.3.0 <taro@aoba.example>: later")
    keiko, here = as_buyer(Role.PROCUREMENT), f"/procurement/campaigns/{campaign.public_id}/mails"
    assert keiko.get(here).find("a", string="まとめて送りなおす") is not None

    page = keiko.get(f"{here}/failed/again")
    assert "1通を送りなおします" in page.text
    assert "451 4.3.0" in page.text
    assert [keiko.post(f"{here}/failed/again").status_code for _ in range(2)] == [302, 302]

    session.rollback()
    keys = select(Message.send_key).where(Message.state == MessageState.QUEUED)
    assert session.scalars(keys).all() == [f"invitation:{invitation.public_id}:2"]
    assert keiko.get(here).find("a", string="まとめて送りなおす") is None
    assert "送りなおすメールがありません" in keiko.get(f"{here}/failed/again").text


def test_who_looks_after_others_sends_nothing_again(
    session: Session, campaign: Campaign, invitation: Invitation, as_buyer: SignIn
) -> None:
    _mail(session, campaign, invitation, MessageState.FAILED, failure=REFUSAL)
    unit, here = (
        factories.unit(session, "医療機器事業部"),
        f"/procurement/campaigns/{campaign.public_id}/mails/failed/again",
    )
    umeda = factories.stranger(session)
    factories.relationship(session, umeda, business_unit_id=unit.id)
    factories.assessment(session, campaign, umeda)
    stranger = as_buyer(user=factories.user(session, Role.PROCUREMENT, unit=unit))

    assert REFUSAL not in stranger.get(here).text
    stranger.post(here)
    assert as_buyer(Role.AUDITOR).post(here).status_code == 403

    session.rollback()
    assert session.scalar(select(func.count(Message.id)).where(Message.state == MessageState.QUEUED)) == 0


def test_answers_of_one_reason_are_counted_together(app: Flask) -> None:
    with app.test_request_context():
        found = mail_words.commonest([("451 a", 1), ("550 5.1.1 a", 2), ("451 b", 4)])

    assert [(one.example, one.count) for one in found] == [("451 b", 5), ("550 5.1.1 a", 2)]


def test_a_refused_address_is_shown_at_the_contact_and_mended_in_two_clicks(
    session: Session, campaign: Campaign, invitation: Invitation, as_buyer: SignIn
) -> None:
    _mail(session, campaign, invitation, MessageState.FAILED, failure=REFUSAL)
    supplier, keiko = session.get_one(Supplier, invitation.supplier_id), as_buyer(Role.PROCUREMENT)

    page = keiko.get(f"/procurement/suppliers/{supplier.public_id}")
    assert "この宛先は、相手のメールサーバーにありません" in page.text
    link = next(one for one in page("a") if one.text.startswith("宛先を直す"))
    form = keiko.get(str(link["href"]))
    filled = {
        str(one["name"]): str(one.get("value", ""))
        for one in form.select("main form:not([action]) input")
        if one.get("name")
    }
    assert (filled["name"], filled["department"]) == ("青葉 太郎", "総務部")
    keiko.post(str(link["href"]), {**filled, "email": "tarou@aoba.example", "language": "ja"})

    session.expire_all()
    assert session.get_one(Invitation, invitation.id).revoked_at is not None
    assert session.scalars(select(Message.to_email).where(Message.state == MessageState.QUEUED)).all() == [
        "tarou@aoba.example"
    ]
    living = select(Contact.email).where(Contact.supplier_id == supplier.id, Contact.retired_at.is_(None))
    assert session.scalars(living).all() == ["tarou@aoba.example"]
    assert "届きませんでした" not in keiko.get(f"/procurement/suppliers/{supplier.public_id}").text


def test_the_campaign_says_beside_a_supplier_why_its_mail_did_not_arrive(
    session: Session, campaign: Campaign, invitation: Invitation, as_buyer: SignIn
) -> None:
    _mail(session, campaign, invitation, MessageState.FAILED, failure=REFUSAL)
    keiko = as_buyer(Role.PROCUREMENT)

    assert "この宛先は、相手のメールサーバーにありません" in (
        keiko.get(f"/procurement/campaigns/{campaign.public_id}").text
    )
    listed = keiko.get(f"/procurement/campaigns/{campaign.public_id}/mails").text
    assert f"相手の返事：{REFUSAL}" in listed


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("550 5.1.1 no such user", "ありません"),
        ("550 User unknown", "受け取れない"),
        ("552 5.2.2 mailbox full", "いっぱい"),
        ("554 5.7.1 blocked by policy", "迷惑メール"),
        ("553 bad address", "書き方"),
        ("451 4.3.0 try again later", "何度か"),
        ("422 invalid to", "書き方"),
        ("refused here: NotAnAddress", "使えない文字"),
        ("something else", "受け取りませんでした"),
    ],
)
def test_what_a_server_says_is_put_plainly(app: Flask, failure: str, words: str) -> None:
    with app.test_request_context():
        assert words in mail_words.reason(failure)


def _mail(
    session: Session, campaign: Campaign, invitation: Invitation, state: MessageState, **changes: object
) -> Message:
    made = factories.mail(session, invitation, state=state, campaign_id=campaign.id, **changes)
    assert session.get_one(Assessment, invitation.assessment_id).campaign_id == campaign.id
    session.commit()
    return made


def _action(page: BeautifulSoup, words: str) -> str:
    button = next(one for one in page("button") if one.text.strip() == words)
    form = button.find_parent("form")
    assert isinstance(form, Tag)
    return str(form["action"])
