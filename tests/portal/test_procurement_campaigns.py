"""Making a campaign in the browser: the list, the steps, approval by a second person, sending."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from assessments.models import (
    Assessment,
    Campaign,
    CampaignState,
    Job,
    Message,
    Organisation,
    Role,
    User,
)
from portal import clock, tasks
from portal.db import Database
from portal.settings import Settings
from tests import factories
from tests.fixtures_app import Visitor
from tests.pages import hidden, main_words

SignIn = Callable[..., Visitor]
CAMPAIGNS = "/procurement/campaigns"
DUE = clock.today("Asia/Tokyo") + timedelta(days=30)
FACTS = {"title": "2026年度 調査", "due_on": DUE.isoformat(), "purpose": "部品の供給を一緒に守るため"}


@pytest.fixture
def sato(session: Session) -> User:
    """Who makes the campaign."""
    return factories.user(session, Role.PROCUREMENT, name="佐藤 恵子")


@pytest.fixture
def at_desk(as_buyer: SignIn, sato: User) -> Visitor:
    """佐藤's browser."""
    return as_buyer(user=sato)


def _draft(session: Session, by: User | None = None, **changes: Any) -> Campaign:
    facts = {
        "state": CampaignState.DRAFT,
        "opened_at": None,
        "due_on": DUE,
        "purpose": "一緒に守るため",
        "created_by_id": by.id if by else None,
    }
    return factories.campaign(session, **facts | changes)


def _asked(session: Session, campaign: Campaign, **supplier: Any) -> Assessment:
    aoba = factories.supplier(session, **supplier)
    factories.contact(session, aoba)
    factories.relationship(session, aoba)
    return factories.assessment(session, campaign, aoba)


def test_a_campaign_is_made_step_by_step_and_sent(
    at_desk: Visitor, session: Session, database: Database, settings: Settings
) -> None:
    version = factories.version(session)
    aoba = factories.supplier(session)
    factories.contact(session, aoba, email="taro@aoba.example")
    factories.relationship(session, aoba)
    session.commit()

    made = at_desk.post(f"{CAMPAIGNS}/new", {**FACTS, "version": version.public_id})
    assert made.status_code == 302
    assert "1社を対象に加える" in main_words(at_desk.get(made.location))
    at_desk.post(made.location + "/add")
    campaign = session.scalars(select(Campaign)).one()
    session.commit()
    here = f"{CAMPAIGNS}/{campaign.public_id}"
    assert "サイバー対策、営業秘密を守る、経営者の関わり" in main_words(at_desk.get(f"{here}/parts"))
    at_desk.post(f"{here}/message", {"message": "無理のない範囲でお願いします。"})
    assert "無理のない範囲でお願いします。" in main_words(at_desk.get(f"{here}/message"))
    assert "1社に依頼を送る" in main_words(at_desk.get(f"{here}/check"))

    sent = at_desk.post(f"{here}/open")
    assert "依頼を準備しています" in main_words(at_desk.get(sent.location))
    job_id = session.scalars(select(Job.id)).one()
    session.commit()
    tasks.run(database, settings, job_id)

    mails = session.execute(select(Message.kind, Message.to_email).order_by(Message.id)).all()
    assert mails == [("advance_notice", "taro@aoba.example"), ("invitation", "taro@aoba.example")]
    page = at_desk.get(here)
    assert [entry.get_text(strip=True) for entry in page.select(".funnel-count")] == [
        "1社", "0社", "0社", "0社", "0社",
    ]  # fmt: skip


def test_the_list_shows_how_far_each_campaign_is(at_desk: Visitor, session: Session) -> None:
    running = factories.campaign(session, title="実施中の調査")
    factories.mail(session, factories.invitation(session, _asked(session, running), opened_at=clock.now()))
    _asked(session, _draft(session, title="下書きの調査"))
    factories.campaign(session, title="終わった調査", state=CampaignState.CLOSED, closed_at=clock.now())
    session.commit()

    page = at_desk.get(CAMPAIGNS)

    assert [entry.get_text(strip=True) for entry in page.select(".funnel-count")][:3] == ["1社", "1社", "1社"]
    for title in ("実施中の調査", "下書きの調査", "終わった調査"):
        assert title in main_words(page)


