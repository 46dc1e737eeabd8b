"""The pages of not answering this time: the supplier's way out and back, and what the buyer sees of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import declining
from assessments.models import (
    Assessment,
    AssessmentState,
    Consultation,
    Decline,
    DeclineReason,
    Message,
    Role,
    UserSession,
)
from tests import factories
from tests.answering import EMAIL, invited, person, submitted
from tests.factories import NOW
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]
SECRET = "担当が長く休んでいます"


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nobody is woken in these tests; the mails stay in the outbox."""
    calls: list[str] = []
    for module in ("portal.supplier.declining", "portal.supplier.submitting"):
        monkeypatch.setattr(f"{module}.wake_dispatcher", lambda: calls.append("dispatcher"))
    monkeypatch.setattr("portal.tasks.wake_dispatcher", lambda: calls.append("dispatcher"))
    return calls


@pytest.fixture
def aoba(session: Session) -> Assessment:
    """青葉鋳造, asked in a campaign, with an owner at the buyer."""
    made, _ = invited(session)
    owner = factories.user(session, Role.PROCUREMENT, name="鈴木 一郎")
    factories.relationship(session, made.supplier, owner_id=owner.id)
    session.commit()
    return made


@pytest.fixture
def taro(as_supplier: SignIn, aoba: Assessment) -> Visitor:
    """Somebody at 青葉鋳造, signed in."""
    return as_supplier(aoba.supplier, EMAIL)


def _path(of: Assessment, rest: str = "") -> str:
    return f"/supplier/assessments/{of.public_id}{rest}"


def _state(session: Session, of: Assessment) -> AssessmentState:
    session.refresh(of)
    session.commit()
    return of.state


def _declined(session: Session, of: Assessment, remark: str = SECRET) -> None:
    reason, by = DeclineReason.OTHER, person(session)
    declining.decline(session, of, reason=reason, remark=remark, now=NOW, by=by)
    session.commit()


