"""Public money for measures, with its rounds and conditions; what it cuts is reckoned in scoring."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from assessments.content_files import read_folder
from assessments.sources import Source, source_of
from assessments.text import Text, text_of

SUBSIDY, TAX, LOAN = "subsidy", "tax", "loan"


@dataclass(frozen=True, slots=True)
class SubsidyRate:
    """The share of the cost that is paid to a size of firm (see firm_sizes)."""

    size: str
    name: Text
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Window:
    """Days on which one can apply, both ends within it; `closes` None has no end. `check`: only foreseen."""

    opens: date
    closes: date | None
    deadlines: tuple[date, ...]
    check: bool

    def holds(self, on: date) -> bool:
        """Say whether that day lies within it."""
        return self.opens <= on and (self.closes is None or on <= self.closes)


@dataclass(frozen=True, slots=True)
class StarCondition:
    """The SECURITY ACTION stars asked for; where sources differ, `fewest` and `most` do (`check`)."""

    fewest: int
    most: int
    check: bool


@dataclass(frozen=True, slots=True)
class Subsidy:
    """Money for `measures`. `kind` is `subsidy`, `tax` or `loan`; only a subsidy cuts a cost.

    `measures` are keys of the catalogue; `prefectures` (codes) where it is offered, none means all of Japan.
    Yen are whole and without tax; a tax relief or a loan has no rate. A fee is paid for `covers_months`.
    """

    key: str
    kind: str
    name: Text
    summary: Text
    measures: tuple[str, ...]
    prefectures: tuple[str, ...]
    rates: tuple[SubsidyRate, ...]
    minimum_yen: int
    cap_yen: int
    covers_months: int
    star: StarCondition | None
    conditions: tuple[Text, ...]
    windows: tuple[Window, ...]
    closed_note: Text
    source: Source
    as_of: date
    mark: str
    check: bool

    def is_open(self, on: date) -> bool:
        """Say whether a confirmed window holds on that day; out of window it is never counted."""
        return any(window.holds(on) for window in self.windows if not window.check)

    def rate_for(self, size: str | None) -> SubsidyRate | None:
        """Give the rate for a size of firm; None where it is not meant for it, or the size is not known."""
        return next((rate for rate in self.rates if rate.size == size), None)


@cache
def subsidies() -> tuple[Subsidy, ...]:
    """Give the subsidies, tax reliefs and loans by file name."""
    return tuple(_subsidy(entry) for entry in read_folder("subsidies"))


def open_on(on: date) -> tuple[Subsidy, ...]:
    """Give those one can apply for on that day."""
    return tuple(subsidy for subsidy in subsidies() if subsidy.is_open(on))


def subsidies_for(measure_key: str) -> tuple[Subsidy, ...]:
    """Give those that may pay for a measure, open or not."""
    return tuple(subsidy for subsidy in subsidies() if measure_key in subsidy.measures)


def _subsidy(raw: Mapping[str, Any]) -> Subsidy:
    star = raw["star"]
    return Subsidy(
        key=raw["key"],
        kind=raw["kind"],
        name=text_of(raw["name"]),
        summary=text_of(raw["summary"]),
        measures=tuple(raw["measures"]),
        prefectures=tuple(raw["prefectures"]),
        rates=tuple(
            SubsidyRate(size=rate["size"], name=text_of(rate["name"]), rate=Fraction(rate["rate"]))
            for rate in raw["rates"]
        ),
        minimum_yen=int(raw["minimum_yen"]),
        cap_yen=int(raw["cap_yen"]),
        covers_months=int(raw["covers_months"]),
        star=StarCondition(star["fewest"], star["most"], bool(star["check"])) if star else None,
        conditions=tuple(text_of(condition) for condition in raw["conditions"]),
        windows=tuple(_window(window) for window in raw["windows"]),
        closed_note=text_of(raw["closed_note"]),
        source=source_of(raw["source"]),
        as_of=raw["as_of"],
        mark=raw["mark"],
        check=bool(raw["check"]),
    )


def _window(raw: Mapping[str, Any]) -> Window:
    return Window(
        opens=raw["opens"],
        closes=raw["closes"],
        deadlines=tuple(raw["deadlines"]),
        check=bool(raw["check"]),
    )
