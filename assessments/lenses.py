"""The words of lenses: sets of questions that look across the domains."""

from dataclasses import dataclass
from functools import cache

from assessments.content_files import read_yaml
from assessments.text import Text, text_of


@dataclass(frozen=True, slots=True)
class Lens:
    """A lens: its name in the scoring model, and how it reads."""

    key: str
    title: Text
    about: Text


@cache
def lenses() -> dict[str, Lens]:
    """Give the lenses by name."""
    return {
        entry["key"]: Lens(entry["key"], text_of(entry["title"]), text_of(entry["about"]))
        for entry in read_yaml("lenses.yaml")["lenses"]
    }
