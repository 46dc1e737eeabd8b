"""The demo: believable, the same for the same seed, at the survey's rates, never among real suppliers."""

from collections import Counter, defaultdict
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import benchmarks, declarations, evidence, questionnaires, results
from assessments.demo import cast
from assessments.demo.build import build
from assessments.demo.firms import invent
from assessments.models import (
    Assessment,
    AssessmentResult,
    AssessmentState,
    Campaign,
    Evidence,
    EvidenceJudgement,
    SecurityActionDeclaration,
    Supplier,
    Verdict,
)
from assessments.questionnaire_content import Content
from assessments.schemes import self_declaration
from tests import factories
from tests.fixtures_app import KEYS

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def _build(session: Session, count: int, seed: int = 2026) -> None:
    passwords = dict.fromkeys(cast.addresses(), "only for this test, long enough")
    for _step in build(session, count=count, seed=seed, keys=KEYS, passwords=passwords, now=NOW):
        session.commit()


def _later(session: Session) -> list[tuple[AssessmentResult, str]]:
    newest = session.scalars(select(Campaign).order_by(Campaign.opened_at.desc()).limit(1)).one()
    rows = session.execute(
        select(AssessmentResult, Supplier.industry)
        .join(Assessment, Assessment.current_result_id == AssessmentResult.id)
        .join(Supplier, Supplier.id == Assessment.supplier_id)
        .where(Assessment.campaign_id == newest.id)
    )
    return [(result, industry or "") for result, industry in rows]


def _content(session: Session) -> Content:
    version = questionnaires.newest(session, factories.QUESTIONNAIRE)
    assert version is not None
    return questionnaires.published(session, version.id).content


@pytest.mark.database
def test_a_small_demo_has_every_state_a_reader_may_meet(session: Session) -> None:
    _build(session, 120)

    states = Counter(session.scalars(select(Assessment.state)))
    assert states.keys() >= {
        AssessmentState.NOT_STARTED,
        AssessmentState.IN_PROGRESS,
        AssessmentState.SUBMITTED,
        AssessmentState.RETURNED,
        AssessmentState.ACCEPTED,
        AssessmentState.EXPIRED,
    }
    assert session.scalars(select(Supplier.is_demo).distinct()).all() == [True]
    assert len(session.scalars(select(Campaign)).all()) == 2


def test_a_small_demo_shows_proof_in_every_state(session: Session) -> None:
    _build(session, 60)

    levels = Counter(result.levels["cyber"] for result, _industry in _later(session))
    verdicts = Counter(session.scalars(select(EvidenceJudgement.verdict)))
    assert (levels[4], levels[5]) == (6, 2)
    assert verdicts == {Verdict.ACCEPTED: 6, Verdict.REFUSED: 1}
    assert len(session.scalars(select(Evidence).where(evidence.is_waiting())).all()) == 3


@pytest.mark.database
def test_a_believable_share_declared_security_action(session: Session) -> None:
    _build(session, 120)

    told = {one.supplier_id: one for one in session.scalars(select(SecurityActionDeclaration))}
    counted = declarations.count_stars(session, told)
    answered = len(_later(session))
    assert 0.05 < counted.two / answered < 0.1
    assert 0.08 < counted.one / answered < 0.15
    assert 0 < counted.checked < len(told)
    assert {bool(one.policy_url) for one in told.values() if one.star == 2} == {True}
    assert {bool(one.declaration_id) for one in told.values()} == {True, False}
    assert any(self_declaration().is_old_id(one.declaration_id) for one in told.values())
    assert all(one.declared_on is not None and one.declared_on < NOW.date() for one in told.values())


def test_the_same_seed_invents_the_same_firms() -> None:
    assert invent(80, seed=7) == invent(80, seed=7)
    assert invent(80, seed=7) != invent(80, seed=8)


def test_highest_exposures_come_out_by_quota() -> None:
    graded = [firm.highest for firm in invent(1_000, seed=3) if None not in firm.exposures]

    shares = {step: 100 * count / len(graded) for step, count in Counter(graded).items()}
    assert shares == pytest.approx({1: 20, 2: 30, 3: 30, 4: 15, 5: 5}, abs=1)


def test_no_firm_could_be_a_real_one() -> None:
    firms = invent(500, seed=5)

    assert all(firm.contact_email.endswith(".example") for firm in firms)
    assert all(firm.corporate_number[1:5] == "9999" for firm in firms)
    assert all("-0000-" in firm.phone for firm in firms)


def test_real_suppliers_are_left_alone(session: Session) -> None:
    factories.supplier(session)

    with pytest.raises(cast.RealSuppliers):
        _build(session, 10)


@pytest.mark.slow
def test_the_later_campaign_answers_at_the_surveys_rates(session: Session) -> None:
    _build(session, 3_000)
    content, rows = _content(session), _later(session)
    said: dict[str, list[dict[str, str]]] = defaultdict(list)
    for result, industry in rows:
        said[industry].append(results.answers_of(content, result))

    everybody = [answers for group in said.values() for answers in group]
    for question in content.scored:
        if question.official_item is None:
            continue
        overall = benchmarks.public_rate(question.official_item)
        assert _percent(everybody, question.key) == pytest.approx(overall.percent, abs=1), question.key
        for industry, group in said.items():
            rate = benchmarks.public_rate(question.official_item, industry)
            if len(group) >= 100 and not rate.fell_back:
                assert _percent(group, question.key) == pytest.approx(rate.percent, abs=1), (
                    industry,
                    question.key,
                )


@pytest.mark.slow
def test_the_heatmaps_columns_are_not_all_one(session: Session) -> None:
    _build(session, 300)
    cyber = Counter(result.levels["cyber"] for result, _industry in _later(session))

    assert set(cyber) == {1, 2, 3, 4, 5}
    assert (cyber[4], cyber[5]) == (6, 2)
    assert max(cyber.values()) <= 0.6 * sum(cyber.values())


def _percent(group: list[dict[str, str]], key: str) -> float:
    return 100 * sum(answers[key] == "implemented" for answers in group) / len(group)
