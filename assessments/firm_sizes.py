"""Which firms count as micro or small by the law on small firms; the figures are dated content."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from assessments.content_files import read_yaml
from assessments.sources import Source, source_of
from assessments.text import Text, text_of

MICRO, SMALL, LARGE = "micro", "small", "large"


@dataclass(frozen=True, slots=True)
class SizeRule:
    """The limits of a group of industries, ends included; capital is whole yen."""

    industries: tuple[str, ...]
    micro_employees: int
    small_employees: int
    small_capital_yen: int
    note: Text | None


@dataclass(frozen=True, slots=True)
class FirmSizes:
    """The rules with who says so; `check` marks figures to be confirmed with the official text."""

    names: Mapping[str, Text]
    rules: tuple[SizeRule, ...]
    note: Text
    source: Source
    as_of: date
    check: bool

    def rule(self, industry: str | None) -> SizeRule:
        """Give the rule of an industry; the narrowest one where the industry is not known."""
        narrowest = min(self.rules, key=lambda rule: (rule.small_employees, rule.small_capital_yen))
        return next((rule for rule in self.rules if industry in rule.industries), narrowest)


@cache
def firm_sizes() -> FirmSizes:
    """Give the rules as shipped."""
    raw = read_yaml("reference/firm_sizes.yaml")
    return FirmSizes(
        names={code: text_of(words) for code, words in raw["names"].items()},
        rules=tuple(_rule(entry) for entry in raw["rules"]),
        note=text_of(raw["note"]),
        source=source_of(raw["source"]),
        as_of=raw["as_of"],
        check=bool(raw["check"]),
    )


def size_of_firm(industry: str | None, employees: int | None, capital_yen: int | None) -> str | None:
    """Say `micro`, `small` or `large`; None where nothing tells.

    Head count or capital within the limit makes a firm small; only the head count makes it micro.
    """
    rule = firm_sizes().rule(industry)
    if employees is not None and employees <= rule.micro_employees:
        return MICRO
    within = employees is not None and employees <= rule.small_employees
    if within or (capital_yen is not None and capital_yen <= rule.small_capital_yen):
        return SMALL
    return None if employees is None else LARGE


def _rule(raw: Mapping[str, Any]) -> SizeRule:
    return SizeRule(
        industries=tuple(raw["industries"]),
        micro_employees=int(raw["micro_employees"]),
        small_employees=int(raw["small_employees"]),
        small_capital_yen=int(raw["small_capital_yen"]),
        note=text_of(raw["note"]) if raw.get("note") else None,
    )
