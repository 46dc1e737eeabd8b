"""The register is searched, filtered, sorted and paged."""

from typing import Any

import pytest
from sqlalchemy import true
from sqlalchemy.orm import Session

from assessments import register
from assessments.folding import search_text
from assessments.models import Supplier
from assessments.register import RegisterFilter
from tests import factories
from tests.factories import NOW


def names(session: Session, sort: str = "name", **wanted: Any) -> list[str]:
    """Give the names that a filter finds, in order."""
    found = register.page(session, true(), RegisterFilter(**wanted), sort=sort, number=1)
    assert found.total == len(found.rows)
    return [row.supplier.name for row in found.rows]


@pytest.mark.database
@pytest.mark.parametrize("words", ["㈱青葉", "あおば", "髙崎　青葉", "S-0", "ｱｵﾊﾞ", "7123456789012"])
def test_a_search_finds_every_way_of_writing(session: Session, words: str) -> None:
    _aoba(session)
    factories.stranger(session)

    assert names(session, words=words) == ["株式会社青葉鋳造 高﨑"]


@pytest.mark.parametrize("words", ["青葉 梅田", "%", "_", "'"])
def test_a_search_wants_all_words_and_takes_marks_as_they_are(session: Session, words: str) -> None:
    _aoba(session)
    factories.stranger(session)

    assert names(session, words=words) == ([] if words != "'" else names(session))


@pytest.mark.database
def test_conditions_of_a_relationship_hold_of_one_and_the_same(session: Session) -> None:
    aoba, unit, sato = factories.supplier(session), factories.unit(session), factories.user(session)
    factories.relationship(session, aoba, owner_id=sato.id, tier=1)
    factories.relationship(session, aoba, business_unit_id=unit.id, tier=2)

    assert names(session, owner_id=sato.id) == [aoba.name]
    assert names(session, unit_id=unit.id, tier=2) == [aoba.name]
    assert names(session, unit_id=unit.id, owner_id=sato.id) == []


@pytest.mark.database
def test_suppliers_without_exposures_are_found(session: Session) -> None:
    known, partly, nothing = (factories.supplier(session, name) for name in ("全部", "一部", "なし"))
    factories.relationship(session, known)
    factories.relationship(session, partly, continuity=None)

    assert set(names(session, without_exposures=True)) == {partly.name, nothing.name}


def test_industry_and_prefecture_are_codes(session: Session) -> None:
    aoba = factories.supplier(session, industry="E", prefecture="23")
    factories.supplier(session, "梅田精機", industry="G", prefecture="27")

    assert names(session, industry="E") == names(session, prefecture="23") == [aoba.name]


@pytest.mark.database
def test_a_list_is_sorted_with_what_is_missing_last(session: Session) -> None:
    for name, employees, spend in [("い", 5, None), ("あ", None, 100), ("う", 9, 300)]:
        factories.relationship(session, factories.supplier(session, name, employees=employees), spend=spend)

    assert names(session, sort="name") == ["あ", "い", "う"]
    assert names(session, sort="-employees") == ["う", "い", "あ"]
    assert names(session, sort="spend") == ["あ", "う", "い"]
    assert names(session, sort="nonsense") == ["あ", "い", "う"]


def test_a_page_past_the_end_is_the_last_one(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "PAGE_SIZE", 2)
    for name in "あいう":
        factories.supplier(session, name)

    page = register.page(session, true(), RegisterFilter(), sort="name", number=99)

    assert (page.number, page.pages, page.first, page.last, page.total) == (2, 2, 3, 3, 3)


def test_a_row_sums_up_only_what_is_in_view(session: Session) -> None:
    aoba, mine = factories.supplier(session), factories.unit(session)
    factories.relationship(session, aoba, spend=1_000, confidentiality=5, tier=1, owner_name="全社の人")
    factories.relationship(
        session, aoba, business_unit_id=mine.id, spend=10, confidentiality=2, tier=3, owner_name="私"
    )
    factories.contact(session, aoba, retired_at=NOW)
    contact = factories.contact(session, aoba)

    [everything] = register.page(session, true(), RegisterFilter(), sort="name", number=1).rows
    wanted = RegisterFilter(unit_ids=frozenset({mine.id}))
    [limited] = register.page(session, true(), wanted, sort="name", number=1).rows

    assert (everything.spend, everything.tier, everything.exposures[0]) == (1_010, 1, 5)
    assert (limited.spend, limited.tier, limited.exposures[0], limited.owners) == (10, 3, 2, ("私",))
    assert everything.contact is contact


def _aoba(session: Session) -> Supplier:
    number, name, kana = "7123456789012", "株式会社青葉鋳造 高﨑", "アオバチュウゾウ"
    aoba = factories.supplier(session, name, code="S-00001", kana=kana, corporate_number=number)
    aoba.search_text = search_text(name, kana, aoba.code, number)
    session.flush()
    return aoba
