"""A plan starts from what this firm pays, may use and can count on a day; what is left out says why."""

import time
from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from assessments import plan_facts
from assessments.measures import Measure, catalogue_words, measures
from assessments.models import Supplier
from assessments.plan_facts import REASONS, Firm, PlanFacts, PublicMoney
from assessments.questionnaire_content import Content, read
from assessments.results import rubric
from scoring.plan_terms import Limits, Reach
from scoring.plans import best_plan
from scoring.scale import AnswerCode, code_of
from tests import factories

TODAY = date(2026, 11, 21)
IN_ROUND = date(2026, 4, 1)
AOBA = Firm(employees=12, industry="E", prefecture="27", capital_yen=10_000_000, stars=2)


@pytest.fixture(scope="module")
def content() -> Content:
    return read(factories.QUESTIONNAIRE)


def facts(content: Content, firm: Firm = AOBA, *, on: date = TODAY) -> PlanFacts:
    return plan_facts.plan_facts(content, firm, on=on)


def money(found: PlanFacts, *, prefectures: bool = False, kind: str = "subsidy") -> PublicMoney:
    (one,) = [
        entry
        for entry in (*found.money, *found.not_counted)
        if entry.subsidy.kind == kind and bool(entry.subsidy.prefectures) is prefectures
    ]
    return one


def reason(found: PlanFacts, entry: Measure) -> str | None:
    return next(one.reason for one in (*found.options, *found.left_out) if one.measure is entry)


def first(**wanted: str) -> Measure:
    return next(
        entry for entry in measures() if all(getattr(entry, name) == value for name, value in wanted.items())
    )


def test_every_position_leads_back_to_the_catalogue(content: Content) -> None:
    found = facts(content)

    assert len(found.measures) == len(found.options) > 40
    for place, (option, costed) in enumerate(zip(found.options, found.measures, strict=True)):
        assert found.place(option.measure.key) == place
        assert costed.kind == option.measure.kind
        assert costed.lead_days == option.measure.lead_days
        assert dict(costed.lifts) == {
            at: code_of(option.measure.lifts[question.key])
            for at, question in enumerate(content.scored)
            if question.key in option.measure.lifts
        }
    assert len(found.options) + len(found.left_out) == len(measures())


def test_keys_become_positions_and_unknown_ones_vanish(content: Content) -> None:
    found = facts(content)
    keys = [found.options[3].measure.key, "none of ours", found.options[0].measure.key]

    assert found.places(keys) == (3, 0)
    assert found.place("none of ours") is None


def test_what_does_the_same_is_found_by_position_free_ones_first(content: Content) -> None:
    found = facts(content)
    for place, option in enumerate(found.options):
        others = [found.options[other].measure for other in found.equivalents(place)]
        free = [other.is_free for other in others]
        assert {other.key for other in others} <= set(option.measure.equivalent_keys)
        assert free == sorted(free, reverse=True)


@pytest.mark.parametrize(("per", "times"), [("company", 1), ("head", 12), ("device", 12)])
def test_yen_are_for_all_heads_and_devices(content: Content, per: str, times: int) -> None:
    found = facts(content)
    entry = next(
        one for one in measures() if one.per == per and one.monthly_yen and one.reach != "prefectures"
    )
    place = found.place(entry.key)

    assert place is not None
    assert found.options[place].units == times
    assert found.measures[place].monthly_yen == times * entry.monthly_yen
    assert found.measures[place].initial_yen == times * entry.initial_yen
    assert found.measures[place].effort_days == entry.effort_days


def test_devices_that_were_counted_are_taken_instead_of_heads(content: Content) -> None:
    found = facts(content, replace(AOBA, devices=5))

    assert {option.units for option in found.options if option.measure.per == "device"} == {5}
    assert {option.units for option in found.options if option.measure.per == "head"} == {12}


def test_without_a_head_count_nothing_counted_by_heads_is_an_option(content: Content) -> None:
    found = facts(content, replace(AOBA, employees=None))

    assert not any(option.measure.per != "company" for option in found.options if not option.measure.is_free)
    assert reason(found, first(per="head")) == "units_unknown"


def test_a_firm_of_its_owner_alone_pays_for_one(content: Content) -> None:
    found = facts(content, replace(AOBA, employees=0))

    assert {option.units for option in found.options} == {1}


def test_what_is_offered_in_one_prefecture_is_for_firms_there(content: Content) -> None:
    local = first(reach="prefectures")
    there = replace(AOBA, prefecture=local.prefectures[0])

    assert reason(facts(content, there), local) is None
    assert reason(facts(content), local) == "other_region"
    assert reason(facts(content, replace(AOBA, prefecture=None)), local) == "region_unknown"


def test_abroad_only_what_needs_nobody_in_japan_is_an_option(content: Content) -> None:
    found = facts(content, replace(AOBA, country="VN"))

    assert {option.measure.reach for option in found.options} == {"anywhere"}
    assert {option.reason for option in found.left_out} == {"abroad"}


def test_what_is_for_small_firms_is_not_for_large_ones(content: Content) -> None:
    entry = first(firms="small", reach="japan")

    assert reason(facts(content, replace(AOBA, employees=301, capital_yen=10**9)), entry) == "too_large"
    assert reason(facts(content, replace(AOBA, employees=None, capital_yen=None)), entry) == "size_unknown"
    assert reason(facts(content, replace(AOBA, employees=300)), entry) is None


