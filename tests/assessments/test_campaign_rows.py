"""The suppliers of a campaign as a list: what a row says, filters, sorting, what a unit may see."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, true
from sqlalchemy.orm import Session

from assessments import campaign_rows
from assessments.campaign_rows import CampaignRow, RowFilter
from assessments.models import AssessmentState, Campaign, MessageState, Role, Supplier
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
TODAY, PAST_DUE = date(2026, 11, 21), date(2026, 12, 19)
SENT = {"state": MessageState.SENT, "sent_at": NOW}


def _rows(
    session: Session, campaign: Campaign, sort: str = "name", today: date = TODAY, **wanted: Any
) -> list[CampaignRow]:
    looked_for = RowFilter(**wanted)
    condition = campaign_rows.matching(campaign, looked_for, scope=true(), today=today)
    return campaign_rows.page(
        session, campaign, condition, sort=sort, number=1, unit_ids=looked_for.unit_ids, today=today
    )


def _names(rows: list[CampaignRow]) -> list[str]:
    return [row.supplier.name for row in rows]


def test_a_row_says_who_was_written_to_and_how_far_they_are(session: Session) -> None:
    campaign, aoba = factories.campaign(session), factories.supplier(session)
    owner = factories.user(session, Role.PROCUREMENT, name="佐藤 恵子")
    factories.relationship(session, aoba, owner_id=owner.id)
    contact = factories.contact(session, aoba, phone="052-000-0009", department="総務")
    assessment = factories.assessment(session, campaign, aoba)
    invitation = factories.invitation(session, assessment, contact_id=contact.id, opened_at=NOW)
    factories.mail(session, invitation, **SENT)
    factories.mail(session, invitation, kind="reminder", created_at=NOW + timedelta(days=3))

    (row,) = _rows(session, campaign, today=PAST_DUE)

    assert row.addressed is not None
    assert (row.addressed.email, row.addressed.phone) == (invitation.email, "052-000-0009")
    assert (row.delivery, row.opened_at, row.is_late) == ("sent", NOW, True)
    assert (row.reminders, row.reminded_at) == (1, NOW + timedelta(days=3))
    assert row.owner_names == ("佐藤 恵子",)


def test_before_inviting_a_row_shows_the_main_contact_or_that_there_is_none(session: Session) -> None:
    campaign, aoba = factories.campaign(session), factories.supplier(session)
    factories.contact(session, aoba, email="taro@aoba.example")
    factories.assessment(session, campaign, aoba)
    factories.assessment(session, campaign, factories.stranger(session))

    with_address, without = _rows(session, campaign, sort="code")

    assert with_address.addressed is not None
    assert (with_address.addressed.email, with_address.delivery) == ("taro@aoba.example", None)
    assert (without.addressed, without.delivery, without.is_late) == (None, "no_address", False)


def test_the_living_invitation_is_shown_before_a_revoked_one(session: Session) -> None:
    campaign = factories.campaign(session)
    assessment = factories.assessment(session, campaign, factories.supplier(session))
    factories.invitation(session, assessment, email="now@aoba.example")
    factories.invitation(session, assessment, email="gone@aoba.example", revoked_at=NOW)

    (row,) = _rows(session, campaign)

    assert row.addressed is not None
    assert row.addressed.email == "now@aoba.example"


@pytest.fixture
def mixed(session: Session) -> Campaign:
    """Four suppliers: waiting, answering, submitted, and one without an address."""
    campaign = factories.campaign(session)
    for name, state, more in (
        ("a待ち", AssessmentState.NOT_STARTED, {}),
        ("b回答中", AssessmentState.IN_PROGRESS, {"started_at": NOW, "last_activity_at": NOW}),
        ("c提出", AssessmentState.SUBMITTED, {"started_at": NOW, "submitted_at": NOW}),
    ):
        supplier = factories.supplier(session, name)
        assessment = factories.assessment(session, campaign, supplier, state=state, **more)
        opened = None if name == "a待ち" else NOW
        factories.mail(session, factories.invitation(session, assessment, opened_at=opened), **SENT)
    factories.assessment(session, campaign, factories.supplier(session, "d宛先なし"))
    return campaign


@pytest.mark.parametrize(
    ("situation", "names"),
    [
        ("", ["a待ち", "b回答中", "c提出", "d宛先なし"]),
        ("unanswered", ["a待ち", "b回答中", "d宛先なし"]),
        ("not_started", ["a待ち", "d宛先なし"]),
        ("in_progress", ["b回答中"]),
        ("answered", ["c提出"]),
        ("accepted", []),
        ("opened", ["b回答中", "c提出"]),
        ("unopened", ["a待ち"]),
        ("delivered", ["a待ち", "b回答中", "c提出"]),
        ("sent", ["a待ち", "b回答中", "c提出"]),
        ("failed", []),
        ("no_address", ["d宛先なし"]),
        ("ready", []),
        ("nonsense", ["a待ち", "b回答中", "c提出", "d宛先なし"]),
    ],
)
def test_rows_are_filtered_by_situation(
    session: Session, mixed: Campaign, situation: str, names: list[str]
) -> None:
    assert _names(_rows(session, mixed, situation=situation)) == names


def test_late_rows_show_once_the_day_has_passed(session: Session, mixed: Campaign) -> None:
    assert _rows(session, mixed, situation="late") == []
    assert _names(_rows(session, mixed, today=PAST_DUE, situation="late")) == ["a待ち", "b回答中"]


def test_rows_are_found_by_words_owner_and_unit(session: Session, mixed: Campaign) -> None:
    owner, unit = factories.user(session, Role.PROCUREMENT), factories.unit(session)
    waiting = _rows(session, mixed, situation="unopened")[0].supplier
    factories.relationship(session, waiting, owner_id=owner.id, business_unit_id=unit.id)

    assert _names(_rows(session, mixed, words="回答")) == ["b回答中"]
    assert _names(_rows(session, mixed, owner_id=owner.id)) == ["a待ち"]
    assert _names(_rows(session, mixed, unit_id=unit.id)) == ["a待ち"]
    assert _rows(session, mixed, unit_id=factories.whole_company(session).id) == []


def test_a_unit_sees_nothing_of_what_another_has_with_a_supplier(session: Session) -> None:
    campaign, aoba = factories.campaign(session), factories.supplier(session)
    mine, theirs = factories.unit(session, "鋳造部"), factories.unit(session, "電装部")
    other = factories.user(session, Role.PROCUREMENT, name="他部署の人")
    factories.relationship(session, aoba, business_unit_id=mine.id)
    factories.relationship(session, aoba, business_unit_id=theirs.id, owner_id=other.id)
    factories.assessment(session, campaign, aoba)
    units = frozenset({mine.id})

    (row,) = _rows(session, campaign, unit_ids=units)

    assert row.owner_names == ()
    assert _rows(session, campaign, unit_ids=units, owner_id=other.id) == []
    assert campaign_rows.owners(session, campaign, unit_ids=units) == []


def test_rows_are_sorted(session: Session, mixed: Campaign) -> None:
    backwards = _names(_rows(session, mixed, sort="-name"))

    assert backwards == ["d宛先なし", "c提出", "b回答中", "a待ち"]
    for sort in ("code", "state", "activity", "-activity", "nonsense"):
        assert len(_rows(session, mixed, sort=sort)) == 4


def test_a_page_takes_a_fixed_number_of_queries(session: Session, mixed: Campaign) -> None:
    condition = campaign_rows.matching(mixed, RowFilter(), scope=Supplier.id > 0, today=TODAY)
    statements: list[str] = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))

    assert campaign_rows.count(session, condition) == 4
    campaign_rows.page(session, mixed, condition, sort="name", number=1, unit_ids=None, today=TODAY)

    assert len(statements) == 6