def test_without_campaigns_the_page_says_why_and_what_next(at_desk: Visitor) -> None:
    page = at_desk.get(CAMPAIGNS)

    assert "まだ調査がありません" in main_words(page)
    assert page.find("a", string="調査をつくる")


def test_the_list_takes_a_fixed_number_of_queries(
    at_desk: Visitor, session: Session, database: Database
) -> None:
    for _ in range(2):
        _asked(session, factories.campaign(session))
    session.commit()
    few = _queries(database, lambda: at_desk.get(CAMPAIGNS))
    for _ in range(5):
        _asked(session, factories.campaign(session))
    session.commit()

    assert _queries(database, lambda: at_desk.get(CAMPAIGNS)) == few


def test_a_second_person_approves_before_it_can_be_sent(
    at_desk: Visitor, as_buyer: SignIn, session: Session, sato: User, buyer: Organisation
) -> None:
    session.merge(buyer).needs_campaign_approval = True
    campaign = _draft(session, sato)
    _asked(session, campaign)
    session.commit()
    here = f"{CAMPAIGNS}/{campaign.public_id}"

    assert "1社への送信の承認を依頼する" in main_words(at_desk.get(f"{here}/check"))
    assert at_desk.post(f"{here}/open").status_code == 409
    at_desk.post(f"{here}/request-approval")
    assert "ほかの購買担当者の承認を待っています" in main_words(at_desk.get(f"{here}/check"))
    assert at_desk.post(f"{here}/approve").status_code == 409

    suzuki = as_buyer(Role.PROCUREMENT)
    read = suzuki.get(f"{here}/check")
    assert "1社への送信を承認する" in main_words(read)
    suzuki.post(f"{here}/approve", {"note": "確かめました", "asked": hidden(read, "asked")})
    page = main_words(at_desk.get(f"{here}/check"))
    assert "1社に依頼を送る" in page
    assert "確かめました" in page
    assert at_desk.post(f"{here}/open").location == here


def test_a_draft_sent_back_can_be_mended(at_desk: Visitor, session: Session) -> None:
    campaign = _draft(session, state=CampaignState.AWAITING_APPROVAL)
    _asked(session, campaign)
    session.commit()
    here = f"{CAMPAIGNS}/{campaign.public_id}"

    at_desk.post(f"{here}/send-back", {"note": "期限を見直してください"})

    assert "期限を見直してください" in main_words(at_desk.get(f"{here}/check"))
    mended = at_desk.post(f"{here}/facts", {**FACTS, "title": "直した調査"})
    assert mended.status_code == 302
    assert "直した調査" in main_words(at_desk.get(f"{here}/check"))


def test_a_reader_sees_but_finds_no_button_and_is_refused(as_buyer: SignIn, session: Session) -> None:
    campaign = _draft(session)
    _asked(session, campaign)
    session.commit()
    reader, here = as_buyer(Role.RISK), f"{CAMPAIGNS}/{campaign.public_id}"

    for path in ("facts", "suppliers", "parts", "message", "check", "print"):
        page = reader.get(f"{here}/{path}")
        assert not page.select('main form[method="post"] button'), path
    assert "調査をつくる" not in main_words(reader.get(CAMPAIGNS))
    assert reader.post(f"{here}/open").status_code == 403
    assert reader.post(f"{CAMPAIGNS}/new", FACTS).status_code == 403


def test_a_unit_adds_and_removes_only_its_own_suppliers(
    as_buyer: SignIn, session: Session, sato: User
) -> None:
    unit = factories.unit(session)
    campaign = _draft(session)
    mine, theirs = factories.supplier(session), factories.stranger(session)
    factories.relationship(session, mine, business_unit_id=unit.id)
    factories.relationship(session, theirs)
    asked = factories.assessment(session, campaign, theirs)
    limited = as_buyer(user=factories.user(session, Role.PROCUREMENT, unit=unit))
    here = f"{CAMPAIGNS}/{campaign.public_id}"

    limited.get(f"{here}/suppliers", status=404)
    factories.assessment(session, campaign, mine)
    session.commit()
    assert "梅田精機" not in main_words(limited.get(f"{here}/suppliers"))
    assert "梅田精機" not in main_words(limited.get(f"{here}/parts"))
    assert "梅田精機" not in limited.get(f"{here}/print").get_text()
    limited.get(f"{CAMPAIGNS}/assessments/{asked.public_id}/parts", status=404)
    assert limited.post(f"{CAMPAIGNS}/assessments/{asked.public_id}/parts").status_code == 404
    limited.post(f"{here}/suppliers/remove", {"supplier": [mine.public_id, theirs.public_id]})

    assert session.scalars(select(Assessment.supplier_id)).all() == [theirs.id]


