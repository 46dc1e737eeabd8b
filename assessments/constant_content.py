"""What a buyer may choose of the model's constants: words, ranges, order; the values are elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from assessments.content_files import read_yaml
from assessments.text import Text, text_of

LEVELS, VIEW = "levels", "view"


@dataclass(frozen=True, slots=True)
class Entry:
    """One number of a constant; `place` is its place in the model's list, None where there is no list."""

    name: str
    place: int | None
    label: Text
    unit: Text | None
    lowest: Decimal
    highest: Decimal


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of the model; `changes` is LEVELS where it wants scoring anew, VIEW where it acts at once.

    `rises` says that each entry is above the one before it, `never_falls` that none is below it.
    """

    key: str
    title: Text
    meaning: Text
    changes: str
    decimals: int
    rises: bool
    never_falls: bool
    entries: tuple[Entry, ...]

    def entry(self, place: int) -> Entry:
        """Give the entry at a place of the model's list; the only one where the model has no list."""
        return next(one for one in self.entries if one.place in (None, place))


@cache
def constants() -> tuple[Constant, ...]:
    """Give the constants a buyer may choose, in the order of their page."""
    return tuple(_constant(entry) for entry in read_yaml("constants.yaml")["constants"])


@cache
def by_key() -> Mapping[str, Constant]:
    """Give the same by their names in the model."""
    return {one.key: one for one in constants()}


@cache
def dagger() -> Text:
    """Give the words for what † means."""
    return text_of(read_yaml("constants.yaml")["dagger"])


def _constant(raw: Mapping[str, Any]) -> Constant:
    first = raw.get("first", 0)
    is_list = len(raw["entries"]) > 1
    return Constant(
        key=raw["key"],
        title=text_of(raw["title"]),
        meaning=text_of(raw["meaning"]),
        changes=raw["changes"],
        decimals=int(raw.get("decimals", 0)),
        rises=bool(raw.get("rises")),
        never_falls=bool(raw.get("rises_or_stays")),
        entries=tuple(
            _entry(raw["key"], first + number if is_list else None, entry)
            for number, entry in enumerate(raw["entries"])
        ),
    )


def _entry(key: str, place: int | None, raw: Mapping[str, Any]) -> Entry:
    return Entry(
        name=key if place is None else f"{key}_{place}",
        place=place,
        label=text_of(raw["label"]),
        unit=text_of(raw["unit"]) if "unit" in raw else None,
        lowest=Decimal(str(raw["min"])),
        highest=Decimal(str(raw["max"])),
    )
