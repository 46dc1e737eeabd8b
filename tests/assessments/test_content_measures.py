"""The catalogue leaves no question without a free step, and nothing in it is sold as the only way."""

import re
from collections import Counter
from datetime import date

import pytest

from assessments.content_files import CONTENT, read_folder
from assessments.measures import (
    Measure,
    catalogue_words,
    measure,
    measures,
    measures_for,
    schemes,
)
from assessments.questionnaire_content import QuestionContent, read
from assessments.reference import prefectures
from assessments.text import Text

TODAY = date(2026, 11, 21)
BUNDLE = {"equipment", "monitoring", "helpdesk", "dispatch", "insurance"}
NEEDS_EQUIVALENT = {"subscription", "expert", "certification"}
KINDS = {"self", "training", *NEEDS_EQUIVALENT}
FORMS = {
    *(
        "otasuketai_network",
        "otasuketai_endpoint",
        "registered_expert",
        "public_material",
        "template",
        "training",
    ),
    *("certification", "retainer", "insurance", "mail_drill", "seminar"),
}
# Plausible yen: the highest a small firm would meet in a first month, by what it is counted for.
HIGHEST_MONTHLY = {"company": 30_000, "device": 2_000, "head": 1_500}
STEPS = {"partial": 1, "implemented": 2}
NEVER_SAID = re.compile(r"認定|取得済|適法|承認|差戻")


def test_the_catalogue_is_wide_and_of_every_kind() -> None:
    assert len(measures()) >= 40
    assert {entry.kind for entry in measures()} == KINDS == set(catalogue_words().kinds)


def test_every_form_of_help_that_a_small_firm_meets_is_there() -> None:
    assert {entry.form for entry in measures()} == set(catalogue_words().forms) >= FORMS


def test_every_measure_lifts_questions_that_are_scored() -> None:
    keys = {question.key for question in _scored()}

    assert not {entry.key for entry in measures() if not entry.lifts or not set(entry.lifts) <= keys}
    assert {answer for entry in measures() for answer in entry.lifts.values()} == set(STEPS)


def test_no_measure_names_a_question_twice() -> None:
    for file in read_folder("measures"):
        for entry in file["measures"]:
            named = [key for lift in entry["lifts"] for key in lift["questions"]]
            assert len(named) == len(set(named)), entry["key"]


def test_every_question_can_reach_its_target_for_free() -> None:
    def reaches(question: QuestionContent, entry: Measure) -> bool:
        needed = max(STEPS[question.target], STEPS[question.target_star4])
        return entry.is_free and STEPS[entry.lifts[question.key]] >= needed

    assert not [
        question.key
        for question in _scored()
        if not any(reaches(question, entry) for entry in measures_for([question.key]))
    ]


def test_every_question_has_at_least_two_measures() -> None:
    assert not [question.key for question in _scored() if len(measures_for([question.key])) < 2]


def test_free_measures_come_before_paid_ones() -> None:
    free = [entry.is_free for entry in measures()]

    assert free == sorted(free, reverse=True)


def test_whatever_is_taken_from_others_stands_beside_an_equivalent() -> None:
    assert not [entry.key for entry in measures() if not entry.equivalents]
    assert not [entry.key for entry in measures() if entry.name in entry.equivalents]


def test_what_costs_stands_beside_something_free() -> None:
    for entry in measures():
        others = [measure(key) for key in entry.equivalent_keys]
        assert entry.is_free or any(other.is_free for other in others), entry.key


def test_nobody_is_sent_a_long_way_round_instead_of_a_free_step() -> None:
    for entry in measures():
        others = [measure(key) for key in entry.equivalent_keys]
        assert not entry.is_free or not any(other.form == "certification" for other in others), entry.key
        assert not any(other.prefectures for other in others), entry.key


def test_every_question_can_be_closed_in_two_ways() -> None:
    for question in _scored():
        closing = [entry for entry in measures() if entry.lifts.get(question.key) == "implemented"]
        assert len(closing) >= 2, question.name.ja


def test_keys_of_measures_are_unique_and_plain() -> None:
    keys = Counter(entry.key for entry in measures())

    assert not [key for key, times in keys.items() if times > 1]
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in keys)


def test_figures_are_whole_and_doubtful_ones_are_marked() -> None:
    for entry in measures():
        assert entry.initial_yen >= 0
        assert entry.monthly_yen >= 0
        assert entry.effort_days > 0
        assert entry.lead_days > 0
        assert entry.per in catalogue_words().per
        assert entry.as_of <= TODAY
        assert entry.source.address.startswith("https://")
        assert entry.check or entry.is_free, entry.key


