"""A supplier's plan end to end: from its result and the register to the best way, public money in time."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from sqlalchemy.orm import Session

from assessments import own_plan, planning, results
from assessments.answers import Given
from assessments.measures import measures as measures_of_the_catalogue
from assessments.models import AssessmentResult
from assessments.plan_facts import Firm, plan_facts
from assessments.planning import Basis, Wish
from assessments.questionnaire_content import Content, QuestionContent, read
from scoring import remediation
from scoring.plan_terms import Budget, Reach
from scoring.plans import SUBSCRIPTION
from scoring.scale import AnswerCode, code_of
from tests import factories
from tests.answering import invited, plain, submitted

TODAY = date(2026, 11, 21)
# A day in a round of the subsidy for security services.
IN_THE_ROUND = date(2026, 6, 1)
SMALL = Firm(employees=15, industry="E", prefecture="27", stars=2)


@pytest.fixture(scope="module")
def content() -> Content:
    return read(factories.QUESTIONNAIRE)


def begun(
    content: Content, firm: Firm = SMALL, *, code: AnswerCode = AnswerCode.PLANNED, on: date = TODAY
) -> Basis:
    """A firm that answered everything alike."""
    codes = np.full(len(content.scored), code, dtype=np.int8)
    rubric = results.rubric(content)
    targets = tuple(code_of(question.target) for question in content.scored)
    return Basis(content, rubric, codes, np.zeros_like(codes), targets, plan_facts(content, firm, on=on))


def test_one_begins_with_the_next_level_of_the_first_axis(content: Content) -> None:
    first = content.axes[0].key

    assert planning.usual_wish(begun(content)) == Wish(Reach((first,), 2))
    assert planning.usual_wish(begun(content, code=AnswerCode.PARTIAL)) == Wish(Reach((first,), 3))


def test_where_every_axis_is_done_one_begins_with_what_is_free(content: Content) -> None:
    assert planning.usual_wish(begun(content, code=AnswerCode.IMPLEMENTED)) == Wish(Budget(0))


def test_a_level_asked_for_is_reached_by_the_answers_after_it(content: Content) -> None:
    for axis in content.axes:
        found = begun(content)
        best = planning.plan(found, Wish(Reach((axis.key,), 3))).plans.best

        after = found.sets_with([AnswerCode(code) for code in best.answers_after.tolist()])
        assert best.is_reached
        assert after[axis.key].level == 3


def test_a_budget_is_kept_and_more_of_it_gains_no_less(content: Content) -> None:
    found = begun(content)

    plans = [planning.plan(found, Wish(Budget(yen))).plans.best for yen in (0, 50_000, 200_000, 1_000_000)]

    assert all(one.net_yen <= yen for one, yen in zip(plans, (0, 50_000, 200_000, 1_000_000), strict=True))
    assert [one.gain for one in plans] == sorted(one.gain for one in plans)


def test_a_plan_aims_at_the_answers_it_is_given(content: Content) -> None:
    usual = begun(content)
    usual = replace(usual, codes=np.array(usual.targets, dtype=np.int8))
    four = replace(usual, targets=tuple(code_of(question.target_star4) for question in content.scored))
    rising = {one.key for one in content.scored if one.target != one.target_star4}
    assert rising

    nothing, more = (own_plan.shown(planning.plan(one, Wish(Budget(0)))).best for one in (usual, four))

    assert (nothing.choices, nothing.still_open) == ((), ())
    done = {question.key for one in more.choices for question in one.implements}
    assert rising <= done | {question.key for question in more.still_open}
    assert more.gain > 0


def test_no_service_stands_in_a_plan_without_services(content: Content) -> None:
    found = begun(content)

    planned = planning.plan(found, Wish(Budget(10_000_000), without_subscription=True))

    kinds = {found.facts.options[choice.measure].measure.kind for choice in planned.plans.best.choices}
    assert kinds and SUBSCRIPTION not in kinds
    assert planned.plans.without_subscription is None


def test_only_what_begins_in_time_stands_in_a_plan_for_a_month(content: Content) -> None:
    planned = planning.plan(begun(content), Wish(Budget(10_000_000), lead_days=planning.MONTH_DAYS))

    assert planned.plans.best.choices
    assert planned.plans.best.lead_days <= planning.MONTH_DAYS


def test_a_subsidy_is_deducted_in_its_round_and_never_after_it(content: Content) -> None:
    wish = Wish(Budget(10_000_000))

    before = own_plan.shown(planning.plan(begun(content, on=IN_THE_ROUND), wish))
    after = own_plan.shown(planning.plan(begun(content), wish))

    assert any(one.reason is None for one in before.money)
    assert all(one.reason is not None for one in after.money)
    assert after.best.money_yen == 0
    assert any(one.is_closed for one in after.money)
    paid = [one for one in before.best.choices if one.money]
    assert all(one.net_yen == one.gross_yen - one.money_yen for one in paid)


def test_free_measures_stand_first_and_what_costs_has_something_instead(content: Content) -> None:
    shown = own_plan.shown(planning.plan(begun(content), Wish(Budget(1_000_000))))

    is_free = [one.is_free for one in shown.best.choices]
    assert is_free == sorted(is_free, reverse=True)
    assert all(one.instead for one in shown.best.choices if not one.is_free)
    assert all(one.implements or one.begins for one in shown.best.choices)


def test_what_stays_open_and_what_is_raised_are_all_gaps(content: Content) -> None:
    shown = own_plan.shown(planning.plan(begun(content), Wish(Reach((content.axes[0].key,), 2))))

    implemented = {question.key for one in shown.best.choices for question in one.implements}
    begun_with = {question.key for one in shown.best.choices for question in one.begins}
    still_open = {question.key for question in shown.best.still_open}
    assert implemented and still_open
    assert implemented.isdisjoint(still_open)
    assert implemented | begun_with | still_open == {question.key for question in content.scored}


def test_what_is_only_begun_is_never_told_as_implemented(content: Content) -> None:
    shown = own_plan.shown(planning.plan(begun(content), Wish(Budget(10_000_000))))

    measures = {one.name: one for one in measures_of_the_catalogue()}
    told = [(one, "implemented", key.key) for one in shown.best.choices for key in one.implements]
    told += [(one, "partial", key.key) for one in shown.best.choices for key in one.begins]
    assert any(code == "partial" for _one, code, _key in told)
    assert all(measures[one.name].lifts[key] == code for one, code, key in told)


def test_a_choice_tells_why_also_where_it_only_brings_points(content: Content) -> None:
    # Nothing is a gap, and the rest does not exist here; yet level 3 wants points from what is only begun.
    targets = np.array([code_of(question.target) for question in content.scored], dtype=np.int8)
    codes = np.where(targets == AnswerCode.PARTIAL, targets, AnswerCode.ABSENT).astype(np.int8)
    found = replace(begun(content), codes=codes)
    assert not remediation.gaps(found.rubric, codes, targets)

    best = own_plan.shown(planning.plan(found, Wish(Reach((content.axes[0].key,), 3)))).best

    assert best.is_reached and best.choices
    assert all(one.implements for one in best.choices)


def test_the_ready_sets_are_scored_as_a_result_would_be(content: Content) -> None:
    shown = own_plan.shown(planning.plan(begun(content), Wish(Reach((content.axes[0].key,), 3))))

    ready = [one for one in shown.ways if one.ready]
    assert len(ready) == 3
    assert sum(one.is_fitting for one in ready) == 1
    assert all((step.after or 0) >= (step.before or 0) for one in ready for step in one.steps)
    assert ready[0].net_yen == 0


def test_what_cannot_begin_in_time_reaches_nothing_and_says_which_questions(content: Content) -> None:
    shown = own_plan.shown(planning.plan(begun(content), Wish(Reach((content.axes[0].key,), 3), lead_days=0)))

    assert not shown.best.is_reached
    assert shown.best.choices == ()
    assert [one.title for one in shown.best.shortfalls] == [content.axes[0].title]
    assert shown.best.shortfalls[0].essential or shown.best.shortfalls[0].points_missing > 0


def test_a_firm_abroad_is_told_what_it_cannot_take(content: Content) -> None:
    shown = own_plan.shown(planning.plan(begun(content, Firm(employees=15, country="US")), Wish(Budget(0))))

    reasons = [reason.ja for reason, _names in shown.left_out]
    assert "日本国内の会社だけが使えます" in reasons
    assert all(one.reason is not None for one in shown.money)


@pytest.mark.database
def test_the_head_count_a_firm_gives_goes_before_the_register(session: Session) -> None:
    made, _ = invited(session, factories.supplier(session, employees=90))
    submitted(session, made, lambda one: Given("planned") if one.is_scored else plain(one))
    result = session.get_one(AssessmentResult, made.current_result_id)

    found = planning.basis(session, result, made.supplier, on=TODAY)

    counted = next(one for one in found.content.questions() if one.kind == "number" and one.required)
    assert found.firm.employees == plain(counted).value == 12
    assert isinstance(counted, QuestionContent)
