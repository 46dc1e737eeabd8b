"""Numbers and notices: what tells a supplier that a request is genuine, before and after it came."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import calendar, campaigns, genuine, inviting, turns
from assessments.calendar import Calendar
from assessments.models import (
    AdvanceNotice,
    Campaign,
    CampaignState,
    GenuineNumber,
    Lane,
    Message,
    MessageState,
    Role,
)
from assessments.tokens import Keys
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
KEYS = Keys(current=b"a secret of the tests, long enough to be one")
OFFICE = Calendar(ZoneInfo("Asia/Tokyo"), time(9), time(17))
FRIDAY_AFTERNOON = datetime(2026, 11, 20, 5, 30, tzinfo=UTC)  # 14:30 in Tokyo
# Monday the 23rd is a public holiday.
TUESDAY_AFTERNOON = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """Being sent, with a notice a business day before."""
    made = factories.campaign(session, state=CampaignState.OPENING, opened_at=None)
    session.add(AdvanceNotice(campaign_id=made.id))
    aoba = factories.supplier(session)
    factories.contact(session, aoba, email="taro@aoba.example", language="en")
    factories.assessment(session, made, aoba)
    return made


def _mails(session: Session) -> list[tuple[str, datetime]]:
    return [(mail.kind, mail.due_at) for mail in session.scalars(select(Message).order_by(Message.id))]


def test_a_notice_leaves_at_once_and_the_invitation_a_business_day_later(
    session: Session, campaign: Campaign
) -> None:
    inviting.invite(session, campaign, keys=KEYS, now=FRIDAY_AFTERNOON)

    assert _mails(session) == [("advance_notice", FRIDAY_AFTERNOON), ("invitation", TUESDAY_AFTERNOON)]
    notice, invitation = session.scalars(select(Message).order_by(Message.id)).all()
    assert notice.send_key == invitation.send_key.replace("invitation:", "advance_notice:", 1)
    assert (notice.lane, notice.language, notice.invitation_id, notice.campaign_id) == (
        Lane.CAMPAIGN,
        "en",
        invitation.invitation_id,
        campaign.id,
    )


def test_inviting_twice_announces_once(session: Session, campaign: Campaign) -> None:
    for _time in range(2):
        inviting.invite(session, campaign, keys=KEYS, now=FRIDAY_AFTERNOON)

    assert len(_mails(session)) == 2
    assert len(session.scalars(select(GenuineNumber)).all()) == 1


@pytest.mark.parametrize(
    ("due_on", "kinds"),
    [
        (date(2026, 11, 24), ["invitation"]),  # a notice would put it off to the due date
        (date(2026, 11, 26), ["invitation"]),  # and here to two days before it, after four
        (date(2026, 12, 4), ["advance_notice", "invitation"]),
    ],
)
def test_who_is_added_late_is_asked_at_once_where_little_time_is_left(
    session: Session, campaign: Campaign, due_on: date, kinds: list[str]
) -> None:
    campaign.state, campaign.opened_at, campaign.due_on = CampaignState.OPEN, NOW, due_on

    inviting.invite(session, campaign, keys=KEYS, now=FRIDAY_AFTERNOON)

    mails = _mails(session)
    assert [kind for kind, _at in mails] == kinds
    assert mails[0][1] == FRIDAY_AFTERNOON


def test_without_a_notice_the_invitation_leaves_at_once(session: Session, campaign: Campaign) -> None:
    campaign.state = CampaignState.DRAFT
    genuine.set_notice(session, campaign, 0, now=NOW, by=factories.user(session, Role.PROCUREMENT))
    campaign.state = CampaignState.OPENING

    inviting.invite(session, campaign, keys=KEYS, now=FRIDAY_AFTERNOON)

    assert _mails(session) == [("invitation", FRIDAY_AFTERNOON)]


@pytest.mark.parametrize(
    ("told", "days", "comes"),
    [
        (datetime(2026, 11, 20, 13, 0, tzinfo=UTC), 1, datetime(2026, 11, 25, 0, 0, tzinfo=UTC)),
        (datetime(2026, 11, 21, 1, 0, tzinfo=UTC), 1, datetime(2026, 11, 24, 1, 0, tzinfo=UTC)),
        (datetime(2026, 11, 19, 15, 30, tzinfo=UTC), 1, datetime(2026, 11, 24, 0, 0, tzinfo=UTC)),
        (FRIDAY_AFTERNOON, 3, datetime(2026, 11, 26, 5, 30, tzinfo=UTC)),
    ],
    ids=["in the evening", "on a Saturday", "after midnight", "three days before"],
)
def test_an_invitation_comes_on_a_business_day_within_office_hours(
    told: datetime, days: int, comes: datetime
) -> None:
    assert genuine.later(OFFICE, told, days) == comes


def test_planning_anew_never_brings_an_invitation_before_its_notice_allows(
    session: Session, campaign: Campaign
) -> None:
    inviting.invite(session, campaign, keys=KEYS, now=FRIDAY_AFTERNOON)
    notice, invitation = session.scalars(select(Message).order_by(Message.id)).all()
    notice.state, notice.sent_at = MessageState.SENT, FRIDAY_AFTERNOON
    invitation.due_at = FRIDAY_AFTERNOON
    session.flush()

    office = calendar.of_buyer(session)

    assert turns.behind_notices(session, campaign, office, {}) == {invitation.id: TUESDAY_AFTERNOON}
    invitation.due_at = TUESDAY_AFTERNOON + timedelta(hours=1)
    session.flush()
    assert turns.behind_notices(session, campaign, office, {}) == {}


def test_a_new_campaign_gives_a_notice_unless_somebody_says_no(session: Session) -> None:
    by = factories.user(session, Role.PROCUREMENT)
    made = campaigns.create(
        session,
        factories.version(session),
        title="2026年度 調査",
        due_on=date(2026, 12, 18),
        purpose="一緒に守るため",
        now=NOW,
        by=by,
    )
    assert genuine.notice_days(session, made) == 1

    for days in (3, 0, 2):
        genuine.set_notice(session, made, days, now=NOW, by=by)
        assert genuine.notice_days(session, made) == days
    with pytest.raises(genuine.DaysRefused):
        genuine.set_notice(session, made, 6, now=NOW, by=by)


def test_the_notice_of_what_was_sent_is_settled(session: Session, campaign: Campaign) -> None:
    with pytest.raises(campaigns.CampaignIsFixed):
        genuine.set_notice(session, campaign, 0, now=NOW, by=factories.user(session))


def test_every_assessment_gets_a_number_of_its_own_without_look_alikes(session: Session) -> None:
    campaign = factories.campaign(session)
    made = [factories.assessment(session, campaign, factories.supplier(session)) for _one in range(50)]
    pairs = [(one.id, one.supplier_id) for one in made]

    genuine.give_numbers(session, pairs, now=NOW)
    genuine.give_numbers(session, pairs, now=NOW)

    kept = session.scalars(select(GenuineNumber.number)).all()
    assert len(kept) == len(set(kept)) == 50
    assert all(len(number) == 8 and set(number) <= set(genuine.LETTERS) for number in kept)
    assert not set("AEIOU0125LBSZV8") & set(genuine.LETTERS)


def test_a_number_that_is_taken_is_drawn_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = factories.campaign(session)
    one, other = (factories.assessment(session, campaign, factories.supplier(session)) for _one in range(2))
    drawn = iter(["CCCCCCCC", "CCCCCCCC", "DDDDDDDD"])
    monkeypatch.setattr(genuine, "_random", lambda: next(drawn))

    genuine.give_numbers(session, [(one.id, one.supplier_id)], now=NOW)
    genuine.give_numbers(session, [(other.id, other.supplier_id)], now=NOW)

    assert genuine.numbers(session, [one.id, other.id]) == {one.id: "CCCC-CCCC", other.id: "DDDD-DDDD"}
