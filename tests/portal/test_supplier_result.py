"""Checking, submitting, the result at once, paper, colleagues and talks about cost."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from assessments.answers import Given
from assessments.invitations import CODE_PURPOSE
from assessments.models import (
    Assessment,
    AssessmentState,
    Consultation,
    Invitation,
    Message,
    Role,
    SignInCode,
    Submission,
    User,
    UserSession,
)
from assessments.questionnaire_content import QuestionContent
from assessments.tokens import six_digits
from portal import clock
from portal.db import Database
from tests import factories
from tests.answering import EMAIL, answer_all, content_of, counted_queries, invited, plain, submitted
from tests.fixtures_app import KEYS, Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def aoba(session: Session) -> Assessment:
    """青葉鋳造 with an owner at the buyer, asked everything."""
    made, _ = invited(session)
    owner = factories.user(session, Role.PROCUREMENT)
    factories.relationship(session, made.supplier, owner_id=owner.id)
    session.commit()
    return made


@pytest.fixture
def taro(as_supplier: SignIn, aoba: Assessment) -> Visitor:
    """Somebody at 青葉鋳造, signed in."""
    return as_supplier(aoba.supplier, EMAIL)


def path(of: Assessment, rest: str = "") -> str:
    return f"/supplier/assessments/{of.public_id}{rest}"


def all_answered(
    session: Session, of: Assessment, choose: Callable[[QuestionContent], Given] = plain
) -> None:
    answer_all(session, of, session.scalars(select(User).where(User.email == EMAIL)).one(), choose)
    session.commit()


def state_of(session: Session, of: Assessment) -> AssessmentState:
    session.refresh(of)
    session.commit()
    return of.state


def half(question: QuestionContent) -> Given:
    if question.is_scored and question.position % 2:
        return Given("unknown")
    return plain(question)


def test_a_complete_assessment_is_submitted_and_its_result_shown(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    all_answered(session, aoba)

    answer = taro.post(path(aoba, "/submit"))
    page = taro.get(answer.location).get_text(" ", strip=True)

    assert state_of(session, aoba) is AssessmentState.SUBMITTED
    assert answer.location == path(aoba, "/result")
    assert "すでに実施されています" in page
    assert "自社診断の配点による点（当社計算・第3.1版の項目）" in page
    assert "100 点" in page


def test_the_check_page_links_to_what_is_missing(taro: Visitor, aoba: Assessment, session: Session) -> None:
    missing = content_of(session, aoba).scored[0]
    session.commit()

    page = taro.get(path(aoba, "/check"))

    links = [str(link["href"]) for link in page.select("main li a")]
    assert path(aoba, f"/pages/{missing.section}#{missing.key}") in links
    assert page.select_one("form[action$='/submit']") is None


def test_an_unknown_answer_is_thanked_before_submitting(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    all_answered(session, aoba, half)

    page = taro.get(path(aoba, "/check")).get_text()

    assert "知らせていただき、ありがとうございます" in page


def test_an_incomplete_assessment_is_not_submitted(session: Session, taro: Visitor, aoba: Assessment) -> None:
    answer = taro.post(path(aoba, "/submit"))

    assert answer.status_code == 409
    assert state_of(session, aoba) is AssessmentState.NOT_STARTED


def test_submitting_twice_submits_once(session: Session, taro: Visitor, aoba: Assessment) -> None:
    all_answered(session, aoba)

    taro.post(path(aoba, "/submit"))
    again = taro.post(path(aoba, "/submit"))

    assert again.status_code == 409
    assert "すでに提出されています" in again.text
    assert session.scalar(select(func.count()).select_from(Submission)) == 1


def test_an_old_code_is_asked_for_again_and_nothing_is_lost(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    all_answered(session, aoba)
    session.execute(update(UserSession).values(verified_at=clock.now() - timedelta(hours=13)))
    session.commit()

    asked = taro.post(path(aoba, "/submit"))
    taro.get(path(aoba, "/code"))
    invitation = session.scalars(select(Invitation)).one()
    session.commit()
    wrong = taro.post(path(aoba, "/confirm"), {"digits": "000000"})
    digits = six_digits(KEYS, CODE_PURPOSE, invitation.public_id, 1)
    right = taro.post(path(aoba, "/confirm"), {"digits": digits})
    done = taro.post(path(aoba, "/submit"))

    assert asked.location == path(aoba, "/code?then=check")
    assert wrong.status_code == 422
    assert right.location == path(aoba, "/check")
    assert done.location == path(aoba, "/result")
    assert session.scalar(select(func.count()).select_from(SignInCode)) == 1


def test_the_result_says_what_leads_to_the_next_level(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    submitted(session, aoba, lambda one: Given("partial") if one.essential else plain(one))
    session.commit()

    page = taro.get(path(aoba, "/result")).get_text(" ", strip=True)

    assert "あと4問で レベル3" in page
    assert "（要となる質問）" in page


def test_points_and_the_way_on_come_before_each_level(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    submitted(session, aoba, lambda one: Given("partial") if one.essential else plain(one))
    session.commit()

    ladders = taro.get(path(aoba, "/result")).select(".ladder")

    assert len(ladders) == 3
    for one in ladders:
        said = " ".join(one.get_text(" ", strip=True).split())
        assert re.search(r"\d+\.\d 点 （100点満点） あと\d問で レベル3 レベル2：一部", said), said


def test_points_come_before_each_level_of_the_breakdown(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    submitted(session, aoba, half)
    session.commit()

    lines = taro.get(path(aoba, "/result/arithmetic")).select(".set-line")

    assert lines
    assert all(re.match(r"\d+\.\d点 ?\d ", line.get_text(" ", strip=True)) for line in lines)


def test_three_free_steps_stand_before_anything_that_costs(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    submitted(session, aoba, half)
    session.commit()

    page = taro.get(path(aoba, "/result"))

    steps = page.select("ol.steps > li")
    assert len(steps) == 3
    assert all("かかりません" in step.get_text() for step in steps)
    text = page.get_text()
    assert "月額" not in text
    assert all("出典" in step.get_text() and "時点" in step.get_text() for step in steps)


def test_there_is_no_result_before_submitting(taro: Visitor, aoba: Assessment) -> None:
    taro.get(path(aoba, "/result"), 404)


@pytest.mark.parametrize("rest", ["/print", "/draft", "/colleague", "/consultation", "/code", "/check", ""])
def test_every_other_page_opens(taro: Visitor, aoba: Assessment, rest: str) -> None:
    taro.get(path(aoba, rest))


def test_all_questions_can_be_printed_before_starting(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    asked = list(content_of(session, aoba).questions())
    session.commit()

    page = taro.get(path(aoba, "/print")).get_text()

    assert all(question.prompt.ja in page for question in asked)


def test_the_draft_has_boxes_for_seals_and_the_answers(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    all_answered(session, aoba, half)

    page = taro.get(path(aoba, "/draft"))

    assert [cell.get_text() for cell in page.select(".seal-boxes th")] == ["承認", "確認", "作成"]
    assert "わからない" in page.get_text()
    assert "青葉鋳造" in page.get_text()


def test_a_colleague_is_asked_by_name_and_address(session: Session, taro: Visitor, aoba: Assessment) -> None:
    form = {"name": "青葉 花子", "email": "Hanako@aoba.example"}

    answer = taro.post(path(aoba, "/colleague"), form)

    assert answer.location == path(aoba, "/colleague")
    mail = session.scalars(select(Message).where(Message.kind == "delegated_invitation")).one()
    session.commit()
    assert mail.to_email == "hanako@aoba.example"
    assert "青葉 花子" in taro.get(path(aoba, "/colleague")).get_text()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "花子", "email": "花子"}, "メールアドレスの形"),
        ({"name": "", "email": "h@aoba.example"}, "お名前を入力"),
        ({"name": "太郎", "email": EMAIL}, "すでに依頼をお送りしています"),
    ],
)
def test_a_colleague_without_name_or_address_is_asked_about_again(
    taro: Visitor, aoba: Assessment, form: dict[str, str], words: str
) -> None:
    answer = taro.post(path(aoba, "/colleague"), form)

    assert answer.status_code == 422
    assert words in answer.text
    assert form["email"] in answer.text


def test_a_talk_about_cost_reaches_its_owner(session: Session, taro: Visitor, aoba: Assessment) -> None:
    answer = taro.post(
        path(aoba, "/consultation"), {"topic": "cost", "message": "見積もりが高くて困っています"}
    )

    assert answer.status_code == 302
    talk = session.scalars(select(Consultation)).one()
    mail = session.scalars(select(Message).where(Message.kind == "consultation_opened")).one()
    owner = session.get_one(User, talk.owner_id)
    session.commit()
    assert (talk.message, mail.to_email) == ("見積もりが高くて困っています", owner.email)
    assert "見積もりが高くて困っています" in taro.get(path(aoba, "/consultation")).get_text()


def test_a_talk_without_a_word_keeps_what_was_chosen(taro: Visitor, aoba: Assessment) -> None:
    answer = taro.post(path(aoba, "/consultation"), {"topic": "timing", "message": ""})

    assert answer.status_code == 422
    assert 'value="timing"' in answer.text and "checked" in answer.text


def test_a_supplier_takes_its_own_answers_along(session: Session, taro: Visitor, aoba: Assessment) -> None:
    submitted(session, aoba, half)
    session.commit()

    answer = taro.client.get(path(aoba, "/download"))

    record = json.loads(answer.data)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert len(record["answers"]) == len(list(content_of(session, aoba).questions()))
    assert record["submissions"][0]["number"] == 1


def test_the_result_runs_a_fixed_number_of_queries(
    session: Session, database: Database, taro: Visitor, aoba: Assessment
) -> None:
    submitted(session, aoba, half)
    session.commit()
    taro.get(path(aoba, "/result"))

    with counted_queries(database.read_engine) as statements:
        taro.get(path(aoba, "/result"))

    assert len(statements) == 6, "\n".join(statements)
