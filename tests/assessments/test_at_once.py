"""Many people do the same thing at the same moment: it happens once, and the others are told."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import campaigns, courses, genuine, inviting, jobs, settling, waves
from assessments.calendar import of_buyer
from assessments.models import (
    Assessment,
    AssessmentState,
    AuditEvent,
    Campaign,
    CampaignState,
    CampaignStep,
    Invitation,
    Job,
    JobState,
    Message,
    MessageState,
    Role,
    User,
)
from portal.db import Database
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import KEYS

pytestmark = pytest.mark.database
PEOPLE = 12
DONE = "done"
Act = Callable[[Session, User], Any]


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """A campaign with one invited supplier, made by somebody who does nothing more."""
    factories.organisation(session, needs_campaign_approval=True)
    made = factories.campaign(session, created_by_id=factories.user(session).id)
    factories.invitation(session, factories.assessment(session, made, factories.supplier(session)))
    session.commit()
    return made


@pytest.mark.parametrize(
    ("state", "act", "refusal", "action"),
    [
        ("draft", "request_approval", "CampaignIsFixed", "campaign.approval_requested"),
        ("awaiting_approval", "approve", "NotAwaitingApproval", "campaign.approved"),
        ("approved", "send_back", "NotAwaitingApproval", "campaign.sent_back"),
        ("approved", "open_", "CampaignIsFixed", "campaign.opening"),
        ("open", "close", "NotOpen", "campaign.closed"),
    ],
)
def test_a_step_of_a_campaign_is_taken_once(
    database: Database,
    session: Session,
    campaign: Campaign,
    state: str,
    act: str,
    refusal: str,
    action: str,
) -> None:
    _set(session, campaign, CampaignState(state))
    read = {"asked": 0} if act == "approve" else {}

    ended = _at_once(
        database, lambda one, by: getattr(campaigns, act)(one, _same(one, campaign), **read, now=NOW, by=by)
    )

    assert ended == {DONE: 1, refusal: PEOPLE - 1}
    assert len(_events(session, action)) == 1
    assert len(session.scalars(select(CampaignStep)).all()) == (0 if act == "close" else 1)
    assert len(session.scalars(select(Job)).all()) == (1 if act == "open_" else 0)


def _tell_later(session: Session, campaign: Campaign, by: User) -> None:
    genuine.set_notice(session, campaign, 3, now=NOW, by=by)


def _send_slower(session: Session, campaign: Campaign, by: User) -> None:
    wanted = replace(courses.usual(reminds=False), per_day=5)
    waves.change_course(session, campaign, wanted, of_buyer(session), now=NOW, by=by)


@pytest.mark.parametrize("change", [_tell_later, _send_slower])
def test_what_somebody_approves_by_now_is_changed_by_nobody_who_read_a_draft(
    database: Database, session: Session, campaign: Campaign, change: Callable[..., None]
) -> None:
    _set(session, campaign, CampaignState.DRAFT)
    with database.writer() as late:
        read, by = _same(late, campaign), late.get_one(User, campaign.created_by_id)
        late.commit()
        _set(session, campaign, CampaignState.AWAITING_APPROVAL)

        with pytest.raises(campaigns.CampaignIsFixed):
            change(late, read, by)


def test_a_campaign_rests_once(database: Database, session: Session, campaign: Campaign) -> None:
    ended = _at_once(database, lambda one, by: waves.pause(one, _same(one, campaign), now=NOW, by=by))

    assert ended == {DONE: 1, "AlreadyPaused": PEOPLE - 1}
    ended = _at_once(
        database,
        lambda one, by: waves.resume(one, _same(one, campaign), of_buyer(one), now=NOW, by=by),
    )
    assert ended == {DONE: 1, "NotPaused": PEOPLE - 1}


def test_a_link_sent_again_by_many_leaves_once(
    database: Database, session: Session, campaign: Campaign
) -> None:
    invitation = session.scalars(select(Invitation)).one()
    session.commit()

    def again(one: Session, by: User) -> bool:
        same = one.scalars(select(Invitation).where(Invitation.id == invitation.id)).one()
        return inviting.send_again(one, same, generation=1, keys=KEYS, now=NOW, by=by)

    assert _at_once(database, again) == {DONE: PEOPLE}

    mails = session.scalars(select(Message)).all()
    assert [(mail.state, mail.facts["generation"]) for mail in mails] == [(MessageState.QUEUED, 2)]
    assert len(_events(session, "invitation.sent_again")) == 1


@pytest.mark.parametrize("kind", ["invitation", "reminder"])
def test_a_mail_of_unknown_end_is_settled_by_one(
    database: Database, session: Session, campaign: Campaign, kind: str
) -> None:
    invitation = session.scalars(select(Invitation)).one()
    mail = factories.mail(
        session, invitation, kind=kind, state=MessageState.UNKNOWN, campaign_id=campaign.id, lane=2
    )
    session.commit()

    def settle(one: Session, by: User) -> None:
        same = one.scalars(select(Message).where(Message.id == mail.id)).one()
        settling.send_again(one, same, keys=KEYS, now=NOW, by=by)

    assert _at_once(database, settle) == {DONE: 1, "NotUnknown": PEOPLE - 1}

    states = Counter(session.scalars(select(Message.state)))
    assert states == {MessageState.UNKNOWN: 1, MessageState.QUEUED: 1}


def test_a_stopped_job_is_taken_up_again_once(
    database: Database, session: Session, campaign: Campaign
) -> None:
    job = Job(
        kind="campaign_open", subject_id=campaign.id, state=JobState.FAILED, requested_at=NOW, ended_at=NOW
    )
    session.add(job)
    session.commit()

    def again(one: Session, by: User) -> None:
        same = one.scalars(select(Job).where(Job.id == job.id)).one()
        jobs.take_up_again(one, same, now=NOW, by=by.id)

    assert _at_once(database, again) == {DONE: 1, "NotTakenUpAgain": PEOPLE - 1}


def test_work_asked_for_by_many_is_one_job(database: Database) -> None:
    found: list[int] = []

    def ask(one: Session, by: User) -> None:
        found.append(jobs.request(one, "campaign_remind", 7, now=NOW, by=by.id).id)

    assert _at_once(database, ask) == {DONE: PEOPLE}
    assert len(found) == PEOPLE
    assert len(set(found)) == 1


@pytest.mark.parametrize("bulk", ["invite", "remind"])
def test_a_bulk_that_goes_on_after_the_closing_queues_nothing(
    database: Database, session: Session, campaign: Campaign, bulk: str
) -> None:
    later = factories.supplier(session)
    factories.contact(session, later)
    factories.assessment(session, campaign, later)
    reached = session.scalars(select(Invitation)).one()
    factories.mail(session, reached, state=MessageState.SENT, sent_at=NOW, campaign_id=campaign.id, lane=2)
    session.commit()
    with database.writer.begin() as other:
        campaigns.close(other, _same(other, campaign), now=NOW, by=factories.user(other))

    # Between two chunks the campaign is what this session last saw of it: open.
    assert campaign.state is CampaignState.OPEN
    with pytest.raises(campaigns.NotOpen):
        if bulk == "invite":
            inviting.invite(session, campaign, keys=KEYS, now=NOW)
        else:
            inviting.remind(session, campaign, now=NOW)


def test_nobody_is_invited_in_the_place_of_one_that_declined_meanwhile(
    database: Database, session: Session, campaign: Campaign
) -> None:
    invitation = session.scalars(select(Invitation)).one()
    assessment = session.scalars(select(Assessment)).one()
    session.commit()
    with database.writer.begin() as other:
        other.get_one(Assessment, assessment.id).state = AssessmentState.DECLINED

    with pytest.raises(inviting.NothingToAnswer):
        inviting.send_again(session, invitation, generation=1, keys=KEYS, now=NOW, by=factories.user(session))


def _at_once(database: Database, act: Act) -> Counter[str]:
    """Have many people, each with a session of their own, act at the same moment; count how it ended."""
    with database.writer.begin() as opened:
        people = [factories.user(opened, Role.PROCUREMENT).id for _ in range(PEOPLE)]
    together = Barrier(PEOPLE)

    def one(user_id: int) -> str:
        together.wait()
        try:
            with database.writer.begin() as session:
                act(session, session.get_one(User, user_id))
        except Exception as error:
            return type(error).__name__
        return DONE

    with ThreadPoolExecutor(PEOPLE) as threads:
        return Counter(threads.map(one, people))


def _same(session: Session, campaign: Campaign) -> Campaign:
    return session.scalars(select(Campaign).where(Campaign.id == campaign.id)).one()


def _set(session: Session, campaign: Campaign, state: CampaignState) -> None:
    campaign.state = state
    if state is not CampaignState.OPEN:
        campaign.opened_at = None
    if state is CampaignState.APPROVED:
        campaign.approval, campaign.approved_at = "colleague", NOW
    session.commit()


def _events(session: Session, action: str) -> list[AuditEvent]:
    session.commit()
    return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))
