"""Pages of proof: a supplier's references, their judgement, confirmations with a preview, the sample."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.models import (
    Assessment,
    AssessmentResult,
    Confirmation,
    ConfirmationWithdrawal,
    Evidence,
    EvidenceJudgement,
    Role,
    Supplier,
)
from assessments.proof_content import certificates
from assessments.questionnaire_content import Content, read
from portal import clock
from portal.db import Database
from tests import factories
from tests.answering import counted_queries, invitation, invited, submitted
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]
HANAKO = "hanako@aoba.example"


@dataclass
class Cast:
    """青葉鋳造, who does everything and has just said so, and the paths of its pages of proof."""

    aoba: Supplier
    assessment: Assessment
    content: Content
    own: str
    judging: str
    confirmations: str

    @property
    def essential(self) -> list[str]:
        """The essential questions of the cyber axis."""
        return [one.key for one in self.content.scored if one.essential and one.axis == "cyber"]


@pytest.fixture
def today() -> date:
    """The buyer's day."""
    return clock.today("Asia/Tokyo")


@pytest.fixture
def cast(session: Session) -> Cast:
    aoba = factories.supplier(session)
    factories.relationship(session, aoba, confidentiality=5, note="CANARY-NOTE")
    assessment, _invitation = invited(session, aoba)
    invitation(session, assessment, HANAKO)
    submitted(session, assessment, now=clock.now())
    paths = (
        f"/supplier/assessments/{assessment.public_id}/evidence",
        f"/risk/assessments/{assessment.public_id}/evidence",
        f"/risk/suppliers/{aoba.public_id}/confirmations",
    )
    session.commit()
    return Cast(aoba, assessment, read(factories.QUESTIONNAIRE), *paths)


def reference(cast: Cast, today: date, **changes: Any) -> dict[str, Any]:
    """The form of a reference, filled in."""
    facts: dict[str, Any] = {
        "title": "更新の履歴の画面",
        "whereabouts": "訪問のときにお見せします",
        "dated_on": today.isoformat(),
        "valid_until": "",
        "essential": cast.essential,
        "note": "一台分です",
    }
    return facts | changes


def level(session: Session, cast: Cast) -> int:
    """The cyber level of the current result."""
    session.expire_all()
    result = session.get_one(AssessmentResult, cast.assessment.current_result_id)
    found = int(result.levels["cyber"])
    session.commit()
    return found


def given(session: Session, cast: Cast, hanako: Visitor, today: date, **changes: Any) -> Evidence:
    """A reference that the supplier gave on its page."""
    assert hanako.post(cast.own, reference(cast, today, **changes)).status_code == 302
    made = session.scalars(select(Evidence).order_by(Evidence.id.desc())).first()
    assert made is not None
    session.commit()
    return made


def judge(cast: Cast, reader: Visitor, made: Evidence, verdict: str, **fields: str) -> int:
    """Press a button of the reader's form."""
    typed = {"seen": "0"} | fields
    form = {f"{made.public_id}-{name}": value for name, value in typed.items()} | {"verdict": verdict}
    return reader.post(f"{cast.judging}/{made.public_id}", form).status_code


def test_a_supplier_gives_a_reference_and_a_reader_accepts_it(
    session: Session, cast: Cast, as_supplier: SignIn, as_buyer: SignIn, today: date
) -> None:
    hanako, reader = as_supplier(cast.aoba, HANAKO), as_buyer(Role.RISK)
    made = given(session, cast, hanako, today)
    assert "確認を待っています" in hanako.get(cast.own).get_text()
    assert "更新の履歴の画面" in reader.get("/risk/evidence").get_text()

    assert judge(cast, reader, made, "accepted") == 302

    assert level(session, cast) == 4
    assert "確認済み" in str(hanako.get(cast.own).select_one("article"))
    assert "確認を待っている証跡はありません" in reader.get("/risk/evidence").get_text()
    theirs = reader.get(f"/risk/suppliers/{cast.aoba.public_id}").get_text()
    assert "レベル4：実施（確認済み）" in theirs


