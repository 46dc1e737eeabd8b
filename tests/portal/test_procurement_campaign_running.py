"""A running campaign in the browser: its suppliers, reminders, addresses, due date, closing, the lists."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from assessments.models import (
    Assessment,
    AssessmentState,
    AuditEvent,
    Campaign,
    CampaignState,
    Invitation,
    Message,
    MessageState,
    Role,
    User,
)
from portal import clock
from portal.db import Database
from tests import factories
from tests.fixtures_app import Visitor
from tests.pages import main_words

SignIn = Callable[..., Visitor]
CAMPAIGNS = "/procurement/campaigns"
TODAY = clock.today("Asia/Tokyo")
HANAKO = {"name": "青葉 花子", "email": "hanako@aoba.example", "language": "ja"}


@pytest.fixture
def sato(session: Session) -> User:
    """Who looks after the suppliers."""
    return factories.user(session, Role.PROCUREMENT, name="佐藤 恵子", phone="03-0000-1111")


@pytest.fixture
def at_desk(as_buyer: SignIn, sato: User) -> Visitor:
    """佐藤's browser."""
    return as_buyer(user=sato)


@pytest.fixture
def running(session: Session) -> Campaign:
    """An open campaign, due in a month."""
    return factories.campaign(session, due_on=TODAY + timedelta(days=30))


def _invited(
    session: Session, campaign: Campaign, name: str = "株式会社青葉鋳造", **owner: Any
) -> Assessment:
    """A supplier whose invitation has been sent."""
    supplier = factories.supplier(session, name)
    contact = factories.contact(session, supplier, phone="052-000-0001")
    factories.relationship(session, supplier, **owner)
    assessment = factories.assessment(session, campaign, supplier)
    invitation = factories.invitation(session, assessment, contact_id=contact.id, email=contact.email)
    factories.mail(session, invitation, state=MessageState.SENT, sent_at=factories.NOW)
    return assessment


def test_the_page_lists_suppliers_with_state_and_mail(
    at_desk: Visitor, session: Session, running: Campaign, sato: User
) -> None:
    answering = _invited(session, running, owner_id=sato.id)
    answering.state, answering.started_at = AssessmentState.IN_PROGRESS, factories.NOW
    factories.assessment(session, running, factories.stranger(session))
    session.commit()

    page = at_desk.get(f"{CAMPAIGNS}/{running.public_id}")

    rows = [row.get_text(" ", strip=True) for row in page.select("table.data tbody tr")]
    assert len(rows) == 2
    assert "回答中" in next(row for row in rows if "青葉鋳造" in row)
    assert "佐藤 恵子" in next(row for row in rows if "青葉鋳造" in row)
    assert "メールアドレスがありません" in next(row for row in rows if "梅田精機" in row)


def test_passing_the_due_date_marks_and_closes_nothing(at_desk: Visitor, session: Session) -> None:
    overdue = factories.campaign(session, due_on=TODAY - timedelta(days=1))
    _invited(session, overdue)
    session.commit()

    page = main_words(at_desk.get(f"{CAMPAIGNS}/{overdue.public_id}"))

    assert "期限を過ぎています（受付は続いています）" in page
    assert "期限を過ぎた 1社" in page
    assert overdue.state is CampaignState.OPEN


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("situation=in_progress", ["b鋳造"]),
        ("situation=not_started", ["a鋳造"]),
        ("words=b鋳造", ["b鋳造"]),
        ("owner=mine", ["a鋳造"]),
        ("unit=00000000000000000000", []),
        ("situation=nonsense", ["a鋳造", "b鋳造"]),
        ("page=99", ["a鋳造", "b鋳造"]),
        ("sort=-name", ["b鋳造", "a鋳造"]),
    ],
)
def test_the_suppliers_are_filtered_sorted_and_paged(
    at_desk: Visitor, session: Session, running: Campaign, sato: User, query: str, names: list[str]
) -> None:
    _invited(session, running, "a鋳造", owner_id=sato.id)
    other = _invited(session, running, "b鋳造")
    other.state, other.started_at = AssessmentState.IN_PROGRESS, factories.NOW
    session.commit()

    page = at_desk.get(f"{CAMPAIGNS}/{running.public_id}?{query}")

    assert [link.get_text() for link in page.select("table.data tbody th a")] == names


def test_the_page_takes_a_fixed_number_of_queries(
    at_desk: Visitor, session: Session, running: Campaign, database: Database
) -> None:
    path = f"{CAMPAIGNS}/{running.public_id}"
    _invited(session, running)
    session.commit()
    few = _queries(database, lambda: at_desk.get(path))
    for _ in range(5):
        _invited(session, running)
    session.commit()

    assert _queries(database, lambda: at_desk.get(path)) == few


