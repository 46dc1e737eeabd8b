"""What campaigns write by themselves, and the buyer's words in braces on their way into a mail."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from assessments import outbox
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    CampaignState,
    Consultation,
    ConsultationTopic,
    Lane,
    Message,
    MessageState,
    Organisation,
    Role,
    User,
)
from assessments.reminding import UNANSWERED
from portal import mail_facts, mail_render
from portal.mail_render import Rendered
from portal.mail_truth import Withdrawn
from portal.settings import Settings
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def sato(session: Session, buyer: Organisation) -> User:
    """Whose campaign it is."""
    return factories.user(session, Role.PROCUREMENT)


@pytest.fixture
def campaign(session: Session, sato: User) -> Campaign:
    """An open campaign with a word for each supplier."""
    return factories.campaign(
        session, created_by_id=sato.id, message="｛会社名｝の{お名前}様、{期限}までにお願いします。"
    )


@pytest.fixture
def aoba(session: Session, campaign: Campaign) -> Assessment:
    """青葉鋳造's part."""
    return factories.assessment(session, campaign, factories.supplier(session))


def _written(session: Session, settings: Settings, message: Message, now: datetime = NOW) -> Rendered:
    gathered = mail_facts.gather(session, [message.id])
    return mail_render.write(gathered, message.id, settings, now=now)[1]


def _mail(session: Session, assessment: Assessment, kind: str, **facts: int) -> Message:
    return factories.mail(
        session,
        factories.invitation(session, assessment),
        kind=kind,
        send_key=f"{kind}:aoba:1",
        campaign_id=assessment.campaign_id,
        facts=facts,
    )


def _talk(session: Session, assessment: Assessment, at: datetime) -> Consultation:
    talk = Consultation(
        supplier_id=assessment.supplier_id,
        assessment_id=assessment.id,
        topic=ConsultationTopic.TIMING,
        message="期限のご相談です。",
        opened_by_id=factories.user(session).id,
        opened_at=at,
    )
    session.add(talk)
    session.flush()
    return talk


def test_the_buyer_s_words_are_filled_for_each_supplier(
    session: Session, settings: Settings, aoba: Assessment
) -> None:
    mail = _written(session, settings, _mail(session, aoba, "invitation"))

    assert "株式会社青葉鋳造の青葉 太郎様、2026年12月18日（金）までにお願いします。" in mail.text


@pytest.mark.parametrize(("facts", "is_last"), [({}, False), ({"final": 1}, True)])
def test_the_last_notice_says_that_it_is_the_last(
    session: Session, settings: Settings, aoba: Assessment, facts: dict[str, int], is_last: bool
) -> None:
    mail = _written(session, settings, _mail(session, aoba, "reminder", **facts))

    assert ("これが最後です" in mail.text) is is_last


def test_a_reminder_stays_here_once_the_answer_has_come(
    session: Session, settings: Settings, aoba: Assessment
) -> None:
    message = _mail(session, aoba, "reminder")
    aoba.state, aoba.submitted_at = AssessmentState.SUBMITTED, NOW
    session.flush()

    with pytest.raises(Withdrawn):
        _written(session, settings, message)


@pytest.mark.parametrize("ending", ["", ":again"])
def test_a_last_notice_before_a_date_that_has_moved_stays_here(
    session: Session, settings: Settings, campaign: Campaign, aoba: Assessment, ending: str
) -> None:
    message = _mail(session, aoba, "reminder", final=1)
    message.send_key = f"reminder:aoba:1:final-{campaign.due_on.isoformat()}{ending}"
    session.flush()
    assert "これが最後です" in _written(session, settings, message).text

    campaign.due_on += timedelta(days=30)
    session.flush()

    with pytest.raises(Withdrawn):
        _written(session, settings, message)


def test_a_reminder_stays_here_once_the_supplier_has_asked_to_talk(
    session: Session, settings: Settings, aoba: Assessment
) -> None:
    message = _mail(session, aoba, "reminder")
    talk = _talk(session, aoba, NOW + timedelta(hours=1))

    with pytest.raises(Withdrawn):
        _written(session, settings, message)

    talk.answer, talk.answered_at = "承知しました。", NOW + timedelta(hours=2)
    session.flush()
    assert _written(session, settings, message).text


def test_who_talks_and_is_reminded_on_purpose_gets_the_reminder(
    session: Session, settings: Settings, aoba: Assessment
) -> None:
    _talk(session, aoba, NOW - timedelta(hours=1))

    assert _written(session, settings, _mail(session, aoba, "reminder")).text


