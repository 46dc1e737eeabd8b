"""The register's pages: the list, one supplier, its contacts and relationships."""

import csv
import io
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from assessments.models import Contact, Membership, Relationship, Role, Supplier
from portal.db import Database
from portal.settings import Settings
from tests import factories
from tests.fixtures_app import Visitor
from tests.importing import previewed, rows_of

LIST = "/procurement/suppliers"
AsBuyer = Callable[..., Visitor]
FACTS = {
    "name": "㈱青葉鋳造",
    "kana": "アオバ",
    "code": "Ｓ００１",
    "corporate_number": "7123456789012",
    "country": "JP",
    "prefecture": "23",
    "industry": "E",
    "employees": "１２名",
    "capital": "1,000万円",
    "unit": "whole",
}


@pytest.fixture
def buyer_of_all(as_buyer: AsBuyer) -> Visitor:
    """A buyer who writes to everything."""
    return as_buyer(Role.PROCUREMENT)


def test_the_list_shows_suppliers_with_what_we_have_with_them(session: Session, as_buyer: AsBuyer) -> None:
    aoba = factories.supplier(session, "株式会社青葉鋳造")
    factories.relationship(session, aoba, owner_name="佐藤 恵子")
    factories.contact(session, aoba, name="青葉 太郎")

    page = as_buyer(Role.PROCUREMENT).get(LIST)

    [row] = page.select("tbody tr")
    text = row.get_text(" ", strip=True)
    for words in ("株式会社青葉鋳造", "製造業", "愛知県", "全社", "佐藤 恵子", "1,200万円", "青葉 太郎"):
        assert words in text


def test_the_list_is_read_in_a_fixed_number_of_queries(
    database: Database, session: Session, as_buyer: AsBuyer
) -> None:
    buyer = as_buyer(Role.PROCUREMENT)
    _chain(session, 2)
    few = _queries(database, lambda: buyer.get(LIST))
    _chain(session, 60)

    many = _queries(database, lambda: buyer.get(LIST))

    assert many == few <= 14


def test_one_supplier_is_read_in_a_fixed_number_of_queries(
    database: Database, session: Session, as_buyer: AsBuyer
) -> None:
    buyer = as_buyer(Role.PROCUREMENT)
    [aoba] = _chain(session, 1)
    factories.contact(session, aoba, retired_at=factories.NOW)
    factories.relationship(session, aoba, business_unit_id=factories.unit(session).id)
    session.commit()

    assert _queries(database, lambda: buyer.get(f"{LIST}/{aoba.public_id}")) <= 9


def test_a_person_may_ask_for_the_suppliers_of_their_own(session: Session, as_buyer: AsBuyer) -> None:
    sato = factories.user(session, Role.PROCUREMENT)
    factories.relationship(session, factories.supplier(session, "青葉鋳造"), owner_id=sato.id)
    factories.relationship(session, factories.stranger(session))

    page = as_buyer(user=sato).get(f"{LIST}?owner=mine")

    assert _names(page) == ["青葉鋳造"]


def test_a_sort_link_keeps_the_filter_and_turns(session: Session, as_buyer: AsBuyer) -> None:
    _chain(session, 3)

    page = as_buyer(Role.PROCUREMENT).get(f"{LIST}?industry=E&sort=employees")

    [sorted_] = page.select("th[aria-sort]")
    assert sorted_["aria-sort"] == "ascending"
    assert sorted_.a is not None
    assert sorted_.a["href"] == f"{LIST}?industry=E&sort=-employees"


def test_an_empty_register_says_what_to_do_next(as_buyer: AsBuyer) -> None:
    page = as_buyer(Role.PROCUREMENT).get(LIST)

    assert "一覧を取り込む" in page.select_one(".empty").get_text()  # type: ignore[union-attr]  # it is there


def test_a_supplier_is_entered_and_led_to_its_page(session: Session, buyer_of_all: Visitor) -> None:
    answer = buyer_of_all.post(f"{LIST}/new", FACTS)

    [aoba] = session.scalars(select(Supplier))
    assert answer.location == f"{LIST}/{aoba.public_id}"
    assert (aoba.code, aoba.employees, aoba.capital) == ("S001", 12, 10_000_000)
    assert aoba.relationships[0].business_unit.is_whole_company
    assert "1,000万円" in buyer_of_all.get(answer.location).get_text()


