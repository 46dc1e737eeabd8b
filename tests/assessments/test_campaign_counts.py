"""How far a campaign is, counted in suppliers by their last invitation mail and by their answers."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from assessments import campaign_counts
from assessments.campaign_counts import Recipient
from assessments.models import Assessment, AssessmentState, Campaign, MessageState, Supplier
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
TODAY, PAST_DUE = date(2026, 11, 21), date(2026, 12, 19)
SENT = {"state": MessageState.SENT, "sent_at": NOW}


def _invited(session: Session, campaign: Campaign, **mail: Any) -> Assessment:
    assessment = factories.assessment(session, campaign, factories.supplier(session))
    factories.mail(session, factories.invitation(session, assessment), **mail)
    return assessment


def _count(session: Session, campaign: Campaign, today: date = TODAY) -> dict[str, int]:
    found = campaign_counts.counts(session, campaign, today=today)
    names = [*found.__slots__, "invited"]
    return {name: value for name in names if (value := getattr(found, name))}


def test_suppliers_are_counted_by_delivery_and_by_answer(session: Session) -> None:
    campaign = factories.campaign(session)
    held = {"lease_until": NOW}
    for mail in (
        {},
        {"state": MessageState.LEASED, **held},
        {"state": MessageState.SENDING, **held},
        SENT,
        {"state": MessageState.UNKNOWN},
        {"state": MessageState.FAILED},
    ):
        _invited(session, campaign, **mail)
    factories.assessment(session, campaign, factories.supplier(session))

    assert _count(session, campaign) == {
        "suppliers": 7,
        "queued": 3,
        "sent": 1,
        "unknown": 1,
        "failed": 1,
        "invited": 6,
        "delivered": 1,
        "no_address": 1,
        "not_started": 7,
    }


def test_answers_are_counted_as_they_stand_now(session: Session) -> None:
    campaign = factories.campaign(session)
    times = {"started_at": NOW, "submitted_at": NOW}
    for state, more in (
        (AssessmentState.IN_PROGRESS, {"started_at": NOW}),
        (AssessmentState.SUBMITTED, times),
        (AssessmentState.RETURNED, {**times, "returned_at": NOW}),
        (AssessmentState.ACCEPTED, {**times, "accepted_at": NOW}),
    ):
        factories.assessment(session, campaign, factories.supplier(session), state=state, **more)

    found = campaign_counts.counts(session, campaign, today=TODAY)

    assert (found.in_progress, found.submitted, found.returned, found.accepted) == (1, 2, 1, 1)


def test_whoever_once_asked_for_a_code_has_opened_it(session: Session) -> None:
    campaign = factories.campaign(session)
    assessment = factories.assessment(session, campaign, factories.supplier(session))
    older = factories.invitation(session, assessment, opened_at=NOW, revoked_at=NOW)
    factories.mail(session, older, **SENT)
    factories.mail(session, factories.invitation(session, assessment))

    found = campaign_counts.counts(session, campaign, today=TODAY)

    assert (found.opened, found.queued, found.sent, found.invited, found.delivered) == (1, 1, 0, 1, 1)


def test_the_last_invitation_mail_counts_and_reminders_or_cancelled_ones_do_not(session: Session) -> None:
    campaign = factories.campaign(session)
    invitation = factories.invitation(
        session, factories.assessment(session, campaign, factories.supplier(session))
    )
    factories.mail(session, invitation, state=MessageState.FAILED)
    factories.mail(session, invitation, **SENT)
    factories.mail(session, invitation, state=MessageState.CANCELLED)
    factories.mail(session, invitation, kind="reminder")

    found = campaign_counts.counts(session, campaign, today=TODAY)

    assert (found.invited, found.sent) == (1, 1)


def test_late_is_who_was_invited_and_never_submitted_by_the_due_date(session: Session) -> None:
    campaign = factories.campaign(session)
    _invited(session, campaign, **SENT)
    begun, done = _invited(session, campaign, **SENT), _invited(session, campaign, **SENT)
    begun.state, begun.started_at = AssessmentState.IN_PROGRESS, NOW
    done.state, done.submitted_at = AssessmentState.SUBMITTED, NOW
    factories.assessment(session, campaign, factories.supplier(session))
    session.flush()

    assert _count(session, campaign).get("late") is None
    assert _count(session, campaign, date(2026, 12, 18)).get("late") is None
    assert _count(session, campaign, PAST_DUE)["late"] == 2


def test_those_with_an_address_and_no_invitation_are_ready(session: Session) -> None:
    campaign = factories.campaign(session)
    aoba = factories.supplier(session)
    factories.contact(session, aoba)
    factories.assessment(session, campaign, aoba)

    assert _count(session, campaign) == {"suppliers": 1, "ready": 1, "not_started": 1}


def test_only_the_suppliers_in_scope_are_counted(session: Session) -> None:
    campaign = factories.campaign(session)
    mine = _invited(session, campaign)
    _invited(session, campaign)

    found = campaign_counts.counts(session, campaign, today=TODAY, scope=Supplier.id == mine.supplier_id)

    assert found.suppliers == 1


def test_several_campaigns_are_counted_apart(session: Session) -> None:
    first, second, empty = (factories.campaign(session) for _ in range(3))
    _invited(session, first)
    _invited(session, second)
    _invited(session, second)

    found = campaign_counts.counts_of(session, [first.id, second.id, empty.id], today=TODAY)

    assert {key: counts.queued for key, counts in found.items()} == {first.id: 1, second.id: 2}


def test_recipients_are_told_with_the_state_of_their_mail(session: Session) -> None:
    campaign = factories.campaign(session)
    assessment = _invited(session, campaign, **SENT)
    newer = factories.invitation(session, assessment, email="hanako@aoba.example")
    factories.mail(session, newer, lease_until=NOW + timedelta(minutes=2), state=MessageState.LEASED)
    factories.assessment(session, campaign, factories.supplier(session))

    assert campaign_counts.recipients(session, campaign) == [Recipient("hanako@aoba.example", "queued")]
