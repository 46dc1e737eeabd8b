"""The supplier's pages: the first screen, answering, saving, what is refused and who may not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import parts
from assessments.models import (
    Answer,
    Assessment,
    AssessmentState,
    Decision,
    Invitation,
    Question,
    Review,
    ReviewComment,
    User,
)
from assessments.questionnaire_content import Content, QuestionContent
from portal.db import Database
from tests import factories
from tests.answering import EMAIL, answer_all, counted_queries, invited, submitted
from tests.answering import content_of as read_content
from tests.answering import invitation as invitation_of
from tests.factories import NOW
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def aoba(session: Session) -> Assessment:
    """青葉鋳造, asked everything."""
    made, _ = invited(session)
    return made


@pytest.fixture
def taro(as_supplier: SignIn, aoba: Assessment) -> Visitor:
    """Somebody at 青葉鋳造, signed in."""
    return as_supplier(aoba.supplier, EMAIL)


def path(of: Assessment, rest: str = "") -> str:
    return f"/supplier/assessments/{of.public_id}{rest}"


def content_of(session: Session, of: Assessment) -> Content:
    """The questionnaire; the test's session lets go of the writer, so that the application may write."""
    content = read_content(session, of)
    session.commit()
    return content


def item(session: Session, of: Assessment, number: int) -> QuestionContent:
    return next(one for one in content_of(session, of).scored if one.official_item == number)


def said(session: Session, question: QuestionContent) -> Answer | None:
    row = session.scalar(
        select(Answer)
        .join(Question)
        .where(Question.key == question.key)
        .execution_options(populate_existing=True)
    )
    session.commit()
    return row


def test_the_list_shows_what_is_asked_and_by_when(taro: Visitor) -> None:
    page = taro.get("/supplier/").get_text()

    assert "2026年度 取引先セキュリティ調査" in page
    assert "2026年12月18日（金）" in page


def test_the_stated_time_follows_from_what_is_asked(session: Session, as_supplier: SignIn) -> None:
    short, _ = invited(session, axes=["cyber"])
    content = content_of(session, short)

    page = as_supplier(short.supplier, EMAIL).get("/supplier/").get_text()

    assert f"約{parts.minutes(content, ['cyber'])}分" in page
    assert parts.minutes(content, ["cyber"]) < parts.minutes(content, ["cyber", "secrets", "executive"])


def test_the_promises_come_before_the_first_answer(session: Session, as_supplier: SignIn) -> None:
    fresh, _ = invited(session, notice_seen_at=None, notice_version=None)
    visitor = as_supplier(fresh.supplier, EMAIL)

    assert visitor.client.get(path(fresh)).location == path(fresh, "/notice")
    assert "価格交渉には使いません" in visitor.get(path(fresh, "/notice")).get_text()
    assert visitor.post(path(fresh, "/notice")).location == path(fresh)

    session.refresh(fresh)
    session.commit()
    assert (fresh.notice_version, fresh.notice_seen_at is not None) == ("2026.1", True)
    visitor.get(path(fresh))


@pytest.mark.parametrize("section", [0, 1, 2, 3, 4, 5, 6])
def test_every_page_of_the_questionnaire_shows_its_questions(
    taro: Visitor, session: Session, aoba: Assessment, section: int
) -> None:
    asked = content_of(session, aoba).sections[section]

    page = taro.get(path(aoba, f"/pages/{asked.key}"))

    assert len(page.select("fieldset.question")) == len(asked.questions)


def test_a_page_is_saved_by_its_button_without_script(
    taro: Visitor, session: Session, aoba: Assessment
) -> None:
    first, second = item(session, aoba, 1), item(session, aoba, 2)
    form = {
        f"{first.key}-version": "0", f"{first.key}-code": "partial", f"{first.key}-comment": "一部です",
        f"{second.key}-version": "0", f"{second.key}-code": "not_planned", f"{second.key}-reason": "obstacle",
        f"{second.key}-supports": ["subsidy", "training"], "to": "next",
    }  # fmt: skip

    answer = taro.post(path(aoba, f"/pages/{first.section}"), form)

    assert answer.location == path(aoba, f"/pages/{content_of(session, aoba).sections[2].key}")
    one, two = said(session, first), said(session, second)
    assert one and two
    assert (one.code, one.comment) == ("partial", "一部です")
    assert (two.code, two.reason, two.supports) == ("not_planned", "obstacle", ["subsidy", "training"])


