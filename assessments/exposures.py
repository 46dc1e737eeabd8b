"""The words of the three exposures a buyer grades; never shown to a supplier."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from assessments.content_files import read_yaml
from assessments.text import Text, text_of


@dataclass(frozen=True, slots=True)
class Exposure:
    """An exposure: what is asked of the buyer, and the words of each step 1–5."""

    key: str
    title: Text
    question: Text
    steps: Mapping[int, Text]


@cache
def exposures() -> tuple[Exposure, ...]:
    """Give the three exposures in order."""
    return tuple(
        Exposure(
            key=entry["key"],
            title=text_of(entry["title"]),
            question=text_of(entry["question"]),
            steps={step: text_of(words) for step, words in entry["steps"].items()},
        )
        for entry in read_yaml("exposures.yaml")["exposures"]
    )


def exposure(key: str) -> Exposure:
    """Give one exposure; raises KeyError."""
    return {entry.key: entry for entry in exposures()}[key]
