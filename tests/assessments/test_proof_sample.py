"""Whom to ask for proof: the most exposed and a few by lot, the same all month, never everybody."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from assessments import confirmations, proof_sample
from assessments.chain import loading
from assessments.chain.picture import Picture, Wanted, view
from assessments.confirmations import Scope
from assessments.models import Supplier
from assessments.proof_content import certificates, sample_rules
from assessments.proof_sample import Sample, Why
from assessments.questionnaire_content import read
from tests import factories, supply_chain
from tests.factories import NOW

TODAY = date(2026, 11, 21)
SUPPLIERS = 20


@pytest.fixture
def suppliers(session: Session) -> list[Supplier]:
    """Twenty who say that everything is done; the first ten are the more exposed, the more the earlier."""
    campaign, made = factories.campaign(session), []
    for number in range(SUPPLIERS):
        supplier = factories.supplier(session, f"取引先{number:02d}")
        factories.relationship(
            session,
            supplier,
            confidentiality=5 if number < 10 else 2,
            spend=(SUPPLIERS - number) * 1_000_000,
        )
        assessment = factories.assessment(session, campaign, supplier)
        supply_chain.submit(session, assessment, supply_chain.say(read(factories.QUESTIONNAIRE)))
        made.append(supplier)
    session.commit()
    return made


def test_half_are_asked_at_most_most_of_them_by_exposure(session: Session, suppliers: list[Supplier]) -> None:
    found = sample(session, capacity=100)

    exposed = [one.name for one in found.proposed if one.why is Why.EXPOSED]
    assert found.candidates == SUPPLIERS
    assert exposed == [one.name for one in suppliers[:8]]
    assert [one.why for one in found.proposed].count(Why.LOT) == 2
    assert len({one.public_id for one in found.proposed}) == 10


def test_the_team_s_capacity_is_the_end(session: Session, suppliers: list[Supplier]) -> None:
    assert len(sample(session, capacity=5).proposed) == 5
    assert sample(session, capacity=0).proposed == ()


def test_the_lot_is_the_same_all_month_and_another_one_later(
    session: Session, suppliers: list[Supplier]
) -> None:
    drawn = [sample(session, capacity=100, on=date(2026, month, 5)).proposed for month in range(1, 12)]

    assert sample(session, capacity=100, on=date(2026, 1, 31)).proposed == drawn[0]
    assert len({proposed[-1].public_id for proposed in drawn}) > 1


def test_only_the_essential_questions_are_asked_about(session: Session, suppliers: list[Supplier]) -> None:
    first = sample(session, capacity=100).proposed[0]

    asked = [question for one in first.about for question in one.questions]
    assert [one.axis.key for one in first.about] == ["cyber", "secrets", "executive"]
    assert all(question.essential for question in asked)
    assert all(len(one.questions) <= sample_rules().most_questions for one in first.about)


def test_who_is_confirmed_or_waits_for_a_reader_is_not_asked(
    session: Session, suppliers: list[Supplier]
) -> None:
    first, second = suppliers[:2]
    content = read(factories.QUESTIONNAIRE)
    everything = frozenset(one.key for one in content.scored)
    scope = Scope(factories.version(session).id, everything, TODAY, TODAY, "訪問")
    confirmations.record_visit(session, first, scope, now=NOW, by=factories.user(session))
    session.commit()

    found = sample(session, capacity=100, without=[second.public_id])

    assert found.candidates == SUPPLIERS - 2
    assert not {first.public_id, second.public_id} & {one.public_id for one in found.proposed}


def test_a_single_supplier_would_be_everybody(session: Session) -> None:
    supplier = factories.supplier(session)
    factories.relationship(session, supplier)
    assessment = factories.assessment(session, factories.campaign(session), supplier)
    supply_chain.submit(session, assessment, supply_chain.say(read(factories.QUESTIONNAIRE)))
    session.commit()

    assert sample(session, capacity=100) == Sample(1, ())


def test_below_level_3_and_without_a_grade_nobody_is_asked(session: Session) -> None:
    campaign, content = factories.campaign(session), read(factories.QUESTIONNAIRE)
    for number, code in enumerate(("partial", "implemented")):
        supplier = factories.supplier(session, f"取引先{number}")
        factories.relationship(session, supplier, connectivity=2 if code == "partial" else None)
        said = supply_chain.say(content, default=code)
        supply_chain.submit(session, factories.assessment(session, campaign, supplier), said)
    session.commit()

    assert sample(session, capacity=100) == Sample(0, ())


def test_certificates_name_questions_of_the_questionnaire() -> None:
    keys = {question.key for question in read(factories.QUESTIONNAIRE).scored}

    for one in certificates().kinds:
        assert set(one.covers) <= keys, one.key
        assert one.kind in {"certificate", "report"}
        assert one.months > 0
        assert (one.source is None) == (not one.covers), one.key
        assert not one.address or one.address.startswith("https://")
        for text in (one.name, one.gloss):
            assert text.ja and text.en, one.key
    assert len({one.key for one in certificates().kinds}) == len(certificates().kinds)


def test_no_certificate_covers_what_no_issuer_looks_at() -> None:
    """An insider policy of one's own is seen by a visit or a report only."""
    insider = next(
        one for one in read(factories.QUESTIONNAIRE).scored if one.section == "insider" and one.essential
    )

    assert not [one.key for one in certificates().kinds if insider.key in one.covers]


def sample(session: Session, *, capacity: int, on: date = TODAY, without: list[str] | None = None) -> Sample:
    """The sample of the whole chain."""
    return proof_sample.propose(_picture(session), capacity=capacity, on=on, without=without or [])


def _picture(session: Session) -> Picture:
    chain = loading.load(session)
    assert chain is not None
    return view(chain, Wanted(), now=NOW)