def test_a_unit_cannot_act_on_a_campaign_that_asks_others_too(as_buyer: SignIn, session: Session) -> None:
    unit, campaign = factories.unit(session), _draft(session)
    mine = factories.supplier(session)
    factories.relationship(session, mine, business_unit_id=unit.id)
    factories.assessment(session, campaign, mine)
    factories.assessment(session, campaign, factories.stranger(session))
    limited = as_buyer(user=factories.user(session, Role.PROCUREMENT, unit=unit))
    here = f"{CAMPAIGNS}/{campaign.public_id}"

    assert "全社を担当する方が行います" in main_words(limited.get(f"{here}/check"))
    for act in ("open", "request-approval", "approve", "send-back", "facts", "message", "close", "extend"):
        answer = limited.post(f"{here}/{act}", FACTS)
        assert answer.status_code == 409, act
        assert "担当していない事業部" in answer.get_data(as_text=True)


def test_a_campaign_of_another_unit_is_not_there(as_buyer: SignIn, session: Session) -> None:
    campaign = _draft(session)
    _asked(session, campaign)
    limited = as_buyer(user=factories.user(session, Role.PROCUREMENT, unit=factories.unit(session)))

    assert "まだ調査がありません" in main_words(limited.get(CAMPAIGNS))
    limited.get(f"{CAMPAIGNS}/{campaign.public_id}", status=404)
    assert limited.client.get(f"{CAMPAIGNS}/{campaign.public_id}/unanswered.csv").status_code == 404


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"title": " "}, "入力してください。"),
        ({"title": "あ" * 101}, "100文字まで"),
        ({"purpose": ""}, "入力してください。"),
        ({"due_on": "2020-01-01"}, "明日以降の日付"),
        ({"due_on": ""}, "日付を選んでください。"),
    ],
)
def test_what_is_typed_wrong_is_told_at_its_field_and_kept(
    at_desk: Visitor, session: Session, typed: dict[str, str], complaint: str
) -> None:
    version = factories.version(session)
    session.commit()

    answer = at_desk.post(f"{CAMPAIGNS}/new", {**FACTS, "version": version.public_id, **typed})

    assert answer.status_code == 422
    page = BeautifulSoup(answer.data, "html.parser")
    (name,) = typed
    errors = page.find(id=f"{name}-error")
    assert errors is not None
    assert complaint in errors.get_text()
    if name != "purpose":
        assert FACTS["purpose"] in page.get_text()
    assert session.scalars(select(Campaign)).all() == []


def test_a_line_break_in_the_title_becomes_a_space(at_desk: Visitor, session: Session) -> None:
    version = factories.version(session)
    session.commit()

    at_desk.post(f"{CAMPAIGNS}/new", {**FACTS, "title": "調査\r\nBcc: x", "version": version.public_id})

    assert session.scalars(select(Campaign.title)).one() == "調査 Bcc: x"


def test_other_parts_want_a_reason_that_the_supplier_reads(at_desk: Visitor, session: Session) -> None:
    assessment = _asked(session, _draft(session))
    session.commit()
    here = f"{CAMPAIGNS}/assessments/{assessment.public_id}/parts"

    refused = at_desk.post(here, {"axes": ["secrets"], "reason": ""})
    assert refused.status_code == 422
    assert "理由を書いてください" in refused.get_data(as_text=True)
    kept = at_desk.post(here, {"axes": ["secrets"], "reason": "社長とは別に話しているため"})

    assert kept.status_code == 302
    page = main_words(at_desk.get(kept.location))
    assert "サイバー対策、営業秘密を守る 変える" in page
    assert "社長とは別に話しているため" in page


