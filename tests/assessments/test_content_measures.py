"""The catalogue leaves no question without a free step, and nothing in it is sold as the only way."""

import re
from collections import Counter
from datetime import date
from fractions import Fraction

import pytest

from assessments.content_files import CONTENT, read_folder
from assessments.measures import (
    Measure,
    catalogue_words,
    measure,
    measures,
    measures_for,
    schemes,
    subsidies,
)
from assessments.questionnaire_content import QuestionContent, read
from assessments.text import Text

TODAY = date(2026, 11, 21)
BUNDLE = {"equipment", "monitoring", "helpdesk", "dispatch", "insurance"}
NEEDS_EQUIVALENT = {"subscription", "expert", "certification"}
KINDS = {"self", "training", *NEEDS_EQUIVALENT}
STEPS = {"partial": 1, "implemented": 2}
NEVER_SAID = re.compile(r"認定|取得済|適法|承認|差戻")


def test_the_catalogue_is_wide_and_of_every_kind() -> None:
    assert len(measures()) >= 40
    assert {entry.kind for entry in measures()} == KINDS == set(catalogue_words().kinds)


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
    alone = [entry.key for entry in measures() if entry.kind in NEEDS_EQUIVALENT and not entry.equivalents]

    assert not alone
    assert not [entry.key for entry in measures() if not entry.is_free and not entry.equivalents]


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


def test_otasuketai_services_cost_no_more_than_the_standard_allows() -> None:
    bundles = {entry.per: entry for entry in measures() if entry.elements}

    assert (bundles["company"].monthly_yen, bundles["device"].monthly_yen) == (10_000, 2_000)
    for entry in bundles.values():
        assert set(entry.elements or {}) == BUNDLE == set(catalogue_words().elements)
        assert entry.initial_yen == 0
        assert entry.check


def test_a_measure_is_found_by_its_key() -> None:
    first = measures()[0]

    assert measure(first.key) is first
    with pytest.raises(KeyError):
        measure("none of ours")


def test_a_subsidy_pays_for_known_measures_within_bounds() -> None:
    for subsidy in subsidies():
        assert all(measure(key) for key in subsidy.measures)
        assert subsidy.kind in catalogue_words().subsidy_kinds
        assert 0 < subsidy.minimum_yen < subsidy.cap_yen
        assert all(0 < rate.rate < 1 for rate in subsidy.rates)
        assert subsidy.mark in {"V1", "V2", "M"}


def test_the_security_track_pays_two_thirds_to_micro_firms_and_half_to_others() -> None:
    (subsidy,) = subsidies()

    assert [rate.rate for rate in subsidy.rates] == [Fraction(2, 3), Fraction(1, 2)]
    assert (subsidy.minimum_yen, subsidy.cap_yen, subsidy.covers_months) == (50_000, 1_500_000, 24)


@pytest.mark.parametrize(
    ("on", "is_open"),
    [
        (date(2026, 3, 29), False),
        (date(2026, 3, 30), True),
        (date(2026, 8, 25), True),
        (date(2026, 8, 26), False),
        (TODAY, False),
    ],
)
def test_a_subsidy_counts_only_within_its_confirmed_rounds(on: date, is_open: bool) -> None:
    (subsidy,) = subsidies()

    assert subsidy.is_open(on) is is_open


def test_a_closed_subsidy_sends_people_to_the_official_notice() -> None:
    (subsidy,) = subsidies()

    assert subsidy.closed_note.ja.startswith("募集状況は公式で確認")


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
    folders = ("measures", "schemes", "subsidies")
    files = [path for folder in folders for path in (CONTENT / folder).glob("*.yaml")]
    files += [CONTENT / "fairness.yaml", CONTENT / "catalogue_words.yaml", CONTENT / "exposures.yaml"]

    assert not {path.name for path in files if NEVER_SAID.search(path.read_text(encoding="utf-8"))}


def test_every_text_stands_in_both_languages() -> None:
    for text in _texts():
        assert text.ja
        assert text.en
        assert not re.search(r"[ぁ-んァ-ヶ一-龠]", text.en), text.en


def _scored() -> tuple[QuestionContent, ...]:
    return read("sanpo-2026").scored


def _texts() -> list[Text]:
    words = catalogue_words()
    texts = [words.amounts_note, words.check_note, words.voluntary_note]
    for labels in (words.kinds, words.per, words.elements, words.subsidy_kinds):
        texts += labels.values()
    for entry in measures():
        texts += [entry.name, entry.summary, entry.offered, entry.eligible, entry.source.name]
        texts += entry.equivalents
    for subsidy in subsidies():
        texts += [
            subsidy.name,
            subsidy.summary,
            subsidy.closed_note,
            *subsidy.conditions,
            subsidy.source.name,
        ]
        texts += [rate.name for rate in subsidy.rates]
    for scheme in schemes():
        texts += [scheme.name, scheme.summary, scheme.status, scheme.wording]
        texts += [text for fact in scheme.facts for text in (fact.text, fact.source.name)]
    return texts
