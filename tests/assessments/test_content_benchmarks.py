"""The public figures are shipped as they were checked: trusted cells only, each with its source."""

import pytest

from assessments.benchmarks import (
    public_answers,
    public_rate,
    public_segments,
    sources,
    trade_secret_rates,
)
from assessments.content_files import read_csv
from assessments.questionnaire_content import read
from assessments.reference import industries

ITEMS = range(1, 26)
ITEM_WITHOUT_INDUSTRIES = 10
INDUSTRY_WITHOUT_ROWS = "A"
ROWS_OF_DOUBTFUL_READING = {"TS01", "TS16", "TS17", "TS18", "TS26", "TS27", "TS28", "TS29"}


def test_an_industry_with_rows_has_its_own_rate() -> None:
    rate = public_rate(1, "製造業")

    assert (rate.percent, rate.implemented, rate.n) == (70.0, 257, 367)
    assert rate.segment == "E"
    assert not rate.fell_back
    assert rate.source.n == 1867


def test_every_item_but_one_has_a_row_for_every_segment() -> None:
    rows = {(int(row["item_no"]), row["segment"]) for row in read_csv("benchmarks/public_survey.csv")}
    wanted = {(item, segment) for item in ITEMS for segment in public_segments()}

    assert wanted - rows == {
        (ITEM_WITHOUT_INDUSTRIES, segment) for segment in public_segments() if segment != "overall"
    }
    assert rows <= wanted


def test_item_ten_uses_the_true_overall_rate_and_says_so() -> None:
    rate = public_rate(ITEM_WITHOUT_INDUSTRIES, "E")

    assert rate.percent == 55.8
    assert rate.segment == "overall"
    assert rate.fell_back


@pytest.mark.parametrize("industry", [INDUSTRY_WITHOUT_ROWS, "宇宙開発"])
def test_an_industry_without_rows_falls_back_to_overall_and_says_so(industry: str) -> None:
    rate = public_rate(1, industry)

    assert rate.percent == 78.2
    assert rate.fell_back


def test_the_overall_rate_is_no_fall_back_where_no_industry_was_asked_for() -> None:
    assert not public_rate(ITEM_WITHOUT_INDUSTRIES).fell_back


def test_an_item_outside_the_twenty_five_is_refused() -> None:
    with pytest.raises(KeyError):
        public_rate(26)


def test_every_percentage_is_that_of_its_count() -> None:
    # 0.1 apart where the source rounded twice (domain facts, inconsistency 2).
    rates = [public_rate(item, segment) for item in ITEMS for segment in public_segments()]

    assert not [rate for rate in rates if abs(rate.percent - 100 * rate.implemented / rate.n) > 0.1]


def test_the_segments_are_those_the_industries_name() -> None:
    assert set(public_segments()) == {
        "overall",
        *(industry.benchmark for industry in industries() if industry.benchmark),
    }


def test_the_answers_of_every_item_add_up() -> None:
    answers = public_answers()

    assert sorted(answers) == list(ITEMS)
    for counts in answers.values():
        assert sum(counts.answers.values()) == 1867
        assert sum(counts.reasons.values()) == counts.answers["not_planned"]
        assert max(counts.supports.values()) <= counts.reasons["obstacle"]
        assert counts.answers["implemented"] == public_rate(counts.item_no).implemented


def test_the_answers_use_the_codes_of_the_questionnaire() -> None:
    content = read("sanpo-2026")
    counts = public_answers()[1]

    assert set(counts.answers) == {choice.code for choice in content.answers} - {"absent"}
    assert set(counts.reasons) == {choice.code for choice in content.reasons}
    assert set(counts.supports) == {choice.code for choice in content.supports}


def test_no_trade_secret_row_of_doubtful_reading_is_shipped() -> None:
    assert len(trade_secret_rates()) == 21
    assert not ROWS_OF_DOUBTFUL_READING & set(trade_secret_rates())


def test_trade_secret_rows_are_percentages_of_named_groups() -> None:
    for rate in trade_secret_rates().values():
        assert 0 <= rate.low[0] <= rate.low[1] < rate.high[0] <= rate.high[1] <= 100
        assert rate.low_group != rate.high_group
        assert rate.name.ja
        assert rate.name.en


def test_every_row_a_question_points_to_is_shipped() -> None:
    named = {question.benchmark for question in read("sanpo-2026").scored if question.benchmark}

    assert named
    assert named <= set(trade_secret_rates())


def test_every_source_says_who_when_how_many_and_how_it_leans() -> None:
    for source in sources().values():
        assert source.n > 0
        assert source.address.startswith("https://")
        for text in (source.name, source.publisher, source.period, source.bias, source.note):
            assert text.ja
            assert text.en