def test_a_unit_sees_and_counts_only_its_own(as_buyer: SignIn, session: Session, running: Campaign) -> None:
    unit = factories.unit(session)
    _invited(session, running, "うちの取引先", business_unit_id=unit.id)
    stranger = _invited(session, running, "よその取引先")
    limited = as_buyer(user=factories.user(session, Role.PROCUREMENT, unit=unit))

    page = limited.get(f"{CAMPAIGNS}/{running.public_id}")

    assert "うちの取引先" in main_words(page)
    assert "よその取引先" not in page.get_text()
    assert page.select(".funnel-count")[0].get_text(strip=True) == "1社"
    assert "期限を延ばす" not in main_words(page)
    sheet = limited.client.get(f"{CAMPAIGNS}/{running.public_id}/unanswered.csv").get_data(as_text=True)
    assert "うちの取引先" in sheet
    assert "よその取引先" not in sheet
    limited.get(f"{CAMPAIGNS}/assessments/{stranger.public_id}/address", status=404)
    assert limited.post(f"{CAMPAIGNS}/assessments/{stranger.public_id}/address", HANAKO).status_code == 404
    assert limited.post(f"{CAMPAIGNS}/assessments/{stranger.public_id}/send-again/1").status_code == 404
    limited.post(f"{CAMPAIGNS}/{running.public_id}/remind?all_matching=1")
    assert len(session.scalars(select(Message).where(Message.kind == "reminder")).all()) == 1


def test_a_reminder_says_whom_it_reaches_and_goes_to_those(
    at_desk: Visitor, session: Session, running: Campaign
) -> None:
    waiting, done = _invited(session, running, "待っている社"), _invited(session, running, "済んだ社")
    done.state, done.submitted_at = AssessmentState.SUBMITTED, factories.NOW
    session.commit()
    query = f"assessment={waiting.public_id}&assessment={done.public_id}"

    page = at_desk.get(f"{CAMPAIGNS}/{running.public_id}/remind?{query}")
    assert "1社に締切前のご案内を送る" in main_words(page)
    assert "選んだうち1社には送りません" in main_words(page)
    form = page.select_one('main form[method="post"]')
    assert form is not None
    at_desk.post(str(form["action"]))
    at_desk.post(str(form["action"]))

    reminders = session.scalars(select(Message).where(Message.kind == "reminder")).all()
    assert [mail.invitation_id for mail in reminders] == [
        session.scalars(select(Invitation.id).where(Invitation.assessment_id == waiting.id)).one()
    ]


def test_all_that_fit_the_filter_can_be_reminded(
    at_desk: Visitor, session: Session, running: Campaign
) -> None:
    for number in range(3):
        _invited(session, running, f"待ち{number}")
    begun = _invited(session, running, "回答中の社")
    begun.state, begun.started_at = AssessmentState.IN_PROGRESS, factories.NOW
    session.commit()

    at_desk.post(f"{CAMPAIGNS}/{running.public_id}/remind?all_matching=4&situation=not_started")

    assert len(session.scalars(select(Message).where(Message.kind == "reminder")).all()) == 3


def test_reminding_nobody_says_why(at_desk: Visitor, session: Session, running: Campaign) -> None:
    _invited(session, running)
    session.commit()

    page = at_desk.get(f"{CAMPAIGNS}/{running.public_id}/remind")

    assert "いまご案内を送れる取引先がありません" in main_words(page)


def test_another_person_is_addressed_in_two_clicks(
    at_desk: Visitor, session: Session, running: Campaign
) -> None:
    assessment = _invited(session, running)
    session.commit()
    page = at_desk.get(f"{CAMPAIGNS}/{running.public_id}")
    link = page.select_one('a[href$="/address"]')
    assert link is not None
    assert "青葉 太郎" in main_words(at_desk.get(str(link["href"])))

    sent = at_desk.post(str(link["href"]), HANAKO)

    assert "hanako@aoba.exampleに依頼を送ります" in main_words(at_desk.get(sent.location))
    live = select(Invitation.email).where(
        Invitation.assessment_id == assessment.id, Invitation.revoked_at.is_(None)
    )
    assert session.scalars(live).all() == ["hanako@aoba.example"]


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"email": "hanako"}, "半角で入力"),
        ({"email": "a@x.example, b@x.example"}, "1つ"),
        ({"email": ""}, "入力してください"),
        ({"name": " "}, "入力してください"),
    ],
)
def test_an_address_that_cannot_be_written_to_is_told(
    at_desk: Visitor, session: Session, running: Campaign, typed: dict[str, str], complaint: str
) -> None:
    assessment = _invited(session, running)
    session.commit()

    answer = at_desk.post(
        f"{CAMPAIGNS}/assessments/{assessment.public_id}/address", {**HANAKO, "phone": "052-9", **typed}
    )

    assert answer.status_code == 422
    page = BeautifulSoup(answer.data, "html.parser")
    errors = page.find(id=f"{next(iter(typed))}-error")
    assert errors is not None
    assert complaint in errors.get_text()
    phone = page.find("input", id="phone")
    assert phone is not None
    assert phone["value"] == "052-9"