def test_what_cannot_be_kept_stays_on_the_page_and_the_rest_is_saved(
    taro: Visitor, session: Session, aoba: Assessment
) -> None:
    content = content_of(session, aoba)
    allowed = next(one for one in content.scored if one.allows_absent and one.axis == "cyber")
    other = next(one for one in content.section_by_key[allowed.section].questions if one is not allowed)
    form = {
        f"{allowed.key}-version": "0", f"{allowed.key}-code": "absent",
        f"{other.key}-version": "0", f"{other.key}-code": "implemented", "to": "next",
    }  # fmt: skip

    answer = taro.post(path(aoba, f"/pages/{allowed.section}"), form)

    assert answer.status_code == 422
    assert "ひとことお書きください" in answer.text
    assert f'name="{allowed.key}-code" value="absent" checked' in answer.text
    assert said(session, other) is not None
    assert said(session, allowed) is None


def test_the_profile_takes_numbers_words_and_choices(
    taro: Visitor, session: Session, aoba: Assessment
) -> None:
    page = content_of(session, aoba).sections[0]
    people = next(one for one in page.questions if one.kind == "number")
    several = next(one for one in page.questions if one.kind == "multiple")
    form = {
        f"{people.key}-version": "0", f"{people.key}-comment": "１２人",
        f"{several.key}-version": "0", f"{several.key}-supports": ["other"], f"{several.key}-comment": "新聞",
    }  # fmt: skip

    answer = taro.post(path(aoba, f"/pages/{page.key}"), form)

    assert answer.status_code == 302
    number, chosen = said(session, people), said(session, several)
    assert number and chosen
    assert (number.value, chosen.value) == (12, {"codes": ["other"], "other": "新聞"})
    shown = taro.get(path(aoba, f"/pages/{page.key}"))
    assert shown.select_one(f"#{people.key}-comment")["value"] == "12"  # type: ignore[index]


def test_a_number_that_is_none_gets_its_words_and_stays(
    taro: Visitor, session: Session, aoba: Assessment
) -> None:
    page = content_of(session, aoba).sections[0]
    people = next(one for one in page.questions if one.kind == "number")

    answer = taro.post(
        path(aoba, f"/pages/{page.key}"), {f"{people.key}-version": "0", f"{people.key}-comment": "十二"}
    )

    assert answer.status_code == 422
    assert "数字でお書きください" in answer.text
    assert 'value="十二"' in answer.text


def test_one_answer_is_saved_as_it_is_given(taro: Visitor, session: Session, aoba: Assessment) -> None:
    first = item(session, aoba, 1)

    answer = taro.post(
        path(aoba, f"/questions/{first.key}"), {f"{first.key}-version": "0", f"{first.key}-code": "partial"}
    )

    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["version"], answer.json["answered"], answer.json["total"]) == (1, 1, 5)
    assert answer.json["saved_at"][2] == ":"


def test_an_answer_changed_elsewhere_comes_back_with_both_texts(
    taro: Visitor, session: Session, aoba: Assessment
) -> None:
    first = item(session, aoba, 1)
    address = path(aoba, f"/questions/{first.key}")
    taro.post(
        address, {f"{first.key}-version": "0", f"{first.key}-code": "partial", f"{first.key}-comment": "甲"}
    )

    answer = taro.post(address, {f"{first.key}-version": "0", f"{first.key}-code": "unknown"})

    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["theirs"] == {"code": "partial", "reason": "", "supports": [], "comment": "甲"}
    assert answer.json["version"] == 1


def test_a_refused_answer_says_why(taro: Visitor, session: Session, aoba: Assessment) -> None:
    allowed = next(one for one in content_of(session, aoba).scored if one.allows_absent)

    answer = taro.post(
        path(aoba, f"/questions/{allowed.key}"),
        {f"{allowed.key}-version": "0", f"{allowed.key}-code": "absent"},
    )

    assert answer.status_code == 422
    assert answer.json == {"message": "「当社にはない」の理由を、ひとことお書きください。"}


def test_nothing_is_saved_after_submitting(taro: Visitor, session: Session, aoba: Assessment) -> None:
    submitted(session, aoba)
    session.commit()
    first = item(session, aoba, 1)

    answer = taro.post(
        path(aoba, f"/questions/{first.key}"), {f"{first.key}-version": "1", f"{first.key}-code": "unknown"}
    )

    assert answer.status_code == 409
    assert answer.json is not None and "theirs" not in answer.json


