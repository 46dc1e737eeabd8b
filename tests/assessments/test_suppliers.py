"""Suppliers, contacts and relationships change by verbs that leave a line in the trail."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import suppliers
from assessments.models import AuditEvent, Contact, Relationship
from assessments.suppliers import (
    CodeTaken,
    ContactFacts,
    ContactKnown,
    RelationshipFacts,
    RelationshipKnown,
    SupplierFacts,
)
from tests import factories
from tests.factories import NOW

FACTS = SupplierFacts(
    name="㈱青葉鋳造", code="S00001", kana="アオバチュウゾウ", prefecture="23", employees=12
)
TARO = ContactFacts(name="青葉 太郎", email="taro@aoba.example")


def test_a_new_supplier_can_be_found_and_belongs_to_a_unit(session: Session) -> None:
    unit = factories.unit(session)

    aoba = suppliers.create(session, FACTS, unit=unit, now=NOW, by="sato")

    assert "株式会社青葉鋳造" in aoba.search_text
    assert [one.business_unit_id for one in aoba.relationships] == [unit.id]


def test_the_trail_names_fields_and_no_values(session: Session) -> None:
    unit = suppliers.whole_company(session)
    aoba = suppliers.create(session, FACTS, unit=unit, now=NOW, by="sato")
    suppliers.update(session, aoba, replace(FACTS, employees=15), now=NOW, by="sato")
    suppliers.add_contact(session, aoba, TARO, now=NOW, by="sato")

    created, updated, added = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).all()
    assert (created.action, created.object_id, created.actor) == ("supplier.created", aoba.public_id, "sato")
    assert updated.details == {"fields": ["employees"]}
    assert added.details == {"fields": ["email", "language", "name"]}
    assert "青葉" not in str([line.details for line in (created, updated, added)])


def test_nothing_changed_leaves_no_line(session: Session) -> None:
    aoba = suppliers.create(session, FACTS, unit=suppliers.whole_company(session), now=NOW, by="sato")

    suppliers.update(session, aoba, FACTS, now=NOW, by="sato")

    assert len(session.scalars(select(AuditEvent)).all()) == 1


def test_a_new_name_is_found_by_search(session: Session) -> None:
    aoba = suppliers.create(session, FACTS, unit=suppliers.whole_company(session), now=NOW, by="sato")

    suppliers.update(session, aoba, replace(FACTS, name="髙﨑鋳造"), now=NOW, by="sato")

    assert aoba.search_text.startswith("高崎鋳造")


def test_a_code_is_given_once(session: Session) -> None:
    unit = suppliers.whole_company(session)
    suppliers.create(session, FACTS, unit=unit, now=NOW, by="sato")
    umeda = suppliers.create(session, SupplierFacts(name="梅田精機"), unit=unit, now=NOW, by="sato")

    with pytest.raises(CodeTaken):
        suppliers.create(session, FACTS, unit=unit, now=NOW, by="sato")
    with pytest.raises(CodeTaken):
        suppliers.update(session, umeda, SupplierFacts(name="梅田精機", code="S00001"), now=NOW, by="sato")


def test_a_retired_contact_can_be_restored(session: Session) -> None:
    aoba = factories.supplier(session)
    taro = suppliers.add_contact(session, aoba, TARO, now=NOW, by="sato")

    suppliers.retire_contact(session, aoba, taro, now=NOW, by="sato")
    assert taro.retired_at == NOW

    suppliers.restore_contact(session, aoba, taro, now=NOW, by="sato")
    assert taro.retired_at is None


def test_an_address_stands_once_among_the_living_contacts_of_a_supplier(session: Session) -> None:
    aoba, umeda = factories.supplier(session), factories.stranger(session)
    taro = suppliers.add_contact(session, aoba, TARO, now=NOW, by="sato")
    hanako = suppliers.add_contact(session, aoba, ContactFacts(name="花子"), now=NOW, by="sato")

    suppliers.add_contact(session, umeda, TARO, now=NOW, by="sato")
    with pytest.raises(ContactKnown):
        suppliers.add_contact(session, aoba, TARO, now=NOW, by="sato")
    with pytest.raises(ContactKnown):
        suppliers.edit_contact(session, aoba, hanako, TARO, now=NOW, by="sato")

    suppliers.retire_contact(session, aoba, taro, now=NOW, by="sato")
    suppliers.edit_contact(session, aoba, hanako, TARO, now=NOW, by="sato")
    with pytest.raises(ContactKnown):
        suppliers.restore_contact(session, aoba, taro, now=NOW, by="sato")
    assert len(session.scalars(select(Contact).where(Contact.supplier_id == aoba.id)).all()) == 2


def test_a_unit_has_one_relationship_with_a_supplier(session: Session) -> None:
    aoba, unit = factories.supplier(session), factories.unit(session)
    facts = RelationshipFacts(confidentiality=4, spend=5_000_000)

    made = suppliers.add_relationship(session, aoba, unit, facts, now=NOW, by="sato")
    suppliers.set_relationship(session, aoba, made, replace(facts, tier=2), now=NOW, by="sato")

    with pytest.raises(RelationshipKnown):
        suppliers.add_relationship(session, aoba, unit, facts, now=NOW, by="sato")
    [relationship] = session.scalars(select(Relationship))
    assert (relationship.confidentiality, relationship.tier) == (4, 2)


def test_the_whole_company_is_made_once(session: Session) -> None:
    assert suppliers.whole_company(session) is suppliers.whole_company(session)
