"""Three ready sets: free things first, every paid one beside an equivalent, priced from the catalogue."""

import re
from datetime import date

import pytest

from assessments import plan_facts
from assessments.measures import measure
from assessments.packages import fitting, packages, packages_note, price
from assessments.plan_facts import Firm, PlanFacts
from assessments.questionnaire_content import Content, read
from assessments.reference import size_bands
from assessments.results import rubric
from scoring import maturity
from scoring.scale import AnswerCode
from tests import factories

TODAY = date(2026, 11, 21)
NEARLY_FREE_YEN = 100_000
CYBER = "cyber"


@pytest.fixture(scope="module")
def content() -> Content:
    return read(factories.QUESTIONNAIRE)


@pytest.fixture(scope="module")
def facts(content: Content) -> PlanFacts:
    return plan_facts.plan_facts(content, Firm(employees=15, industry="E", prefecture="27"), on=TODAY)


def answers(content: Content, code: AnswerCode) -> list[AnswerCode]:
    return [code] * len(content.scored)


def test_there_are_three_sets_and_every_size_has_one() -> None:
    listed = [size for package in packages() for size in package.sizes]

    assert len(packages()) == 3
    assert sorted(listed) == sorted(band.code for band in size_bands())


def test_no_set_names_a_measure_twice() -> None:
    for package in packages():
        keys = [entry.key for entry in package.measures]
        assert len(set(keys)) == len(keys), package.key


def test_the_first_set_costs_nothing_and_the_second_nearly_nothing(
    content: Content, facts: PlanFacts
) -> None:
    start, standard, entrust = (
        price(package, facts, answers(content, AnswerCode.NOT_PLANNED)) for package in packages()
    )

    assert start.is_free
    assert 0 < standard.first_year_yen <= NEARLY_FREE_YEN
    assert standard.first_year_yen < entrust.first_year_yen
    assert entrust.effort_days < standard.effort_days


def test_free_measures_come_first_in_every_set() -> None:
    for package in packages():
        free = [entry.is_free for entry in package.measures]
        assert free == sorted(free, reverse=True), package.key


def test_whatever_costs_stands_beside_something_free() -> None:
    for package in packages():
        for entry in package.measures:
            others = [measure(key) for key in entry.equivalent_keys]
            assert entry.is_free or any(other.is_free for other in others), entry.key


@pytest.mark.parametrize("code", [AnswerCode.NOT_PLANNED, AnswerCode.UNKNOWN])
def test_the_first_set_alone_settles_every_essential_question(
    content: Content, facts: PlanFacts, code: AnswerCode
) -> None:
    after = price(packages()[0], facts, answers(content, code)).answers_after

    assert not [
        question.name.ja
        for question, reached in zip(content.scored, after, strict=True)
        if question.essential and reached is not AnswerCode.IMPLEMENTED
    ]


def test_the_other_two_sets_bring_every_axis_to_level_three(content: Content, facts: PlanFacts) -> None:
    for package in packages()[1:]:
        after = price(package, facts, answers(content, AnswerCode.NOT_PLANNED)).answers_after
        found = maturity.summary(maturity.score(rubric(content), [after], [[0] * len(after)]))
        assert {axis.key: found.sets[axis.key].level for axis in content.axes} == {
            axis.key: 3 for axis in content.axes
        }, package.key


def test_what_is_done_already_is_not_paid_again(content: Content, facts: PlanFacts) -> None:
    priced = price(packages()[2], facts, answers(content, AnswerCode.IMPLEMENTED))

    assert (priced.chosen, priced.places, priced.first_year_yen, priced.effort_days) == ((), (), 0, 0)
    assert priced.answers_after == tuple(answers(content, AnswerCode.IMPLEMENTED))
    assert priced.done


def test_questions_never_asked_stay_so(content: Content, facts: PlanFacts) -> None:
    codes = answers(content, AnswerCode.NOT_ASKED)

    assert price(packages()[1], facts, codes).answers_after == tuple(codes)


def test_the_price_is_the_sum_of_the_catalogue_for_this_firm(content: Content, facts: PlanFacts) -> None:
    priced = price(packages()[2], facts, answers(content, AnswerCode.NOT_PLANNED))

    assert priced.first_year_yen == sum(
        option.units * (option.measure.initial_yen + 12 * option.measure.monthly_yen)
        for option in priced.chosen
        if option.units
    )
    assert priced.later_yearly_yen == sum(12 * option.monthly_yen for option in priced.chosen)
    assert [facts.options[place] for place in priced.places] == list(priced.chosen)


def test_what_a_firm_cannot_take_is_named_with_its_reason(content: Content) -> None:
    abroad = plan_facts.plan_facts(content, Firm(employees=15, country="VN"), on=TODAY)

    priced = price(packages()[2], abroad, answers(content, AnswerCode.NOT_PLANNED))

    assert priced.left_out
    assert {option.reason for option in priced.left_out} == {"abroad"}
    assert len(priced.left_out) + len(priced.chosen) == len(packages()[2].measures)


@pytest.mark.parametrize(("employees", "place"), [(None, 0), (1, 0), (20, 0), (21, 1), (100, 1), (101, 2)])
def test_a_set_is_meant_for_a_size_of_firm(employees: int | None, place: int) -> None:
    assert fitting(employees) is packages()[place]


def test_every_text_stands_in_both_languages() -> None:
    texts = [text for one in packages() for text in (one.name, one.summary, one.fits)] + [packages_note()]
    for text in texts:
        assert text.ja
        assert text.en
        assert not re.search(r"[ぁ-んァ-ヶ一-龠]", text.en), text.en
