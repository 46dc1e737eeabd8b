"""A campaign over time in the browser: waves, reminders, a start, a pause, the next year."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import calendar, courses, reminding
from assessments.models import (
    AuditEvent,
    BusinessUnit,
    Campaign,
    CampaignState,
    Job,
    Message,
    MessageState,
    Organisation,
    Relationship,
    Role,
    StarOverride,
    StepKind,
    User,
)
from portal import clock, course_work
from portal.db import Database
from portal.procurement.campaign_course_words import STEPS
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import Visitor
from tests.pages import main_words

SignIn = Callable[..., Visitor]
CAMPAIGNS = "/procurement/campaigns"
PLAN = {
    "per_day": "20",
    "reminds": "y",
    "first_after": "3",
    "then_every": "4",
    "at_most": "2",
    "final_before": "",
    "is_yearly": "y",
}


@pytest.fixture
def sato(session: Session) -> User:
    """Who makes campaigns."""
    return factories.user(session, Role.PROCUREMENT, name="佐藤 恵子")


@pytest.fixture
def at_desk(as_buyer: SignIn, sato: User) -> Visitor:
    """佐藤's browser."""
    return as_buyer(user=sato)


def _campaign(session: Session, **facts: Any) -> Campaign:
    far = {"due_on": clock.today("Asia/Tokyo") + timedelta(days=60), "purpose": "守るため"}
    campaign = factories.campaign(session, **far | facts)
    supplier = factories.supplier(session)
    factories.contact(session, supplier, email="taro@aoba.example")
    factories.relationship(session, supplier)
    factories.assessment(session, campaign, supplier)
    session.commit()
    return campaign


def _draft(session: Session, **facts: Any) -> Campaign:
    return _campaign(session, state=CampaignState.DRAFT, opened_at=None, **facts)


def _opening(session: Session) -> datetime:
    office = calendar.of_buyer(session)
    return office.opening(office.on_or_after(clock.today("Asia/Tokyo") + timedelta(days=2)))


def test_a_plan_is_kept_and_told_in_sentences(at_desk: Visitor, session: Session) -> None:
    here = f"{CAMPAIGNS}/{_draft(session).public_id}"
    assert "すべての取引先に一度に送ります" in main_words(at_desk.get(f"{here}/check"))

    assert at_desk.post(f"{here}/course", PLAN).status_code == 302

    told = main_words(at_desk.get(f"{here}/check"))
    assert "1営業日に20社ずつ" in told
    assert "依頼から3営業日たっても回答がない取引先に" in told
    assert "最後のご案内を送ります" not in told
    assert "毎年くり返します" in told
    form = at_desk.get(f"{here}/course")
    assert form.find("input", id="per_day")["value"] == "20"  # type: ignore[index]


@pytest.mark.parametrize("wrong", [{"per_day": "0"}, {"first_after": ""}, {"at_most": "99"}])
def test_a_plan_that_makes_no_sense_is_refused(
    at_desk: Visitor, session: Session, wrong: dict[str, str]
) -> None:
    here = f"{CAMPAIGNS}/{_draft(session).public_id}"

    assert at_desk.post(f"{here}/course", PLAN | wrong).status_code == 422


def test_what_is_being_approved_keeps_its_plan(at_desk: Visitor, session: Session) -> None:
    campaign = _draft(session)
    campaign.state = CampaignState.AWAITING_APPROVAL
    session.commit()

    assert at_desk.post(f"{CAMPAIGNS}/{campaign.public_id}/course", PLAN).status_code == 409


def test_each_step_of_the_approval_stands_with_name_andmain_words(
    at_desk: Visitor, as_buyer: SignIn, session: Session, buyer: Organisation
) -> None:
    session.merge(buyer).needs_campaign_approval = True
    here = f"{CAMPAIGNS}/{_draft(session).public_id}"
    colleague = as_buyer(user=factories.user(session, Role.PROCUREMENT, name="鈴木 一郎"))

    at_desk.post(f"{here}/request-approval", {"note": "今週中にお願いします"})
    colleague.post(f"{here}/send-back", {"note": "期限が近すぎます"})
    at_desk.post(f"{here}/request-approval", {"note": "延ばしました"})
    colleague.post(f"{here}/approve", {"note": "よいと思います", "asked": "2"})

    told = main_words(at_desk.get(f"{here}/check"))
    places = [
        told.index(words) for words in ("今週中に", "期限が近すぎます", "延ばしました", "よいと思います")
    ]
    assert places[0] < places[1] < places[2]
    assert "佐藤 恵子：承認を依頼" in told
    assert "鈴木 一郎：下書きに戻す" in told
    assert "鈴木 一郎：承認" in told