def test_figures_are_plausible_for_a_small_firm() -> None:
    for entry in measures():
        assert entry.monthly_yen <= HIGHEST_MONTHLY[entry.per], entry.key
        assert entry.initial_yen <= (1_000_000 if entry.form == "certification" else 150_000), entry.key
        assert entry.initial_yen % 1_000 == 0
        assert entry.monthly_yen % 50 == 0
        assert entry.effort_days <= (30 if entry.form == "certification" else 3), entry.key
        assert entry.lead_days <= (365 if entry.form == "certification" else 90), entry.key


def test_where_a_measure_can_be_had_is_said_by_prefecture_only_where_it_matters() -> None:
    known = {prefecture.code for prefecture in prefectures()}
    for entry in measures():
        assert entry.reach in {"anywhere", "japan", "prefectures"}
        assert bool(entry.prefectures) == (entry.reach == "prefectures"), entry.key
        assert set(entry.prefectures) <= known
        assert entry.firms in {"any", "small"}
    assert any(entry.prefectures for entry in measures())


def test_otasuketai_services_cost_no_more_than_the_standard_allows() -> None:
    bundles = {entry.per: entry for entry in measures() if entry.is_bundle}

    assert (bundles["company"].monthly_yen, bundles["device"].monthly_yen) == (10_000, 2_000)
    assert {entry.form for entry in bundles.values()} == {"otasuketai_network", "otasuketai_endpoint"}
    assert all(
        entry.initial_yen == 0 and entry.check and entry.firms == "small" for entry in bundles.values()
    )


def test_every_subscription_says_what_it_holds_of_the_five_elements() -> None:
    words = catalogue_words()
    for entry in measures():
        assert (entry.elements is not None) == (entry.kind == "subscription"), entry.key
        if entry.elements:
            assert tuple(entry.elements) == tuple(words.elements), entry.key
            assert {element.state for element in entry.elements.values()} <= set(words.states)
    assert set(words.elements) == BUNDLE
    assert tuple(words.element_columns) == tuple(words.elements)
    assert tuple(words.marks) == tuple(words.states)


def test_services_that_watch_or_help_can_be_told_apart_in_words() -> None:
    compared = [
        entry for entry in measures() if entry.elements and any(_holds(entry, code) for code in BUNDLE)
    ]

    assert len(compared) >= 6
    assert all(
        element.words for entry in compared if entry.is_bundle for element in (entry.elements or {}).values()
    )


def test_a_measure_is_found_by_its_key() -> None:
    first = measures()[0]

    assert measure(first.key) is first
    with pytest.raises(KeyError):
        measure("none of ours")


def test_every_fact_of_a_scheme_has_a_source_a_date_and_a_mark() -> None:
    assert {scheme.key for scheme in schemes()} == {"security_action", "scs", "otasuketai"}
    for scheme in schemes():
        assert len({fact.key for fact in scheme.facts}) == len(scheme.facts)
        for fact in scheme.facts:
            assert fact.mark in {"V1", "V2", "M"}
            assert fact.check or fact.mark != "M"
            assert fact.as_of <= TODAY
            assert fact.source.address.startswith("https://")


def test_nothing_says_that_a_scheme_examined_or_approved_a_firm() -> None:
    folders = ("measures", "schemes", "subsidies", "incidents")
    files = [path for folder in folders for path in (CONTENT / folder).glob("*.yaml")]
    files += [
        CONTENT / "fairness.yaml",
        CONTENT / "catalogue_words.yaml",
        CONTENT / "exposures.yaml",
        CONTENT / "packages.yaml",
    ]

    assert not {path.name for path in files if NEVER_SAID.search(path.read_text(encoding="utf-8"))}


def test_every_text_stands_in_both_languages() -> None:
    for text in _texts():
        assert text.ja
        assert text.en
        assert not re.search(r"[ぁ-んァ-ヶ一-龠]", text.en), text.en


def _scored() -> tuple[QuestionContent, ...]:
    return read("sanpo-2026").scored


def _holds(entry: Measure, code: str) -> bool:
    return entry.elements is not None and entry.elements[code].state == "included"


def _texts() -> list[Text]:
    words = catalogue_words()
    texts = [words.amounts_note, words.check_note, words.voluntary_note]
    for labels in (words.kinds, words.forms, words.per, words.elements, words.states):
        texts += labels.values()
    texts += [*words.element_columns.values(), *words.marks.values()]
    for entry in measures():
        texts += [entry.name, entry.summary, entry.offered, entry.eligible, entry.source.name]
        texts += entry.equivalents
        texts += [element.words for element in (entry.elements or {}).values() if element.words]
    for scheme in schemes():
        texts += [scheme.name, scheme.summary, scheme.status, scheme.wording]
        texts += [text for fact in scheme.facts for text in (fact.text, fact.source.name)]
    return texts