def test_a_wrong_field_says_so_and_nothing_typed_is_lost(session: Session, buyer_of_all: Visitor) -> None:
    wrong = FACTS | {"corporate_number": "4.01E+12", "employees": "たくさん", "kana": "アオバ"}

    answer = buyer_of_all.post(f"{LIST}/new", wrong)

    page = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 422
    assert page.select_one("#corporate_number")["value"] == "4.01E+12"  # type: ignore[index]  # it is there
    assert page.select_one("#kana")["value"] == "アオバ"  # type: ignore[index]  # it is there
    assert page.select_one("#prefecture option[selected]")["value"] == "23"  # type: ignore[index]  # it is there
    assert {error["id"] for error in page.select("[id$=-error]")} == {
        "corporate_number-error",
        "employees-error",
    }
    assert session.scalars(select(Supplier)).all() == []


def test_a_taken_code_is_refused_at_its_field(session: Session, buyer_of_all: Visitor) -> None:
    factories.supplier(session, code="S001")
    umeda = factories.supplier(session, "梅田精機", code="S002")
    session.commit()

    for path in (f"{LIST}/new", f"{LIST}/{umeda.public_id}/edit"):
        answer = buyer_of_all.post(path, FACTS)
        assert answer.status_code == 422
        assert "ほかの取引先で使われています" in answer.get_data(as_text=True)


def test_a_supplier_is_changed(session: Session, buyer_of_all: Visitor) -> None:
    aoba = factories.supplier(session)
    session.commit()
    page = buyer_of_all.get(f"{LIST}/{aoba.public_id}/edit")
    assert page.select_one("#employees")["value"] == "12"  # type: ignore[index]  # it is there

    buyer_of_all.post(f"{LIST}/{aoba.public_id}/edit", FACTS | {"employees": "15"})

    session.expire_all()
    assert (aoba.name, aoba.employees) == ("㈱青葉鋳造", 15)


def test_contacts_are_added_changed_retired_and_restored(session: Session, buyer_of_all: Visitor) -> None:
    aoba = factories.supplier(session)
    session.commit()
    path = f"{LIST}/{aoba.public_id}"
    buyer_of_all.post(
        f"{path}/contacts/new", {"name": "青葉 太郎", "email": "Taro@aoba.example", "language": "ja"}
    )
    contact = session.scalars(select(Contact)).one()
    session.commit()
    own = f"{path}/contacts/{contact.public_id}"
    assert buyer_of_all.get(own).select_one("#email")["value"] == "taro@aoba.example"  # type: ignore[index]  # it is there

    buyer_of_all.post(own, {"name": "青葉 花子", "email": "taro@aoba.example", "language": "en"})
    buyer_of_all.post(f"{own}/retire")
    session.expire_all()
    assert (contact.name, contact.language, contact.retired_at is None) == ("青葉 花子", "en", False)
    session.commit()

    assert "外した窓口（1人）" in buyer_of_all.get(path).get_text()
    buyer_of_all.post(f"{own}/restore")
    session.expire_all()
    assert contact.retired_at is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"email": "太郎"}, "メールアドレスの形になっていません"),
        ({"email": "known@aoba.example"}, "すでに登録されています"),
        ({"email": "", "phone": "052-000-0000"}, "お名前かメールアドレスを入力してください"),
    ],
)
def test_a_contact_nobody_could_write_to_is_refused(
    session: Session, buyer_of_all: Visitor, typed: dict[str, str], words: str
) -> None:
    aoba = factories.supplier(session)
    factories.contact(session, aoba, email="known@aoba.example")
    session.commit()

    answer = buyer_of_all.post(f"{LIST}/{aoba.public_id}/contacts/new", typed | {"language": "ja"})

    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_a_relationship_is_entered_in_the_words_of_its_steps(session: Session, buyer_of_all: Visitor) -> None:
    aoba, unit = factories.supplier(session), factories.unit(session)
    sato = factories.user(session, Role.PROCUREMENT, name="佐藤 恵子")
    session.commit()
    path = f"{LIST}/{aoba.public_id}"
    assert "極秘の情報" in buyer_of_all.get(f"{path}/relationships/new").get_text()
    typed = {"unit": unit.public_id, "owner": sato.public_id, "confidentiality": "5", "spend": "500万円"}

    buyer_of_all.post(
        f"{path}/relationships/new", typed | {"continuity": "", "connectivity": "", "tier": "一次"}
    )

    [made] = session.scalars(select(Relationship))
    assert (made.owner_id, made.confidentiality, made.continuity) == (sato.id, 5, None)
    assert (made.spend, made.tier) == (5_000_000, 1)
    session.commit()
    again = buyer_of_all.post(
        f"{path}/relationships/new", typed | {"continuity": "", "connectivity": "", "tier": ""}
    )
    assert again.status_code == 422


