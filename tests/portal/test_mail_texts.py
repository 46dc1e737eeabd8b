"""What mails say: every kind in both languages, the promises where they belong, and no more than that."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from assessments import declining, genuine, outbox
from assessments.fairness import fairness
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    Consultation,
    ConsultationTopic,
    Lane,
    Organisation,
    Role,
)
from assessments.tokens import fingerprint, link_token
from portal import mail_facts, mail_render
from portal.mail_facts import FAIR, MailFacts
from portal.mail_render import Rendered
from portal.settings import Settings
from tests import factories
from tests.answering import counted_queries
from tests.factories import NOW
from tests.fixtures_app import KEYS

TEMPLATES = Path(__file__).parents[2] / "templates" / "email"
KINDS = sorted(path.name.split(".")[0] for path in TEMPLATES.glob("[a-z]*.ja.txt"))
TO_THE_BUYER = {"consultation_opened", "enrolment", "test_mail", "unanswered_note"}
SECRET_NOTE = "値下げ交渉中のため内密に"
Write = Callable[..., tuple[MailFacts, Rendered]]


@pytest.fixture
def campaign(session: Session, buyer: Organisation) -> Campaign:
    """An open campaign with a word from the buyer."""
    creator = factories.user(session, Role.PROCUREMENT, email="creator@buyer.example")
    return factories.campaign(session, created_by_id=creator.id, message="今年もよろしくお願いします。")


@pytest.fixture
def assessment(session: Session, campaign: Campaign) -> Assessment:
    """青葉鋳造's part, with an owner at the buyer and a note that is nobody else's business."""
    aoba = factories.supplier(session)
    owner = factories.user(session, Role.PROCUREMENT, email="owner@buyer.example", name="鈴木 一郎")
    factories.relationship(session, aoba, owner_id=owner.id, note=SECRET_NOTE)
    return factories.assessment(session, campaign, aoba)


@pytest.fixture
def write(session: Session, settings: Settings, assessment: Assessment) -> Write:
    """Write a mail: `write("reminder")`, `write("code", "en")`."""
    invitation = factories.invitation(session, assessment)
    genuine.give_numbers(session, [(assessment.id, assessment.supplier_id)], now=NOW)
    user = factories.user(session, Role.PROCUREMENT)
    talk = Consultation(
        supplier_id=assessment.supplier_id,
        topic=ConsultationTopic.COST,
        message=SECRET_NOTE,
        opened_by_id=user.id,
        opened_at=NOW,
    )
    session.add(talk)
    session.flush()

    def make(kind: str, language: str = "ja") -> tuple[MailFacts, Rendered]:
        facts = {"counter": 1, "enrolment": 1}
        is_declined = kind == declining.NOTE
        assessment.state = AssessmentState.DECLINED if is_declined else AssessmentState.NOT_STARTED
        if kind.startswith("consultation"):
            facts["consultation_id"] = talk.id
        message = outbox.queue(
            session,
            kind=kind,
            send_key=f"{kind}:{language}:1",
            lane=Lane.NOTICE,
            to_email="taro@aoba.example",
            language=language,
            now=NOW,
            invitation_id=None if kind in TO_THE_BUYER else invitation.id,
            user_id=user.id if kind in TO_THE_BUYER or kind == declining.NOTE else None,
            campaign_id=assessment.campaign_id,
            facts=facts,
        )
        return mail_render.write(mail_facts.gather(session, [message.id]), message.id, settings, now=NOW)

    return make


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_mail_can_be_written(write: Write, language: str) -> None:
    for kind in KINDS:
        facts, mail = write(kind, language)

        assert mail.subject.strip() == mail.subject != "", kind
        assert "\n" not in mail.subject, kind
        assert not re.search(r"[{}]|None|undefined", mail.text), kind
        assert SECRET_NOTE not in mail.text + mail.html, kind
        assert bool(facts.fairness) == (kind in FAIR), kind


@pytest.mark.parametrize("language", ["ja", "en"])
def test_invitations_reminders_and_results_carry_every_promise(write: Write, language: str) -> None:
    titles = [entry.title.in_(language) for entry in fairness().paragraphs]
    for kind in sorted(FAIR):
        facts, mail = write(kind, language)

        assert [title for title, _text in facts.fairness] == titles, kind
        assert [title for title in titles if title not in mail.text] == [], kind
        assert f"/s/{mail_facts.LINK}/consultation" in mail.text, kind


def test_a_mail_leads_to_one_page_and_never_to_another_host(write: Write) -> None:
    _facts, mail = write("invitation")

    links = set(re.findall(r"https?://\S+", mail.text))
    assert links == {
        f"http://localhost/s/{mail_facts.LINK}",
        f"http://localhost/s/{mail_facts.LINK}/consultation",
        "http://localhost/genuine",
        "http://localhost/",
    }


def test_an_invitation_says_who_what_how_long_by_when_and_whom_to_ask(write: Write) -> None:
    facts, mail = write("invitation")

    for words in ("鈴木 一郎", "2026年度 取引先セキュリティ調査", "2026年12月18日（金）", "03-0000-1000"):
        assert words in mail.text
    assert f"{facts.values['questions']}問、{facts.values['minutes']}分ほど" in mail.text
    assert "今年もよろしくお願いします。" in mail.text
    assert facts.reply_to == "owner@buyer.example"


@pytest.mark.parametrize(
    ("mail_replies", "contact", "replies_to"),
    [
        ("", "03-0000-1000", ""),
        ("", "調達部（supply.desk@buyer.example、03-0000-1000）", "supply.desk@buyer.example"),
        ("sanpo@buyer.example", "desk@buyer.example", "sanpo@buyer.example"),
    ],
)
def test_where_nobody_in_charge_has_an_address_replies_reach_somebody_or_are_not_asked_for(
    session: Session,
    settings: Settings,
    buyer: Organisation,
    mail_replies: str,
    contact: str,
    replies_to: str,
) -> None:
    buyer.genuine_contact = contact
    aoba = factories.supplier(session)
    factories.relationship(session, aoba, owner_name="鈴木 一郎")
    assessment = factories.assessment(session, factories.campaign(session), aoba)
    invitation = factories.invitation(session, assessment)
    told = replace(settings, mail_replies=mail_replies)
    for kind in sorted(FAIR | {genuine.NOTICE}):
        for language, asks in (("ja", "返信"), ("en", "reply to this")):
            message = factories.mail(
                session,
                invitation,
                kind=kind,
                language=language,
                send_key=f"{kind}:{language}:1",
                campaign_id=assessment.campaign_id,
            )
            gathered = mail_facts.gather(session, [message.id])
            facts, mail = mail_render.write(gathered, message.id, told, now=NOW)

            assert facts.reply_to == replies_to, kind
            assert (asks in mail.text) == bool(replies_to), (kind, language)


def test_twenty_five_questions_take_five_minutes(
    write: Write, session: Session, assessment: Assessment
) -> None:
    assessment.axes = ["cyber"]
    session.flush()

    facts, _mail = write("invitation")

    assert (facts.values["questions"], facts.values["minutes"]) == ("25", "5")


def test_the_html_says_the_same_and_escapes_the_buyers_words(
    write: Write, session: Session, campaign: Campaign
) -> None:
    campaign.message = "<script>alert(1)</script> よろしく"
    session.flush()

    _facts, mail = write("invitation")

    assert "<script>" not in mail.html
    assert "&lt;script&gt;" in mail.html
    assert f'href="http://localhost/s/{mail_facts.LINK}"' in mail.html


def test_the_buyers_words_cannot_pose_as_a_secret(write: Write, session: Session, campaign: Campaign) -> None:
    campaign.message = f"ここに {mail_facts.CODE} と {mail_facts.LINK}"
    session.flush()

    facts, _mail = write("invitation")

    assert facts.values["message"] == "ここに code と link"


def test_a_test_mail_shows_the_invitation_without_a_link_that_works(write: Write) -> None:
    _facts, mail = write("test_mail")

    assert mail.subject.startswith("【テスト送信】")
    assert "（取引先ごとのリンクがここに入ります）" in mail.text
    assert "/s/" not in mail.text


def test_the_preview_is_what_suppliers_get(
    session: Session, campaign: Campaign, settings: Settings, write: Write
) -> None:
    shown = mail_render.preview(session, campaign, settings, language="ja")
    _facts, mail = write("invitation")

    assert shown.subject == mail.subject
    assert [line for line in shown.text.split("\n") if line.startswith("■")] == [
        line for line in mail.text.split("\n") if line.startswith("■")
    ]


def test_an_old_mail_keeps_its_own_dead_link(session: Session, assessment: Assessment) -> None:
    invitation = factories.invitation(session, assessment, generation=2)
    invitation.token_hash = fingerprint(link_token(KEYS, "invitation", invitation.public_id, 2))
    message = factories.mail(session, invitation, send_key=f"invitation:{invitation.public_id}:1")

    secrets = mail_facts.secrets_of(KEYS, message, invitation, None)

    assert secrets == {mail_facts.LINK: link_token(KEYS, "invitation", invitation.public_id, 1)}


def test_a_batch_asks_the_database_no_more_than_one_mail(session: Session, assessment: Assessment) -> None:
    invitations = [factories.invitation(session, assessment) for _number in range(20)]
    ids = [factories.mail(session, one, campaign_id=assessment.campaign_id).id for one in invitations]
    session.commit()

    counts = []
    for some in (ids[:1], ids):
        with counted_queries(session.get_bind().engine) as statements:
            mail_facts.gather(session, some)
        counts.append(len(statements))

    assert counts == [5, 5]
