"""The risk side's whole: heat map, what to do first, lists, charts and files; within one's units only."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from assessments import questionnaires
from assessments.models import BusinessUnit, Campaign, Role, Supplier
from portal.db import Database
from portal.risk.heat import class_edges
from tests import factories, supply_chain
from tests.answering import counted_queries
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]
PAGES = ("/risk/", "/risk/heatmap", "/risk/attention", "/risk/suppliers", "/risk/matrix", "/risk/items")
FILES = (
    "/risk/heatmap.csv",
    "/risk/dashboard.xlsx",
    "/risk/attention.csv",
    "/risk/suppliers.csv",
    "/risk/suppliers.xlsx",
    "/risk/matrix.csv",
    "/risk/charts/items.csv",
    "/risk/charts/reasons.csv",
    "/risk/charts/supports.csv",
    "/risk/charts/progress.csv",
)


@dataclass
class Cast:
    """One campaign; 青葉鋳造 answered well, 梅田精機 badly for another unit, 朝日商会 not at all."""

    campaign: Campaign
    unit: BusinessUnit
    aoba: Supplier
    umeda: Supplier
    asahi: Supplier


@pytest.fixture
def cast(session: Session) -> Cast:
    campaign, unit = factories.campaign(session), factories.unit(session)
    aoba, umeda = factories.supplier(session), factories.stranger(session)
    asahi = factories.supplier(session, "朝日商会", prefecture="27")
    content = questionnaires.published(session, campaign.version_id).content
    factories.relationship(session, aoba)
    factories.relationship(session, umeda, business_unit_id=unit.id, confidentiality=5, tier=2)
    factories.relationship(session, asahi)
    for one, code in ((aoba, "implemented"), (umeda, "not_planned"), (asahi, None)):
        assessment = factories.assessment(session, campaign, one)
        if code:
            supply_chain.submit(session, assessment, supply_chain.say(content, default=code))
    session.commit()
    return Cast(campaign, unit, aoba, umeda, asahi)


def test_the_heat_map_counts_suppliers_and_leads_to_them(as_buyer: SignIn, cast: Cast) -> None:
    page = as_buyer(Role.RISK).get("/risk/")

    assert cells(page) == {("5", "1"): "1※", ("3", "未評価"): "1", ("3", "3"): "1※"}
    link = page.select_one(".heatmap a[href*='inherent=5']")
    assert link is not None
    assert "重要度5・レベル1 これから：1社、年間取引額1,200万円、うち自己申告のみ1社" in str(
        link["aria-label"]
    )


def test_the_page_says_what_to_do_first(as_buyer: SignIn, cast: Cast) -> None:
    page = as_buyer(Role.RISK).get("/risk/")

    said = page.select_one(".first-thing")
    assert said is not None
    assert said.get_text().startswith("まず、要対応3社のうち1社")
    assert figures(page)["回答"] == "2 / 3社"
    assert figures(page)["未評価"] == "1社"


def test_a_cell_lists_the_suppliers_it_counts(as_buyer: SignIn, cast: Cast) -> None:
    risk = as_buyer(Role.RISK)
    link = risk.get("/risk/").select_one(".heatmap a[href*='inherent=5']")
    assert link is not None

    page = risk.get(str(link["href"]))

    assert names(page) == ["梅田精機株式会社"]
    assert page.select_one("h1").get_text() == "取引先：重要度5・サイバー対策のレベル1"  # type: ignore[union-attr]


def test_the_list_of_what_to_do_ends_at_the_capacity(
    as_buyer: SignIn, session: Session, buyer: object, cast: Cast
) -> None:
    buyer.yearly_capacity = 1  # type: ignore[attr-defined]
    session.merge(buyer)
    session.commit()

    page = as_buyer(Role.RISK).get("/risk/attention")

    assert names(page) == ["梅田精機株式会社"]
    assert "相談：" in page.select_one("tbody tr").get_text()  # type: ignore[union-attr]


def test_the_axis_can_be_changed(as_buyer: SignIn, cast: Cast) -> None:
    page = as_buyer(Role.RISK).get("/risk/?axis=executive")

    chosen = page.select_one(".axis-links [aria-current]")
    assert chosen is not None
    assert chosen.get_text() == "経営者の関わり"
    assert "axis=executive" in str(page.select_one(".heatmap a")["href"])  # type: ignore[index]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("prefecture=27", ["朝日商会"]),
        ("tier=2", ["梅田精機株式会社"]),
        ("industry=E&prefecture=23", ["梅田精機株式会社", "株式会社青葉鋳造"]),
        ("industry=nonsense", ["梅田精機株式会社", "朝日商会", "株式会社青葉鋳造"]),
        ("inherent=9&level=x", ["梅田精機株式会社", "朝日商会", "株式会社青葉鋳造"]),
    ],
)
def test_filters_narrow_the_list(as_buyer: SignIn, cast: Cast, query: str, expected: list[str]) -> None:
    assert names(as_buyer(Role.RISK).get(f"/risk/suppliers?{query}")) == expected


def test_a_campaign_and_a_unit_narrow_it_too(as_buyer: SignIn, session: Session, cast: Cast) -> None:
    later = factories.campaign(session, title="次の調査")
    factories.assessment(session, later, cast.asahi)
    session.commit()
    risk = as_buyer(Role.RISK)

    assert names(risk.get(f"/risk/suppliers?campaign={later.public_id}")) == ["朝日商会"]
    assert names(risk.get(f"/risk/suppliers?unit={cast.unit.public_id}")) == ["梅田精機株式会社"]


def test_the_links_of_a_filtered_page_keep_the_filter(as_buyer: SignIn, cast: Cast) -> None:
    page = as_buyer(Role.RISK).get("/risk/?prefecture=27")

    links = [str(link["href"]) for link in page.select(".heatmap a, .subnav a, .page-head .cluster a")]
    whole = [link for link in links if "/assessments" not in link]
    assert whole
    assert all("prefecture=27" in link for link in whole)


def test_someone_of_one_unit_sees_its_suppliers_alone(as_buyer: SignIn, session: Session, cast: Cast) -> None:
    limited = as_buyer(user=factories.user(session, Role.RISK, unit=cast.unit))

    for path in PAGES:
        text = limited.get(path).get_text()
        assert "青葉鋳造" not in text, path
        assert "朝日商会" not in text, path
    assert figures(limited.get("/risk/"))["回答"] == "1 / 1社"
    assert "青葉鋳造" not in limited.client.get("/risk/suppliers.csv").get_data(as_text=True)


def test_a_viewer_sees_the_whole_and_opens_no_supplier(as_buyer: SignIn, cast: Cast) -> None:
    viewer = as_buyer(Role.VIEWER)

    for path in PAGES:
        page = viewer.get(path)
        assert not page.select("a[href*='/risk/assessments']"), path
        assert not page.select(f"a[href$='/risk/suppliers/{cast.aoba.public_id}']"), path


def test_procurement_and_administrators_may_not_look(as_buyer: SignIn, cast: Cast) -> None:
    for role in (Role.PROCUREMENT, Role.ADMIN):
        for path in (*PAGES, *FILES):
            assert as_buyer(role).client.get(path).status_code == 403, (role, path)


def test_every_chart_has_its_table_and_its_file(as_buyer: SignIn, cast: Cast) -> None:
    risk = as_buyer(Role.RISK)

    charts = risk.get("/risk/").select("figure.chart")

    assert [chart["id"] for chart in charts] == ["lowest-items", "progress", "reasons", "supports"]
    for chart in charts:
        assert chart.select("tbody tr")
        link = chart.find("a", string="CSV")
        assert link is not None
        assert risk.client.get(str(link["href"])).status_code == 200


def test_the_rates_stand_beside_the_survey(as_buyer: SignIn, cast: Cast) -> None:
    rows = read_csv(as_buyer(Role.RISK), "/risk/charts/items.csv?industry=E")

    tenth = next(row for row in rows if row["番号"] == "10")
    first = next(row for row in rows if row["番号"] == "1")
    assert (tenth["公開調査の実施率（％）"], tenth["公開調査の値の範囲"]) == ("55.8", "全業種")
    assert (first["公開調査の実施率（％）"], first["公開調査の値の範囲"]) == ("70.0", "製造業")
    assert (first["対象（社）"], first["実施率（％）"], first["差（ポイント）"]) == ("2", "50.0", "-20.0")


def test_item_ten_says_why_it_stands_beside_all_industries(as_buyer: SignIn, cast: Cast) -> None:
    page = as_buyer(Role.RISK).get("/risk/items?industry=E")

    assert "55.8%＊" in page.get_text()
    assert "項目10" in page.get_text()
    assert "n=1,867" in page.get_text()


def test_reasons_and_wanted_supports_are_counted(as_buyer: SignIn, session: Session, cast: Cast) -> None:
    risk = as_buyer(Role.RISK)

    reasons = {row["「予定なし」の理由"]: row for row in read_csv(risk, "/risk/charts/reasons.csv")}

    obstacle = reasons["始めたいが、難しいところがある"]
    assert obstacle["割合（％）"] == "100.0"
    assert sum(int(row["回答（件）"]) for row in reasons.values()) == int(obstacle["回答（件）"])


def test_the_funnel_counts_the_campaign(as_buyer: SignIn, cast: Cast) -> None:
    (row,) = read_csv(as_buyer(Role.RISK), "/risk/charts/progress.csv")

    assert (row["依頼"], row["開いた"], row["提出"], row["確認済み"]) == ("3", "2", "2", "0")


def test_files_hold_no_formula(as_buyer: SignIn, session: Session, cast: Cast) -> None:
    cast.asahi.name = '=HYPERLINK("http://evil.example")'
    cast.asahi.updated_at = factories.NOW.replace(year=2027)
    session.commit()
    risk = as_buyer(Role.RISK)

    listed = [row["取引先"] for row in read_csv(risk, "/risk/suppliers.csv")]
    assert '\'=HYPERLINK("http://evil.example")' in listed
    book = load_workbook(io.BytesIO(risk.client.get("/risk/suppliers.xlsx").data))
    assert {cell.data_type for row in book.worksheets[0] for cell in row} <= {"s", "n"}


def test_the_heat_map_as_a_file_sums_to_all_suppliers(as_buyer: SignIn, cast: Cast) -> None:
    rows = read_csv(as_buyer(Role.RISK), "/risk/heatmap.csv")

    assert len(rows) == 36
    assert sum(int(row["取引先（社）"]) for row in rows) == 3
    assert sum(int(row["年間取引額（円）"]) for row in rows) == 36_000_000


def test_a_chart_that_is_not_there_is_not_found(as_buyer: SignIn, cast: Cast) -> None:
    assert as_buyer(Role.RISK).client.get("/risk/charts/nothing.csv").status_code == 404


def test_the_dashboard_takes_a_fixed_number_of_queries(
    as_buyer: SignIn, database: Database, session: Session
) -> None:
    campaign = supply_chain.grow(session, 12).now
    counts = []
    for _ in range(2):
        for _ in range(10):
            one = factories.supplier(session)
            factories.relationship(session, one)
            factories.assessment(session, campaign, one)
        session.commit()
        risk = as_buyer(Role.RISK)
        risk.get("/risk/")
        with counted_queries(database.read_engine) as statements:
            risk.get("/risk/")
        counts.append(len(statements))

    assert counts[0] == counts[1] == 3, statements


def test_without_suppliers_every_page_says_so(as_buyer: SignIn, session: Session) -> None:
    factories.version(session)
    session.commit()
    risk = as_buyer(Role.RISK)

    assert "取引先がまだ登録されていません" in risk.get("/risk/").get_text()
    for path in PAGES:
        risk.get(path)
    for path in FILES:
        assert risk.client.get(path).status_code == 200, path


def test_without_a_questionnaire_every_page_says_so(as_buyer: SignIn) -> None:
    risk = as_buyer(Role.RISK)

    for path in PAGES:
        assert "質問票がまだ公開されていない" in risk.get(path).get_text(), path
    for path in FILES:
        assert risk.client.get(path).status_code == 404, path


def test_a_campaign_without_answers_shows_dashes_instead_of_zeros(as_buyer: SignIn, session: Session) -> None:
    campaign, asahi = factories.campaign(session), factories.supplier(session)
    factories.relationship(session, asahi)
    factories.assessment(session, campaign, asahi)
    session.commit()
    risk = as_buyer(Role.RISK)

    page = risk.get("/risk/")

    assert figures(page)["未評価"] == "1社"
    assert [chart["id"] for chart in page.select("figure.chart")] == ["progress"]
    assert "まだ回答がありません" in risk.get("/risk/items").get_text()
    assert {row["実施率（％）"] for row in read_csv(risk, "/risk/charts/items.csv")} == {""}


@pytest.mark.parametrize(
    ("highest", "edges"), [(0, ()), (1, ()), (3, (1, 2)), (10, (1, 2, 4, 7)), (63, (6, 20, 30, 50))]
)
def test_the_classes_of_colour_end_at_round_numbers(highest: int, edges: tuple[int, ...]) -> None:
    assert class_edges(highest) == edges


def cells(page: BeautifulSoup) -> dict[tuple[str, str], str]:
    """The cells that are not empty: (row, column) -> count."""
    columns = [cell.contents[0] for cell in page.select(".heatmap thead tr:last-child th")]
    found = {}
    for row in page.select(".heatmap tbody tr"):
        label = row.select_one("th").contents[0]  # type: ignore[union-attr]
        for column, cell in zip(columns, row.select("td"), strict=True):
            count = cell.select_one(".heat-count").get_text()  # type: ignore[union-attr]
            if count != "0":
                found[str(label).strip(), str(column).strip()] = count
    return found


def figures(page: BeautifulSoup) -> dict[str, str]:
    """The key numbers by their words."""
    return {
        one.select_one("dt").get_text(): one.select_one("dd").get_text()  # type: ignore[union-attr]
        for one in page.select(".risk-figures > div")
    }


def names(page: BeautifulSoup) -> list[str]:
    """The suppliers of a list, in its order."""
    return [one.get_text() for one in page.select("tbody th[scope=row] a[href*='/risk/suppliers/']")]


def read_csv(visitor: Visitor, path: str) -> list[dict[str, str]]:
    """A file as its rows by heading."""
    answer = visitor.client.get(path)
    assert answer.status_code == 200, path
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
