"""The catalogue of measures, the subsidies for them, the public schemes; choosing is the work of scoring."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from assessments.content_files import read_folder, read_yaml
from assessments.text import Text, text_of


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so, and where to look it up."""

    name: Text
    address: str


@dataclass(frozen=True, slots=True)
class Measure:
    """Something a supplier can do or take. Yen are without tax, counted `per` company, device or head.

    `lifts` gives the answer code that each question reaches, `elements` what a bundled service holds (None
    for the rest). `estimate`: cost and effort are ours, not published; `check`: a figure is 要確認.
    """

    key: str
    kind: str
    name: Text
    summary: Text
    lifts: Mapping[str, str]
    initial_yen: int
    monthly_yen: int
    per: str
    effort_days: float
    lead_days: int
    offered: Text
    eligible: Text
    equivalents: tuple[Text, ...]
    elements: Mapping[str, bool] | None
    source: Source
    as_of: date
    estimate: bool
    check: bool

    @property
    def is_free(self) -> bool:
        """True where neither money at the start nor monthly is needed."""
        return self.initial_yen == 0 and self.monthly_yen == 0


@dataclass(frozen=True, slots=True)
class SubsidyRate:
    """The share of the cost that is paid, for a size of firm; `employees_max` None has no upper end."""

    key: str
    name: Text
    rate: Fraction
    employees_max: int | None


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a round; `check` marks one that was only foreseen."""

    day: date
    check: bool


@dataclass(frozen=True, slots=True)
class Subsidy:
    """Money for `measures`. `kind` is `subsidy`, `tax` or `loan`; only a subsidy cuts a cost."""

    key: str
    kind: str
    name: Text
    summary: Text
    measures: tuple[str, ...]
    rates: tuple[SubsidyRate, ...]
    minimum_yen: int
    cap_yen: int
    covers_months: int
    conditions: tuple[Text, ...]
    opens: date
    deadlines: tuple[Deadline, ...]
    closed_note: Text
    source: Source
    as_of: date
    mark: str

    def is_open(self, on: date) -> bool:
        """Say whether a confirmed round still runs on that day; out of window it is never counted."""
        last = max((deadline.day for deadline in self.deadlines if not deadline.check), default=None)
        return last is not None and self.opens <= on <= last


@dataclass(frozen=True, slots=True)
class Fact:
    """A dated statement with its source; `mark` is V1 (seen), V2 (a copy seen) or M (from memory, 要確認)."""

    key: str
    text: Text
    source: Source
    as_of: date
    mark: str
    check: bool


@dataclass(frozen=True, slots=True)
class Scheme:
    """A public scheme; `status` says in a sentence how far it is, `wording` how we speak of it."""

    key: str
    name: Text
    summary: Text
    status: Text
    wording: Text
    address: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class CatalogueWords:
    """The words around the figures: labels by code, and the notes beside amounts."""

    kinds: Mapping[str, Text]
    per: Mapping[str, Text]
    elements: Mapping[str, Text]
    subsidy_kinds: Mapping[str, Text]
    amounts_note: Text
    check_note: Text
    voluntary_note: Text


@cache
def measures() -> tuple[Measure, ...]:
    """Give the catalogue, free measures first."""
    entries = [
        {"kind": file["kind"], **file.get("defaults", {}), **entry}
        for file in read_folder("measures")
        for entry in file["measures"]
    ]
    names = {entry["key"]: text_of(entry["name"]) for entry in entries}
    return tuple(
        sorted((_measure(entry, names) for entry in entries), key=lambda measure: not measure.is_free)
    )


@cache
def measure(key: str) -> Measure:
    """Give one measure; raises KeyError."""
    return {entry.key: entry for entry in measures()}[key]


def measures_for(question_keys: Iterable[str]) -> tuple[Measure, ...]:
    """Give the measures that lift any of these questions, free ones first."""
    wanted = set(question_keys)
    return tuple(entry for entry in measures() if not wanted.isdisjoint(entry.lifts))


@cache
def subsidies() -> tuple[Subsidy, ...]:
    """Give the subsidies by file name."""
    return tuple(_subsidy(entry) for entry in read_folder("subsidies"))


@cache
def schemes() -> tuple[Scheme, ...]:
    """Give the public schemes by file name."""
    return tuple(
        Scheme(
            key=entry["key"],
            name=text_of(entry["name"]),
            summary=text_of(entry["summary"]),
            status=text_of(entry["status"]),
            wording=text_of(entry["wording"]),
            address=entry["address"],
            facts=tuple(_fact(fact) for fact in entry["facts"]),
        )
        for entry in read_folder("schemes")
    )


@cache
def catalogue_words() -> CatalogueWords:
    """Give the words of the catalogue."""
    raw = read_yaml("catalogue_words.yaml")
    return CatalogueWords(
        kinds=_labels(raw["kinds"]),
        per=_labels(raw["per"]),
        elements=_labels(raw["elements"]),
        subsidy_kinds=_labels(raw["subsidy_kinds"]),
        amounts_note=text_of(raw["amounts_note"]),
        check_note=text_of(raw["check_note"]),
        voluntary_note=text_of(raw["voluntary_note"]),
    )


def _labels(raw: Mapping[str, Mapping[str, str]]) -> Mapping[str, Text]:
    return {code: text_of(words) for code, words in raw.items()}


def _source(raw: Mapping[str, Any]) -> Source:
    return Source(name=text_of(raw["name"]), address=raw["address"])


def _measure(raw: Mapping[str, Any], names: Mapping[str, Text]) -> Measure:
    return Measure(
        key=raw["key"],
        kind=raw["kind"],
        name=names[raw["key"]],
        summary=text_of(raw["summary"]),
        lifts={question: lift["to"] for lift in raw["lifts"] for question in lift["questions"]},
        initial_yen=int(raw["initial_yen"]),
        monthly_yen=int(raw["monthly_yen"]),
        per=raw["per"],
        effort_days=float(raw["effort_days"]),
        lead_days=int(raw["lead_days"]),
        offered=text_of(raw["offered"]),
        eligible=text_of(raw["eligible"]),
        equivalents=tuple(
            names[entry] if isinstance(entry, str) else text_of(entry) for entry in raw["equivalents"]
        ),
        elements=raw.get("elements"),
        source=_source(raw["source"]),
        as_of=raw["as_of"],
        estimate=bool(raw["estimate"]),
        check=bool(raw["check"]),
    )


def _subsidy(raw: Mapping[str, Any]) -> Subsidy:
    return Subsidy(
        key=raw["key"],
        kind=raw["kind"],
        name=text_of(raw["name"]),
        summary=text_of(raw["summary"]),
        measures=tuple(raw["measures"]),
        rates=tuple(
            SubsidyRate(
                key=rate["key"],
                name=text_of(rate["name"]),
                rate=Fraction(rate["rate"]),
                employees_max=rate["employees_max"],
            )
            for rate in raw["rates"]
        ),
        minimum_yen=int(raw["minimum_yen"]),
        cap_yen=int(raw["cap_yen"]),
        covers_months=int(raw["covers_months"]),
        conditions=tuple(text_of(condition) for condition in raw["conditions"]),
        opens=raw["opens"],
        deadlines=tuple(
            Deadline(day=deadline["day"], check=bool(deadline["check"])) for deadline in raw["deadlines"]
        ),
        closed_note=text_of(raw["closed_note"]),
        source=_source(raw["source"]),
        as_of=raw["as_of"],
        mark=raw["mark"],
    )


def _fact(raw: Mapping[str, Any]) -> Fact:
    return Fact(
        key=raw["key"],
        text=text_of(raw["text"]),
        source=_source(raw["source"]),
        as_of=raw["as_of"],
        mark=raw["mark"],
        check=raw["mark"] == "M" or bool(raw.get("check")),
    )
