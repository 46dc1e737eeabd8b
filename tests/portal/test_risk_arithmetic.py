"""The buyer's page of a supplier lays every number open: scores, levels, effectiveness, bands."""

import random
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from assessments import results, reviews
from assessments.models import Assessment, Role, Submission, Supplier
from tests import factories, supply_chain
from tests.answering import content_of
from tests.factories import NOW
from tests.fixtures_app import Visitor
from tests.pages import all_words

SignIn = Callable[..., Visitor]
CODES = ("implemented", "partial", "planned", "not_planned", "unknown")


@pytest.fixture
def aoba(session: Session) -> Supplier:
    """青葉鋳造, graded, asked everything."""
    supplier = factories.supplier(session)
    factories.relationship(session, supplier, confidentiality=4)
    return supplier


def answered(session: Session, supplier: Supplier, *codes: str, days_ago: int = 0) -> Submission:
    """A submission of these first answers, so many days ago."""
    campaign = factories.campaign(session, title=f"{days_ago}日前の調査")
    made = factories.assessment(session, campaign, supplier)
    content = content_of(session, made)
    result = supply_chain.submit(
        session, made, supply_chain.say(content, *codes), at=NOW - timedelta(days=days_ago)
    )
    session.commit()
    return session.get_one(Submission, result.submission_id)


def assessment_of(session: Session, submission: Submission) -> Assessment:
    return session.get_one(Assessment, submission.assessment_id)


def shown(as_buyer: SignIn, supplier: Supplier) -> BeautifulSoup:
    return as_buyer(Role.RISK).get(f"/risk/suppliers/{supplier.public_id}")


@pytest.mark.parametrize("seed", range(3))
def test_the_sums_of_each_set_add_up_to_the_score_in_the_table(
    as_buyer: SignIn, session: Session, aoba: Supplier, seed: int
) -> None:
    lot = random.Random(seed)  # noqa: S311  a draw for a test
    answered(session, aoba, *[lot.choice(CODES) for _ in range(57)])

    page = shown(as_buyer, aoba)

    scores = [
        row.select("td")[1].get_text(strip=True) for row in page.select("table:has(caption) tbody tr")
        if len(row.select("td")) == 4 and "/" in row.select("td")[2].get_text()
    ]  # fmt: skip
    opened = page.select(".worked-out")
    assert len(scores) == len(opened) == 9
    for score, one in zip(scores, opened, strict=True):
        points, full = (
            int(cell.get_text().replace("−", "-")) for cell in one.select("table tfoot td")[-2:]
        )  # fmt: skip
        lines = [row.select("td") for row in one.select("table tbody tr")]
        gained = [int(re.findall(r"[−-]?\d+", cells[0].get_text())[-1].replace("−", "-")) for cells in lines]
        assert (points, full) == (sum(gained), sum(int(cells[1].get_text()) for cells in lines))
        tenths = 1000 * max(points, 0) // full
        assert score == f"{tenths // 10}.{tenths % 10}"


def test_effectiveness_and_bands_are_laid_open_as_our_own_choice(
    as_buyer: SignIn, session: Session, aoba: Supplier
) -> None:
    submission = answered(session, aoba)
    content = content_of(session, assessment_of(session, submission))
    model = results.rubric(content).model

    text = all_words(shown(as_buyer, aoba))

    assert "対策の効きめ†" in text and "優先度の区分†" in text
    for percent in model.effectiveness:
        assert f" {percent}%" in text
    assert "1.00未満" in text and "3.00以上 4.00未満" in text and "4.00以上" in text
    assert "当社の決めごと" in text


def test_the_executives_part_stands_beside_the_priority(
    as_buyer: SignIn, session: Session, aoba: Supplier
) -> None:
    answered(session, aoba)

    assert "経営者の関わり： 3 実施（自己申告） （優先度には入れず、並べて見ます）" in all_words(
        shown(as_buyer, aoba)
    )


def test_what_rests_on_their_word_alone_is_marked(as_buyer: SignIn, session: Session, aoba: Supplier) -> None:
    answered(session, aoba)

    assert all_words(shown(as_buyer, aoba)).count("自己申告のみ") >= 9


def test_a_result_too_old_to_count_is_said_to_be(as_buyer: SignIn, session: Session, aoba: Supplier) -> None:
    answered(session, aoba, days_ago=800)

    text = all_words(shown(as_buyer, aoba))

    assert "24か月†より前のため、未評価です（レベル0と数えます）。" in text
    assert "いちばん新しい提出は2024年" in text


def test_a_returned_result_counts_until_it_is_replaced(
    as_buyer: SignIn, session: Session, aoba: Supplier
) -> None:
    submission = answered(session, aoba, "unknown")
    session.add(supply_chain.invitation(assessment_of(session, submission), NOW))
    first = content_of(session, assessment_of(session, submission)).scored[0]
    reader = factories.user(session, Role.RISK)
    reviews.return_(session, submission, comments={first.key: "いつ頃わかりそうですか。"}, now=NOW, by=reader)
    session.commit()

    text = all_words(shown(as_buyer, aoba))

    assert "次の提出までは、この結果を数えます。" in text
    assert "点とレベルの計算" in text
