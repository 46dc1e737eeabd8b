"""同業との比較: what a supplier reads of its peers, kindly, and only where it tells of nobody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from assessments import benchmarks
from assessments.models import Assessment, Campaign
from portal import clock
from portal.db import Database
from tests import factories, pooled
from tests.answering import EMAIL, counted_queries, invitation
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]
SEVEN = ["implemented", "implemented", "implemented", "partial", "partial", "partial", "not_planned"]


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """A round in which everybody takes part."""
    return factories.campaign(session)


def answered(session: Session, campaign: Campaign, codes: list[str], **supplier: Any) -> list[Assessment]:
    """Suppliers that answered two months ago, the last of them signed in by others as EMAIL."""
    made = pooled.join(session, campaign, codes, at=clock.now() - timedelta(days=62), **supplier)
    invitation(session, made[-1])
    session.commit()
    return made


def path(of: Assessment) -> str:
    return f"/supplier/assessments/{of.public_id}/result/peers"


def test_the_last_of_seven_reads_how_far_the_middle_is(
    session: Session, campaign: Campaign, as_supplier: SignIn
) -> None:
    last = answered(session, campaign, SEVEN)[-1]

    page = as_supplier(last.supplier, EMAIL).get(path(last))

    words = page.get_text(" ", strip=True)
    assert "製造業・6〜20人の7社のまんなか（中央値）まで、あと13問ほどです。" in words
    assert "7番目" not in words and "最下位" not in words
    assert page.select_one(".subnav [aria-current]").get_text() == "同業との比較"  # type: ignore[union-attr]


def test_the_first_of_seven_reads_that_it_is_among_the_upper_quarter(
    session: Session, campaign: Campaign, as_supplier: SignIn
) -> None:
    first = answered(session, campaign, SEVEN[::-1])[-1]

    words = as_supplier(first.supplier, EMAIL).get(path(first)).get_text(" ", strip=True)

    assert "製造業・6〜20人の7社の、上から4分の1あたりです。" in words


def test_an_item_stands_beside_the_pool_and_the_survey(
    session: Session, campaign: Campaign, as_supplier: SignIn
) -> None:
    last = answered(session, campaign, SEVEN)[-1]

    rows = as_supplier(last.supplier, EMAIL).get(path(last)).select("table tr")

    first = next(row for row in rows if row.get_text(" ", strip=True).startswith("No.1 "))
    cells = [cell.get_text(" ", strip=True) for cell in first.select("td")]
    assert cells[1] == "43% 製造業・6〜20人 n=7 取引先全体 n=7" or cells[1].startswith(
        "43% 製造業・6〜20人 n=7"
    )
    assert cells[2] == "70.0% 同じ業種 n=367"


def test_the_trade_secret_survey_gives_both_groups_it_compares(
    session: Session, campaign: Campaign, as_supplier: SignIn
) -> None:
    last = answered(session, campaign, SEVEN)[-1]

    words = as_supplier(last.supplier, EMAIL).get(path(last)).get_text(" ", strip=True)

    assert "従業員100人以下：32.2%〜44.9%" in words
    assert "従業員1,000人以上：63.9%〜75.6%" in words


def test_the_survey_is_shown_with_source_year_number_and_bias(
    session: Session, campaign: Campaign, as_supplier: SignIn
) -> None:
    last = answered(session, campaign, SEVEN)[-1]

    words = as_supplier(last.supplier, EMAIL).get(path(last)).get_text()

    for source in benchmarks.sources().values():
        for said in (source.name.ja, f"{source.year}年", f"n={source.n:,}", source.bias.ja):
            assert said in words
    # Both surveys are older than a fact is taken without checking.
    assert words.count("要確認") == len(benchmarks.sources())


def test_an_industry_without_figures_is_said_to_have_none(
    session: Session, campaign: Campaign, as_supplier: SignIn
) -> None:
    fishers = answered(session, campaign, SEVEN[:1], industry="B")[-1]

    words = as_supplier(fishers.supplier, EMAIL).get(path(fishers)).get_text(" ", strip=True)

    assert "公表されていないため" in words
    assert "78.2% 全業種 n=1,867" in words


def test_too_few_of_a_size_are_said_to_be_too_few(
    session: Session, campaign: Campaign, as_supplier: SignIn
) -> None:
    last = answered(session, campaign, SEVEN)[-1]
    answered(session, campaign, SEVEN[:2], employees=200)

    words = as_supplier(last.supplier, EMAIL).get(path(last)).get_text(" ", strip=True)

    assert "社数が少ないため表示しません" in words


def test_before_six_have_answered_the_survey_stands_alone(
    session: Session, campaign: Campaign, as_supplier: SignIn
) -> None:
    last = answered(session, campaign, SEVEN[:5])[-1]

    page = as_supplier(last.supplier, EMAIL).get(path(last))

    words = page.get_text(" ", strip=True)
    assert "同業の集計は、これからです" in words
    assert "70.0% 同じ業種 n=367" in words
    assert page.select_one("[data-label='取引先の実施率']").get_text(strip=True) == "—"  # type: ignore[union-attr]


def test_nothing_stands_there_before_submitting(
    session: Session, campaign: Campaign, as_supplier: SignIn
) -> None:
    answered(session, campaign, SEVEN)
    mine = factories.assessment(session, campaign, factories.supplier(session))
    invitation(session, mine)
    session.commit()

    as_supplier(mine.supplier, EMAIL).get(path(mine), 404)


def test_a_stranger_finds_nothing(session: Session, campaign: Campaign, as_supplier: SignIn) -> None:
    theirs = answered(session, campaign, SEVEN)[-1]
    stranger = factories.stranger(session)

    as_supplier(stranger, EMAIL).get(path(theirs), 404)


def test_the_page_reads_in_english(session: Session, campaign: Campaign, as_supplier: SignIn) -> None:
    last = answered(session, campaign, SEVEN)[-1]
    visitor = as_supplier(last.supplier, EMAIL)
    visitor.post("/language", {"language": "en", "next": "/"})

    words = visitor.get(path(last)).get_text(" ", strip=True)

    assert "Compared with your peers" in words
    assert "About 13 questions to the middle (median) of 7 companies (Manufacturing, 6–20 people)." in words


def test_the_page_runs_a_fixed_number_of_queries(
    session: Session, database: Database, campaign: Campaign, as_supplier: SignIn
) -> None:
    last = answered(session, campaign, SEVEN)[-1]
    visitor = as_supplier(last.supplier, EMAIL)
    visitor.get(path(last))

    with counted_queries(database.read_engine) as statements:
        visitor.get(path(last))

    assert len(statements) == 9, "\n".join(statements)
