"""One supplier in full, and the reading of its submission: accepted, returned, never twice, nothing lost."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import questionnaires, reviews
from assessments.models import (
    Assessment,
    AssessmentState,
    CampaignState,
    Message,
    Review,
    ReviewComment,
    Role,
    Submission,
    Supplier,
)
from assessments.questionnaire_content import Content
from portal.db import Database
from tests import factories, supply_chain
from tests.answering import counted_queries
from tests.factories import NOW
from tests.fixtures_app import Visitor
from tests.pages import elements_of

SignIn = Callable[..., Visitor]


@dataclass
class Cast:
    """青葉鋳造 with graded relationships and a submission that waits for a reader."""

    aoba: Supplier
    assessment: Assessment
    submission: Submission
    content: Content

    @property
    def page(self) -> str:
        """The supplier's page."""
        return f"/risk/suppliers/{self.aoba.public_id}"

    @property
    def review(self) -> str:
        """The page of the reading."""
        return f"/risk/assessments/{self.assessment.public_id}"


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nobody is woken in these tests; the mails stay in the outbox."""
    calls: list[str] = []
    monkeypatch.setattr("portal.risk.reviews.wake_dispatcher", lambda: calls.append("dispatcher"))
    return calls


@pytest.fixture
def cast(session: Session) -> Cast:
    campaign, aoba = factories.campaign(session), factories.supplier(session)
    factories.relationship(session, aoba, confidentiality=4)
    factories.relationship(
        session, aoba, business_unit_id=factories.unit(session).id, connectivity=None, note="図面を預けている"
    )
    assessment = factories.assessment(session, campaign, aoba)
    session.add(supply_chain.invitation(assessment, NOW))
    content = questionnaires.published(session, campaign.version_id).content
    said = supply_chain.say(content, "partial", "unknown", "not_planned")
    said[content.scored[0].key]["comment"] = "半分の機器で済んでいます。"
    supply_chain.submit(session, assessment, said)
    session.commit()
    return Cast(aoba, assessment, session.scalars(select(Submission)).one(), content)


def test_the_page_works_out_the_priority_step_by_step(as_buyer: SignIn, cast: Cast) -> None:
    text = " ".join(as_buyer(Role.RISK).get(cast.page).get_text(" ", strip=True).split())

    # Level 2 takes 15 % off; 4 × 85 % = 3.40, 2 × 85 % = 1.70.
    assert "機密性 4 × （100％ − 対策の効きめ15％†） ＝ 3.40 いちばん大きい" in text
    assert "継続性 2 × （100％ − 対策の効きめ15％†） ＝ 1.70" in text
    assert "最も大きい3.40が、この取引の優先度です： 高い （取引の重要度 4）" in text
    assert "重要度がそろっていません（未設定）" in text
    assert "★4" in text
    assert "残存リスク" not in text


def test_the_page_says_what_holds_each_level(as_buyer: SignIn, cast: Cast) -> None:
    page = as_buyer(Role.RISK).get(cast.page)

    cyber = page.select(".ladder")[0]
    assert "レベル2：一部" in cyber.get_text()
    assert "あと2問で レベル3" in cyber.get_text()
    held = page.select(".holding")[0].get_text()
    assert "No.1 アップデート" in held
    assert "No.2 ウイルス感染" in held


def test_free_steps_come_first_and_what_costs_has_an_equivalent(as_buyer: SignIn, cast: Cast) -> None:
    page = as_buyer(Role.RISK).get(cast.page)

    first, rest = page.select(".measures")
    assert "費用なし" in first.get_text()
    assert "円" not in first.get_text()
    cards = rest.select(".fold")
    assert cards
    assert all("同じ効果のある別の方法" in card.get_text() for card in cards)
    assert "お助け隊型" in cards[0].get_text()


def test_services_are_read_beside_one_another(as_buyer: SignIn, cast: Cast) -> None:
    page = as_buyer(Role.RISK).get(cast.page)

    rest = page.select(".measures")[1]
    cards = {str(card.h3.get_text(strip=True)): elements_of(card) for card in rest.select(".fold") if card.h3}
    assert cards["お助け隊型のサービス（端末型）"][:2] == [
        ["お助け隊型のサービス（端末型）", "なし", "あり", "あり", "あり", "あり"],
        ["お助け隊型のサービス（ネットワーク型）", "あり", "あり", "あり", "あり", "あり"],
    ]
    together = page.select("table.elements")[-1]
    own = [lines[0] for name, lines in cards.items() if lines and lines[0][0] == name]
    assert elements_of(page)[-len(own) :] == own
    assert "24時間、1台ごとに見守ります" in rest.get_text()
    assert "比べる" in together.get_text()


def test_the_page_shows_answers_history_and_talks(as_buyer: SignIn, cast: Cast) -> None:
    text = as_buyer(Role.RISK).get(cast.page).get_text(" ", strip=True)

    assert "半分の機器で済んでいます。" in text
    assert "始めたいが、難しいところがある" in text
    assert "いまの結果" in text
    assert "図面を預けている" in text
    assert "この取引先からのご相談はありません。" in text


def test_a_supplier_without_a_result_or_grade_says_so(as_buyer: SignIn, session: Session) -> None:
    factories.version(session)
    bare = factories.supplier(session, "未設定商事")
    session.commit()

    text = as_buyer(Role.RISK).get(f"/risk/suppliers/{bare.public_id}").get_text()

    assert "優先度はまだ出せません" in text
    assert "未評価です" in text
    assert "まだ調査をお願いしていません" in text


def test_the_page_takes_a_fixed_number_of_queries(
    as_buyer: SignIn, database: Database, session: Session, cast: Cast
) -> None:
    risk, counts = as_buyer(Role.RISK), []
    for number in range(2):
        unit = factories.unit(session, f"事業部{number}")
        factories.relationship(session, cast.aoba, business_unit_id=unit.id)
        campaign = factories.campaign(session, title=f"調査{number}")
        assessment = factories.assessment(session, campaign, cast.aoba)
        supply_chain.submit(session, assessment, supply_chain.say(cast.content))
        session.commit()
        risk.get(cast.page)
        with counted_queries(database.read_engine) as statements:
            risk.get(cast.page)
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 16, statements


def test_a_viewer_may_open_no_answers(as_buyer: SignIn, cast: Cast) -> None:
    viewer = as_buyer(Role.VIEWER)

    for path in (cast.page, cast.review, "/risk/assessments"):
        assert viewer.client.get(path).status_code == 403, path


def test_readers_of_other_roles_may_read_and_not_decide(as_buyer: SignIn, cast: Cast) -> None:
    for role in (Role.LEGAL, Role.AUDITOR):
        reader = as_buyer(role)
        assert not reader.get(cast.review).select("form[action*='/risk/assessments/']")
        assert reader.post(cast.review, {"decision": "accepted"}).status_code == 403


def test_someone_of_another_unit_finds_nothing(as_buyer: SignIn, session: Session, cast: Cast) -> None:
    elsewhere = factories.unit(session, "自動車部品事業部")
    stranger = as_buyer(user=factories.user(session, Role.RISK, unit=elsewhere))

    assert stranger.client.get(cast.page).status_code == 404
    assert stranger.client.get(cast.review).status_code == 404
    assert stranger.post(cast.review, {"decision": "accepted"}).status_code == 404
    assert "青葉鋳造" not in stranger.get("/risk/assessments").get_text()


def test_what_waits_is_listed(as_buyer: SignIn, cast: Cast) -> None:
    page = as_buyer(Role.RISK).get("/risk/assessments")

    (row,) = page.select("tbody tr")
    assert "青葉鋳造" in row.get_text()
    assert "3.40" in row.get_text()


def test_a_submission_is_accepted(as_buyer: SignIn, session: Session, cast: Cast, woken: list[str]) -> None:
    risk = as_buyer(Role.RISK)

    answer = risk.post(cast.review, {"submission": cast.submission.public_id, "decision": "accepted"})

    assert (answer.status_code, answer.location) == (302, "/risk/assessments")
    session.expire_all()
    assert session.get_one(Assessment, cast.assessment.id).state is AssessmentState.ACCEPTED
    assert session.scalars(select(Message.kind)).all() == ["accepted"]
    assert woken == ["dispatcher"]
    assert "確認済みにしました" in risk.get("/risk/assessments").get_text()


def test_a_submission_is_returned_with_comments_by_question(
    as_buyer: SignIn, session: Session, cast: Cast
) -> None:
    form = {
        "submission": cast.submission.public_id,
        "message": "ありがとうございます。",
        field(cast): "残りはいつ頃の予定ですか。",
        "decision": "returned",
    }

    as_buyer(Role.RISK).post(cast.review, form)

    session.expire_all()
    assert session.get_one(Assessment, cast.assessment.id).state is AssessmentState.RETURNED
    assert session.scalars(select(ReviewComment.comment)).all() == ["残りはいつ頃の予定ですか。"]
    page = as_buyer(Role.RISK).get(cast.review)
    assert "当社からのコメント" in page.get_text()
    assert not page.select("form[action*='/risk/assessments/']")


def test_a_second_submission_shows_what_changed(as_buyer: SignIn, session: Session, cast: Cast) -> None:
    reader = factories.user(session)
    reviews.return_(session, cast.submission, comments={cast.content.scored[0].key: "？"}, now=NOW, by=reader)
    supply_chain.submit(
        session, cast.assessment, supply_chain.say(cast.content, "implemented", "unknown"), number=2
    )
    session.commit()

    page = as_buyer(Role.RISK).get(cast.review)

    assert "前の提出から変わった 2問" in page.get_text()
    first = page.select(".answers-read li[data-look]")[0].get_text(" ", strip=True)
    assert "前の提出： 一部実施している" in first


def test_a_return_without_words_is_asked_for_them(as_buyer: SignIn, session: Session, cast: Cast) -> None:
    answer = as_buyer(Role.RISK).post(
        cast.review, {"submission": cast.submission.public_id, "decision": "returned"}
    )

    assert answer.status_code == 422
    assert "確かめたいことを" in answer.get_data(as_text=True)
    assert session.scalars(select(Review)).all() == []


def test_a_comment_that_is_too_long_is_kept_and_named(as_buyer: SignIn, cast: Cast) -> None:
    form = {
        "submission": cast.submission.public_id,
        "message": "ひとこと",
        field(cast): "長" * 2_001,
        "decision": "returned",
    }

    answer = as_buyer(Role.RISK).post(cast.review, form)

    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "2000文字までで入力してください。" in text
    assert "長" * 2_001 in text
    assert "ひとこと" in text


def test_the_second_reader_loses_nothing(as_buyer: SignIn, session: Session, cast: Cast) -> None:
    reviews.accept(session, cast.submission, comments={}, now=NOW, by=factories.user(session))
    session.commit()

    answer = as_buyer(Role.RISK).post(
        cast.review,
        {"submission": cast.submission.public_id, "message": "私の書いたこと", "decision": "returned"},
    )

    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "ほかの方がすでに確認しています" in text
    assert "私の書いたこと" in text
    assert len(session.scalars(select(Review)).all()) == 1


def test_an_overtaken_submission_is_not_decided(as_buyer: SignIn, session: Session, cast: Cast) -> None:
    supply_chain.submit(session, cast.assessment, supply_chain.say(cast.content), number=2)
    session.commit()

    answer = as_buyer(Role.RISK).post(
        cast.review, {"submission": cast.submission.public_id, "decision": "accepted"}
    )

    assert answer.status_code == 409
    assert "新しい回答を提出しています" in answer.get_data(as_text=True)


def test_after_the_end_of_the_campaign_a_return_says_why_not(
    as_buyer: SignIn, session: Session, cast: Cast
) -> None:
    campaign = cast.assessment.campaign
    campaign.state, campaign.closed_at = CampaignState.CLOSED, NOW
    session.commit()

    answer = as_buyer(Role.RISK).post(
        cast.review,
        {"submission": cast.submission.public_id, "message": "確認", "decision": "returned"},
    )

    assert answer.status_code == 409
    assert "調査が終了しているため" in answer.get_data(as_text=True)


def test_a_submission_of_another_assessment_is_not_decided_here(
    as_buyer: SignIn, session: Session, cast: Cast
) -> None:
    umeda = factories.stranger(session)
    other = factories.assessment(session, cast.assessment.campaign, umeda)
    supply_chain.submit(session, other, supply_chain.say(cast.content))
    session.commit()
    theirs = reviews.newest_submission(session, other)
    assert theirs is not None

    answer = as_buyer(Role.RISK).post(cast.review, {"submission": theirs.public_id, "decision": "accepted"})

    assert answer.status_code == 404
    assert session.scalars(select(Review)).all() == []


def field(cast: Cast) -> str:
    """The name of the comment's field of the first question that counts."""
    return f"comment_{cast.content.scored[0].position}"
