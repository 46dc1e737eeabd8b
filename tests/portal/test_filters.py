"""How values look on a page, in both languages."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask, g

from assessments.models import Organisation
from assessments.text import Text
from portal import filters

AFTERNOON = datetime(2026, 11, 21, 5, 2, tzinfo=UTC)
LATE = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)


@pytest.fixture
def japanese(app: Flask) -> Iterator[None]:
    """A request for a page in Japanese."""
    with app.test_request_context(headers={"Accept-Language": "ja"}):
        yield


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    """A request for a page in English."""
    with app.test_request_context(headers={"Cookie": "sanpo_language=en"}):
        yield


@pytest.mark.usefixtures("japanese")
@pytest.mark.parametrize(
    ("show", "value", "shown"),
    [
        (filters.day, date(2026, 11, 21), "2026年11月21日（土）"),
        (filters.day, date(2027, 1, 4), "2027年1月4日（月）"),
        (filters.day, LATE, "2026年11月22日（日）"),
        (filters.moment, AFTERNOON, "2026年11月21日（土）14:02"),
        (filters.clock_time, AFTERNOON, "14:02"),
        (filters.yen, 6600, "6,600円"),
        (filters.yen, 0, "0円"),
        (filters.large_yen, 9999, "9,999円"),
        (filters.large_yen, 12_000_000, "1,200万円"),
        (filters.large_yen, 250_000_000, "2.5億円"),
        (filters.number, 1234567, "1,234,567"),
        (filters.companies, 6, "6社"),
        (filters.companies, 0, "0社"),
        (filters.percent, 55.8, "56%"),
        (filters.percent, 0, "0%"),
        (filters.points, 71.5, "72"),
        (filters.hundredths, 280, "2.80"),
        (filters.level_words, 3, "実施（自己申告）"),
        (filters.text, Text(ja="質問票", en="Questionnaire"), "質問票"),
        (filters.text, {"ja": "質問票", "en": "Questionnaire"}, "質問票"),
    ],
)
def test_a_value_is_shown_in_japanese(show: Callable[[Any], str], value: Any, shown: str) -> None:
    assert show(value) == shown


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("show", "value", "shown"),
    [
        (filters.day, date(2026, 11, 21), "21 Nov 2026 (Sat)"),
        (filters.moment, AFTERNOON, "21 Nov 2026 (Sat) 14:02"),
        (filters.clock_time, AFTERNOON, "14:02"),
        (filters.yen, 6600, "¥6,600"),
        (filters.large_yen, 12_000_000, "¥12,000,000"),
        (filters.number, 1234567, "1,234,567"),
        (filters.companies, 1, "1 company"),
        (filters.companies, 6, "6 companies"),
        (filters.percent, 55.8, "56%"),
        (filters.text, Text(ja="質問票", en="Questionnaire"), "Questionnaire"),
    ],
)
def test_a_value_is_shown_in_english(show: Callable[[Any], str], value: Any, shown: str) -> None:
    assert show(value) == shown


@pytest.mark.usefixtures("japanese")
@pytest.mark.parametrize(
    "show",
    [
        filters.day,
        filters.moment,
        filters.clock_time,
        filters.yen,
        filters.large_yen,
        filters.number,
        filters.percent,
        filters.points,
        filters.hundredths,
        filters.level_words,
    ],
)
def test_what_is_not_known_is_a_dash(show: Callable[[None], str]) -> None:
    assert show(None) == "—"


@pytest.mark.usefixtures("japanese")
def test_a_percentage_may_have_decimals() -> None:
    assert filters.percent(55.84, 1) == "55.8%"


@pytest.mark.usefixtures("japanese")
@pytest.mark.parametrize(("value", "shown"), [(99_999_999, "1.0億円"), (99_994_999, "9,999万円")])
def test_yen_change_their_unit_where_they_are_rounded_up(value: int, shown: str) -> None:
    assert filters.large_yen(value) == shown


@pytest.mark.usefixtures("japanese")
def test_days_are_those_of_the_organisation_s_zone() -> None:
    g.organisation = Organisation(time_zone="America/New_York")

    assert filters.moment(AFTERNOON) == "2026年11月21日（土）00:02"


def test_every_filter_is_known_to_the_templates(app: Flask) -> None:
    names = {"text", "day", "moment", "clock_time", "yen", "large_yen", "number", "companies"}

    assert names | {"percent", "points", "hundredths", "level_words"} <= set(app.jinja_env.filters)