def test_the_way_is_there_before_and_after_the_promises(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    for page in (_path(aoba), _path(aoba, "/notice")):
        assert taro.get(page).find("a", {"href": _path(aoba, "/decline")}), page


def test_it_is_said_what_happens_and_nothing_but_the_choice_is_wanted(
    session: Session, taro: Visitor, aoba: Assessment, woken: list[str]
) -> None:
    page = taro.get(_path(aoba, "/decline"))
    for words in ("メールが止まります", "鈴木 一郎", "不利になることはありません", "取り消して回答できます"):
        assert words in page.get_text()

    assert taro.post(_path(aoba, "/decline"), {"remark": SECRET}).status_code == 422
    assert _state(session, aoba) is AssessmentState.NOT_STARTED

    answer = taro.post(_path(aoba, "/decline"), {"reason": "wrong_company"})

    assert answer.location == _path(aoba, "/decline")
    assert "今回は回答しないとのお知らせをいただきました" in taro.get(answer.location).get_text()
    assert _state(session, aoba) is AssessmentState.DECLINED
    assert session.scalars(select(Decline.remark)).one() == ""
    assert woken == ["dispatcher"]


def test_pressing_twice_declines_once(session: Session, taro: Visitor, aoba: Assessment) -> None:
    for _ in range(2):
        assert taro.post(_path(aoba, "/decline"), {"reason": "other"}).status_code == 302

    assert len(session.scalars(select(Decline)).all()) == 1
    assert len(session.scalars(select(Message).where(Message.kind == declining.NOTE)).all()) == 1


def test_who_has_no_time_finds_the_talk_on_the_page(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    taro.post(_path(aoba, "/decline"), {"reason": "overloaded"})

    assert taro.get(_path(aoba, "/decline")).find("a", {"href": _path(aoba, "/consultation")})
    assert "お話ししたいです" in session.scalars(select(Consultation.message)).one()
    assert "お話ししたいです" in taro.get(_path(aoba, "/consultation")).get_text()


def test_it_is_taken_back_on_the_list_of_answers(session: Session, taro: Visitor, aoba: Assessment) -> None:
    _declined(session, aoba)
    page = taro.get(_path(aoba))
    form = page.find("form", {"action": _path(aoba, "/decline/take-back")})
    assert form is not None and "やはり回答する" in form.get_text()

    answer = taro.post(_path(aoba, "/decline/take-back"))

    assert answer.location == _path(aoba)
    assert "回答をはじめる" in taro.get(_path(aoba)).get_text()
    assert taro.post(_path(aoba, "/decline/take-back")).status_code == 409


def test_while_declined_nothing_is_answered_and_no_colleague_asked(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    _declined(session, aoba)

    assert taro.post(_path(aoba, "/submit")).status_code == 409
    asked = taro.post(_path(aoba, "/colleague"), {"name": "青葉 花子", "email": "hanako@aoba.example"})
    assert asked.status_code == 409
    assert "やはり回答する" in asked.get_data(as_text=True)


def test_what_was_submitted_offers_no_way_and_takes_none(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    submitted(session, aoba)
    session.commit()

    assert taro.client.get(_path(aoba, "/decline")).location == _path(aoba)
    assert taro.get(_path(aoba)).find("a", {"href": _path(aoba, "/decline")}) is None
    assert taro.post(_path(aoba, "/decline"), {"reason": "other"}).status_code == 409


def test_an_old_code_is_asked_for_again_and_leads_back(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    for one in session.scalars(select(UserSession)):
        one.verified_at -= timedelta(hours=13)
    session.commit()
    assert "12時間" in taro.get(_path(aoba, "/decline")).get_text()

    answer = taro.post(_path(aoba, "/decline"), {"reason": "other"})

    assert answer.location == _path(aoba, "/code?then=decline")
    page = taro.get(answer.location)
    assert page.find("a", {"href": _path(aoba, "/decline")})
    assert page.find("form", {"action": _path(aoba, "/confirm?then=decline")})
    assert _state(session, aoba) is AssessmentState.NOT_STARTED


def test_the_buyer_sees_who_declined_and_why(session: Session, aoba: Assessment, as_buyer: SignIn) -> None:
    _declined(session, aoba)
    keiko, campaign = as_buyer(Role.PROCUREMENT), f"/procurement/campaigns/{aoba.campaign.public_id}"
    session.commit()

    page = keiko.get(campaign)
    assert "今回は回答しない 1社" in page.get_text(" ", strip=True)
    assert aoba.supplier.name in keiko.get(f"{campaign}?situation=declined").get_text()
    assert aoba.supplier.name not in keiko.get(f"{campaign}?situation=in_progress").get_text()
    way = page.find("a", {"href": f"/procurement/campaigns/assessments/{aoba.public_id}/decline"})
    assert way is not None and "その他" in way.get_text()

    said = keiko.get(str(way["href"])).get_text()
    assert SECRET in said
    assert "取引の判断に使わないでください" in said


def test_the_buyer_asks_once_more_from_the_page(session: Session, aoba: Assessment, as_buyer: SignIn) -> None:
    _declined(session, aoba)
    keiko = as_buyer(Role.PROCUREMENT)
    page = f"/procurement/campaigns/assessments/{aoba.public_id}/decline"
    assert "もう一度お願いする" in keiko.get(page).get_text()

    again = f"/procurement/campaigns/assessments/{aoba.public_id}/ask-again"
    assert keiko.post(again).status_code == 302
    assert keiko.post(again).status_code == 409

    assert _state(session, aoba) is AssessmentState.NOT_STARTED
    assert "もう一度お願いしました" in keiko.get(page).get_text()
    _declined(session, aoba, "")
    page_text = keiko.get(page).get_text()
    assert "これ以上メールでお願いすることはできません" in page_text
    assert keiko.post(again).status_code == 409


def test_a_reader_sees_and_does_not_ask(session: Session, aoba: Assessment, as_buyer: SignIn) -> None:
    _declined(session, aoba)
    auditor, part = as_buyer(Role.AUDITOR), f"/procurement/campaigns/assessments/{aoba.public_id}"

    page = auditor.get(f"{part}/decline")

    assert SECRET in page.get_text()
    assert page.find("form", {"action": f"{part}/ask-again"}) is None
    assert auditor.post(f"{part}/ask-again").status_code == 403


def test_a_part_that_was_never_declined_leads_to_its_campaign(
    session: Session, aoba: Assessment, as_buyer: SignIn
) -> None:
    keiko = as_buyer(Role.PROCUREMENT)

    answer = keiko.client.get(f"/procurement/campaigns/assessments/{aoba.public_id}/decline")

    assert answer.location == f"/procurement/campaigns/{aoba.campaign.public_id}"


def test_the_risk_pages_count_it_as_not_answered(
    session: Session, aoba: Assessment, as_buyer: SignIn
) -> None:
    _declined(session, aoba)

    page = as_buyer(Role.RISK).get("/risk/").get_text(" ", strip=True)

    assert "依頼 1社" in page
    assert "提出 0社" in page
