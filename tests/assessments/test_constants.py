"""The buyer's own constants: who decided what and why, what is refused, and what they change and do not."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import constant_content, constants, evidence, questionnaires, results
from assessments.chain import loading
from assessments.chain.listing import lines
from assessments.chain.picture import Wanted, view
from assessments.constants import ConstantsRefused
from assessments.models import (
    Assessment,
    AssessmentResult,
    AuditEvent,
    ConstantsChoice,
    RecordIsFixed,
    Supplier,
)
from assessments.questionnaire_content import Content, read
from tests import factories, rescored, supply_chain
from tests.factories import NOW

pytestmark = pytest.mark.database
TODAY = date(2026, 11, 21)


def shipped() -> dict[str, Any]:
    """The model of the shipped questionnaire."""
    return dict(read(factories.QUESTIONNAIRE).model)


def choose(session: Session, entries: dict[str, Any], **changes: Any) -> ConstantsChoice:
    """Have these entries hold, with who and why."""
    facts: dict[str, Any] = {
        "decided_by": "情報セキュリティ委員会",
        "decided_on": TODAY,
        "reason": "当社の調達基準に合わせるため",
        "today": TODAY,
        "now": NOW,
        "by": factories.user(session),
    }
    numbers = {name: Decimal(str(number)) for name, number in entries.items()}
    return constants.choose(session, shipped(), numbers, **facts | changes)


def test_the_newest_choice_holds_and_every_choice_stays(session: Session) -> None:
    assert constants.current(session) is constants.SHIPPED

    first = choose(session, {"practice_1": 85})
    second = choose(session, {"practice_1": 85, "bands_3": 4.5})

    assert constants.current(session).chosen == {"practice": [50, 85], "bands": [1, 2, 3, 4.5]}
    assert constants.history(session) == [second, first]
    assert constants.of(session, first.checksum).chosen == {"practice": [50, 85]}
    assert first.decided_by == "情報セキュリティ委員会"


def test_what_equals_the_shipped_is_the_way_back(session: Session) -> None:
    choose(session, {"practice_1": 85})

    back = choose(session, {})

    assert (back.chosen, back.checksum) == ({}, "")
    assert constants.current(session) == constants.SHIPPED
    assert choose(session, {name: str(n) for name, n in constants.entries_of(shipped()).items()}).chosen == {}


def test_a_choice_is_audited_without_its_reason(session: Session) -> None:
    made = choose(session, {"star_exposure": 5})

    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.object_id) == ("constants.chosen", made.public_id)
    assert event.details == {"fields": ["star_exposure"], "sha256": made.checksum}


def test_a_choice_is_never_edited(session: Session) -> None:
    made = choose(session, {"practice_1": 85})
    made.reason = "別の理由"

    with pytest.raises(RecordIsFixed):
        session.flush()
    session.rollback()


@pytest.mark.parametrize(
    ("entries", "field", "rule"),
    [
        ({"practice_0": 80}, "practice_1", "must_rise"),
        ({"practice_1": 101}, "practice_1", "out_of_range"),
        ({"practice_1": 80.5}, "practice_1", "too_fine"),
        ({"practice_1": "NaN"}, "practice_1", "out_of_range"),
        ({"effectiveness_3": 70}, "effectiveness_4", "must_not_fall"),
        ({"effectiveness_5": -1}, "effectiveness_5", "out_of_range"),
        ({"bands_1": 1}, "bands_1", "must_rise"),
        ({"bands_1": 1.125}, "bands_1", "too_fine"),
        ({"star_exposure": 6}, "star_exposure", "out_of_range"),
        ({"months_current": 3}, "months_current", "out_of_range"),
        ({"evidence_days": 30}, "evidence_days", "out_of_range"),
        ({"evidence_days": 180.5}, "evidence_days", "too_fine"),
    ],
)
def test_a_contradiction_is_refused_where_it_stands(
    session: Session, entries: dict[str, Any], field: str, rule: str
) -> None:
    whole = constants.entries_of(shipped()) | entries

    with pytest.raises(ConstantsRefused) as refused:
        choose(session, whole)

    assert {name: broken for name, (broken, _entry) in refused.value.broken.items()} == {field: rule}
    assert constants.history(session) == []


def test_who_when_and_why_are_wanted(session: Session) -> None:
    later = TODAY + timedelta(days=1)

    with pytest.raises(ConstantsRefused) as refused:
        choose(session, {}, decided_by=" ", reason="", decided_on=later)

    assert {name: rule for name, (rule, _entry) in refused.value.broken.items()} == {
        "decided_by": "missing",
        "reason": "missing",
        "decided_on": "in_the_future",
    }


def test_every_constant_that_may_be_chosen_is_marked_as_ours_and_suits_its_own_range() -> None:
    model, entries = shipped(), constants.entries_of(shipped())

    for constant in constant_content.constants():
        assert constant.key in model["ours"]
        assert all(one.lowest <= entries[one.name] <= one.highest for one in constant.entries)
        assert all(text.ja and text.en for text in (constant.title, constant.meaning))
    assert not constants._broken(entries)


def test_how_old_evidence_may_be_is_the_buyers_to_choose(session: Session) -> None:
    assessment = rescored.answered(session, factories.supplier(session), wanting=0)
    choose(session, {"evidence_days": 90})

    with pytest.raises(evidence.TooOld) as refused:
        rescored.proven(session, assessment, days=91)

    assert refused.value.args == (TODAY - timedelta(days=90),)
    rescored.proven(session, assessment, days=90)
    result = session.get_one(AssessmentResult, assessment.current_result_id)
    assert result.levels["cyber"] == 4


def test_a_new_result_is_by_the_constants_of_its_day(session: Session) -> None:
    first = answered(session, factories.supplier(session), points=80)
    choice = choose(session, {"practice_1": 90})
    second = answered(session, factories.stranger(session), points=80)

    assert [level(session, one) for one in (first, second)] == [3, 2]
    assert [current(session, one).constants_checksum for one in (first, second)] == ["", choice.checksum]


def test_an_old_result_is_reproduced_to_the_last_bit_whatever_holds_today(session: Session) -> None:
    old = current(session, answered(session, factories.supplier(session), points=80))
    choose(session, {"practice_1": 90, "absent_official_points": 0})
    newer = current(session, answered(session, factories.stranger(session), points=80))
    choose(session, {"practice_0": 60})
    session.flush()
    session.expire_all()

    for result in (old, newer):
        again = results.reproduced(session, result)
        assert {name: getattr(result, name) for name in again} == again
        content = questionnaires.published(session, result.version_id).content
        assert results.summary(content, result).sets["cyber"].level == result.levels["cyber"]


def test_what_changes_only_priorities_acts_at_once(session: Session) -> None:
    supplier = factories.supplier(session)
    factories.relationship(session, supplier)
    answered(session, supplier, points=100)
    assert residual(session) == 210

    choose(session, {"effectiveness_3": 50, "bands_1": 1.6, "bands_0": 0.5})

    assert residual(session) == 150
    assert line(session).band == "low"
    choose(session, {"star_exposure": 3})
    assert line(session).expected_star == 4


def test_levels_stay_as_they_were_scored_until_scored_anew(session: Session) -> None:
    supplier = factories.supplier(session)
    factories.relationship(session, supplier)
    answered(session, supplier, points=80)

    choose(session, {"practice_1": 95})

    assert line(session).levels["cyber"] == 3


def answered(session: Session, supplier: Supplier, *, points: int) -> Assessment:
    """Submit answers that come to so many of 100 points on cyber, everything essential done."""
    assessment = factories.assessment(session, factories.campaign(session), supplier)
    content = questionnaires.published(session, assessment.version_id).content
    said = supply_chain.say(content)
    lower(content, said, percent=100 - points)
    supply_chain.submit(session, assessment, said)
    return assessment


def lower(content: Content, said: supply_chain.Said, *, percent: int) -> None:
    """Take answers of cyber back, none of them essential, until so many percent of its points are missing."""
    own = [one for one in content.scored if one.axis == content.axes[0].key]
    missing = sum(one.weight for one in own) * percent // 100
    for one in own:
        if not one.essential and one.weight <= missing:
            missing -= one.weight
            said[one.key] = supply_chain.answer("planned")


def current(session: Session, assessment: Assessment) -> AssessmentResult:
    """The result that counts for an assessment."""
    return session.get_one(AssessmentResult, assessment.current_result_id)


def level(session: Session, assessment: Assessment) -> int:
    """Its level on cyber."""
    return int(current(session, assessment).levels["cyber"])


def line(session: Session) -> Any:
    """The first supplier of the whole picture."""
    chain = loading.load(session)
    assert chain is not None
    return lines(view(chain, Wanted(), now=NOW), [0], axis="cyber")[0]


def residual(session: Session) -> int:
    """Its priority in hundredths."""
    return int(line(session).residual)
