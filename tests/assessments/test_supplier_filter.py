"""How an operator chooses suppliers by `key=value`."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.folding import search_text
from assessments.models import Role, Supplier
from assessments.supplier_filter import FilterRefused, condition
from tests import factories

pytestmark = pytest.mark.database


@pytest.fixture
def aoba(session: Session) -> Supplier:
    """Ours, in 愛知, of one unit; beside it stands a stranger in 大阪 without relationships."""
    found = factories.supplier(session, code="S1", search_text=search_text("株式会社青葉鋳造"))
    unit = factories.unit(session, "鋳造部")
    owner = factories.user(session, Role.PROCUREMENT, email="sato@buyer.example", name="佐藤 恵子")
    factories.relationship(
        session, found, business_unit_id=unit.id, owner_id=owner.id, transaction_kind="goods", tier=2
    )
    factories.supplier(session, "梅田精機株式会社", prefecture="27", industry="I", country="US", code="S12")
    return found


@pytest.mark.parametrize(
    "pairs",
    [
        [("name", "㈱青葉")],
        [("supplier_code", "S1")],
        [("industry", "製造業")],
        [("prefecture", "愛知県"), ("country", "日本")],
        [("business_unit", "鋳造部"), ("tier", "2")],
        [("owner", "SATO@buyer.example")],
        [("owner", "佐藤 恵子")],
        [("confidentiality", "3"), ("continuity", "1")],
    ],
)
def test_all_that_is_typed_must_hold(session: Session, aoba: Supplier, pairs: list[tuple[str, str]]) -> None:
    assert session.scalars(select(Supplier.id).where(condition(pairs))).all() == [aoba.id]


def test_nothing_typed_asks_nothing(session: Session, aoba: Supplier) -> None:
    assert len(session.scalars(select(Supplier.id).where(condition([]))).all()) == 2


def test_what_is_typed_of_a_relationship_must_hold_of_one(session: Session, aoba: Supplier) -> None:
    factories.relationship(session, aoba, tier=1)

    pairs = [("business_unit", "鋳造部"), ("tier", "1")]

    assert session.scalars(select(Supplier.id).where(condition(pairs))).all() == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("colour", "red"),
        ("name", " "),
        ("industry", "魔法"),
        ("prefecture", "48"),
        ("country", "ZZZ"),
        ("transaction_kind", "贈り物"),
        ("tier", "0"),
        ("tier", "二"),
        ("continuity", "6"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(key: str, value: str) -> None:
    with pytest.raises(FilterRefused, match=key):
        condition([(key, value)])
