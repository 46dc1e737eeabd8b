"""The life of a campaign: draft, approval by a second person, opening, extension, closing."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import asking, campaigns
from assessments.models import (
    Assessment,
    AssessmentState,
    AuditEvent,
    Campaign,
    CampaignState,
    Job,
    MessageState,
    Role,
    User,
)
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
TODAY, LATER = date(2026, 11, 21), date(2027, 1, 15)


@pytest.fixture
def sato(session: Session) -> User:
    """Who makes the campaign."""
    return factories.user(session, Role.PROCUREMENT)


@pytest.fixture
def suzuki(session: Session) -> User:
    """The second person."""
    return factories.user(session, Role.PROCUREMENT, name="鈴木 一郎")


def _draft(session: Session, by: User | None, **changes: Any) -> Campaign:
    """A draft that asks one supplier."""
    campaign = campaigns.create(
        session,
        factories.version(session),
        title="2026年度 取引先セキュリティ調査",
        due_on=date(2026, 12, 18),
        purpose="部品の供給を一緒に守るため",
        now=NOW,
        by=by,
    )
    factories.assessment(session, campaign, factories.supplier(session), **changes)
    return campaign


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"due_on": NOW.date()}, campaigns.DueDateHasCome),
        ({"purpose": " "}, campaigns.PurposeIsMissing),
        ({"message": "{会社めい} 様"}, campaigns.WordsUnknown),
    ],
)
def test_what_does_not_say_enough_is_let_go_by_nobody(
    session: Session, sato: User, wrong: dict[str, Any], rule: type[Exception]
) -> None:
    factories.organisation(session)
    campaign = _draft(session, sato)
    for name, value in wrong.items():
        setattr(campaign, name, value)

    with pytest.raises(rule):
        campaigns.request_approval(session, campaign, now=NOW, by=sato)
    with pytest.raises(rule):
        campaigns.approve_as_operator(session, campaign, now=NOW)
    with pytest.raises(rule):
        campaigns.open_(session, campaign, now=NOW, by=sato)


def test_a_campaign_is_drafted_approved_and_opened(session: Session, sato: User, suzuki: User) -> None:
    factories.organisation(session, needs_campaign_approval=True)
    campaign = _draft(session, sato)

    campaigns.request_approval(session, campaign, now=NOW, by=sato)
    campaigns.approve(session, campaign, asked=1, note="確かめました", now=NOW, by=suzuki)
    job = campaigns.open_(session, campaign, now=NOW, by=sato)
    assert (campaign.state, job.kind, job.subject_id) == (CampaignState.OPENING, "campaign_open", campaign.id)
    campaigns.finish_opening(session, campaign, now=NOW)

    assert campaign.state is CampaignState.OPEN
    assert (campaign.approved_by_id, campaign.approval, campaign.opened_at) == (suzuki.id, "colleague", NOW)
    assert _actions(session) == [
        "campaign.created",
        "campaign.approval_requested",
        "campaign.approved",
        "campaign.opening",
        "campaign.opened",
    ]


def test_without_the_rule_of_approval_a_draft_opens_at_once(session: Session, sato: User) -> None:
    factories.organisation(session, needs_campaign_approval=False)
    campaign = _draft(session, sato)

    campaigns.open_(session, campaign, now=NOW, by=sato)

    assert (campaign.state, campaign.approval) == (CampaignState.OPENING, "not_needed")


def test_an_operator_is_not_asked_for_approval_but_recorded(session: Session) -> None:
    factories.organisation(session, needs_campaign_approval=True)
    campaign = _draft(session, None)

    campaigns.approve_as_operator(session, campaign, now=NOW)
    campaigns.open_(session, campaign, now=NOW, by=None)

    assert (campaign.approval, campaign.approved_by_id) == ("operator", None)
    assert set(session.scalars(select(AuditEvent.actor))) == {"operator"}


def test_opening_twice_asks_for_the_work_once(session: Session, sato: User) -> None:
    factories.organisation(session)
    campaign = _draft(session, sato)
    campaigns.open_(session, campaign, now=NOW, by=sato)

    with pytest.raises(campaigns.CampaignIsFixed):
        campaigns.open_(session, campaign, now=NOW, by=sato)

    assert len(session.scalars(select(Job)).all()) == 1


def test_what_a_draft_says_can_be_changed(session: Session, sato: User) -> None:
    campaign = _draft(session, sato)

    campaigns.edit_facts(
        session, campaign, title="別名", due_on=LATER, purpose="新しい理由", now=NOW, by=sato
    )
    campaigns.edit_message(session, campaign, message="よろしくお願いします。", now=NOW, by=sato)
    campaigns.give_repeat_reason(session, campaign, "毎年の調査のため", now=NOW, by=sato)

    assert (campaign.title, campaign.due_on, campaign.message) == ("別名", LATER, "よろしくお願いします。")
    assert (campaign.purpose, campaign.repeat_reason) == ("新しい理由", "毎年の調査のため")


def test_nobody_approves_their_own_campaign(session: Session, sato: User, suzuki: User) -> None:
    campaign = _draft(session, sato)
    campaigns.request_approval(session, campaign, now=NOW, by=suzuki)

    for person in (sato, suzuki):
        with pytest.raises(campaigns.OwnApproval):
            campaigns.approve(session, campaign, asked=1, now=NOW, by=person)


def test_nobody_approves_what_was_asked_for_anew_since_they_read_it(
    session: Session, sato: User, suzuki: User
) -> None:
    campaign = _draft(session, sato)
    campaigns.request_approval(session, campaign, now=NOW, by=sato)
    campaigns.send_back(session, campaign, now=NOW, by=sato)
    campaigns.edit_message(session, campaign, message="別の文面です。", now=NOW, by=sato)
    campaigns.request_approval(session, campaign, now=NOW, by=sato)

    for asked in (None, 0, 1):
        with pytest.raises(campaigns.AskedAnew):
            campaigns.approve(session, campaign, asked=asked, now=NOW, by=suzuki)

    assert campaign.approval is None
    campaigns.approve(session, campaign, asked=2, now=NOW, by=suzuki)
    assert campaign.state is CampaignState.APPROVED


def test_it_cannot_be_opened_without_the_approval_it_needs(
    session: Session, sato: User, suzuki: User
) -> None:
    factories.organisation(session, needs_campaign_approval=True)
    campaign = _draft(session, sato)

    with pytest.raises(campaigns.ApprovalIsMissing):
        campaigns.open_(session, campaign, now=NOW, by=sato)
    campaigns.request_approval(session, campaign, now=NOW, by=sato)
    with pytest.raises(campaigns.ApprovalIsMissing):
        campaigns.open_(session, campaign, now=NOW, by=suzuki)


def test_an_approval_goes_when_the_draft_is_taken_up_again(
    session: Session, sato: User, suzuki: User
) -> None:
    campaign = _draft(session, sato)
    campaigns.request_approval(session, campaign, now=NOW, by=sato)
    campaigns.approve(session, campaign, asked=1, now=NOW, by=suzuki)

    campaigns.send_back(session, campaign, note="期限を見直してください", now=NOW, by=suzuki)

    assert (campaign.state, campaign.approval) == (CampaignState.DRAFT, None)
    assert campaign.approval_note == "期限を見直してください"


def test_what_has_been_asked_for_approval_cannot_be_changed(session: Session, sato: User) -> None:
    campaign = _draft(session, sato)
    campaigns.request_approval(session, campaign, now=NOW, by=sato)

    with pytest.raises(campaigns.CampaignIsFixed):
        campaigns.edit_message(session, campaign, message="あとから", now=NOW, by=sato)
    with pytest.raises(campaigns.CampaignIsFixed):
        campaigns.request_approval(session, campaign, now=NOW, by=sato)


def test_a_campaign_that_asks_nobody_is_refused(session: Session, sato: User) -> None:
    campaign = _draft(session, sato)
    session.delete(session.scalars(select(Assessment)).one())
    session.flush()

    with pytest.raises(campaigns.NobodyIsAsked):
        campaigns.request_approval(session, campaign, now=NOW, by=sato)


def test_asking_again_soon_without_a_reason_is_refused(session: Session, sato: User) -> None:
    factories.organisation(session)
    campaign = _draft(session, sato)
    supplier = session.scalars(select(Assessment)).one().supplier
    factories.invitation(session, factories.assessment(session, factories.campaign(session), supplier))

    with pytest.raises(asking.RepeatReasonWanted):
        campaigns.open_(session, campaign, now=NOW, by=sato)


def test_a_due_date_moves_to_a_later_day_only(session: Session, sato: User) -> None:
    campaign = factories.campaign(session)

    campaigns.extend(session, campaign, LATER, today=TODAY, now=NOW, by=sato)

    assert campaign.due_on == LATER
    for refused in (LATER, date(2026, 12, 1)):
        with pytest.raises(campaigns.DueDateRefused):
            campaigns.extend(session, campaign, refused, today=TODAY, now=NOW, by=sato)


def test_closing_loses_nothing_and_reopening_takes_it_up_again(session: Session, sato: User) -> None:
    campaign = factories.campaign(session)
    fresh = factories.assessment(session, campaign, factories.supplier(session))
    begun = factories.assessment(
        session, campaign, factories.stranger(session), state=AssessmentState.IN_PROGRESS, started_at=NOW
    )
    done = factories.assessment(
        session,
        campaign,
        factories.supplier(session),
        state=AssessmentState.SUBMITTED,
        started_at=NOW,
        submitted_at=NOW,
    )
    mail = factories.mail(session, factories.invitation(session, fresh), lane=2, campaign_id=campaign.id)

    campaigns.close(session, campaign, now=NOW, by=sato)
    session.refresh(mail)
    assert (campaign.state, campaign.closed_at) == (CampaignState.CLOSED, NOW)
    assert [fresh.state, begun.state, done.state] == ["expired", "expired", "submitted"]
    assert mail.state is MessageState.CANCELLED

    campaigns.reopen(session, campaign, LATER, today=TODAY, now=NOW, by=sato)
    assert (campaign.state, campaign.due_on, campaign.closed_at) == (CampaignState.OPEN, LATER, None)
    assert [fresh.state, begun.state, done.state] == ["not_started", "in_progress", "submitted"]


def test_only_what_runs_is_extended_or_closed_and_only_what_is_closed_reopened(
    session: Session, sato: User
) -> None:
    draft, running = _draft(session, sato), factories.campaign(session)

    with pytest.raises(campaigns.NotOpen):
        campaigns.extend(session, draft, LATER, today=TODAY, now=NOW, by=sato)
    with pytest.raises(campaigns.NotOpen):
        campaigns.close(session, draft, now=NOW, by=sato)
    with pytest.raises(campaigns.NotClosed):
        campaigns.reopen(session, running, LATER, today=TODAY, now=NOW, by=sato)


def _actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)))
