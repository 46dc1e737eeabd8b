"""What the public schemes ask: requirements of SCS, steps of SECURITY ACTION; their facts are in measures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any

from assessments.content_files import read_yaml
from assessments.measures import Scheme, schemes
from assessments.sources import Source, source_of
from assessments.text import Text, text_of

SCS, SECURITY_ACTION = "scs", "security_action"
STAR3 = 3


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement under a short title of our own; `left` is what our questions leave open.

    `criteria` counts the finer criteria of star 3, None where only star 4 asks for it; `check`: 要確認.
    """

    id: str
    category: str
    star: int
    title: Text
    criteria: int | None
    left: Text | None
    mark: str
    check: bool


@dataclass(frozen=True, slots=True)
class Category:
    """A chapter of the requirements."""

    id: str
    name: Text


@dataclass(frozen=True)
class Requirements:
    """All requirements in order, with their source and what must be said beside them."""

    categories: tuple[Category, ...]
    every: tuple[Requirement, ...]
    mapping_note: Text
    criteria_note: Text
    source: Source
    as_of: date

    @cached_property
    def star3(self) -> tuple[Requirement, ...]:
        """Those that star 3 asks for; star 4 asks for all."""
        return tuple(one for one in self.every if one.star == STAR3)


@dataclass(frozen=True, slots=True)
class Basic:
    """One of the basics that one star is about, found in the answers by the number of its self-check item."""

    key: str
    official_item: int
    title: Text


@dataclass(frozen=True, slots=True)
class SelfDeclaration:
    """What SECURITY ACTION asks, how to declare, and the form of its IDs."""

    basics: tuple[Basic, ...]
    policy_questions: frozenset[str]
    how: tuple[Text, ...]
    how_address: str
    id_pattern: str
    old_id_start: str
    source: Source
    as_of: date
    mark: str
    voluntary: Text

    def is_id(self, typed: str) -> bool:
        """Say whether this has the form of a declaration ID."""
        return re.fullmatch(self.id_pattern, typed) is not None

    def is_old_id(self, typed: str) -> bool:
        """Say whether this has the form that IDs had before the new system."""
        return self.is_id(typed) and typed.startswith(self.old_id_start)


@cache
def scheme(key: str) -> Scheme:
    """Give one public scheme with its dated facts; raises KeyError."""
    return {entry.key: entry for entry in schemes()}[key]


@cache
def requirements() -> Requirements:
    """Give the requirements of the SCS scheme."""
    raw = read_yaml("schemes/scs/requirements.yaml")
    categories = tuple(Category(entry["id"], text_of(entry["name"])) for entry in raw["categories"])
    return Requirements(
        categories=categories,
        every=tuple(_requirement(entry) for entry in raw["requirements"]),
        mapping_note=text_of(raw["notes"]["mapping"]),
        criteria_note=text_of(raw["notes"]["criteria"]),
        source=source_of(raw["source"]),
        as_of=raw["as_of"],
    )


@cache
def self_declaration() -> SelfDeclaration:
    """Give what SECURITY ACTION asks."""
    raw = read_yaml("schemes/security-action/readiness.yaml")
    return SelfDeclaration(
        basics=tuple(
            Basic(entry["key"], int(entry["official_item"]), text_of(entry["title"]))
            for entry in raw["basics"]
        ),
        policy_questions=frozenset(raw["policy_questions"]),
        how=tuple(text_of(entry) for entry in raw["how"]),
        how_address=raw["how_address"],
        id_pattern=raw["id_pattern"],
        old_id_start=raw["old_id_start"],
        source=source_of(raw["source"]),
        as_of=raw["as_of"],
        mark=raw["mark"],
        voluntary=text_of(raw["voluntary"]),
    )


def _requirement(raw: Mapping[str, Any]) -> Requirement:
    return Requirement(
        id=raw["id"],
        category=raw["id"].split("-")[0],
        star=int(raw["star"]),
        title=text_of(raw["title"]),
        criteria=raw.get("criteria"),
        left=text_of(raw["left"]) if "left" in raw else None,
        mark=raw["mark"],
        check=bool(raw.get("check")),
    )
