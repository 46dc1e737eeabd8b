"""Entering by an invitation: a code for the asking browser alone, with limits that live in the database."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import delegation, invitations
from assessments.addresses import NotAnAddress
from assessments.campaigns import NotOpen
from assessments.delegation import AlreadyInvited, TooManyPeople, delegate
from assessments.invitations import CODE_PURPOSE, Entered, ask_code, find, redeem
from assessments.models import (
    AssessmentState,
    AuditEvent,
    CampaignState,
    Invitation,
    Membership,
    Message,
    Role,
    SignInCode,
    User,
)
from assessments.tokens import six_digits
from tests import factories
from tests.answering import EMAIL, invitation, invited, person, token_of
from tests.factories import NOW
from tests.fixtures_app import KEYS

pytestmark = pytest.mark.database
HERE, ELSEWHERE = "this browser", "another browser"


def code(of: Invitation, counter: int = 1) -> str:
    return six_digits(KEYS, CODE_PURPOSE, of.public_id, counter)


def wrong(of: Invitation) -> str:
    return f"{(int(code(of)) + 1) % 1_000_000:06d}"


def enter(
    session: Session, of: Invitation, digits: str, browser: str = HERE, after: float = 1
) -> Entered | None:
    now = NOW + timedelta(minutes=after)
    return redeem(session, of, digits, browser_hash=browser, keys=KEYS, now=now)


def test_a_code_lets_the_invited_person_in(session: Session) -> None:
    aoba, invitation = invited(session)
    ask_code(session, invitation, browser_hash=HERE, now=NOW)

    entered = enter(session, invitation, code(invitation))

    assert entered is not None
    assert entered.user.email == EMAIL
    membership = session.scalars(select(Membership)).one()
    assert (membership.role, membership.supplier_id) == (Role.RESPONDENT, aoba.supplier_id)


def test_asking_for_a_code_queues_an_urgent_mail_without_the_code(session: Session) -> None:
    _, invitation = invited(session)

    ask_code(session, invitation, browser_hash=HERE, now=NOW)

    mail = session.scalars(select(Message)).one()
    assert (mail.kind, mail.to_email, mail.lane, mail.facts) == ("code", EMAIL, 0, {"counter": 1})


def test_opened_means_that_a_code_was_asked_for(session: Session) -> None:
    _, invitation = invited(session)
    assert find(session, token_of(invitation)) is invitation
    assert invitation.opened_at is None

    ask_code(session, invitation, browser_hash=HERE, now=NOW)

    assert invitation.opened_at == NOW


def test_coming_back_makes_no_second_user(session: Session) -> None:
    _, invitation = invited(session)
    for counter in (1, 2):
        ask_code(session, invitation, browser_hash=HERE, now=NOW)
        assert enter(session, invitation, code(invitation, counter))

    assert session.scalar(select(func.count()).select_from(User)) == 1
    assert session.scalar(select(func.count()).select_from(Membership)) == 1


def test_a_code_works_in_the_asking_browser_alone(session: Session) -> None:
    _, invitation = invited(session)
    ask_code(session, invitation, browser_hash=HERE, now=NOW)

    assert enter(session, invitation, code(invitation), ELSEWHERE) is None
    assert enter(session, invitation, code(invitation)) is not None


def test_a_code_works_once(session: Session) -> None:
    _, invitation = invited(session)
    ask_code(session, invitation, browser_hash=HERE, now=NOW)
    enter(session, invitation, code(invitation))

    assert enter(session, invitation, code(invitation)) is None


def test_a_code_lives_ten_minutes(session: Session) -> None:
    _, invitation = invited(session)
    ask_code(session, invitation, browser_hash=HERE, now=NOW)

    assert enter(session, invitation, code(invitation), after=10) is None


def test_the_first_of_two_codes_still_works(session: Session) -> None:
    _, invitation = invited(session)
    ask_code(session, invitation, browser_hash=HERE, now=NOW)
    ask_code(session, invitation, browser_hash=HERE, now=NOW)

    assert enter(session, invitation, code(invitation, 1)) is not None


def test_five_wrong_tries_end_a_code(session: Session) -> None:
    _, invitation = invited(session)
    ask_code(session, invitation, browser_hash=HERE, now=NOW)
    for _ in range(5):
        assert enter(session, invitation, wrong(invitation)) is None

    assert enter(session, invitation, code(invitation)) is None


def test_four_wrong_tries_do_not(session: Session) -> None:
    _, invitation = invited(session)
    ask_code(session, invitation, browser_hash=HERE, now=NOW)
    for _ in range(4):
        enter(session, invitation, wrong(invitation))

    assert enter(session, invitation, code(invitation)) is not None


def test_five_codes_an_hour_and_no_more(session: Session) -> None:
    _, invitation = invited(session)

    asked = [ask_code(session, invitation, browser_hash=HERE, now=NOW) for _ in range(6)]
    later = ask_code(session, invitation, browser_hash=HERE, now=NOW + timedelta(minutes=61))

    assert asked == [True] * 5 + [False]
    assert later
    assert session.scalar(select(func.count()).select_from(SignInCode)) == 6


def test_a_suspended_person_does_not_come_in(session: Session) -> None:
    _, invitation = invited(session)
    person(session).suspended_at = NOW
    ask_code(session, invitation, browser_hash=HERE, now=NOW)

    assert enter(session, invitation, code(invitation)) is None


def test_a_link_to_nothing_is_not_found(session: Session) -> None:
    _, invitation = invited(session, state=AssessmentState.WITHDRAWN)

    assert find(session, token_of(invitation)) is None


def test_who_declined_still_comes_in_to_take_it_back(session: Session) -> None:
    _, invitation = invited(session, state=AssessmentState.DECLINED)

    assert find(session, token_of(invitation)) is invitation


def test_a_revoked_link_is_not_found(session: Session) -> None:
    _, invitation = invited(session)
    invitation.revoked_at = NOW
    session.flush()

    assert find(session, token_of(invitation)) is None


def test_the_link_of_a_closed_campaign_is_not_found(session: Session) -> None:
    closed = factories.campaign(session, state=CampaignState.CLOSED, closed_at=NOW)
    _, invitation = invited(session, campaign=closed)

    assert find(session, token_of(invitation)) is None
    assert find(session, "x" * 43) is None


def test_a_persons_own_newest_invitation_is_found(session: Session) -> None:
    aoba, first = invited(session)
    second = invitation(session, aoba)

    assert invitations.find_own(session, aoba, EMAIL) is second
    assert invitations.find_own(session, aoba, "hanako@aoba.example") is None
    assert first.revoked_at is None


def test_a_colleague_gets_an_invitation_and_mail_of_their_own(session: Session) -> None:
    aoba, mine = invited(session)

    made = delegate(
        session, mine, name="青葉 花子", email="Hanako@AOBA.example", keys=KEYS, now=NOW, by=person(session)
    )

    mail = session.scalars(select(Message).where(Message.kind == "delegated_invitation")).one()
    assert (made.email, made.delegated_from_id, made.assessment_id) == (
        "hanako@aoba.example",
        mine.id,
        aoba.id,
    )
    assert (mail.to_email, mail.invitation_id) == (made.email, made.id)
    assert find(session, token_of(made)) is made
    assert find(session, token_of(mine)) is mine


def test_asking_a_colleague_stands_in_the_trail_without_the_address(session: Session) -> None:
    _, mine = invited(session)

    delegate(session, mine, name="鈴木", email="s@other.example", keys=KEYS, now=NOW, by=person(session))

    line = session.scalars(select(AuditEvent).where(AuditEvent.action == "invitation.delegated")).one()
    assert line.details == {"same_domain": False}


def test_the_same_colleague_is_not_asked_twice(session: Session) -> None:
    _, mine = invited(session)

    with pytest.raises(AlreadyInvited):
        delegate(session, mine, name="", email=EMAIL, keys=KEYS, now=NOW, by=person(session))


def test_an_address_that_is_none_is_refused(session: Session) -> None:
    _, mine = invited(session)

    with pytest.raises(NotAnAddress):
        delegate(session, mine, name="", email="花子", keys=KEYS, now=NOW, by=person(session))


def test_a_closed_campaign_takes_no_colleague(session: Session) -> None:
    aoba, mine = invited(session)
    aoba.campaign.state, aoba.campaign.closed_at = CampaignState.CLOSED, NOW

    with pytest.raises(NotOpen):
        delegate(session, mine, name="", email="h@aoba.example", keys=KEYS, now=NOW, by=person(session))


def test_the_mailer_is_no_tool_to_write_to_everybody(session: Session) -> None:
    aoba, mine = invited(session)
    for number in range(delegation.MOST_PEOPLE - 1):
        invitation(session, aoba, f"n{number}@aoba.example")

    with pytest.raises(TooManyPeople):
        delegate(session, mine, name="", email="h@aoba.example", keys=KEYS, now=NOW, by=person(session))