def test_a_stranger_finds_nothing(session: Session, as_supplier: SignIn, aoba: Assessment) -> None:
    umeda, _ = invited(session, factories.stranger(session), campaign=aoba.campaign)
    at_umeda = as_supplier(umeda.supplier, "umeda@umeda.example")

    for rest in (
        "",
        "/notice",
        "/check",
        "/result",
        "/print",
        "/draft",
        "/colleague",
        "/consultation",
        "/download",
    ):
        at_umeda.get(path(aoba, rest), 404)
    at_umeda.get(path(umeda), 404)  # the address was never invited to it


def test_a_colleague_without_an_invitation_finds_nothing(as_supplier: SignIn, aoba: Assessment) -> None:
    as_supplier(aoba.supplier, "hanako@aoba.example").get(path(aoba), 404)


def test_a_revoked_invitation_ends_at_the_next_request(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    taro.get(path(aoba))
    session.scalars(select(Invitation)).one().revoked_at = NOW
    session.commit()

    taro.get(path(aoba), 404)


def test_last_times_answers_are_offered_again(session: Session, as_supplier: SignIn) -> None:
    aoba = factories.supplier(session)
    before, _ = invited(session, aoba, created_at=NOW - timedelta(days=400))
    submitted(session, before, now=NOW - timedelta(days=365))
    now, _ = invited(session, aoba, campaign=factories.campaign(session, title="今年の調査"))
    section = content_of(session, now).sections[1]

    page = as_supplier_known(session, as_supplier, now).get(path(now, f"/pages/{section.key}"))

    assert len(page.select("[data-same-as=implemented]")) == len(section.questions)
    assert "前回：実施している（2025年11月）" in page.get_text()


def as_supplier_known(session: Session, as_supplier: SignIn, of: Assessment) -> Visitor:
    """Sign in with an address of its own, as a user of the usual one stands already."""
    invitation_of(session, of, "new@aoba.example")
    return as_supplier(of.supplier, "new@aoba.example")


def test_the_readers_remarks_stand_beside_their_question(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    submission = submitted(session, aoba)
    reader = factories.user(session)
    review = Review(
        submission_id=submission.id, assessment_id=aoba.id, supplier_id=aoba.supplier_id,
        decision=Decision.RETURNED, message="2点だけ確かめさせてください。", reviewed_by_id=reader.id,
        reviewed_at=NOW,
    )  # fmt: skip
    first = item(session, aoba, 1)
    question_id = session.scalars(select(Question.id).where(Question.key == first.key)).one()
    review.comments = [ReviewComment(question_id=question_id, comment="サーバーも含みますか。")]
    session.add(review)
    aoba.state, aoba.returned_at = AssessmentState.RETURNED, NOW
    session.commit()

    overview = taro.get(path(aoba)).get_text()
    page = taro.get(path(aoba, f"/pages/{first.section}"))

    assert "2点だけ確かめさせてください。" in overview
    assert "確認のお願い 1問" in overview
    assert "サーバーも含みますか。" in page.get_text()


def test_an_unknown_answer_is_thanked_and_told_how_to_find_out(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    first = item(session, aoba, 1)

    page = taro.get(path(aoba, f"/pages/{first.section}")).get_text()

    assert first.guidance["find_out"].ja in page


def test_a_page_runs_a_fixed_number_of_queries(
    session: Session, database: Database, taro: Visitor, aoba: Assessment
) -> None:
    longest = max(content_of(session, aoba).sections, key=lambda one: len(one.questions))
    answer_all(session, aoba, session.scalars(select(User).where(User.email == EMAIL)).one())
    session.commit()
    taro.get(path(aoba, f"/pages/{longest.key}"))

    with counted_queries(database.read_engine) as statements:
        taro.get(path(aoba, f"/pages/{longest.key}"))

    assert len(statements) == 7, "\n".join(statements)


def test_a_save_runs_a_fixed_number_of_queries(
    session: Session, database: Database, taro: Visitor, aoba: Assessment
) -> None:
    first = item(session, aoba, 1)
    address = path(aoba, f"/questions/{first.key}")
    taro.post(address, {f"{first.key}-version": "0", f"{first.key}-code": "partial"})

    with counted_queries(database.write_engine) as statements:
        taro.post(address, {f"{first.key}-version": "1", f"{first.key}-code": "unknown"})

    assert len(statements) == 9, "\n".join(statements)


def test_an_english_reader_reads_english(session: Session, taro: Visitor, aoba: Assessment) -> None:
    taro.client.set_cookie("sanpo_language", "en")

    page = taro.get(path(aoba, f"/pages/{content_of(session, aoba).sections[1].key}")).get_text()

    assert "Do you install updates" in page
