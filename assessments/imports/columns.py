"""The columns of a list of suppliers, found by their headings in any order and either language."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from assessments.content_files import read_yaml
from assessments.folding import cleaned
from assessments.text import Text, text_of

HEADING_WITHIN = 10
_BRACKETS = re.compile(r"[(\[【<〔].*?[)\]】>〕]|※.*$|必須")
_MARKS = re.compile(r"[\s_\-*・:/.]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read: its key, heading, further headings, how to fill it in, an example."""

    key: str
    name: Text
    aliases: tuple[str, ...]
    help: Text
    example: str


@dataclass(frozen=True, slots=True)
class Headings:
    """What the heading row says: places by key, headings that are not read, the place of our own reasons."""

    row: int
    typed: list[str]
    places: Mapping[str, int]
    unknown: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    reason: int | None = None


@cache
def columns() -> tuple[Column, ...]:
    """Give the columns in the order of the template."""
    return tuple(
        Column(
            key=entry["key"],
            name=text_of(entry["name"]),
            aliases=tuple(entry["aliases"]),
            help=text_of(entry["help"]),
            example=entry["example"],
        )
        for entry in read_yaml("supplier_columns.yaml")["columns"]
    )


@cache
def column(key: str) -> Column:
    """Give a column by its key; raises KeyError."""
    return {one.key: one for one in columns()}[key]


@cache
def reason_heading() -> Text:
    """Give the heading of the column that says why a row was left out."""
    return text_of(read_yaml("supplier_columns.yaml")["reason"])


def find_headings(rows: Sequence[tuple[int, list[str]]]) -> Headings | None:
    """Find the first of the first ten rows that names the company, or None."""
    for number, cells in rows[:HEADING_WITHIN]:
        if any(_by_word().get(_folded(cell)) == "name" for cell in cells):
            return _headings(number, cells)
    return None


def _headings(number: int, cells: list[str]) -> Headings:
    places: dict[str, int] = {}
    unknown, repeated, reason = [], [], None
    own = {_folded(reason_heading().ja), _folded(reason_heading().en)}
    for place, cell in enumerate(cells):
        key = _by_word().get(_folded(cell))
        if _folded(cell) in own:
            reason = place
        elif key is None:
            unknown += [cleaned(cell)] if cell.strip() else []
        elif key in places:
            repeated.append(cleaned(cell))
        else:
            places[key] = place
    return Headings(number, [cleaned(cell) for cell in cells], places, unknown, repeated, reason)


@cache
def _by_word() -> Mapping[str, str]:
    return {
        _folded(word): one.key
        for one in columns()
        for word in (one.key, one.name.ja, one.name.en, *one.aliases)
    }


def _folded(heading: str) -> str:
    narrow = unicodedata.normalize("NFKC", cleaned(heading)).casefold()
    return _MARKS.sub("", _BRACKETS.sub("", narrow))