def test_the_same_address_is_sent_again_by_its_own_button(
    at_desk: Visitor, session: Session, running: Campaign
) -> None:
    assessment = _invited(session, running)
    email = session.scalars(select(Invitation.email)).one()
    session.commit()
    here = f"{CAMPAIGNS}/assessments/{assessment.public_id}"

    refused = at_desk.post(f"{here}/address", {**HANAKO, "email": email})
    assert refused.status_code == 422
    assert "いまの宛先と同じです" in refused.get_data(as_text=True)
    for _ in range(2):
        at_desk.post(f"{here}/send-again/1")

    keys = session.scalars(select(Message.send_key).where(Message.state == MessageState.QUEUED)).all()
    assert len(keys) == 1
    assert keys[0].endswith(":2")


def test_suppliers_that_have_an_address_by_now_can_be_invited(
    at_desk: Visitor, session: Session, running: Campaign
) -> None:
    assessment = factories.assessment(session, running, factories.supplier(session))
    session.commit()
    factories.contact(session, assessment.supplier, email="taro@aoba.example")
    session.commit()
    here = f"{CAMPAIGNS}/{running.public_id}"

    assert "1社に依頼を送る" in main_words(at_desk.get(here))
    at_desk.post(f"{here}/invite")

    assert session.scalars(select(Message.to_email)).all() == ["taro@aoba.example"]


def test_the_due_date_can_be_moved_to_a_later_day(
    at_desk: Visitor, session: Session, running: Campaign
) -> None:
    session.commit()
    here, later = f"{CAMPAIGNS}/{running.public_id}", running.due_on + timedelta(days=7)

    refused = at_desk.post(f"{here}/extend", {"due_on": running.due_on.isoformat()})
    assert refused.status_code == 422
    assert "以降の日付を選んでください" in refused.get_data(as_text=True)
    at_desk.post(f"{here}/extend", {"due_on": later.isoformat()})

    assert session.scalars(select(Campaign.due_on)).one() == later


def test_closing_says_what_happens_and_can_be_undone(
    at_desk: Visitor, session: Session, running: Campaign
) -> None:
    begun = _invited(session, running)
    begun.state, begun.started_at = AssessmentState.IN_PROGRESS, factories.NOW
    session.commit()
    here = f"{CAMPAIGNS}/{running.public_id}"

    assert "回答中の1社は、続きを書けなくなります。書いた内容は残ります。" in main_words(
        at_desk.get(f"{here}/close")
    )
    at_desk.post(f"{here}/close")
    assert "期限を延ばして再開する" in main_words(at_desk.get(here))
    at_desk.post(f"{here}/extend", {"due_on": (TODAY + timedelta(days=9)).isoformat()})

    assert session.scalars(select(Campaign.state)).one() is CampaignState.OPEN
    assert session.scalars(select(Assessment.state)).one() is AssessmentState.IN_PROGRESS
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)).all()
    assert actions == ["campaign.closed", "campaign.reopened"]


def test_a_reader_may_not_touch_a_running_campaign(
    as_buyer: SignIn, session: Session, running: Campaign
) -> None:
    assessment = _invited(session, running)
    session.commit()
    reader, here = as_buyer(Role.RISK), f"{CAMPAIGNS}/{running.public_id}"

    assert not reader.get(here).select("table.data input")
    for path in (f"{here}/remind", f"{here}/extend", f"{here}/close", f"{here}/invite"):
        assert reader.post(path).status_code == 403, path
    for path in ("address", "send-again/1"):
        assert reader.post(f"{CAMPAIGNS}/assessments/{assessment.public_id}/{path}").status_code == 403


def test_those_to_telephone_are_listed_by_owner_as_csv(
    at_desk: Visitor, session: Session, running: Campaign, sato: User
) -> None:
    _invited(session, running, "=cmd()|鋳造", owner_id=sato.id)
    done = _invited(session, running, "済んだ社")
    done.state, done.submitted_at = AssessmentState.SUBMITTED, factories.NOW
    session.commit()

    answer = at_desk.client.get(f"{CAMPAIGNS}/{running.public_id}/unanswered.csv")

    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    headings, row = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    told = dict(zip(headings, row, strict=True))
    assert (told["担当"], told["担当の電話"], told["電話"]) == ("佐藤 恵子", "03-0000-1111", "052-000-0001")
    assert told["会社名"] == "'=cmd()|鋳造"


def test_those_to_telephone_are_listed_a_sheet_an_owner_as_xlsx(
    at_desk: Visitor, session: Session, running: Campaign, sato: User
) -> None:
    _invited(session, running, "=cmd()|鋳造", owner_id=sato.id)
    _invited(session, running, "担当のない社")
    session.commit()

    answer = at_desk.client.get(f"{CAMPAIGNS}/{running.public_id}/unanswered.xlsx")

    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["全員", "佐藤 恵子", "担当なし"]
    cell = book["佐藤 恵子"]["D2"]
    assert (cell.value, cell.data_type) == ("=cmd()|鋳造", "s")
    assert book["全員"].max_row == 3


def _queries(database: Database, act: Callable[[], object]) -> int:
    seen: list[str] = []

    def count(*statement: Any) -> None:
        seen.append(statement[2])

    event.listen(database.read_engine, "before_cursor_execute", count)
    act()
    event.remove(database.read_engine, "before_cursor_execute", count)
    return len(seen)
