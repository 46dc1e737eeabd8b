"""The buyer's rates by industry and size: everything it may see, each with its n, and as a file."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from assessments.models import Campaign, Role
from portal import clock
from tests import factories, pooled
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """Four founders and two builders answered, of two sizes."""
    made = factories.campaign(session)
    before = clock.now() - timedelta(days=2)
    pooled.join(session, made, ["implemented"] * 3 + ["partial"], at=before)
    pooled.join(session, made, ["implemented", "planned"], at=before, industry="D", employees=200)
    session.commit()
    return made


def first_row(visitor: Visitor, query: str = "") -> list[str]:
    page = visitor.get(f"/risk/peers{query}")
    rows = [row for row in page.select("tr") if row.get_text(" ", strip=True).startswith("No.1 ")]
    return [cell.get_text(strip=True) for cell in rows[0].select("td")]


def test_the_buyer_sees_all_at_once(as_buyer: SignIn, campaign: Campaign) -> None:
    done, partly, _unknown, counted, percent, survey, _difference = first_row(as_buyer(Role.RISK))

    assert (done, partly, counted, percent, survey) == ("4社", "1社", "6社", "66.7%", "78.2%")


@pytest.mark.parametrize(
    ("query", "counted", "percent"),
    [
        ("?industry=D", "2社", "50.0%"),
        ("?size=6-20", "4社", "75.0%"),
        ("?industry=D&size=101-300", "2社", "50.0%"),
        ("?size=nonsense", "6社", "66.7%"),
    ],
)
def test_industry_and_size_narrow_it(
    as_buyer: SignIn, campaign: Campaign, query: str, counted: str, percent: str
) -> None:
    row = first_row(as_buyer(Role.RISK), query)

    assert (row[3], row[4]) == (counted, percent)


def test_few_are_said_to_be_few(as_buyer: SignIn, campaign: Campaign) -> None:
    risk = as_buyer(Role.RISK)

    assert "5社に満たないため" in risk.get("/risk/peers?industry=D").get_text()
    assert "5社に満たないため" not in risk.get("/risk/peers").get_text()


def test_the_table_of_firms_leads_to_each_group(as_buyer: SignIn, campaign: Campaign) -> None:
    risk = as_buyer(Role.RISK)

    link = risk.get("/risk/peers").select_one("td a[href*='industry=D'][href*='size=101-300']")

    assert link is not None
    assert link.get_text() == "2※"
    assert "2社" in risk.get(str(link["href"])).select_one(".lead").get_text()  # type: ignore[union-attr]


def test_nobody_of_a_size_is_said_so(as_buyer: SignIn, campaign: Campaign) -> None:
    assert "まだ回答がありません" in as_buyer(Role.RISK).get("/risk/peers?size=301-").get_text()


def test_the_file_has_every_group_with_its_counts(as_buyer: SignIn, campaign: Campaign) -> None:
    answer = as_buyer(Role.RISK).client.get("/risk/peers.csv")

    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    first = {(row["業種"], row["従業員数"]): row for row in rows if row["番号"] == "1"}
    assert list(first) == [
        ("すべて", "すべて"),
        ("建設業", "101〜300人"),
        ("製造業", "6〜20人"),
        ("建設業", "すべて"),
        ("製造業", "すべて"),
    ]
    whole, builders = first["すべて", "すべて"], first["建設業", "101〜300人"]
    assert (whole["対象（社）"], whole["実施率（％）"], whole["注意"]) == ("6", "66.7", "")
    assert (builders["対象（社）"], builders["公開調査の実施率（％）"], builders["注意"]) == (
        "2",
        "73.2",
        "5社未満",
    )


def test_a_person_of_a_unit_sees_its_suppliers_alone(
    session: Session, as_buyer: SignIn, campaign: Campaign
) -> None:
    unit = factories.unit(session)
    one = pooled.join(session, campaign, ["implemented"], at=clock.now() - timedelta(days=2))[0]
    factories.relationship(session, one.supplier, business_unit_id=unit.id)
    person = factories.user(session, Role.RISK, unit=unit)
    session.commit()

    row = first_row(as_buyer(user=person))

    assert (row[3], row[4]) == ("1社", "100.0%")


def test_before_anybody_answered_the_file_has_headings_alone(session: Session, as_buyer: SignIn) -> None:
    factories.campaign(session)
    session.commit()
    risk = as_buyer(Role.RISK)

    assert len(risk.client.get("/risk/peers.csv").data.decode("utf-8-sig").splitlines()) == 1
    assert "まだ回答がありません" in risk.get("/risk/peers").get_text()


def test_who_may_not_read_answers_sees_no_rate_of_few(
    session: Session, as_buyer: SignIn, campaign: Campaign
) -> None:
    before = clock.now() - timedelta(days=2)
    pooled.join(session, campaign, ["implemented"] * 3, at=before)
    session.commit()
    viewer, risk = as_buyer(Role.VIEWER), as_buyer(Role.RISK)

    # Of nine, two are builders: neither they nor the seven others may be told apart.
    assert first_row(viewer)[3:5] == ["9社", "77.8%"]
    for query in ("?industry=D", "?industry=E", "?size=6-20", "?industry=D&size=101-300"):
        assert first_row(viewer, query)[:5] == ["—"] * 5
        assert first_row(risk, query)[3] in ("2社", "7社")
        assert "引き算で5社未満" in viewer.get(f"/risk/peers{query}").get_text()
    assert "引き算で5社未満" in viewer.get("/risk/items?industry=D").get_text()
    assert "引き算で5社未満" not in viewer.get("/risk/items").get_text()


def test_nor_does_any_file_or_chart_tell_them(session: Session, as_buyer: SignIn, campaign: Campaign) -> None:
    client = as_buyer(Role.VIEWER).client

    answer = client.get("/risk/peers.csv").data.decode("utf-8-sig")
    first = {row["業種"]: row for row in csv.DictReader(io.StringIO(answer)) if row["番号"] == "1"}
    assert first["すべて"]["対象（社）"] == "6"
    assert (first["建設業"]["対象（社）"], first["建設業"]["実施率（％）"]) == ("", "")
    for path in ("charts/reasons.csv", "charts/supports.csv", "schemes.csv"):
        assert client.get(f"/risk/{path}").status_code == 200
        assert client.get(f"/risk/{path}?industry=D").status_code == 404
    items = client.get("/risk/charts/items.csv?industry=D").data.decode("utf-8-sig")
    assert {row["対象（社）"] for row in csv.DictReader(io.StringIO(items))} == {""}
    assert "社数が少ないため" in client.get("/risk/schemes?industry=D").data.decode()
    assert "「予定なし」の理由" not in client.get("/risk/?industry=D").data.decode()
    assert client.get("/risk/dashboard.xlsx?industry=D").status_code == 200