def test_the_page_says_that_nothing_must_be_sent(cast: Cast, as_supplier: SignIn) -> None:
    text = as_supplier(cast.aoba, HANAKO).get(cast.own).get_text()

    assert "お願いしたとき以外は、ご用意いただく必要はありません" in text
    assert "不利になることはありません" in text


def test_a_refusal_tells_the_supplier_why(
    session: Session, cast: Cast, as_supplier: SignIn, as_buyer: SignIn, today: date
) -> None:
    hanako, reader = as_supplier(cast.aoba, HANAKO), as_buyer(Role.RISK)
    made = given(session, cast, hanako, today)

    assert judge(cast, reader, made, "refused") == 422
    assert judge(cast, reader, made, "refused", reason="日付の見える写しがあると助かります。") == 302

    page = hanako.get(cast.own).get_text()
    assert "まだ確認できていません" in page
    assert "日付の見える写しがあると助かります。" in page
    assert level(session, cast) == 3


def test_what_is_typed_stays_where_it_cannot_be_kept(cast: Cast, as_supplier: SignIn, today: date) -> None:
    hanako = as_supplier(cast.aoba, HANAKO)
    tomorrow = (today + timedelta(days=1)).isoformat()

    for changes, words in (
        ({"dated_on": tomorrow}, "今日までの日付にしてください。"),
        ({"essential": []}, "質問を一つ以上お選びください。"),
        ({"valid_until": (today - timedelta(days=1)).isoformat()}, "書類の日付より後の日にしてください。"),
    ):
        answer = hanako.post(cast.own, reference(cast, today, **changes))
        assert answer.status_code == 422
        assert words in answer.text
        assert "訪問のときにお見せします" in answer.text


def test_what_is_too_old_or_over_is_not_accepted(
    session: Session, cast: Cast, as_supplier: SignIn, as_buyer: SignIn, today: date
) -> None:
    hanako, reader = as_supplier(cast.aoba, HANAKO), as_buyer(Role.RISK)
    old = given(session, cast, hanako, today, dated_on=(today - timedelta(days=366)).isoformat())
    yesterday = (today - timedelta(days=1)).isoformat()

    assert judge(cast, reader, old, "accepted") == 422
    assert judge(cast, reader, old, "accepted", valid_until=yesterday) == 422
    assert not session.scalars(select(EvidenceJudgement)).all()


def test_a_second_reader_is_told(
    session: Session, cast: Cast, as_supplier: SignIn, as_buyer: SignIn, today: date
) -> None:
    made = given(session, cast, as_supplier(cast.aoba, HANAKO), today)
    judge(cast, as_buyer(Role.RISK), made, "accepted")

    assert judge(cast, as_buyer(Role.RISK), made, "refused", reason="後からの理由") == 409


def test_more_evidence_takes_no_more_queries(
    session: Session,
    database: Database,
    cast: Cast,
    as_supplier: SignIn,
    as_buyer: SignIn,
    today: date,
) -> None:
    hanako, reader, counts = as_supplier(cast.aoba, HANAKO), as_buyer(Role.RISK), []
    for _number in range(2):
        judge(cast, reader, given(session, cast, hanako, today), "accepted")
        given(session, cast, hanako, today)
        for who, path in ((hanako, cast.own), (reader, cast.judging), (reader, "/risk/evidence")):
            who.get(path)
            with counted_queries(database.read_engine) as statements:
                who.get(path)
            counts.append(len(statements))

    assert counts[:3] == counts[3:]
    assert max(counts) <= 16


def test_a_supplier_takes_back_what_waits(
    session: Session, cast: Cast, as_supplier: SignIn, today: date
) -> None:
    hanako = as_supplier(cast.aoba, HANAKO)
    made = given(session, cast, hanako, today)
    path = f"{cast.own}/{made.public_id}/take-back"

    assert hanako.post(path).status_code == 302
    assert hanako.post(path).status_code == 409
    assert "取り下げ" in hanako.get(cast.own).get_text()


