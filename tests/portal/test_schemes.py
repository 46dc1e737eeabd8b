"""The public schemes on both sides: what answers reach, what was declared, never a word of a certificate."""

from collections.abc import Callable
from datetime import date

import pytest
from bs4 import Tag
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.models import Assessment, AuditEvent, Role, SecurityActionDeclaration
from portal.db import Database
from tests import factories, supply_chain
from tests.answering import EMAIL, content_of, counted_queries, invited
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]
NEW_ID, OLD_ID = "50123456789", "40123456789"
DECLARED = {
    "star": "2",
    "declaration_id": NEW_ID,
    "declared_on": "2026-05-01",
    "policy_url": "https://aoba.example/policy",
}


@pytest.fixture
def aoba(session: Session) -> Assessment:
    """青葉鋳造, asked everything, all of it implemented and submitted."""
    made, _ = invited(session)
    factories.relationship(session, made.supplier)
    supply_chain.submit(session, made, supply_chain.say(content_of(session, made)))
    session.commit()
    return made


@pytest.fixture
def taro(as_supplier: SignIn, aoba: Assessment) -> Visitor:
    """Somebody at 青葉鋳造, signed in."""
    return as_supplier(aoba.supplier, EMAIL)


def test_the_supplier_sees_how_many_requirements_are_left(taro: Visitor, aoba: Assessment) -> None:
    text = words(taro.get(own_page(aoba)))

    assert "★3まであと10要求です。" in text
    assert "このうち1要求は、お聞きしていないため別に確かめる必要があります。" in text
    assert "4-4-1 安全な設定を決めて保つ お聞きしていません この質問票ではお聞きしていません。" in text
    assert "4-1-2 管理者IDの発行から削除まで 一部" in text
    assert "4-3-4 バックアップ 実施（自己申告）" in text


def test_the_page_says_that_nobody_holds_a_star_yet(taro: Visitor, aoba: Assessment) -> None:
    text = words(taro.get(own_page(aoba)))

    assert "★3・★4の受付開始は2026年度末" in text
    assert "★3・★4を持つ会社はありません" in text
    assert "公式のものではありません" in text


def test_the_result_leads_to_the_schemes(taro: Visitor, aoba: Assessment) -> None:
    page = taro.get(f"/supplier/assessments/{aoba.public_id}/result")

    assert page.select_one(f'a[href="{own_page(aoba)}"]')


def test_before_a_submission_there_is_no_such_page(session: Session, as_supplier: SignIn) -> None:
    made, _ = invited(session)
    session.commit()

    as_supplier(made.supplier, EMAIL).get(own_page(made), status=404)


def test_two_stars_want_a_published_policy(taro: Visitor, aoba: Assessment) -> None:
    before = words(taro.get(own_page(aoba)))

    taro.post(telling(aoba), {"star": "0", "policy_url": "https://aoba.example/policy"})

    assert "あと1つで、3つのことがそろいます。" in before
    assert "3つのことがそろっています。" in words(taro.get(own_page(aoba)))


def test_a_declaration_is_kept_and_moves_no_score(session: Session, taro: Visitor, aoba: Assessment) -> None:
    before = aoba.current_result_id

    answer = taro.post(telling(aoba), DECLARED)

    assert (answer.status_code, answer.location) == (302, own_page(aoba))
    kept = session.scalars(select(SecurityActionDeclaration)).one()
    assert (kept.star, kept.declaration_id, kept.declared_on) == (2, NEW_ID, date(2026, 5, 1))
    text = words(taro.get(own_page(aoba)))
    assert "★★を宣言" in text
    assert "旧IDの形です" not in text
    session.refresh(aoba)
    assert aoba.current_result_id == before


def test_a_supplier_takes_its_declaration_along(taro: Visitor, aoba: Assessment) -> None:
    taro.post(telling(aoba), DECLARED)

    record = taro.client.get(f"/supplier/assessments/{aoba.public_id}/download").get_json()

    assert record["security_action"] == DECLARED | {"star": 2}


