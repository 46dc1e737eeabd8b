"""What every supplier is told from the first mail on; the buyer may add words, never replace these."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from assessments.content_files import read_yaml
from assessments.text import Text, text_of


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A titled paragraph; its text may hold placeholders."""

    key: str
    title: Text
    text: Text


@dataclass(frozen=True, slots=True)
class FirstEntry:
    """The screen shown once before answering, and the label of its button."""

    title: Text
    intro: Text
    points: tuple[Paragraph, ...]
    consent: Text


@dataclass(frozen=True, slots=True)
class Fairness:
    """One version of the promises."""

    version: str
    placeholders: tuple[str, ...]
    default_purpose: Text
    paragraphs: tuple[Paragraph, ...]
    first_entry: FirstEntry


@cache
def fairness() -> Fairness:
    """Give the promises as shipped."""
    raw = read_yaml("fairness.yaml")
    entry = raw["first_entry"]
    return Fairness(
        version=raw["version"],
        placeholders=tuple(raw["placeholders"]),
        default_purpose=text_of(raw["default_purpose"]),
        paragraphs=_paragraphs(raw["paragraphs"]),
        first_entry=FirstEntry(
            title=text_of(entry["title"]),
            intro=text_of(entry["intro"]),
            points=_paragraphs(entry["points"]),
            consent=text_of(entry["consent"]),
        ),
    )


def paragraphs(language: str, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Give (title, text) of every paragraph of a mail, filled in; raises KeyError for a missing value.

    A blank `purpose` reads as the default one.
    """
    purpose = values.get("purpose", "").strip() or fairness().default_purpose.in_(language)
    return filled(fairness().paragraphs, language, {**values, "purpose": purpose})


def first_entry_points(language: str, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Give (title, text) of every point of the first screen, filled in; raises KeyError as above."""
    return filled(fairness().first_entry.points, language, values)


def filled(
    entries: tuple[Paragraph, ...], language: str, values: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Fill the placeholders of texts of ours; what the values hold is never read as a placeholder."""
    return tuple(
        (entry.title.in_(language), entry.text.in_(language).format_map(values)) for entry in entries
    )


def _paragraphs(raw: list[Mapping[str, Mapping[str, str]]]) -> tuple[Paragraph, ...]:
    return tuple(
        Paragraph(key=str(entry["key"]), title=text_of(entry["title"]), text=text_of(entry["text"]))
        for entry in raw
    )
