"""対策の計画 for a supplier: the form by its address, the plan, its cost, and nothing of the buyer's."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from sqlalchemy.orm import Session

from assessments.answers import Given
from assessments.measures import measures
from assessments.models import Assessment
from assessments.packages import packages
from assessments.questionnaire_content import QuestionContent
from portal import plan_form
from portal.db import Database
from tests import factories
from tests.answering import EMAIL, counted_queries, invited, plain, submitted
from tests.fixtures_app import Visitor
from tests.pages import all_words, elements_of

SignIn = Callable[..., Visitor]


def third(question: QuestionContent) -> Given:
    """A firm that has begun: two of three questions are open."""
    return plain(question) if not question.is_scored or question.position % 3 == 0 else Given("planned")


@pytest.fixture
def aoba(session: Session) -> Assessment:
    """青葉鋳造, asked everything, graded by the buyer."""
    made, _ = invited(session)
    factories.relationship(session, made.supplier, confidentiality=5)
    session.commit()
    return made


@pytest.fixture
def taro(session: Session, as_supplier: SignIn, aoba: Assessment) -> Visitor:
    """Somebody at 青葉鋳造, signed in, who has submitted its answers."""
    signed_in = as_supplier(aoba.supplier, EMAIL)
    submitted(session, aoba, third)
    session.commit()
    return signed_in


def path(of: Assessment, **asked: str) -> str:
    words = urlencode(asked)
    return f"/supplier/assessments/{of.public_id}/plan" + (f"?{words}" if words else "")


def test_the_usual_plan_leads_to_the_next_level_with_free_measures_first(
    taro: Visitor, aoba: Assessment
) -> None:
    page = taro.get(path(aoba))

    words = all_words(page)
    assert "「サイバー対策」をレベル2にする、いちばん安い計画" in words
    assert "レベル1 → 2（見込み）" in words
    assert "お約束ではありません" in words
    notes = [note.get_text(strip=True) for note in page.select("section.folds > .fold summary span")]
    is_free = [note.startswith("費用なし") for note in notes]
    assert any(is_free) and is_free == sorted(is_free, reverse=True)
    assert page.select_one(".subnav [aria-current]").get_text() == "対策の計画"  # type: ignore[union-attr]


def test_a_level_is_chosen_by_the_address(taro: Visitor, aoba: Assessment) -> None:
    page = taro.get(path(aoba, goal="level", axis="secrets", level="3"))

    words = all_words(page)
    assert "「営業秘密を守る」をレベル3にする、いちばん安い計画" in words
    assert "レベル1 → 3（見込み）" in words
    assert page.select_one("input[name=level][value='3'][checked]") is not None


def test_a_budget_buys_what_helps_most_and_never_more(taro: Visitor, aoba: Assessment) -> None:
    free = taro.get(path(aoba, goal="budget", budget="0"))
    page = taro.get(path(aoba, goal="budget", budget="１０万円"))

    assert "費用をかけずに、できるだけ進める計画" in all_words(free)
    assert free.select_one(".figures dd").get_text() == "0円"  # type: ignore[union-attr]
    assert "1年目100,000円までで、できるだけ進める計画" in all_words(page)
    paid = page.select_one(".figures dd").get_text()  # type: ignore[union-attr]
    assert 0 < int(paid.removesuffix("円").replace(",", "")) <= 100_000


def test_every_paid_measure_names_who_pays_and_what_would_do_as_well(taro: Visitor, aoba: Assessment) -> None:
    page = taro.get(path(aoba, goal="budget", budget="1000000"))

    paid = [fold for fold in page.select("section.folds .fold") if "払う人" in fold.get_text()]
    assert paid
    for panel in paid:
        assert "貴社のご負担" in panel.get_text()
        assert panel.select_one("a[href$='/consultation']") is not None
        assert "同じ効果の別の方法" in panel.get_text()
        assert "出典" in panel.get_text() and "時点" in panel.get_text()
    assert page.select_one("a[href$='/consultation']") is not None


def test_the_ready_sets_stand_beside_the_plan(taro: Visitor, aoba: Assessment) -> None:
    page = taro.get(path(aoba))

    ways = [heading.get_text(" ", strip=True) for heading in page.select("table[data-stack] tbody th")]
    assert ways[0] == "この計画"
    assert [
        f"出来合いの組み合わせ「{one.name.ja}」" in way
        for one, way in zip(packages(), ways[-3:], strict=True)
    ]
    assert sum("この人数の会社向け" in way for way in ways) == 1


def test_a_plan_with_a_service_has_one_without_beside_it(taro: Visitor, aoba: Assessment) -> None:
    served = all_words(taro.get(path(aoba, goal="budget", budget="10000000")))
    unserved = all_words(taro.get(path(aoba, goal="budget", budget="10000000", without_services="y")))

    assert "月々のサービスを使わない計画" in served
    assert "月々のサービスを使わない計画の対策を見る" not in unserved


def test_examples_of_measures_stand_beside_it_free_ones_first(taro: Visitor, aoba: Assessment) -> None:
    page = taro.get(path(aoba))

    headings = [heading.get_text(strip=True) for heading in page.select(".fold > summary > h2")]
    assert headings[:2] == ["無料の対策の例", "費用のかかる対策の例（同じ効果の別の方法つき）"]
    paid = [fold for fold in page.select(".fold .fold") if "月額" in fold.get_text()]
    assert paid
    assert all("同じ効果の別の方法" in fold.get_text() for fold in paid)
    assert all("出典" in fold.get_text() and "時点" in fold.get_text() for fold in paid)


def test_every_service_shows_all_five_elements_with_words(taro: Visitor, aoba: Assessment) -> None:
    page = taro.get(path(aoba, goal="budget", budget="1000000"))

    services = {one.name.ja: one for one in measures() if one.elements}
    for heading in (one for one in page.select(".fold h3") if one.get_text(strip=True) in services):
        fold, name = heading.find_parent("details"), heading.get_text(strip=True)
        assert fold is not None
        lines, said = elements_of(fold), fold.get_text()
        assert lines[0][0] == name and {len(line) for line in lines} == {6}
        assert set(lines[0][1:]) <= {"あり", "追加可", "なし"}
        for element in (services[name].elements or {}).values():
            assert element.words is None or element.words.ja in said


def test_a_service_that_holds_none_of_the_five_says_so(taro: Visitor, aoba: Assessment) -> None:
    page = taro.get(path(aoba, goal="budget", budget="10000000"))

    lines = elements_of(page)

    assert ["お助け隊型のサービス（端末型）", "なし", "あり", "あり", "あり", "あり"] in lines
    assert ["証明の出る廃棄サービス", "なし", "なし", "なし", "なし", "なし"] in lines


def test_services_stand_in_one_table_below_the_examples(taro: Visitor, aoba: Assessment) -> None:
    page = taro.get(path(aoba))

    together = [
        table
        for table in page.select("table.elements")
        if "比べる" in table.caption.get_text()  # type: ignore[union-attr]
    ]
    assert together
    for table in together:
        columns = [heading.get_text(strip=True) for heading in table.select("thead th")]
        assert columns == ["サービス", "機器", "見守り", "相談", "駆け付け", "保険"]
        assert len(table.select("tbody tr")) > 1


def test_whatever_is_long_waits_folded(taro: Visitor, aoba: Assessment) -> None:
    page = taro.get(path(aoba))

    assert page.select("details") and not page.select(
        "main > div > details[open], main > section > details[open]"
    )


def test_the_address_of_the_examples_leads_to_the_plan(taro: Visitor, aoba: Assessment) -> None:
    answer = taro.client.get(f"/supplier/assessments/{aoba.public_id}/result/measures")

    assert (answer.status_code, answer.location) == (302, path(aoba))


def test_what_cannot_be_reached_is_said_kindly_with_a_way_on(
    taro: Visitor, aoba: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Hardly anything can begin within a single day.
    monkeypatch.setitem(plan_form.DAYS, "month", 1)

    page = taro.get(path(aoba, goal="level", axis="secrets", level="3", within="month"))
    ways_on = [str(link["href"]) for link in page.select(".notice a")]

    words = all_words(page)
    assert "この条件では、めざすレベルまでの計画が組めませんでした" in words
    assert "不利になることはありません" in words
    assert "1年目のご負担" not in words
    assert len(ways_on) == 3
    assert "「営業秘密を守る」をレベル3にする、いちばん安い計画" in all_words(taro.get(ways_on[0]))
    assert "費用をかけずに、できるだけ進める計画" in all_words(taro.get(ways_on[1]))


def test_money_that_is_not_open_is_not_deducted(taro: Visitor, aoba: Assessment) -> None:
    words = all_words(taro.get(path(aoba, goal="budget", budget="1000000")))

    assert "計画には入れていません。" in words
    assert "募集状況は公式で確認" in words
    assert "計画の費用から引いています。" not in words


def test_incidents_stand_beside_it_by_population_and_stories_are_marked(
    taro: Visitor, aoba: Assessment
) -> None:
    words = all_words(taro.get(path(aoba)))

    assert "足したり平均したりせず" in words
    assert "n=975" in words
    assert "作り話" in words
    assert "月曜の朝、図面が開かない" in words


@pytest.mark.parametrize(
    ("asked", "field", "message"),
    [
        ({"goal": "budget", "budget": ""}, "budget", "金額を入力してください"),
        ({"goal": "budget", "budget": "たくさん"}, "budget", "円の金額を数字で"),
        ({"goal": "budget", "budget": "-5"}, "budget", "0以上の数で"),
        ({"goal": "budget", "budget": "1.5"}, "budget", "整数で入力"),
        ({"goal": "budget", "budget": "9999999999999"}, "budget", "までの金額で"),
        ({"goal": "budget", "budget": "なし"}, "budget", "金額を数字で"),
        ({"goal": "level", "axis": "nonsense", "level": "3"}, "axis", "選んでください"),
        ({"goal": "level", "axis": "cyber", "level": "5"}, "level", "選んでください"),
        ({"goal": "everything"}, "goal", "選んでください"),
        ({"within": "decade"}, "within", "選んでください"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(
    taro: Visitor, aoba: Assessment, asked: dict[str, str], field: str, message: str
) -> None:
    page = taro.get(path(aoba, **asked), 422)

    assert message in page.select_one(f"#{field}-error").get_text()  # type: ignore[union-attr]
    assert page.select_one(f".error-summary a[href='#{field}']") is not None
    if field == "budget" and asked["budget"]:
        assert page.select_one("input[name=budget]")["value"] == asked["budget"]  # type: ignore[index]


def test_a_firm_that_does_everything_is_told_to_go_on(
    session: Session, as_supplier: SignIn, aoba: Assessment
) -> None:
    taro = as_supplier(aoba.supplier, EMAIL)
    submitted(session, aoba)
    session.commit()

    words = all_words(taro.get(path(aoba)))

    assert "新しく選ぶ対策はありません" in words


def test_there_is_no_plan_before_an_answer(as_supplier: SignIn, aoba: Assessment) -> None:
    as_supplier(aoba.supplier, EMAIL).get(path(aoba), 404)


def test_nothing_of_the_buyers_stands_in_the_plan(taro: Visitor, aoba: Assessment) -> None:
    words = taro.get(path(aoba, goal="budget", budget="500000")).decode()

    assert not [
        word for word in ("重要度", "優先度", "inherent", "residual", "機密性", "★4") if word in words
    ]


def test_the_page_is_english_where_one_asks_for_it(taro: Visitor, aoba: Assessment) -> None:
    taro.post("/language", {"language": "en", "next": path(aoba)})

    words = all_words(taro.get(path(aoba, goal="budget", budget="300000")))

    assert "Plan of measures" in words
    assert "A plan to do as much as possible with up to ¥300,000 in the first year" in words


def test_the_plan_runs_a_fixed_number_of_queries(database: Database, taro: Visitor, aoba: Assessment) -> None:
    taro.get(path(aoba))

    with counted_queries(database.read_engine) as statements:
        taro.get(path(aoba, goal="budget", budget="100000"))

    assert len(statements) == 9, "\n".join(statements)
