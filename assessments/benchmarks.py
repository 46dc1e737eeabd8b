"""Rates from public surveys, as shipped; rates among the buyer's own suppliers are worked out elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from assessments.content_files import read_csv, read_yaml
from assessments.reference import find_industry
from assessments.text import Text, text_of

OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class BenchmarkSource:
    """Where figures come from; `bias` and `note` are shown beside them, `check` marks 要確認."""

    key: str
    name: Text
    publisher: Text
    year: int
    period: Text
    n: int
    address: str
    as_of: date
    bias: Text
    note: Text
    check: bool


@dataclass(frozen=True, slots=True)
class PublicRate:
    """How many of `n` firms implement an item: `implemented` of them, `percent` 0–100 as published.

    `segment` is a JSIC letter or `overall`; `fell_back`: an industry was asked for and has no row.
    """

    item_no: int
    percent: float
    implemented: int
    n: int
    segment: str
    fell_back: bool
    source: BenchmarkSource


@dataclass(frozen=True, slots=True)
class PublicAnswers:
    """Counts of firms for one item: by answer code, by reason for not planning, by wanted support.

    Supports are multiple answers of the firms whose reason was an obstacle.
    """

    item_no: int
    answers: Mapping[str, int]
    reasons: Mapping[str, int]
    supports: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TradeSecretRate:
    """A row of the trade-secret survey: percent 0–100, lowest and highest in each of two compared groups."""

    key: str
    name: Text
    comparison: str
    low_group: Text
    low: tuple[float, float]
    high_group: Text
    high: tuple[float, float]
    overall_percent: float | None
    source: BenchmarkSource


@cache
def sources() -> Mapping[str, BenchmarkSource]:
    """Give the sources by key."""
    return {
        key: BenchmarkSource(
            key=key,
            name=text_of(entry["name"]),
            publisher=text_of(entry["publisher"]),
            year=entry["year"],
            period=text_of(entry["period"]),
            n=entry["n"],
            address=entry["address"],
            as_of=entry["as_of"],
            bias=text_of(entry["bias"]),
            note=text_of(entry["note"]),
            check=entry["check"],
        )
        for key, entry in read_yaml("benchmarks/sources.yaml")["sources"].items()
    }


def public_rate(item_no: int, industry: str | None = None) -> PublicRate:
    """Give the rate of an item (1–25) in an industry, else overall, saying so.

    `industry` is a JSIC letter or any name of it. Raises KeyError for an item that is none of the 25.
    """
    found = find_industry(industry) if industry else None
    rates = _public_rates()
    if found and found.benchmark and (item_no, found.benchmark) in rates:
        return rates[item_no, found.benchmark]
    overall = rates[item_no, OVERALL]
    return replace(overall, fell_back=True) if industry else overall


@cache
def public_segments() -> tuple[str, ...]:
    """Give the segments that have rows: `overall`, then the letters in order."""
    return tuple(dict.fromkeys(segment for _, segment in _public_rates()))


@cache
def public_answers() -> Mapping[int, PublicAnswers]:
    """Give the counts of every item by its number."""
    return {int(row["item_no"]): _counts(row) for row in read_csv("benchmarks/public_survey_answers.csv")}


@cache
def trade_secret_rates() -> Mapping[str, TradeSecretRate]:
    """Give the trade-secret rows by key; only rows whose reading is certain are shipped."""
    comparisons = read_yaml("benchmarks/sources.yaml")["comparisons"]
    return {
        row["id"]: TradeSecretRate(
            key=row["id"],
            name=Text(ja=row["name_ja"], en=row["name_en"]),
            comparison=row["comparison"],
            low_group=text_of(comparisons[row["comparison"]]["low"]),
            low=(float(row["low_min"]), float(row["low_max"])),
            high_group=text_of(comparisons[row["comparison"]]["high"]),
            high=(float(row["high_min"]), float(row["high_max"])),
            overall_percent=float(row["overall_percent"]) if row["overall_percent"] else None,
            source=sources()["trade_secret"],
        )
        for row in read_csv("benchmarks/trade_secret.csv")
    }


@cache
def _public_rates() -> Mapping[tuple[int, str], PublicRate]:
    return {
        (int(row["item_no"]), row["segment"]): PublicRate(
            item_no=int(row["item_no"]),
            percent=float(row["implemented_percent"]),
            implemented=int(row["implemented"]),
            n=int(row["n"]),
            segment=row["segment"],
            fell_back=False,
            source=sources()["public_survey"],
        )
        for row in read_csv("benchmarks/public_survey.csv")
        if row["trusted"] == "yes"
    }


def _counts(row: Mapping[str, str]) -> PublicAnswers:
    def under(prefix: str) -> dict[str, int]:
        return {name.removeprefix(prefix): int(row[name]) for name in row if name.startswith(prefix)}

    plain = {
        name: int(count)
        for name, count in row.items()
        if name != "item_no" and not name.startswith(("reason_", "support_"))
    }
    return PublicAnswers(
        item_no=int(row["item_no"]), answers=plain, reasons=under("reason_"), supports=under("support_")
    )