def test_what_is_missing_is_said_before_sending_and_holds_it_back(at_desk: Visitor, session: Session) -> None:
    campaign = _draft(session, due_on=date(2026, 1, 1), purpose="")
    session.commit()
    here = f"{CAMPAIGNS}/{campaign.public_id}"

    page = main_words(at_desk.get(f"{here}/check"))
    for words in ("対象の取引先を選んでください", "明日以降にしてください", "お願いする理由を書いてください"):
        assert words in page
    assert at_desk.post(f"{here}/open").status_code == 422
    assert session.scalars(select(Job)).all() == []


def test_asking_again_within_twelve_months_wants_a_reason(at_desk: Visitor, session: Session) -> None:
    campaign = _draft(session)
    assessment = _asked(session, campaign)
    earlier = factories.assessment(session, factories.campaign(session), assessment.supplier)
    factories.invitation(session, earlier, created_at=clock.now() - timedelta(days=100))
    session.commit()
    here = f"{CAMPAIGNS}/{campaign.public_id}"

    assert "1社には、12か月以内に別の調査をお願いしています" in main_words(at_desk.get(f"{here}/check"))
    assert at_desk.post(f"{here}/open").status_code == 422
    assert at_desk.post(f"{here}/repeat-reason", {"reason": " "}).status_code == 422
    at_desk.post(f"{here}/repeat-reason", {"reason": "事故を受けた追加のお願い"})

    assert at_desk.post(f"{here}/open").status_code == 302


def test_a_test_mail_goes_to_oneself_alone(at_desk: Visitor, session: Session, sato: User) -> None:
    campaign = _draft(session)
    _asked(session, campaign)
    session.commit()

    at_desk.post(f"{CAMPAIGNS}/{campaign.public_id}/test-mail")
    at_desk.post(f"{CAMPAIGNS}/{campaign.public_id}/test-mail")

    mails = session.scalars(select(Message)).all()
    assert [(mail.kind, mail.to_email) for mail in mails] == [("test_mail", sato.email)] * 2


def test_the_mail_is_shown_with_the_promises_and_the_questions(at_desk: Visitor, session: Session) -> None:
    campaign = _draft(session)
    factories.assessment(session, campaign, factories.supplier(session), axes=["cyber"])
    session.commit()

    page = main_words(at_desk.get(f"{CAMPAIGNS}/{campaign.public_id}/message"))

    assert "一緒に守るため" in page
    assert "不利益はありません" in page
    assert "基本的対策（5問）" in page
    assert "営業秘密の保護" not in page


def test_the_list_of_receivers_can_be_printed(at_desk: Visitor, session: Session) -> None:
    campaign = _draft(session)
    _asked(session, campaign)
    factories.assessment(session, campaign, factories.stranger(session))
    session.commit()

    page = at_desk.get(f"{CAMPAIGNS}/{campaign.public_id}/print").get_text(" ", strip=True)

    assert "株式会社青葉鋳造" in page
    assert "なし（送られません）" in page


def test_suppliers_are_narrowed_by_the_filter_before_they_are_added(
    at_desk: Visitor, session: Session, sato: User
) -> None:
    campaign = _draft(session)
    mine, other = factories.supplier(session), factories.stranger(session)
    factories.relationship(session, mine, owner_id=sato.id)
    factories.relationship(session, other)
    session.commit()
    here = f"{CAMPAIGNS}/{campaign.public_id}"

    page = at_desk.get(f"{here}/suppliers?owner=mine")
    action = page.select_one('main form[method="post"]')
    assert action is not None
    at_desk.post(str(action["action"]))

    assert session.scalars(select(Assessment.supplier_id)).all() == [mine.id]
    assert "条件に合う取引先がありません" in main_words(at_desk.get(f"{here}/suppliers?owner={'0' * 20}"))


def _queries(database: Database, act: Callable[[], object]) -> int:
    seen: list[str] = []

    def count(*statement: Any) -> None:
        seen.append(statement[2])

    event.listen(database.read_engine, "before_cursor_execute", count)
    act()
    event.remove(database.read_engine, "before_cursor_execute", count)
    return len(seen)


def test_before_a_questionnaire_is_published_there_is_no_form(at_desk: Visitor) -> None:
    page = at_desk.get("/procurement/campaigns/new")

    assert "公開された質問票がまだありません" in page.get_text()
    assert page.select_one("form [name=title]") is None
