"""Who says a figure or a fact, and where to look it up; nothing of how old it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.text import Text, text_of


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so, and where to look it up."""

    name: Text
    address: str


def source_of(raw: Mapping[str, Any]) -> Source:
    """Read a `{name: {ja, en}, address}` map; raises KeyError where one is missing."""
    return Source(name=text_of(raw["name"]), address=raw["address"])
