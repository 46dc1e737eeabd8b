"""What the rows of a list would do: whom they mean, what changes, what stands in the way."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments.models import (
    BusinessUnit,
    Contact,
    ImportState,
    Relationship,
    Role,
    RowOutcome,
    Supplier,
    SupplierImport,
)
from portal.db import Database
from portal.settings import Settings
from tests import factories
from tests.importing import AOBA, applied, csv_of, imported, previewed, rows_of


@pytest.fixture
def register(database: Database, settings: Settings, session: Session) -> Any:
    """Preview rows against what the register holds, and give the rows as they were judged."""

    def judged(*rows: dict[str, str], by_id: int | None = None) -> Any:
        session.commit()
        upload = previewed(database, settings, csv_of(rows), by_id=by_id)
        return rows_of(session, upload)

    return judged


def test_nothing_is_written_before_it_is_confirmed(register: Any, session: Session) -> None:
    [row] = register(AOBA | {"事業部": "電装事業部"})

    assert row.outcome is RowOutcome.CREATE
    assert row.remarks["business_unit"]["reason"] == "new_unit"
    for model in (Supplier, Contact, Relationship, BusinessUnit):
        assert session.scalar(select(func.count()).select_from(model)) == 0


def test_the_code_says_whom_a_row_means(register: Any, session: Session) -> None:
    aoba = factories.supplier(session, "株式会社青葉鋳造", code="S00001", prefecture="23")

    [row] = register(AOBA | {"会社名": "青葉鋳造ホールディングス", "都道府県": "東京都"})

    assert (row.outcome, row.supplier_id) == (RowOutcome.UPDATE, aoba.id)
    assert row.changes["prefecture"] == ["23", "13"]
    assert row.remarks["name"]["reason"] == "name_changes"


def test_the_corporate_number_and_site_say_it_where_no_code_does(register: Any, session: Session) -> None:
    here = factories.supplier(session, corporate_number="7123456789012", site="名古屋工場", code=None)
    factories.supplier(session, corporate_number="7123456789012", site="本社", code=None)

    [row] = register(
        {"会社名": "青葉", "法人番号": "7123456789012", "拠点": "名古屋工場", "取引先コード": "S9"}
    )

    assert (row.outcome, row.supplier_id) == (RowOutcome.UPDATE, here.id)
    assert row.changes["supplier_code"] == [None, "S9"]


@pytest.mark.parametrize(
    "row",
    [
        {"会社名": "㈱青葉鋳造", "都道府県": "愛知県"},
        {"会社名": "株式会社 青葉鋳造"},
        {"会社名": "株式会社青葉鋳造", "取引先コード": "X1"},
        {"会社名": "べつの名前", "法人番号": "7123456789012"},
        {"会社名": "べつの名前", "法人番号": "7123456789012", "拠点": "本社", "取引先コード": "X1"},
        {"会社名": "べつの名前", "取引先コード": "123"},
    ],
)
def test_a_likeness_is_only_a_question(register: Any, session: Session, row: dict[str, str]) -> None:
    aoba = factories.supplier(
        session,
        "株式会社青葉鋳造",
        code="00123",
        prefecture="23",
        corporate_number="7123456789012",
        site="本社",
    )

    [judged] = register(row)

    assert (judged.outcome, judged.supplier_id) == (RowOutcome.CANDIDATE, None)
    assert judged.candidates["suppliers"] == [aoba.id]


def test_the_same_name_in_another_prefecture_is_somebody_else(register: Any, session: Session) -> None:
    factories.supplier(session, "株式会社青葉鋳造", prefecture="23")

    [row] = register({"会社名": "株式会社青葉鋳造", "都道府県": "東京都"})

    assert row.outcome is RowOutcome.CREATE


def test_two_rows_of_a_file_without_a_key_are_a_question(register: Any) -> None:
    first, second = register({"会社名": "青葉", "カナ": "アオバ"}, {"会社名": "青葉", "カナ": "アオハ"})

    assert first.outcome is RowOutcome.CREATE
    assert (second.outcome, second.candidates["rows"]) == (RowOutcome.CANDIDATE, [first.number])


def test_a_row_that_stands_twice_counts_once(register: Any) -> None:
    _first, second = register(AOBA, AOBA)

    assert second.outcome is RowOutcome.UNCHANGED
    assert second.remarks["name"] == {"reason": "repeats_row", "row": 2}


def test_rows_of_one_supplier_that_contradict_each_other_are_errors(register: Any) -> None:
    _first, second = register(
        AOBA | {"従業員数": "12"}, AOBA | {"従業員数": "15", "メール": "b@aoba.example"}
    )

    assert second.outcome is RowOutcome.ERROR
    assert second.errors == {"employees": {"reason": "contradicts_row", "row": 2}}


def test_another_way_of_writing_a_name_is_no_contradiction(register: Any) -> None:
    _first, second = register(AOBA, AOBA | {"会社名": "株式会社青葉鋳造", "メール": "b@aoba.example"})

    assert second.outcome is RowOutcome.UPDATE


def test_an_owner_is_found_by_address_or_name(register: Any, session: Session) -> None:
    sato = factories.user(session, Role.PROCUREMENT, email="sato@buyer.example", name="佐藤 恵子")

    by_mail, by_name, unknown = register(
        AOBA | {"購買担当者": "SATO@buyer.example"},
        {"会社名": "梅田精機", "購買担当者": "佐藤恵子"},
        {"会社名": "柏木塗装", "購買担当者": "田中"},
    )

    assert by_mail.values["owner"] == by_name.values["owner"] == sato.id
    assert unknown.values["owner"] == "田中"
    assert unknown.remarks["owner"]["reason"] == "owner_unknown"


def test_a_buyer_of_one_unit_writes_to_that_unit_alone(register: Any, session: Session) -> None:
    precision = factories.unit(session)
    factories.supplier(session, "梅田精機株式会社", code="S00009")
    limited = factories.user(session, Role.PROCUREMENT, unit=precision)

    mine, whole, theirs, hidden = register(
        AOBA | {"事業部": precision.name},
        AOBA | {"取引先コード": "S2"},
        AOBA | {"取引先コード": "S3", "事業部": "電装事業部"},
        {"会社名": "梅田精機", "取引先コード": "S00009", "事業部": precision.name},
        by_id=limited.id,
    )

    assert mine.outcome is RowOutcome.CREATE
    assert whole.errors["business_unit"]["reason"] == "whole_out_of_reach"
    assert theirs.errors["business_unit"]["reason"] == "unit_out_of_reach"
    assert hidden.errors["supplier_code"]["reason"] == "supplier_of_other_unit"


def test_every_error_of_a_row_stands_at_its_cell(register: Any) -> None:
    [row] = register({"会社名": "", "法人番号": "4.01E+12", "都道府県": "火星", "従業員数": "12"})

    assert row.outcome is RowOutcome.ERROR
    assert {key: told["reason"] for key, told in row.errors.items()} == {
        "name": "name_missing",
        "corporate_number": "exponent",
        "prefecture": "prefecture",
    }
    assert row.cells[1] == "4.01E+12"


def test_counts_tell_what_would_happen(database: Database, settings: Settings, session: Session) -> None:
    factories.supplier(session, "梅田精機株式会社", code="S00009", prefecture="23")
    session.commit()
    rows = [
        AOBA,
        {"取引先コード": "S00009", "会社名": "梅田精機株式会社", "従業員数": "30"},
        {"会社名": "梅田精機㈱"},
        {"会社名": "柏木塗装", "メール": "柏木"},
    ]

    upload = previewed(database, settings, csv_of(rows))

    counts = {key: upload.counts[key] for key in ("create", "update", "candidate", "error", "rows")}
    assert counts == {"create": 1, "update": 1, "candidate": 1, "error": 1, "rows": 4}


def test_a_file_that_cannot_be_read_is_refused_as_a_whole(database: Database, settings: Settings) -> None:
    upload = previewed(database, settings, "備考\nメモ\n".encode())

    assert (upload.state, upload.failure) == ("refused", "no_headings")


def test_the_bytes_of_a_file_are_not_kept(database: Database, settings: Settings, session: Session) -> None:
    upload = previewed(database, settings, csv_of([AOBA]))

    assert session.get_one(SupplierImport, upload.id).content == b""


def test_reading_again_changes_nothing(database: Database, settings: Settings, session: Session) -> None:
    rows = [
        AOBA | {"従業員数": "１２名", "購買担当者": "田中", "年間取引額": "500万円", "階層": "一次"},
        AOBA | {"会社名": "株式会社青葉鋳造", "メール": "b@aoba.example", "事業部": "電装事業部"},
    ]
    imported(database, settings, *rows)
    before = _everything(session)

    again = imported(database, settings, *rows)

    assert again.counts["applied"] == {"unchanged": 2}
    assert _everything(session) == before


def test_applying_twice_changes_nothing(database: Database, settings: Settings, session: Session) -> None:
    upload = imported(database, settings, AOBA)
    before = _everything(session)
    with database.writer.begin() as writing:
        writing.get_one(SupplierImport, upload.id).state = ImportState.APPLYING

    applied(database, settings, upload)

    assert _everything(session) == before


def _everything(session: Session) -> list[Any]:
    tables = [Supplier.__table__, Contact.__table__, Relationship.__table__, BusinessUnit.__table__]
    found = [session.execute(select(table)).all() for table in tables]
    # The next import needs the one connection that writes.
    session.rollback()
    return found
