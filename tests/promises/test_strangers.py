"""A record is found only by those it concerns: a stranger's id answers 404, the same as no id at all."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import confirmations, contact_notes
from assessments.confirmations import Scope
from assessments.models import (
    Assessment,
    BusinessUnit,
    Campaign,
    Confirmation,
    Consultation,
    ConsultationTopic,
    Contact,
    ContactNote,
    Invitation,
    NoteChannel,
    Relationship,
    Supplier,
    User,
)
from assessments.questionnaire_content import read
from tests import answering, factories
from tests.factories import NOW
from tests.fixtures_app import Visitor
from tests.promises.routes import (
    BUYER_ROLES,
    Route,
    by_noun,
    of_the_buyer,
    of_the_supplier,
)

SignIn = Callable[..., Visitor]
OfSupplier = Assessment | Confirmation | Consultation | Contact | ContactNote | Relationship
# The nouns of paths whose records belong to one supplier.
OF_A_SUPPLIER = {"suppliers", "assessments", "consultations"}
TARO, JIRO = "taro@aoba.example", "jiro@umeda.example"


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """A round in which everybody takes part."""
    return factories.campaign(session)


@pytest.fixture
def aoba(session: Session, campaign: Campaign) -> Supplier:
    """Ours, known to 精密機器事業部, with everything a supplier can have."""
    return _staged(session, factories.supplier(session), campaign, factories.unit(session))


@pytest.fixture
def umeda(session: Session, campaign: Campaign) -> Supplier:
    """The stranger, known to another unit."""
    return _staged(session, factories.stranger(session), campaign, factories.unit(session, "医療機器事業部"))


def test_a_supplier_opens_its_own_pages(
    app: Flask, session: Session, aoba: Supplier, as_supplier: SignIn
) -> None:
    ids, at_aoba = _ids(session, aoba), as_supplier(aoba, TARO)
    _submit(session, aoba)

    for route in _with_nouns(of_the_supplier(app), {"assessments"}):
        answer = route.open(at_aoba.client, by_noun(ids))
        assert answer.status_code < 500, (route, answer.status_code)
        if set(route.names) == {"public_id"}:
            assert answer.status_code != 404, route


def test_a_supplier_finds_nothing_of_another(
    app: Flask, session: Session, aoba: Supplier, umeda: Supplier, as_supplier: SignIn
) -> None:
    ids, at_aoba = _ids(session, umeda), as_supplier(aoba, TARO)

    for route in _with_nouns(of_the_supplier(app), OF_A_SUPPLIER):
        assert route.open(at_aoba.client, by_noun(ids)).status_code == 404, route


def test_a_colleague_who_was_not_asked_finds_nothing(
    app: Flask, session: Session, aoba: Supplier, as_supplier: SignIn
) -> None:
    ids, colleague = _ids(session, aoba), as_supplier(aoba, "hanako@aoba.example")

    for route in _with_nouns(of_the_supplier(app), {"assessments"}):
        assert route.open(colleague.client, by_noun(ids)).status_code == 404, route


def test_whose_invitation_was_taken_back_finds_nothing(
    app: Flask, session: Session, aoba: Supplier, as_supplier: SignIn
) -> None:
    ids, at_aoba = _ids(session, aoba), as_supplier(aoba, TARO)
    for invitation in session.scalars(select(Invitation)):
        invitation.revoked_at = NOW
    session.commit()

    for route in _with_nouns(of_the_supplier(app), {"assessments"}):
        assert route.open(at_aoba.client, by_noun(ids)).status_code == 404, route


def test_a_unit_s_people_open_what_is_their_unit_s(
    app: Flask, session: Session, aoba: Supplier, as_buyer: SignIn
) -> None:
    _submit(session, aoba)
    ids, ours = _ids(session, aoba), as_buyer(user=_person_of(session, aoba))

    for route in _with_nouns(of_the_buyer(app), OF_A_SUPPLIER):
        if route.method == "GET":
            assert route.open(ours.client, by_noun(ids)).status_code in {200, 302}, route


def test_a_unit_s_people_find_nothing_of_another_unit(
    app: Flask, session: Session, aoba: Supplier, umeda: Supplier, as_buyer: SignIn
) -> None:
    ids, ours = _ids(session, umeda), as_buyer(user=_person_of(session, aoba))

    for route in _with_nouns(of_the_buyer(app), OF_A_SUPPLIER):
        assert route.open(ours.client, by_noun(ids)).status_code == 404, route


def test_a_stranger_s_row_is_not_found_below_one_s_own(
    app: Flask, session: Session, aoba: Supplier, umeda: Supplier, as_buyer: SignIn
) -> None:
    mixed = _ids(session, umeda) | {"suppliers": aoba.public_id}
    everybody = as_buyer(*BUYER_ROLES)

    below = [route for route in _with_nouns(of_the_buyer(app), {"suppliers"}) if len(route.names) > 1]

    assert below
    for route in below:
        assert route.open(everybody.client, by_noun(mixed)).status_code == 404, route


def test_lists_hold_only_one_s_own_unit(
    session: Session, aoba: Supplier, umeda: Supplier, app: Flask, as_buyer: SignIn
) -> None:
    ours = as_buyer(user=_person_of(session, aoba))

    for route in of_the_buyer(app):
        if route.method == "GET" and not route.names:
            answer = route.open(ours.client)
            assert umeda.name.encode() not in answer.data, route
            assert umeda.public_id.encode() not in answer.data, route


def _with_nouns(routes: list[Route], nouns: set[str]) -> list[Route]:
    """The routes whose `public_id` stands right behind one of these words."""
    found = [route for route in routes if any(f"/{noun}/<public_id>" in route.rule for noun in nouns)]
    assert found
    return found


def _staged(session: Session, supplier: Supplier, campaign: Campaign, unit: BusinessUnit) -> Supplier:
    factories.relationship(session, supplier, business_unit_id=unit.id)
    factories.contact(session, supplier)
    assessment = factories.assessment(
        session, campaign, supplier, notice_version=answering.NOTICE, notice_seen_at=NOW
    )
    answering.invitation(session, assessment, TARO if supplier.name == "株式会社青葉鋳造" else JIRO)
    question = read(factories.QUESTIONNAIRE).scored[0]
    scope = Scope(campaign.version_id, frozenset({question.key}), NOW.date(), NOW.date(), "工場の訪問")
    confirmations.record_visit(session, supplier, scope, now=NOW, by=factories.user(session))
    told = contact_notes.Told(NOW.date(), NoteChannel.PHONE, "届いたとのこと")
    contact_notes.add(session, supplier, told, now=NOW, by=factories.user(session))
    session.add(
        Consultation(
            supplier_id=supplier.id,
            assessment_id=assessment.id,
            topic=ConsultationTopic.COST,
            message="費用について相談したいです。",
            opened_by_id=factories.user(session).id,
            opened_at=NOW,
        )
    )
    session.commit()
    return supplier


def _submit(session: Session, of: Supplier) -> None:
    """Answer and submit, so that the pages after that exist too."""
    assessment = session.scalars(select(Assessment).where(Assessment.supplier_id == of.id)).one()
    answering.submitted(session, assessment)
    session.commit()


def _ids(session: Session, of: Supplier) -> dict[str, str]:
    """What may stand in a path: a supplier's public ids by the word before them or the name of the part."""

    def first(model: type[OfSupplier]) -> str:
        return session.scalars(select(model.public_id).where(model.supplier_id == of.id)).one()

    question = read(factories.QUESTIONNAIRE).scored[0]
    ids = {
        "suppliers": of.public_id,
        "assessments": first(Assessment),
        "consultations": first(Consultation),
        "contact_id": first(Contact),
        "note_id": first(ContactNote),
        "confirmation_id": first(Confirmation),
        "relationship_id": first(Relationship),
        "section": question.section,
        "key": question.key,
    }
    session.commit()
    return ids


def _person_of(session: Session, supplier: Supplier) -> User:
    """Somebody with every role in the unit that knows the supplier."""
    unit = session.scalars(
        select(BusinessUnit).join(Relationship).where(Relationship.supplier_id == supplier.id)
    ).one()
    return factories.user(session, *BUYER_ROLES, unit=unit)
