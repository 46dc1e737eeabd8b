"""What a result shows of its arithmetic adds up to what it shows as score and level, for any answers."""

import random
import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy.orm import Session

from assessments.answers import Given
from assessments.models import Assessment
from assessments.questionnaire_content import QuestionContent
from tests import rescored
from tests.answering import EMAIL, content_of, invited, plain, submitted
from tests.fixtures_app import Visitor
from tests.pages import all_words

SignIn = Callable[..., Visitor]
CODES = ("implemented", "partial", "planned", "not_planned", "unknown")


@pytest.fixture
def aoba(session: Session) -> Assessment:
    """青葉鋳造, asked everything."""
    made, _ = invited(session)
    session.commit()
    return made


@pytest.fixture
def taro(as_supplier: SignIn, aoba: Assessment) -> Visitor:
    """Somebody at 青葉鋳造, signed in."""
    return as_supplier(aoba.supplier, EMAIL)


def path(of: Assessment, rest: str = "") -> str:
    return f"/supplier/assessments/{of.public_id}/result{rest}"


def drawn(seed: int) -> Callable[[QuestionContent], Given]:
    """Answers by lot, with what is not there where that may be said."""
    lot = random.Random(seed)  # noqa: S311  a draw for a test
    codes = lot.choice((CODES, CODES[:2], CODES[:1] * 6 + CODES, CODES[2:]))

    def choose(question: QuestionContent) -> Given:
        if not question.is_scored:
            return plain(question)
        if question.allows_absent and lot.random() < 0.3:
            return Given("absent", comment="うちにはありません")
        code = lot.choice(codes)
        return Given(code, "obstacle" if code == "not_planned" else None)

    return choose


def without_one(session: Session, of: Assessment) -> Callable[[QuestionContent], Given]:
    """Everything done but the first of the 25 items that may be absent, which is."""
    absent = next(one for one in content_of(session, of).scored if one.official_item and one.allows_absent)

    def choose(question: QuestionContent) -> Given:
        return (
            Given("absent", comment="うちにはありません") if question.key == absent.key else plain(question)
        )

    return choose


def numbers(words: str) -> list[int]:
    """The whole numbers in some words, with their signs."""
    return [int(found.replace("−", "-")) for found in re.findall(r"[−-]?\d+", words)]


def column(table: Tag, part: str, place: int) -> list[int]:
    """The last number in a cell of each row."""
    return [numbers(row.select("td")[place].get_text())[-1] for row in table.select(f"{part} tr")]


def openings(page: BeautifulSoup) -> list[Tag]:
    """The sets that are worked out on a page."""
    return page.select(".worked-out")


@pytest.mark.parametrize("seed", range(6))
def test_what_is_shown_adds_up_to_the_score_and_the_level(
    session: Session, taro: Visitor, aoba: Assessment, seed: int
) -> None:
    submitted(session, aoba, drawn(seed))
    session.commit()

    shown = openings(taro.get(path(aoba, "/arithmetic")))

    assert len(shown) == 9
    for one in shown:
        table = one.select_one("table")
        assert table is not None
        points, full = (column(table, "tbody", place) for place in (-2, -1))
        total = [numbers(cell.get_text())[-1] for cell in table.select("tfoot td")]
        assert total == [sum(points), sum(full)]
        line = str(one.select(".sum-line")[0].get_text(" ", strip=True))
        tenths = 1000 * max(total[0], 0) // total[1]
        assert line.endswith(f"{tenths // 10}.{tenths % 10}点")
        assert f"レベル{level_of(one, *total)}です。" in one.get_text()


def level_of(one: Tag, points: int, full: int) -> int:
    """The level by the thresholds, from what is shown (scoring.md §2, self-declared)."""
    essential = one.select(".essentials li")
    is_met = all("一部" not in line.get_text() and "実施している" in line.get_text() for line in essential)
    if 100 * points < 50 * full:
        return 1
    return 3 if 100 * points >= 80 * full and is_met else 2


@pytest.mark.parametrize("seed", range(6))
def test_each_line_is_points_times_weight(
    session: Session, taro: Visitor, aoba: Assessment, seed: int
) -> None:
    submitted(session, aoba, drawn(seed))
    session.commit()

    cells = [
        cell.get_text() for cell in taro.get(path(aoba, "/arithmetic")).select("td") if "＝" in cell.text
    ]

    assert len(cells) > 40
    for points, weight, gained in map(numbers, cells):
        assert points * weight == gained


