"""The words and the usual figures beside a plan for the buyer's own support budget."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from assessments.content_files import read_yaml
from assessments.text import Text, text_of


@dataclass(frozen=True, slots=True)
class SupportContent:
    """`day_yen` is what a person-day counts as unless somebody says otherwise; `words` by name."""

    day_yen: int
    words: Mapping[str, Text]


@cache
def support_content() -> SupportContent:
    """Give the content."""
    raw = read_yaml("support.yaml")
    return SupportContent(
        day_yen=int(raw["day_yen"]),
        words={name: text_of(words) for name, words in raw["words"].items()},
    )
