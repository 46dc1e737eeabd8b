"""Public money is dated, sourced and counted only while a confirmed round runs."""

import re
from datetime import date
from fractions import Fraction

import pytest

from assessments.firm_sizes import LARGE, MICRO, SMALL, firm_sizes, size_of_firm
from assessments.measures import catalogue_words, measure
from assessments.reference import industries, prefectures
from assessments.subsidies import Subsidy, open_on, subsidies, subsidies_for

TODAY = date(2026, 11, 21)


def test_all_three_kinds_of_public_money_are_there() -> None:
    assert {entry.kind for entry in subsidies()} == {"subsidy", "tax", "loan"}
    assert {entry.kind for entry in subsidies()} <= set(catalogue_words().subsidy_kinds)


def test_a_subsidy_pays_for_known_measures_within_bounds() -> None:
    for subsidy in subsidies():
        assert subsidy.measures
        assert all(measure(key) for key in subsidy.measures)
        assert set(subsidy.prefectures) <= {prefecture.code for prefecture in prefectures()}
        assert {rate.size for rate in subsidy.rates} <= {MICRO, SMALL}
        assert subsidy.source.address.startswith("https://")
        assert subsidy.as_of <= TODAY
        assert subsidy.mark in {"V1", "V2", "M"}
        assert subsidy.check or subsidy.mark == "V1"
        assert subsidy.conditions


def test_only_a_subsidy_has_a_rate_a_cap_and_a_least_amount() -> None:
    for subsidy in subsidies():
        if subsidy.kind == "subsidy":
            assert 0 < subsidy.minimum_yen < subsidy.cap_yen
            assert subsidy.covers_months > 0
            assert all(0 < rate.rate < 1 for rate in subsidy.rates)
            assert subsidy.star is not None
        else:
            assert (subsidy.rates, subsidy.cap_yen, subsidy.covers_months) == ((), 0, 0)


def test_the_security_track_pays_two_thirds_to_micro_firms_and_half_to_others() -> None:
    subsidy = _security_track()

    assert [rate.rate for rate in subsidy.rates] == [Fraction(2, 3), Fraction(1, 2)]
    assert (subsidy.minimum_yen, subsidy.cap_yen, subsidy.covers_months) == (50_000, 1_500_000, 24)
    micro, small = subsidy.rate_for(MICRO), subsidy.rate_for(SMALL)
    assert (micro and micro.rate, small and small.rate) == (Fraction(2, 3), Fraction(1, 2))
    assert subsidy.rate_for(LARGE) is None
    assert subsidy.rate_for(None) is None


def test_the_stars_on_which_sources_differ_stay_to_be_confirmed() -> None:
    star = _security_track().star

    assert star is not None
    assert (star.fewest, star.most, star.check) == (1, 2, True)
    assert all(
        entry.star.check == (entry.star.fewest != entry.star.most) for entry in subsidies() if entry.star
    )


@pytest.mark.parametrize(
    ("on", "is_open"),
    [
        (date(2026, 3, 29), False),
        (date(2026, 3, 30), True),
        (date(2026, 8, 25), True),
        (date(2026, 8, 26), False),
        (date(2026, 10, 7), False),
        (TODAY, False),
    ],
)
def test_a_subsidy_counts_only_within_its_confirmed_rounds(on: date, is_open: bool) -> None:
    assert _security_track().is_open(on) is is_open
    assert (_security_track() in open_on(on)) is is_open


def test_between_two_rounds_nothing_is_open() -> None:
    (tokyo,) = [subsidy for subsidy in subsidies() if subsidy.prefectures]

    assert tokyo.is_open(date(2024, 5, 15))
    assert not tokyo.is_open(date(2024, 7, 1))


def test_today_no_public_money_is_counted() -> None:
    assert open_on(TODAY) == ()


def test_rounds_lie_within_their_window_and_in_order() -> None:
    for subsidy in subsidies():
        for window in subsidy.windows:
            assert window.closes is None or window.opens <= window.closes
            assert list(window.deadlines) == sorted(window.deadlines)
            assert all(window.holds(day) for day in window.deadlines)


def test_a_closed_subsidy_sends_people_to_the_official_notice() -> None:
    assert all(
        "公式で確認" in entry.closed_note.ja and "fficial" in entry.closed_note.en for entry in subsidies()
    )
    assert _security_track().closed_note.ja.startswith("募集状況は公式で確認")


def test_public_money_is_found_by_what_it_pays_for() -> None:
    paid = measure(_security_track().measures[0])

    assert _security_track() in subsidies_for(paid.key)
    assert subsidies_for("none of ours") == ()


def test_every_industry_has_one_rule_of_size() -> None:
    listed = [code for rule in firm_sizes().rules for code in rule.industries]

    assert sorted(listed) == [industry.code for industry in industries()]


@pytest.mark.parametrize(
    ("industry", "employees", "capital", "size"),
    [
        ("E", 20, None, MICRO),
        ("E", 21, None, SMALL),
        ("E", 300, None, SMALL),
        ("E", 301, None, LARGE),
        ("E", 301, 300_000_000, SMALL),
        ("I", 5, None, MICRO),
        ("I", 6, None, SMALL),
        ("I", 51, None, LARGE),
        ("L", 100, None, SMALL),
        (None, 6, None, SMALL),
        (None, 51, None, LARGE),
        ("E", None, 10_000_000, SMALL),
        ("E", None, None, None),
        ("E", None, 900_000_000, None),
    ],
)
def test_the_size_of_a_firm_follows_head_count_or_capital(
    industry: str | None, employees: int | None, capital: int | None, size: str | None
) -> None:
    assert size_of_firm(industry, employees, capital) == size


def test_every_text_stands_in_both_languages() -> None:
    sizes = firm_sizes()
    texts = [sizes.note, sizes.source.name, *sizes.names.values(), *catalogue_words().subsidy_kinds.values()]
    texts += [rule.note for rule in sizes.rules if rule.note]
    for subsidy in subsidies():
        texts += [
            subsidy.name,
            subsidy.summary,
            subsidy.closed_note,
            subsidy.source.name,
            *subsidy.conditions,
        ]
        texts += [rate.name for rate in subsidy.rates]
    for text in texts:
        assert text.ja
        assert text.en
        assert not re.search(r"[ぁ-んァ-ヶ一-龠]", text.en), text.en


def _security_track() -> Subsidy:
    (subsidy,) = [entry for entry in subsidies() if len(entry.rates) == 2 and not entry.prefectures]
    return subsidy