def test_a_relationship_is_changed(session: Session, buyer_of_all: Visitor) -> None:
    aoba = factories.supplier(session)
    made = factories.relationship(session, aoba)
    session.commit()
    path = f"{LIST}/{aoba.public_id}/relationships/{made.public_id}"
    page = buyer_of_all.get(path)
    assert page.select_one('input[name="confidentiality"][checked]')["value"] == "3"  # type: ignore[index]  # it is there

    buyer_of_all.post(
        path,
        {"confidentiality": "4", "continuity": "2", "connectivity": "", "owner_name": "田中", "note": "x"},
    )

    session.expire_all()
    assert (made.confidentiality, made.connectivity, made.owner_name) == (4, None, "田中")
    session.commit()
    assert buyer_of_all.post(path, {"confidentiality": "6"}).status_code == 422


@pytest.mark.parametrize("role", [Role.RISK, Role.LEGAL, Role.AUDITOR])
def test_who_only_reads_finds_no_way_to_write(session: Session, as_buyer: AsBuyer, role: Role) -> None:
    aoba = factories.supplier(session)
    contact = factories.contact(session, aoba)
    session.commit()
    reader = as_buyer(role)
    path = f"{LIST}/{aoba.public_id}"

    for seen in (LIST, path):
        links = " ".join(str(link["href"]) for link in reader.get(seen).select("main a[href]"))
        assert "new" not in links and "edit" not in links and "imports" not in links
    for form in (
        f"{LIST}/new",
        f"{path}/edit",
        f"{path}/contacts/new",
        f"{path}/contacts/{contact.public_id}",
    ):
        reader.get(form, status=403)
        assert reader.post(form, FACTS).status_code == 403


def test_a_buyer_of_one_unit_sees_and_writes_only_there(session: Session, as_buyer: AsBuyer) -> None:
    mine, theirs = factories.unit(session), factories.unit(session, "電装事業部")
    aoba, umeda = factories.supplier(session), factories.stranger(session)
    factories.relationship(session, aoba, business_unit_id=mine.id, spend=1_000)
    hidden = factories.relationship(session, aoba, business_unit_id=theirs.id, spend=98_765)
    factories.relationship(session, umeda, business_unit_id=theirs.id)
    limited = as_buyer(user=factories.user(session, Role.PROCUREMENT, unit=mine))

    assert _names(limited.get(LIST)) == [aoba.name]
    assert "98,765" not in limited.get(f"{LIST}/{aoba.public_id}").get_text()
    limited.get(f"{LIST}/{umeda.public_id}", status=404)
    limited.get(f"{LIST}/{aoba.public_id}/relationships/{hidden.public_id}", status=404)
    assert limited.post(f"{LIST}/{umeda.public_id}/edit", FACTS).status_code == 404
    assert limited.post(f"{LIST}/new", FACTS).status_code == 422
    assert limited.post(f"{LIST}/new", FACTS | {"unit": theirs.public_id}).status_code == 422
    assert limited.post(f"{LIST}/new", FACTS | {"unit": mine.public_id}).status_code == 302
    assert "98765" not in limited.client.get(f"{LIST}/list.csv").get_data(as_text=True)