def test_a_start_is_reserved_and_happens_by_itself(
    at_desk: Visitor, session: Session, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = _draft(session)
    here, starts_at = f"{CAMPAIGNS}/{campaign.public_id}", _opening(session)
    local = starts_at.astimezone(calendar.of_buyer(session).zone)
    form = {"starts_on": local.date().isoformat(), "starts_time": "09:30", "remark": "連休明けに"}
    session.commit()

    assert at_desk.post(f"{here}/schedule", form).status_code == 302
    assert "に送り始めます" in main_words(at_desk.get(f"{here}/check"))
    course_work.start_due(database)
    assert session.scalars(select(Job)).all() == []
    session.commit()

    # Pages were down at the moment itself; the first sweep afterwards starts it, once.
    monkeypatch.setattr(clock, "now", lambda: starts_at + timedelta(hours=3))
    for _ in range(2):
        course_work.start_due(database)

    session.expire_all()
    assert campaign.state is CampaignState.OPENING
    assert len(session.scalars(select(Job)).all()) == 1


@pytest.mark.parametrize("when", [("2026-01-05", "10:00"), (None, "20:00"), ("2199-01-05", "10:00")])
def test_a_start_outside_office_hours_is_refused_at_its_field(
    at_desk: Visitor, session: Session, when: tuple[str | None, str]
) -> None:
    day = when[0] or _opening(session).date().isoformat()
    here = f"{CAMPAIGNS}/{_draft(session).public_id}"

    answer = at_desk.post(f"{here}/schedule", {"starts_on": day, "starts_time": when[1]})

    assert answer.status_code == 422
    assert "営業時間（09:00〜17:00）" in answer.get_data(as_text=True)


def test_a_start_is_taken_back(at_desk: Visitor, session: Session) -> None:
    campaign = _draft(session)
    here, starts_at = f"{CAMPAIGNS}/{campaign.public_id}", _opening(session)
    form = {"starts_on": starts_at.astimezone(UTC).date().isoformat(), "starts_time": "10:00"}
    session.commit()
    at_desk.post(f"{here}/schedule", form)

    at_desk.post(f"{here}/unschedule")

    course = courses.of(session, campaign)
    assert course is not None
    assert course.starts_at is None
    assert "予約を取りやめ" in main_words(at_desk.get(f"{here}/check"))


def test_a_pause_is_explained_shown_and_lifted(at_desk: Visitor, session: Session) -> None:
    campaign = _campaign(session)
    here = f"{CAMPAIGNS}/{campaign.public_id}"
    assert "これまでどおり回答できます" in main_words(at_desk.get(f"{here}/pause"))

    at_desk.post(f"{here}/pause", {"remark": "宛先を確かめます"})

    page = main_words(at_desk.get(here))
    assert "送信を一時停止しています" in page
    assert "宛先を確かめます" in page
    assert at_desk.post(f"{here}/pause").status_code == 409
    assert at_desk.post(f"{here}/resume").status_code == 302
    assert "送信を一時停止しています" not in main_words(at_desk.get(here))


def test_the_schedule_reminds_and_tells_the_owner(
    session: Session, sato: User, buyer: Organisation, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = _campaign(session, due_on=date(2026, 12, 18), created_by_id=sato.id)
    assessment = factories.assessment(session, campaign, factories.supplier(session))
    invitation = factories.invitation(session, assessment)
    factories.mail(session, invitation, state=MessageState.SENT, sent_at=NOW, campaign_id=campaign.id, lane=2)
    courses.set_plan(session, campaign, courses.usual(reminds=True), now=NOW, by=None)
    session.commit()

    for day in (2, 4, 16):
        noon = datetime.combine(date(2026, 12, day), time(3), UTC)
        monkeypatch.setattr(clock, "now", lambda noon=noon: noon)
        for _ in range(2):
            course_work.remind_due(database)
        for mail in session.scalars(select(Message).where(Message.state == MessageState.QUEUED)):
            mail.state, mail.sent_at = MessageState.SENT, noon
        session.commit()

    kinds = session.scalars(select(Message.kind).order_by(Message.id)).all()
    assert kinds == ["invitation", "reminder", "reminder", reminding.UNANSWERED]
    noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "campaign.reminded")).all()
    assert [(event.actor, event.details) for event in noted] == [("system", {"count": 1})] * 2


def test_the_next_year_is_begun_from_a_closed_campaign(at_desk: Visitor, session: Session) -> None:
    campaign = _campaign(session, state=CampaignState.CLOSED, closed_at=NOW)
    here = f"{CAMPAIGNS}/{campaign.public_id}"
    assert "次の年の下書きを作る" in main_words(at_desk.get(here))

    first, second = (at_desk.post(f"{here}/again").location for _ in range(2))

    assert first == second
    assert "調査" in main_words(at_desk.get(first.replace("/facts", "/check")))
    assert "次の年の調査" in main_words(at_desk.get(here))


def test_the_schedule_begins_the_next_year_once(
    session: Session, buyer: Organisation, database: Database
) -> None:
    long_ago = clock.now() - timedelta(days=340)
    campaign = _campaign(session, state=CampaignState.CLOSED, opened_at=long_ago, closed_at=long_ago)
    courses.made(session, campaign).is_yearly = True
    session.commit()

    for _ in range(2):
        course_work.draft_due(database)

    drafts = session.scalars(select(Campaign).where(Campaign.state == CampaignState.DRAFT)).all()
    assert len(drafts) == 1


