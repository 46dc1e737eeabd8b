"""The plan of one supplier on the buyer's side: the same plan, and beside it what is the buyer's alone."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from assessments import questionnaires, stars
from assessments.answers import Given
from assessments.models import Role, Supplier
from portal.db import Database
from tests import factories, supply_chain
from tests.answering import EMAIL, counted_queries, invited, plain, submitted
from tests.factories import NOW
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def aoba(session: Session) -> Supplier:
    """青葉鋳造, graded 4 at most, with a result that counts."""
    campaign, made = factories.campaign(session), factories.supplier(session)
    factories.relationship(session, made, confidentiality=4)
    content = questionnaires.published(session, campaign.version_id).content
    said = supply_chain.say(content, *["planned"] * 30)
    supply_chain.submit(session, factories.assessment(session, campaign, made), said)
    session.commit()
    return made


def path(of: Supplier, asked: str = "") -> str:
    return f"/risk/suppliers/{of.public_id}/plan{asked}"


def words_of(visitor: Visitor, address: str) -> str:
    return " ".join(visitor.get(address).get_text(" ", strip=True).split())


def test_the_buyer_sees_the_plan_and_how_much_it_would_matter(as_buyer: SignIn, aoba: Supplier) -> None:
    words = words_of(as_buyer(Role.RISK), path(aoba))

    assert "をレベル2にする、いちばん安い計画" in words
    assert "× 取引の重要度 4 ＝" in words
    assert "取引先に求めるものではありません" in words
    assert "同じ効果の別の方法" in words


def test_where_four_stars_are_expected_the_buyers_plan_aims_higher_than_the_suppliers(
    session: Session, as_buyer: SignIn, as_supplier: SignIn
) -> None:
    made, _ = invited(session)
    between = factories.relationship(session, made.supplier, confidentiality=4)
    person = as_supplier(made.supplier, EMAIL)
    # Whatever may be begun where three stars are expected is begun, and the rest is done.
    submitted(session, made, lambda one: Given(one.target) if one.is_scored else plain(one))
    session.commit()
    free = "?goal=budget&budget=0"
    own = f"/supplier/assessments/{made.public_id}/plan{free}"
    sato, nothing = as_buyer(Role.RISK), "計画の点の伸び（重み × 点）0 ×"

    before = words_of(sato, path(made.supplier, free))
    stars.decide(session, between, 3, reason="図面を渡さないため", now=NOW, by=factories.user(session))
    session.commit()
    after = words_of(sato, path(made.supplier, free))

    assert "★の目安が★4の取引に合わせて" in before and nothing not in before
    assert "取引先も、同じ条件なら同じ計画" in after and nothing in after
    assert words_of(person, own).count("★4") == 0


def test_the_supplier_s_page_leads_to_its_plan(as_buyer: SignIn, aoba: Supplier) -> None:
    page = as_buyer(Role.RISK).get(f"/risk/suppliers/{aoba.public_id}")

    assert page.select_one(f"a[href='{path(aoba)}']") is not None


def test_who_may_not_read_answers_finds_no_plan(as_buyer: SignIn, aoba: Supplier) -> None:
    assert as_buyer(Role.VIEWER).client.get(path(aoba)).status_code == 403


def test_a_unit_without_this_supplier_finds_no_plan(
    session: Session, as_buyer: SignIn, aoba: Supplier
) -> None:
    elsewhere = factories.user(session, Role.RISK, unit=factories.unit(session))

    as_buyer(user=elsewhere).get(path(aoba), 404)


def test_a_supplier_without_a_result_is_told_why_there_is_no_plan(
    session: Session, as_buyer: SignIn, aoba: Supplier
) -> None:
    silent = factories.stranger(session)
    session.commit()

    assert "まだ計画は作れません" in words_of(as_buyer(Role.RISK), path(silent))


def test_what_cannot_be_read_is_said_at_its_field(as_buyer: SignIn, aoba: Supplier) -> None:
    page = as_buyer(Role.RISK).get(path(aoba, "?goal=budget&budget=many"), 422)

    assert "円の金額を数字で" in page.select_one("#budget-error").get_text()  # type: ignore[union-attr]


def test_without_grades_the_plan_stands_alone(session: Session, as_buyer: SignIn) -> None:
    campaign, ungraded = factories.campaign(session), factories.supplier(session)
    content = questionnaires.published(session, campaign.version_id).content
    said = supply_chain.say(content, *["planned"] * 30)
    supply_chain.submit(session, factories.assessment(session, campaign, ungraded), said)
    session.commit()

    assert "重要度を掛けた数は出せません" in words_of(as_buyer(Role.RISK), path(ungraded))


def test_the_plan_runs_a_fixed_number_of_queries(
    database: Database, as_buyer: SignIn, aoba: Supplier
) -> None:
    sato = as_buyer(Role.RISK)
    sato.get(path(aoba))

    with counted_queries(database.read_engine) as statements:
        sato.get(path(aoba, "?goal=budget&budget=100000"))

    assert len(statements) == 15, "\n".join(statements)
