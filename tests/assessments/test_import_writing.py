"""What confirmed rows leave in the register: suppliers, contacts, relationships, and a line in the trail."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import audit
from assessments.imports import applying, uploads
from assessments.imports.uploads import ImportIsClosed, NotACandidate, RegisterChanged
from assessments.models import (
    AuditEvent,
    BusinessUnit,
    Contact,
    ImportState,
    Relationship,
    Role,
    RowOutcome,
    Supplier,
    SupplierImport,
)
from portal import clock
from portal.db import Database
from portal.settings import Settings
from tests import factories
from tests.importing import AOBA, applied, csv_of, imported, judged_again, previewed, rows_of


@pytest.mark.database
def test_rows_become_suppliers_with_contacts_and_relationships(
    database: Database, settings: Settings, session: Session
) -> None:
    sato = factories.user(session, Role.PROCUREMENT, email="sato@buyer.example", name="佐藤 恵子")
    session.commit()

    imported(
        database,
        settings,
        AOBA | {"担当者": "青葉 太郎", "購買担当者": "佐藤恵子", "資本金": "1,000万円"},
        AOBA | {"メール": "hanako@aoba.example", "事業部": "電装事業部", "機密性": "5"},
    )

    [aoba] = session.scalars(select(Supplier))
    assert (aoba.name, aoba.code, aoba.prefecture, aoba.capital) == ("㈱青葉鋳造", "S00001", "23", 10_000_000)
    assert [(one.name, one.email) for one in aoba.contacts] == [
        ("青葉 太郎", "info@aoba.example"),
        ("", "hanako@aoba.example"),
    ]
    assert [(one.business_unit.name, one.confidentiality, one.owner_id) for one in aoba.relationships] == [
        ("全社", 3, sato.id),
        ("電装事業部", 5, None),
    ]
    assert session.scalars(select(BusinessUnit).where(BusinessUnit.is_whole_company)).one().name == "全社"


@pytest.mark.database
def test_a_second_import_updates_and_a_blank_cell_leaves_the_value(
    database: Database, settings: Settings, session: Session
) -> None:
    imported(database, settings, AOBA | {"従業員数": "12", "電話": "052-000-0000"})

    upload = imported(database, settings, AOBA | {"従業員数": "15", "電話": "", "機密性": "", "継続性": "4"})

    [aoba] = session.scalars(select(Supplier))
    [contact], [relationship] = aoba.contacts, aoba.relationships
    assert upload.counts["applied"] == {"updated": 1}
    assert (aoba.employees, contact.phone) == (15, "052-000-0000")
    assert (relationship.confidentiality, relationship.continuity) == (3, 4)


@pytest.mark.database
def test_a_candidate_is_never_merged_silently(
    database: Database, settings: Settings, session: Session
) -> None:
    factories.supplier(session, "株式会社青葉鋳造", code="A1", prefecture="23", employees=7)
    session.commit()

    upload = imported(database, settings, {"会社名": "㈱青葉鋳造", "従業員数": "99"})

    [aoba] = session.scalars(select(Supplier))
    [row] = rows_of(session, upload)
    assert aoba.employees == 7
    assert (row.outcome, row.applied) == (RowOutcome.CANDIDATE, False)


@pytest.mark.parametrize(
    ("choice", "suppliers", "employees"), [("update", 1, 99), ("create", 2, 7), ("skip", 1, 7)]
)
def test_a_person_decides_about_a_candidate(
    database: Database, settings: Settings, session: Session, choice: str, suppliers: int, employees: int
) -> None:
    aoba = factories.supplier(session, "株式会社青葉鋳造", code="A1", prefecture="23", employees=7)
    session.commit()
    upload = previewed(database, settings, csv_of([{"会社名": "㈱青葉鋳造", "従業員数": "99"}]))
    with database.writer.begin() as writing:
        mine = writing.get_one(SupplierImport, upload.id)
        uploads.decide(writing, mine, 2, choice, target=aoba.id if choice == "update" else None)

    applied(database, settings, upload)

    session.expire_all()
    assert len(session.scalars(select(Supplier)).all()) == suppliers
    assert session.get_one(Supplier, aoba.id).employees == employees


def test_all_candidates_can_be_decided_at_once(
    database: Database, settings: Settings, session: Session
) -> None:
    factories.supplier(session, "株式会社青葉鋳造", prefecture="23")
    factories.supplier(session, "梅田精機株式会社", prefecture="23")
    session.commit()
    rows = [{"会社名": "㈱青葉鋳造", "カナ": "アオバ"}, {"会社名": "梅田精機㈱", "カナ": "ウメダ"}]
    upload = previewed(database, settings, csv_of(rows))
    with database.writer.begin() as writing:
        mine = writing.get_one(SupplierImport, upload.id)
        assert uploads.decide_all(writing, mine, "update") == 2
        assert uploads.undecided(writing, upload.id) == 0

    done = applied(database, settings, upload)

    assert done.counts["applied"] == {"updated": 2}
    assert session.scalars(select(Supplier.kana).order_by(Supplier.id)).all() == ["アオバ", "ウメダ"]


def test_a_row_may_be_the_same_as_another_row(
    database: Database, settings: Settings, session: Session
) -> None:
    rows = [{"会社名": "青葉", "メール": "a@aoba.example"}, {"会社名": "青葉", "メール": "b@aoba.example"}]
    upload = previewed(database, settings, csv_of(rows))
    with database.writer.begin() as writing:
        uploads.decide(writing, writing.get_one(SupplierImport, upload.id), 3, "update", target=-2)

    applied(database, settings, upload)

    [aoba] = session.scalars(select(Supplier))
    assert [one.email for one in aoba.contacts] == ["a@aoba.example", "b@aoba.example"]


def test_a_row_whose_supplier_was_left_out_is_left_out_too(
    database: Database, settings: Settings, session: Session
) -> None:
    factories.supplier(session, "株式会社青葉鋳造", code="A1", prefecture="23")
    session.commit()
    second = AOBA | {"取引先コード": "S00001", "メール": "b@aoba.example"}

    upload = imported(database, settings, AOBA, second)

    _first, follower = rows_of(session, upload)
    assert upload.state is ImportState.APPLIED
    assert follower.outcome is RowOutcome.ERROR
    assert follower.errors["name"] == {"reason": "leader_left_out", "row": 2}


def test_a_choice_that_was_not_offered_is_refused(
    database: Database, settings: Settings, session: Session
) -> None:
    factories.supplier(session, "株式会社青葉鋳造", prefecture="23")
    stranger = factories.stranger(session)
    session.commit()
    upload = previewed(database, settings, csv_of([{"会社名": "㈱青葉鋳造"}, {"会社名": "柏木塗装"}]))

    with database.writer.begin() as writing:
        mine = writing.get_one(SupplierImport, upload.id)
        for number, choice, target in [(2, "update", stranger.id), (2, "merge", None), (3, "create", None)]:
            with pytest.raises(NotACandidate):
                uploads.decide(writing, mine, number, choice, target=target)


def test_a_register_that_changed_meanwhile_is_looked_at_again(
    database: Database, settings: Settings, session: Session
) -> None:
    upload = previewed(database, settings, csv_of([{"会社名": "㈱青葉鋳造", "都道府県": "愛知県"}]))
    factories.supplier(session, "株式会社青葉鋳造", prefecture="23", updated_at=clock.now())
    session.commit()

    with database.writer.begin() as writing, pytest.raises(RegisterChanged):
        uploads.confirm(writing, writing.get_one(SupplierImport, upload.id), now=clock.now(), by="operator")


def test_a_decision_outlives_judging_again(database: Database, settings: Settings, session: Session) -> None:
    aoba = factories.supplier(session, "株式会社青葉鋳造", prefecture="23")
    session.commit()
    upload = previewed(database, settings, csv_of([{"会社名": "㈱青葉鋳造"}]))
    with database.writer.begin() as writing:
        mine = writing.get_one(SupplierImport, upload.id)
        uploads.decide(writing, mine, 2, "update", target=aoba.id)
        uploads.judge_again(writing, mine)

    judged_again(database, settings, upload)

    [row] = rows_of(session, upload)
    assert (row.chosen, row.supplier_id) == ("update", aoba.id)


def test_an_import_that_stopped_half_way_goes_on_from_there(
    database: Database, settings: Settings, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "CHUNK", 2)
    rows = [{"会社名": f"青葉{number}", "取引先コード": f"S{number}"} for number in range(5)]
    upload = previewed(database, settings, csv_of(rows))
    with database.writer.begin() as writing:
        mine = writing.get_one(SupplierImport, upload.id)
        uploads.confirm(writing, mine, now=clock.now(), by="operator")
        first = applying.apply_chunk(writing, mine, after=0, now=clock.now())
        assert first == applying.Settled(last=3, count=2)

    done = applied(database, settings, upload)

    assert done.counts["applied"] == {"created": 5}
    assert len(session.scalars(select(Supplier)).all()) == 5


def test_a_retired_contact_stays_retired(database: Database, settings: Settings, session: Session) -> None:
    imported(database, settings, AOBA)
    with database.writer.begin() as writing:
        writing.scalars(select(Contact)).one().retired_at = clock.now()

    upload = imported(database, settings, AOBA | {"電話": "052-000-0001"})

    [row] = rows_of(session, upload)
    assert session.scalars(select(Contact)).one().phone == ""
    assert row.remarks["email"]["reason"] == "contact_retired"


def test_a_relationship_is_made_only_where_the_row_speaks_of_one(
    database: Database, settings: Settings, session: Session
) -> None:
    imported(database, settings, AOBA | {"事業部": "電装事業部"})

    imported(database, settings, {"取引先コード": "S00001", "会社名": "㈱青葉鋳造", "電話": "052-000-0000"})

    assert len(session.scalars(select(Relationship)).all()) == 1


def test_what_was_confirmed_or_written_can_be_decided_no_more(database: Database, settings: Settings) -> None:
    upload = imported(database, settings, AOBA)

    with database.writer.begin() as writing:
        mine = writing.get_one(SupplierImport, upload.id)
        for act in (
            lambda: uploads.decide_all(writing, mine, "skip"),
            lambda: uploads.confirm(writing, mine, now=clock.now(), by="operator"),
            lambda: uploads.discard(writing, mine, now=clock.now(), by="operator"),
        ):
            with pytest.raises(ImportIsClosed):
                act()


def test_an_upload_can_be_forgotten(database: Database, settings: Settings, session: Session) -> None:
    upload = previewed(database, settings, csv_of([AOBA]))

    with database.writer.begin() as writing:
        uploads.discard(writing, writing.get_one(SupplierImport, upload.id), now=clock.now(), by="operator")

    assert session.get(SupplierImport, upload.id) is None
    assert rows_of(session, upload) == []


def test_the_trail_tells_that_and_how_many_but_no_names(
    database: Database, settings: Settings, session: Session
) -> None:
    imported(database, settings, AOBA)

    lines = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).all()
    assert [line.action for line in lines] == ["import.confirmed", "import.applied"]
    assert lines[1].details == {"created": 1}
    assert "青葉" not in str([line.details for line in lines])
    assert audit.first_broken_line(session) is None


@pytest.mark.slow
@pytest.mark.database
def test_ten_thousand_rows_are_read_and_written(
    database: Database, settings: Settings, session: Session
) -> None:
    rows = [
        AOBA
        | {"取引先コード": f"S{number:05d}", "会社名": f"青葉{number}", "メール": f"a{number}@aoba.example"}
        for number in range(10_000)
    ]
    content = csv_of(rows)

    first = applied(database, settings, previewed(database, settings, content))
    again = applied(database, settings, previewed(database, settings, content))

    assert first.counts["applied"] == {"created": 10_000}
    assert again.counts["applied"] == {"unchanged": 10_000}
    assert len(session.scalars(select(Supplier.id)).all()) == 10_000