def test_a_draft_is_deleted_after_a_word_of_warning(at_desk: Visitor, session: Session) -> None:
    here = f"{CAMPAIGNS}/{_draft(session).public_id}"
    assert "元には戻せません" in main_words(at_desk.get(f"{here}/delete"))

    assert at_desk.post(f"{here}/delete").location == "/procurement/campaigns"

    assert session.scalars(select(Campaign)).all() == []
    at_desk.get(f"{here}/check", status=404)


def test_a_campaign_that_left_the_house_is_not_deleted(at_desk: Visitor, session: Session) -> None:
    here = f"{CAMPAIGNS}/{_campaign(session).public_id}"

    assert "終了できますが削除はできません" in main_words(at_desk.get(f"{here}/delete"))
    assert at_desk.post(f"{here}/delete").status_code == 409


def test_a_new_campaign_reminds_as_is_usual(at_desk: Visitor, session: Session) -> None:
    version = factories.version(session)
    session.commit()
    facts = {"title": "新しい調査", "purpose": "守るため", "version": version.public_id}

    at_desk.post(
        f"{CAMPAIGNS}/new", {**facts, "due_on": (clock.now() + timedelta(days=40)).date().isoformat()}
    )

    made = session.scalars(select(Campaign)).one()
    assert courses.plan_of(courses.of(session, made)) == courses.usual(reminds=True)


@pytest.mark.parametrize("act", ["course", "schedule", "unschedule", "pause", "resume", "again", "delete"])
def test_who_sees_a_part_does_not_steer_the_whole(as_buyer: SignIn, session: Session, act: str) -> None:
    campaign, unit = _draft(session), factories.unit(session)
    mine = factories.stranger(session)
    factories.relationship(session, mine, business_unit_id=unit.id)
    factories.assessment(session, campaign, mine)
    person = factories.user(session, Role.PROCUREMENT, unit=unit)

    answer = as_buyer(user=person).post(f"{CAMPAIGNS}/{campaign.public_id}/{act}", PLAN)

    assert answer.status_code == 409
    assert courses.steps(session, campaign) == []


def test_a_relationship_is_removed_with_its_star(at_desk: Visitor, session: Session, sato: User) -> None:
    supplier, unit = factories.supplier(session), factories.unit(session)
    kept = factories.relationship(session, supplier)
    gone = factories.relationship(session, supplier, business_unit_id=unit.id)
    session.add(
        StarOverride(
            supplier_id=supplier.id,
            business_unit_id=unit.id,
            star=3,
            reason="図面を扱うため",
            decided_by_id=sato.id,
            decided_at=NOW,
        )
    )
    session.commit()
    here = f"/procurement/suppliers/{supplier.public_id}/relationships"
    assert "回答と結果" in main_words(at_desk.get(f"{here}/{gone.public_id}/remove"))

    assert at_desk.post(f"{here}/{gone.public_id}/remove").status_code == 302

    assert session.scalars(select(Relationship.id)).all() == [kept.id]
    assert session.scalars(select(StarOverride)).all() == []
    assert unit.id in session.scalars(select(BusinessUnit.id)).all()
    assert "relationship.removed" in session.scalars(select(AuditEvent.action)).all()


def test_the_only_relationship_stays(at_desk: Visitor, session: Session) -> None:
    supplier = factories.supplier(session)
    only = factories.relationship(session, supplier)
    session.commit()
    here = f"/procurement/suppliers/{supplier.public_id}/relationships/{only.public_id}/remove"

    assert "取引関係が1つだけ" in main_words(at_desk.get(here))
    assert at_desk.post(here).status_code == 409


def test_history_holds_every_step_of_its_kind() -> None:
    assert set(STEPS) == set(StepKind)


@pytest.mark.database
def test_two_schedules_at_the_same_moment_start_and_remind_once(
    session: Session, sato: User, buyer: Organisation, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting = _draft(session)
    starts_at = _opening(session)
    courses.made(session, starting).starts_at = starts_at
    starting.state, starting.approval, starting.approved_at = CampaignState.APPROVED, "colleague", NOW
    running = _campaign(session, created_by_id=sato.id)
    for _ in range(5):
        assessment = factories.assessment(session, running, factories.supplier(session))
        invitation = factories.invitation(session, assessment)
        factories.mail(
            session, invitation, state=MessageState.SENT, sent_at=NOW, campaign_id=running.id, lane=2
        )
    courses.set_plan(session, running, courses.usual(reminds=True), now=NOW, by=None)
    running.due_on = starts_at.date() + timedelta(days=1)
    session.commit()
    monkeypatch.setattr(clock, "now", lambda: starts_at + timedelta(hours=1))
    together = Barrier(2)

    def sweep(_number: int) -> None:
        together.wait()
        course_work.start_due(database)
        course_work.remind_due(database)

    with ThreadPoolExecutor(2) as schedules:
        list(schedules.map(sweep, range(2)))

    assert len(session.scalars(select(Job)).all()) == 1
    kinds = Counter(session.scalars(select(Message.kind)))
    assert kinds == {"invitation": 5, "reminder": 5, reminding.UNANSWERED: 1}
    noted = session.scalars(select(AuditEvent.details).where(AuditEvent.action == "campaign.reminded")).all()
    assert noted == [{"count": 5}]