def test_measures_with_the_same_main_use_share_a_group(content: Content) -> None:
    found = facts(content)
    groups: dict[str, int] = {}
    for costed in found.measures:
        assert costed.group is not None
        groups[costed.group] = groups.get(costed.group, 0) + 1

    assert sum(count > 1 for count in groups.values()) >= 15


def test_today_no_subsidy_is_counted_and_each_says_why(content: Content) -> None:
    found = facts(content)

    assert found.subsidies == ()
    assert found.money == ()
    assert money(found).reason == "closed"
    assert {money(found, kind=kind).reason for kind in ("tax", "loan")} == {"not_a_cut"}


def test_in_an_open_round_the_small_firms_rate_counts(content: Content) -> None:
    found = facts(content, on=IN_ROUND)
    (counted,) = found.subsidies

    assert counted.rate == Fraction(2, 3)
    assert (counted.cap_yen, counted.minimum_yen, counted.covers_months) == (1_500_000, 50_000, 24)
    assert {found.options[place].measure.key for place in counted.measures} == set(
        found.money[0].subsidy.measures
    )


@pytest.mark.parametrize(
    ("firm", "rate", "why"),
    [
        (replace(AOBA, employees=21), Fraction(1, 2), None),
        (replace(AOBA, industry="I", employees=6), Fraction(1, 2), None),
        (replace(AOBA, employees=301, capital_yen=None), None, "too_large"),
        (replace(AOBA, employees=None, capital_yen=None), None, "size_unknown"),
        (replace(AOBA, country="VN"), Fraction(2, 3), "abroad"),
        (replace(AOBA, stars=None), Fraction(2, 3), "star_missing"),
        (replace(AOBA, stars=1), Fraction(2, 3), "star_unclear"),
    ],
)
def test_conditions_decide_whether_a_subsidy_counts(
    content: Content, firm: Firm, rate: Fraction | None, why: str | None
) -> None:
    found = money(facts(content, firm, on=IN_ROUND))

    assert (found.rate, found.reason) == (rate, why)


def test_the_optimiser_takes_these_facts_as_they_are(content: Content) -> None:
    found = facts(content, on=IN_ROUND)
    bundle = found.places([entry.key for entry in measures() if entry.is_bundle])[-1]
    answers = [AnswerCode.NOT_PLANNED] * len(content.scored)

    plan = best_plan(
        rubric(content),
        answers,
        found.measures,
        Reach(tuple(axis.key for axis in content.axes), 3),
        subsidies=found.subsidies,
        limits=Limits(required=(bundle,)),
    )

    assert plan.is_reached
    (paid,) = [choice for choice in plan.choices if choice.measure == bundle]
    assert paid.subsidy_yen == paid.gross_yen * 2 // 3
    assert found.money[paid.subsidy or 0].subsidy.measures


def test_every_axis_can_be_brought_to_level_three_without_money_anywhere(content: Content) -> None:
    axes = tuple(axis.key for axis in content.axes)
    answers = [AnswerCode.UNKNOWN] * len(content.scored)
    for firm in (AOBA, Firm(employees=None), Firm(employees=500, industry="E", country="VN")):
        plan = best_plan(rubric(content), answers, facts(content, firm).measures, Reach(axes, 3))
        assert (plan.is_reached, plan.net_yen) == (True, 0)


def test_a_local_subsidy_is_for_firms_there(content: Content) -> None:
    day = date(2024, 5, 15)

    assert money(facts(content, on=day), prefectures=True).reason == "other_region"
    assert money(facts(content, replace(AOBA, prefecture="13"), on=day), prefectures=True).is_counted


def test_a_head_count_of_their_own_goes_before_the_registers() -> None:
    supplier = Supplier(
        name="青葉鋳造", employees=30, industry="E", prefecture="27", capital=10_000_000, country="JP"
    )

    assert plan_facts.firm_of(supplier, employees=12, stars=2) == AOBA
    assert plan_facts.firm_of(supplier, employees=None, stars=2) == replace(AOBA, employees=30)


def test_every_reason_has_its_words() -> None:
    assert set(catalogue_words().reasons) == set(REASONS)


def test_a_portfolio_costs_each_firm_as_its_own_plan_does(content: Content) -> None:
    firms = [
        AOBA,
        replace(AOBA, employees=None, capital_yen=None),
        replace(AOBA, prefecture="13", employees=400, capital_yen=None),
        replace(AOBA, country="VN", devices=3),
    ]
    table = plan_facts.portfolio_facts(content, firms)

    assert table.yen.shape == table.eligible.shape == (4, len(measures()))
    for row, firm in enumerate(firms):
        found = facts(content, firm)
        keys = {option.measure.key for option in found.options}
        assert [entry.key in keys for entry in table.measures] == table.eligible[row].tolist()
        costs = {
            option.measure.key: costed for option, costed in zip(found.options, found.measures, strict=True)
        }
        for column, entry in enumerate(table.measures):
            if entry.key in costs:
                assert table.yen[row, column] == costs[entry.key].first_year_yen
                assert table.lifts[column] == costs[entry.key].lifts


def test_the_costs_of_ten_thousand_firms_are_there_in_seconds(content: Content) -> None:
    firms = [
        replace(AOBA, employees=1 + number % 900, prefecture=f"{1 + number % 47:02}")
        for number in range(10_000)
    ]
    started = time.perf_counter()

    table = plan_facts.portfolio_facts(content, firms)

    assert time.perf_counter() - started < 15
    assert int(np.count_nonzero(table.eligible.sum(axis=1) < 40)) == 0


def test_no_firm_at_all_makes_an_empty_table(content: Content) -> None:
    assert plan_facts.portfolio_facts(content, []).yen.shape == (0, len(measures()))
