"""Gaps lead to measures: free ones first, and what costs never without an equivalent beside it."""

from datetime import date
from typing import Any

import pytest

from assessments import measures, suggestions
from assessments.questionnaire_content import Content, read
from assessments.results import vector
from assessments.subsidies import subsidies
from assessments.suggestions import Advice
from tests import factories

ON = date(2026, 11, 21)
AXES = ["cyber", "secrets", "executive"]


@pytest.fixture(scope="module")
def content() -> Content:
    return read(factories.QUESTIONNAIRE)


def advice(content: Content, code: str, *, employees: int | None = 12) -> Advice:
    said: dict[str, dict[str, Any]] = {
        question.key: {"code": code, "reason": "obstacle", "supports": ["training"]}
        for question in content.scored
    }
    codes = vector(content, {key: one["code"] for key, one in said.items()}, AXES)
    return suggestions.advise(
        content, codes, targets=suggestions.usual_targets(content), said=said, employees=employees, on=ON
    )


def test_every_answer_below_its_target_is_a_gap_with_what_was_said(content: Content) -> None:
    found = advice(content, "not_planned").gaps

    assert len(found) == len(content.scored)
    assert {(gap.code, gap.reason, gap.supports) for gap in found} == {
        ("not_planned", "obstacle", ("training",))
    }


def test_three_free_steps_come_first(content: Content) -> None:
    found = advice(content, "not_planned")

    assert len(found.first_steps) == 3
    assert all(one.measure.is_free and one.first_year_yen == 0 for one in found.first_steps)
    assert all(one.measure.is_free for one in found.free)
    assert not any(one.measure.is_free for one in found.paid)


def test_what_costs_has_an_equivalent_and_bundles_are_among_it(content: Content) -> None:
    found = advice(content, "not_planned")

    assert all(one.measure.equivalents for one in found.paid)
    assert len(found.bundles) == 2
    assert {element for one in found.bundles for element in one.measure.elements or {}} >= {"monitoring"}


def test_yen_of_a_first_year_are_for_the_whole_firm(content: Content) -> None:
    by_key = {one.measure.key: one for one in advice(content, "not_planned").paid}
    per_head = next(one for one in by_key.values() if one.measure.per == "head")
    per_company = next(one for one in by_key.values() if one.measure.per == "company")

    assert per_head.units == 12
    assert per_head.first_year_yen == 12 * (per_head.measure.initial_yen + 12 * per_head.measure.monthly_yen)
    assert per_company.units == 1


def test_without_a_head_count_the_yen_are_of_one(content: Content) -> None:
    found = advice(content, "not_planned", employees=None).paid
    per_head = next(one for one in found if one.measure.per == "head")

    assert per_head.units is None
    assert per_head.first_year_yen == per_head.measure.initial_yen + 12 * per_head.measure.monthly_yen


def test_a_subsidy_whose_rounds_are_over_is_not_offered(content: Content) -> None:
    assert not any(one.subsidies for one in advice(content, "not_planned").paid)
    assert any(subsidy.is_open(date(2026, 4, 1)) for subsidy in subsidies())


def test_where_everything_is_done_nothing_is_suggested(content: Content) -> None:
    found = advice(content, "implemented")

    assert (found.gaps, found.first_steps, found.free, found.paid) == ((), (), (), ())


def test_four_stars_never_ask_for_less(content: Content) -> None:
    usual, higher = suggestions.usual_targets(content), suggestions.star4_targets(content)

    assert all(four in ("implemented", one) for one, four in zip(usual, higher, strict=True))


def test_the_first_measure_for_a_question_is_free_where_one_is(content: Content) -> None:
    for question in content.scored:
        first = suggestions.first_for(question)
        offered = measures.measures_for([question.key])
        assert first is None or first.is_free or not any(one.is_free for one in offered)