@pytest.mark.parametrize("seed", range(6))
def test_the_self_check_score_adds_up_by_answer_and_by_item(
    session: Session, taro: Visitor, aoba: Assessment, seed: int
) -> None:
    submitted(session, aoba, drawn(seed))
    session.commit()

    page = taro.get(path(aoba, "/arithmetic"))

    by_answer, by_item = page.select(".official-sums")
    total = numbers(by_answer.select("tfoot td")[-1].get_text())[0]
    assert sum(column(by_answer, "tbody", -1)) == sum(column(by_item, "tbody", -1)) == total
    assert sum(numbers(row.select("td")[0].get_text())[0] for row in by_answer.select("tbody tr")) == 25
    assert all(
        counted * worth == added
        for row in by_answer.select("tbody tr")
        for counted, worth, added in [numbers(" ".join(cell.get_text() for cell in row.select("td")))]
    )
    first = taro.get(path(aoba)).select_one(".scorebar-score strong")
    assert first is not None and numbers(first.get_text()) == [total]


def test_the_missing_points_are_what_the_named_questions_add(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    submitted(session, aoba, lambda one: Given("partial") if one.is_scored else plain(one))
    session.commit()

    for one in openings(taro.get(path(aoba, "/arithmetic"))):
        [missing] = [numbers(found) for found in re.findall(r"あと\d+点", one.get_text())]
        gains = [numbers(line.get_text())[-1] for line in one.select(".way-on li")]
        assert sum(gains) >= missing[0]
        assert sum(gains) - min(gains) < missing[0] or "要" in one.get_text()


def test_an_essential_question_is_said_to_hold_a_full_score(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    first = next(one for one in content_of(session, aoba).scored if one.essential)
    submitted(session, aoba, lambda one: Given("partial") if one.key == first.key else plain(one))
    session.commit()

    text = taro.get(path(aoba)).get_text()

    assert "要となる質問†のうち1問がまだ「実施している」ではないため、レベル2です。" in text
    assert "次の1問が「実施している」になると、レベル3です。" in text


def test_what_is_absent_and_what_is_not_known_are_told_apart(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    can_be_absent = next(one for one in content_of(session, aoba).scored if one.allows_absent)
    unknown = next(one for one in content_of(session, aoba).scored if one.official_item == 3)

    def choose(question: QuestionContent) -> Given:
        if question.key == can_be_absent.key:
            return Given("absent", comment="うちにはありません")
        return Given("unknown") if question.key == unknown.key else plain(question)

    submitted(session, aoba, choose)
    session.commit()

    text = taro.get(path(aoba, "/arithmetic")).get_text()

    assert f"「当社にはない」は、点にも満点にも数えません：No.{can_be_absent.official_item} " in text
    assert "「わからない」は、1問につき点を引いて数えています（1問）" in text


@pytest.mark.parametrize("points", [None, 4, 1, 0])
def test_what_is_absent_is_said_with_the_points_it_was_counted_at(
    session: Session, taro: Visitor, aoba: Assessment, points: int | None
) -> None:
    if points is not None:
        rescored.choose(session, absent_official_points=points)
    submitted(session, aoba, without_one(session, aoba))
    # What is chosen afterwards says nothing of a result that stands.
    rescored.choose(session, absent_official_points=3)
    session.commit()

    page = taro.get(path(aoba))

    counted = 4 if points is None else points
    assert f"「当社にはない」とした1項目は、1項目{counted}点（実施は4点）と数えています†" in page.get_text()
    for rest in ("", "/arithmetic"):
        shown = taro.get(path(aoba, rest))
        assert f"1項目{counted}点（実施は4点）と数えることが" in shown.select(".daggers")[0].get_text()
        assert f"1 × {counted}" in shown.get_text()


def test_the_points_of_what_is_absent_are_said_in_english(
    session: Session, taro: Visitor, aoba: Assessment
) -> None:
    rescored.choose(session, absent_official_points=2)
    submitted(session, aoba, without_one(session, aoba))
    session.commit()
    taro.client.set_cookie("sanpo_language", "en")

    page = all_words(taro.get(path(aoba)))

    assert "1 item that you said does not exist at your company is counted at 2 of 4 points†" in page
    assert "“Does not exist here” at 2 of 4 points" in page


def test_our_own_choices_are_marked_and_explained(session: Session, taro: Visitor, aoba: Assessment) -> None:
    submitted(session, aoba)
    session.commit()

    for rest in ("", "/arithmetic"):
        page = taro.get(path(aoba, rest))
        assert "80点†" in page.get_text()
        assert "当社の決めごとで、公的な基準や事実ではありません" in page.select(".daggers")[0].get_text()


def test_each_page_of_a_result_leads_to_the_others(session: Session, taro: Visitor, aoba: Assessment) -> None:
    submitted(session, aoba)
    session.commit()

    for rest in ("", "/arithmetic", "/peers"):
        links = taro.get(path(aoba, rest)).select(".subnav a")
        assert {path(aoba), path(aoba, "/arithmetic"), path(aoba, "/peers")} <= {
            str(link["href"]) for link in links
        }
        assert [str(link["href"]) for link in links if link.get("aria-current")] == [path(aoba, rest)]


@pytest.mark.parametrize("rest", ["/arithmetic", "/peers"])
def test_there_is_nothing_to_lay_open_before_submitting(taro: Visitor, aoba: Assessment, rest: str) -> None:
    taro.get(path(aoba, rest), 404)