def test_a_reader_notes_what_was_shown(
    session: Session, cast: Cast, as_supplier: SignIn, as_buyer: SignIn, today: date
) -> None:
    reader = as_buyer(Role.RISK)

    assert reader.post(cast.judging, reference(cast, today, note="INTERNAL")).status_code == 302

    assert "当社の記録：" in reader.get(cast.judging).get_text()
    theirs = as_supplier(cast.aoba, HANAKO).get(cast.own).get_text()
    assert "拝見したものを記録しました" in theirs
    assert "INTERNAL" not in theirs


def test_the_preview_counts_questions_and_levels_and_records_nothing(
    session: Session, cast: Cast, as_buyer: SignIn, today: date
) -> None:
    reader = as_buyer(Role.RISK)
    kind = next(one for one in certificates().kinds if set(cast.essential) <= set(one.covers))
    page = reader.get(f"{cast.confirmations}/new?kind={kind.key}")
    ticked = [box["value"] for box in page.select("input[name=questions][checked]")]
    assert ticked == [one.key for one in kind.questions(cast.content)]

    form = confirming(today, kind=kind.key, questions=ticked)
    answer = reader.post(f"{cast.confirmations}/new", form | {"act": "preview"})

    assert answer.status_code == 200
    assert f"この確認で{len(ticked)}問が第三者確認になります" in answer.text
    assert "5 第三者確認済み" in answer.text
    assert not session.scalars(select(Confirmation)).all()


def test_a_certificate_is_recorded_and_withdrawn_with_a_reason(
    session: Session, cast: Cast, as_buyer: SignIn, as_supplier: SignIn, today: date
) -> None:
    reader = as_buyer(Role.RISK)
    kind = next(one for one in certificates().kinds if set(cast.essential) <= set(one.covers))
    form = confirming(today, kind=kind.key, questions=list(kind.covers), note="INTERNAL")

    assert reader.post(f"{cast.confirmations}/new", form).status_code == 302
    assert level(session, cast) == 5
    theirs = as_supplier(cast.aoba, HANAKO).get(cast.own).get_text()
    assert kind.name.ja in theirs
    assert "INTERNAL" not in theirs

    made = session.scalars(select(Confirmation)).one()
    path, field = f"{cast.confirmations}/{made.public_id}/withdraw", f"{made.public_id}-reason"
    session.commit()
    assert reader.post(path, {field: ""}).status_code == 422
    assert reader.post(path, {field: "別の会社の証明書でした。"}).status_code == 302
    assert level(session, cast) == 3
    assert "別の会社の証明書でした。" in reader.get(cast.confirmations).get_text()
    assert reader.post(path, {field: "もう一度"}).status_code == 409
    assert len(session.scalars(select(ConfirmationWithdrawal)).all()) == 1


def test_a_visit_wants_its_questions_and_dates(
    session: Session, cast: Cast, as_buyer: SignIn, today: date
) -> None:
    reader, path = as_buyer(Role.RISK), f"{cast.confirmations}/new"
    earlier = (today - timedelta(days=1)).isoformat()

    assert reader.post(path, confirming(today, questions=[])).status_code == 422
    assert reader.post(path, confirming(today, ends_on=earlier, questions=cast.essential)).status_code == 422
    assert reader.post(path, confirming(today, kind="nothing")).status_code == 404
    assert reader.post(path, confirming(today, questions=cast.essential)).status_code == 302
    assert "当社の訪問" in reader.get(cast.confirmations).get_text()