def test_an_old_id_is_kept_with_a_word_on_renewing_it(taro: Visitor, aoba: Assessment) -> None:
    taro.post(telling(aoba), DECLARED | {"declaration_id": "４０１２３４５６７８９"})

    text = words(taro.get(own_page(aoba)))
    assert OLD_ID in text
    assert "旧IDの形です。更新をご確認ください" in text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"declaration_id": "30123456789"}, "4か5で始まる11桁"),
        ({"declaration_id": "5012345678"}, "4か5で始まる11桁"),
        ({"declared_on": ""}, "宣言した日を選んでください。"),
        ({"declared_on": "2999-01-01"}, "今日までの日付を選んでください。"),
        ({"policy_url": "javascript:alert(1)"}, "https:// で始まるアドレス"),
        ({"star": ""}, "どれか一つお選びください。"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(
    session: Session, taro: Visitor, aoba: Assessment, changed: dict[str, str], said: str
) -> None:
    answer = taro.post(telling(aoba), DECLARED | changed)

    assert answer.status_code == 422
    assert said in answer.text
    assert session.scalars(select(SecurityActionDeclaration)).all() == []


def test_the_page_reads_in_english(taro: Visitor, aoba: Assessment) -> None:
    taro.post("/language", {"language": "en", "next": "/"})

    text = words(taro.get(own_page(aoba)))

    assert "10 requirements to go for star 3." in text
    assert "certified" not in text.lower()


def test_a_reader_sees_the_same_and_looks_the_declaration_up(
    session: Session, as_buyer: SignIn, aoba: Assessment
) -> None:
    keiko = as_buyer(Role.RISK)
    page = buyer_page(aoba)

    keiko.post(page.replace("/schemes", "/security-action"), DECLARED)
    keiko.post(page.replace("/schemes", "/security-action/check"))

    text = words(keiko.get(page))
    assert "★3まであと10要求です。" in text
    assert "に照合しました" in text
    actions = [one.action for one in session.scalars(select(AuditEvent).order_by(AuditEvent.sequence))]
    assert actions[-2:] == ["security_action.told", "security_action.checked"]


def test_without_a_declaration_there_is_nothing_to_look_up(as_buyer: SignIn, aoba: Assessment) -> None:
    answer = as_buyer(Role.RISK).post(buyer_page(aoba).replace("/schemes", "/security-action/check"))

    assert answer.status_code == 409


def test_who_only_reads_is_offered_no_form(as_buyer: SignIn, aoba: Assessment) -> None:
    page = as_buyer(Role.AUDITOR).get(buyer_page(aoba))

    assert not page.select('form[action$="security-action"]')


def test_an_executive_finds_the_chain_but_not_one_supplier(as_buyer: SignIn, aoba: Assessment) -> None:
    viewer = as_buyer(Role.VIEWER)

    viewer.get("/risk/schemes")
    viewer.get(buyer_page(aoba), status=403)


def test_a_supplier_without_an_answer_has_no_crosswalk(session: Session, as_buyer: SignIn) -> None:
    factories.version(session)
    supplier = factories.supplier(session)
    factories.relationship(session, supplier)
    session.commit()

    text = words(as_buyer(Role.RISK).get(f"/risk/suppliers/{supplier.public_id}/schemes"))

    assert "対応の目安はありません" in text
    assert "★3まで" not in text


def test_the_chain_is_counted_by_requirement(session: Session, as_buyer: SignIn, aoba: Assessment) -> None:
    page = as_buyer(Role.RISK).get("/risk/schemes")

    rows = {words(row).split()[0]: row for row in page.select("table.data tbody tr")}
    assert len(rows) == 26
    assert [cell.get_text(strip=True) for cell in rows["4-3-4"].select("td")][:5] == [
        "1社", "0社", "0社", "0社", "100.0%",
    ]  # fmt: skip
    assert rows["4-4-1"].select("td")[3].get_text(strip=True) == "1社"


def test_the_numbers_are_a_file_too_and_keep_the_filter(as_buyer: SignIn, aoba: Assessment) -> None:
    somebody = as_buyer(Role.RISK)

    lines = somebody.client.get("/risk/schemes.csv").text.lstrip("\ufeff").splitlines()
    none = somebody.client.get("/risk/schemes.csv?prefecture=01&industry=I").text.splitlines()

    assert len(lines) == 27
    assert lines[1].startswith("1-2-1,")
    assert len(none) == 27


@pytest.mark.database
def test_a_chain_costs_a_fixed_number_of_queries(
    session: Session, database: Database, as_buyer: SignIn
) -> None:
    supply_chain.grow(session, 40)
    session.commit()
    somebody = as_buyer(Role.RISK)
    somebody.get("/risk/schemes")

    with counted_queries(database.read_engine, database.write_engine) as statements:
        somebody.get("/risk/schemes")

    assert len(statements) <= 8


def own_page(of: Assessment) -> str:
    return f"/supplier/assessments/{of.public_id}/result/schemes"


def telling(of: Assessment) -> str:
    return f"/supplier/assessments/{of.public_id}/security-action"


def buyer_page(of: Assessment) -> str:
    return f"/risk/suppliers/{of.supplier.public_id}/schemes"


def words(page: Tag) -> str:
    return " ".join(page.get_text(" ", strip=True).split())