@pytest.mark.parametrize(
    ("state", "leaves"),
    [
        (MessageState.QUEUED, True),
        (MessageState.SENDING, False),
        (MessageState.SENT, False),
        (MessageState.UNKNOWN, False),
    ],
)
def test_a_notice_stays_here_once_its_invitation_has_left(
    session: Session, settings: Settings, aoba: Assessment, state: MessageState, leaves: bool
) -> None:
    notice = _mail(session, aoba, "advance_notice")
    sent_at = NOW if state is MessageState.SENT else None
    until = NOW if state is MessageState.SENDING else None
    assert notice.invitation is not None
    factories.mail(session, notice.invitation, state=state, sent_at=sent_at, lease_until=until)

    with nullcontext() if leaves else pytest.raises(Withdrawn):
        _written(session, settings, notice)


@pytest.mark.parametrize(
    ("written", "sent", "leaves"),
    [
        ((12, 15, 1), (12, 18, 14), True),
        ((12, 15, 1), (12, 18, 16), False),  # past midnight in Tokyo
        ((12, 21, 1), (12, 21, 2), True),
    ],
)
def test_a_reminder_stays_here_after_the_day_it_speaks_of(
    session: Session,
    settings: Settings,
    aoba: Assessment,
    written: tuple[int, int, int],
    sent: tuple[int, int, int],
    leaves: bool,
) -> None:
    message = _mail(session, aoba, "reminder")
    message.created_at = datetime(2026, *written, tzinfo=UTC)
    session.flush()

    with nullcontext() if leaves else pytest.raises(Withdrawn):
        _written(session, settings, message, now=datetime(2026, *sent, tzinfo=UTC))


@pytest.mark.parametrize("kind", ["advance_notice", "invitation", "delegated_invitation"])
def test_nobody_is_invited_to_what_they_have_declined(
    session: Session, settings: Settings, aoba: Assessment, kind: str
) -> None:
    message = _mail(session, aoba, kind)
    aoba.state = AssessmentState.DECLINED
    session.flush()

    with pytest.raises(Withdrawn):
        _written(session, settings, message)


@pytest.mark.parametrize(("language", "more"), [("ja", "ほか2社"), ("en", "and 2 more")])
def test_an_owner_reads_who_has_not_answered(
    session: Session, settings: Settings, campaign: Campaign, sato: User, language: str, more: str
) -> None:
    for number in range(52):
        waiting = factories.assessment(session, campaign, factories.supplier(session, f"取引先{number:02d}"))
        factories.invitation(session, waiting)
    done = factories.assessment(session, campaign, factories.supplier(session, "済んだ取引先"))
    factories.invitation(session, done)
    done.state, done.submitted_at = AssessmentState.SUBMITTED, NOW
    message = outbox.queue(
        session,
        kind=UNANSWERED,
        send_key=f"{UNANSWERED}:1",
        lane=Lane.NOTICE,
        to_email=sato.email,
        language=language,
        user_id=sato.id,
        campaign_id=campaign.id,
        now=NOW,
    )

    mail = _written(session, settings, message)

    assert "52" in mail.text
    assert "- 取引先00\n- 取引先01\n" in mail.text
    assert more in mail.text
    assert "済んだ取引先" not in mail.text
    assert f"/procurement/campaigns/{campaign.public_id}" in mail.text


def test_words_that_mean_nothing_are_refused_at_the_field(
    as_buyer: SignIn, session: Session, campaign: Campaign, sato: User
) -> None:
    campaign.state, campaign.opened_at = CampaignState.DRAFT, None
    session.commit()
    here = f"/procurement/campaigns/{campaign.public_id}/message"

    answer = as_buyer(user=sato).post(here, {"message": "{御社名}の皆さま"})

    assert answer.status_code == 422
    error = BeautifulSoup(answer.data, "html.parser").find(id="message-error")
    assert error is not None
    assert "{御社名} は置き換えられません" in error.get_text()


def test_the_sample_is_that_of_a_real_supplier(
    as_buyer: SignIn, session: Session, campaign: Campaign, aoba: Assessment, sato: User
) -> None:
    campaign.state, campaign.opened_at = CampaignState.DRAFT, None
    factories.contact(session, aoba.supplier, name="青葉 花子")
    session.commit()

    page = as_buyer(user=sato).get(f"/procurement/campaigns/{campaign.public_id}/message")

    assert "株式会社青葉鋳造の青葉 花子様、2026年12月18日（金）までにお願いします。" in page.get_text()
    assert "株式会社青葉鋳造に届くメールの例です。" in page.get_text()