def test_each_role_opens_the_units_it_was_given_for(session: Session, as_buyer: AsBuyer) -> None:
    bought, watched = factories.unit(session), factories.unit(session, "電装事業部")
    aoba, umeda = factories.supplier(session), factories.stranger(session)
    factories.relationship(session, aoba, business_unit_id=bought.id)
    factories.relationship(session, umeda, business_unit_id=watched.id)
    both = factories.user(session, Role.PROCUREMENT, unit=bought)
    session.add(Membership(user=both, role=Role.RISK, business_unit_id=watched.id, granted_at=factories.NOW))
    person = as_buyer(user=both)

    assert sorted(_names(person.get(LIST))) == sorted([aoba.name, umeda.name])
    assert person.post(f"{LIST}/{aoba.public_id}/edit", FACTS).status_code == 302
    assert person.post(f"{LIST}/{umeda.public_id}/edit", FACTS).status_code == 404
    person.get(f"/risk/suppliers/{umeda.public_id}", status=200)
    person.get(f"/risk/suppliers/{aoba.public_id}", status=404)


def test_a_contact_is_looked_up_with_its_supplier(session: Session, buyer_of_all: Visitor) -> None:
    aoba, umeda = factories.supplier(session), factories.stranger(session)
    contact, relationship = factories.contact(session, umeda), factories.relationship(session, umeda)
    session.commit()

    for own in (f"contacts/{contact.public_id}", f"relationships/{relationship.public_id}"):
        buyer_of_all.get(f"{LIST}/{aoba.public_id}/{own}", status=404)
    assert (
        buyer_of_all.post(f"{LIST}/{aoba.public_id}/contacts/{contact.public_id}/retire").status_code == 404
    )


def test_a_download_holds_no_formula_and_follows_the_filter(session: Session, buyer_of_all: Visitor) -> None:
    factories.supplier(session, '=HYPERLINK("https://evil.example")', industry="E")
    factories.supplier(session, "梅田精機", industry="G")
    session.commit()

    answer = buyer_of_all.client.get(f"{LIST}/list.csv?industry=E")
    book = load_workbook(io.BytesIO(buyer_of_all.client.get(f"{LIST}/list.xlsx?industry=E").data))

    heading, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert heading[:2] == ["取引先コード", "会社名"]
    assert row[1].startswith("'=HYPERLINK")
    sheet = book.worksheets[0]
    assert (sheet["B2"].data_type, sheet.max_row) == ("s", 2)


def test_a_download_can_be_imported_again_without_a_change(
    database: Database, settings: Settings, session: Session, buyer_of_all: Visitor
) -> None:
    aoba = factories.supplier(session, "髙﨑鋳造㈱", corporate_number="7123456789012", capital=10_000_000)
    factories.contact(session, aoba, phone="+81-52-000-0000")
    factories.contact(session, aoba, name="青葉 花子")
    owner = factories.user(session, Role.PROCUREMENT)
    factories.relationship(session, aoba, owner_id=owner.id, transaction_kind="manufacturing")
    factories.supplier(session, "裸の取引先", employees=None, prefecture=None)
    session.commit()

    for kind in ("csv", "xlsx"):
        upload = previewed(database, settings, buyer_of_all.client.get(f"{LIST}/list.{kind}").data)
        assert {row.outcome for row in rows_of(session, upload)} == {"unchanged"}
        session.rollback()


def _chain(session: Session, count: int) -> list[Supplier]:
    made = [factories.supplier(session, f"青葉{number}", employees=number) for number in range(count)]
    for one in made:
        factories.relationship(session, one)
        factories.contact(session, one)
    session.commit()
    return made


def _names(page: BeautifulSoup) -> list[str]:
    return [link.get_text(strip=True) for link in page.select("tbody th a")]


def _queries(database: Database, act: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(database.read_engine, "before_cursor_execute", note)
    act()
    event.remove(database.read_engine, "before_cursor_execute", note)
    return len(seen)