def test_readers_of_other_roles_see_it_and_decide_nothing(
    session: Session, cast: Cast, as_supplier: SignIn, as_buyer: SignIn, today: date
) -> None:
    made = given(session, cast, as_supplier(cast.aoba, HANAKO), today)

    for role in (Role.LEGAL, Role.AUDITOR):
        reader = as_buyer(role)
        for path in ("/risk/evidence", "/risk/proof-sample", cast.judging, cast.confirmations):
            assert not reader.get(path).select("main form[method=post]"), path
        assert judge(cast, reader, made, "accepted") == 403
    viewer = as_buyer(Role.VIEWER)
    for path in ("/risk/evidence", "/risk/proof-sample", cast.judging, cast.confirmations):
        assert viewer.client.get(path).status_code == 403, path


def test_someone_of_another_unit_finds_nothing(
    session: Session, cast: Cast, as_supplier: SignIn, as_buyer: SignIn, today: date
) -> None:
    made = given(session, cast, as_supplier(cast.aoba, HANAKO), today)
    elsewhere = factories.unit(session, "自動車部品事業部")
    stranger = as_buyer(user=factories.user(session, Role.RISK, unit=elsewhere))

    assert stranger.client.get(cast.judging).status_code == 404
    assert stranger.client.get(cast.confirmations).status_code == 404
    assert judge(cast, stranger, made, "accepted") == 404
    assert "更新の履歴の画面" not in stranger.get("/risk/evidence").get_text()
    assert "青葉鋳造" not in stranger.get("/risk/proof-sample").get_text()


def test_another_supplier_finds_nothing(
    session: Session, cast: Cast, as_supplier: SignIn, today: date
) -> None:
    made = given(session, cast, as_supplier(cast.aoba, HANAKO), today)
    umeda = factories.stranger(session)
    theirs, _invitation = invited(session, umeda, cast.assessment.campaign)
    invitation(session, theirs, "jiro@umeda.example")
    submitted(session, theirs, now=clock.now())
    session.commit()
    jiro = as_supplier(umeda, "jiro@umeda.example")

    assert jiro.client.get(cast.own).status_code == 404
    assert jiro.post(f"{cast.own}/{made.public_id}/take-back").status_code == 404
    mine = f"/supplier/assessments/{theirs.public_id}/evidence/{made.public_id}/take-back"
    assert jiro.post(mine).status_code == 404


def test_the_sample_says_why_and_gives_words_without_the_grade(
    session: Session, cast: Cast, as_buyer: SignIn
) -> None:
    for number in range(3):
        supplier = factories.supplier(session, f"取引先{number}")
        factories.relationship(session, supplier)
        made = factories.assessment(session, cast.assessment.campaign, supplier)
        made.notice_version, made.notice_seen_at = "2026.1", clock.now()
        submitted(session, made, now=clock.now())
    session.commit()

    page = as_buyer(Role.RISK).get("/risk/proof-sample")

    assert "取引の重要度5・自己申告のみ" in page.get_text()
    letter = page.select_one("main .said")
    assert letter is not None
    assert "株式会社青葉鋳造" in letter.get_text()
    assert "不利になることはありません" in letter.get_text()
    assert not [word for word in ("重要度", "優先度", "機密性", "CANARY") if word in letter.get_text()]


def test_the_supplier_s_file_holds_its_references(
    session: Session, cast: Cast, as_supplier: SignIn, today: date
) -> None:
    hanako = as_supplier(cast.aoba, HANAKO)
    given(session, cast, hanako, today)

    record = hanako.client.get(f"/supplier/assessments/{cast.assessment.public_id}/download").get_json()

    (one,) = record["evidence"]
    assert one["title"] == "更新の履歴の画面"
    assert one["questions"] == cast.essential
    assert (one["state"], one["given_by"]) == ("waiting", "supplier")


def confirming(today: date, **changes: Any) -> dict[str, Any]:
    """The form of a visit, for a year from today."""
    facts: dict[str, Any] = {
        "kind": "visit",
        "reference": "品質管理部 田中、本社工場",
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=365)).isoformat(),
        "questions": [],
        "act": "record",
    }
    return facts | changes
