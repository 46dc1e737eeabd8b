"""What incidents cost, by who was counted, and short stories of ours; two groups are never mixed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from assessments.content_files import read_yaml
from assessments.firm_sizes import LARGE
from assessments.measures import Measure, measure
from assessments.sources import Source, source_of
from assessments.text import Text, text_of

SMALL_FIRMS = "small"
YEN_UNITS = ("yen", "yen_month")


@dataclass(frozen=True, slots=True)
class IncidentFigure:
    """One figure of a population; `low` and `high` are the same where one was given, None where none was.

    `kind`: mean, median, range, share (percent 0-100) or duration; `unit`: yen, yen_month, percent or days.
    """

    key: str
    incident: str
    kind: str
    unit: str
    low: float | None
    high: float | None
    name: Text
    note: Text | None
    industries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IncidentPopulation:
    """Who was counted, when, how many (`n`, None where not known) and by whom, with the figures of them."""

    key: str
    name: Text
    who: Text
    firms: str
    year: int
    n: int | None
    source: Source
    as_of: date
    mark: str
    figures: tuple[IncidentFigure, ...]


@dataclass(frozen=True, slots=True)
class IncidentCosts:
    """The populations that say something for a firm, the nearest first, and where we had to fall back."""

    populations: tuple[IncidentPopulation, ...]
    fallbacks: tuple[Text, ...]
    note: Text


@dataclass(frozen=True, slots=True)
class IncidentStory:
    """A short story of an incident, invented by us, and the measures that would have helped."""

    key: str
    title: Text
    text: Text
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class StoryGroup:
    """The stories for some major groups of JSIC."""

    key: str
    name: Text
    industries: tuple[str, ...]
    stories: tuple[IncidentStory, ...]


@dataclass(frozen=True, slots=True)
class IncidentWords:
    """Labels by code of a figure's kind and incident, and what is said beside every story."""

    kinds: Mapping[str, Text]
    incidents: Mapping[str, Text]
    invented_note: Text


@cache
def populations() -> tuple[IncidentPopulation, ...]:
    """Give all populations in the order of the content."""
    return tuple(_population(entry) for entry in _costs()["populations"])


def costs_for(industry: str | None, size: str | None) -> IncidentCosts:
    """Give what is known for a firm of that industry (a letter of JSIC) and size (see firm_sizes).

    Surveys of small firms come first for a small firm and are left out for others; a figure for some
    industries is left out for the rest. Where none is of such firms alone, `fallbacks` say so.
    """
    is_small = size not in {None, LARGE}
    found = [_for_industry(one, industry) for one in populations() if is_small or one.firms != SMALL_FIRMS]
    said = [] if is_small else ["size_unknown" if size is None else "larger_firm"]
    return IncidentCosts(
        populations=tuple(one for one in found if one.figures),
        fallbacks=tuple(text_of(_costs()["fallbacks"][key]) for key in (*said, "no_industry")),
        note=text_of(_costs()["note"]),
    )


@cache
def story_groups() -> tuple[StoryGroup, ...]:
    """Give the groups of stories in the order of the content."""
    return tuple(
        StoryGroup(
            key=entry["key"],
            name=text_of(entry["name"]),
            industries=tuple(entry["industries"]),
            stories=tuple(_story(story) for story in entry["stories"]),
        )
        for entry in read_yaml("incidents/stories.yaml")["groups"]
    )


def stories_for(industry: str | None) -> StoryGroup:
    """Give the stories for an industry (a letter of JSIC); the last group where it is not known."""
    return next((group for group in story_groups() if industry in group.industries), story_groups()[-1])


@cache
def incident_words() -> IncidentWords:
    """Give the words around figures and stories."""
    raw = _costs()
    return IncidentWords(
        kinds={code: text_of(words) for code, words in raw["words"].items()},
        incidents={code: text_of(words) for code, words in raw["incident_words"].items()},
        invented_note=text_of(read_yaml("incidents/stories.yaml")["invented_note"]),
    )


@cache
def _costs() -> Mapping[str, Any]:
    found: Mapping[str, Any] = read_yaml("incidents/costs.yaml")
    return found


def _for_industry(population: IncidentPopulation, industry: str | None) -> IncidentPopulation:
    figures = [one for one in population.figures if not one.industries or industry in one.industries]
    return replace(population, figures=tuple(figures))


def _population(raw: Mapping[str, Any]) -> IncidentPopulation:
    return IncidentPopulation(
        key=raw["key"],
        name=text_of(raw["name"]),
        who=text_of(raw["who"]),
        firms=raw["firms"],
        year=int(raw["year"]),
        n=raw["n"],
        source=source_of(raw["source"]),
        as_of=raw["as_of"],
        mark=raw["mark"],
        figures=tuple(_figure(figure) for figure in raw["figures"]),
    )


def _figure(raw: Mapping[str, Any]) -> IncidentFigure:
    return IncidentFigure(
        key=raw["key"],
        incident=raw["incident"],
        kind=raw["kind"],
        unit=raw["unit"],
        low=raw["low"],
        high=raw["high"],
        name=text_of(raw["name"]),
        note=text_of(raw["note"]) if "note" in raw else None,
        industries=tuple(raw.get("industries", ())),
    )


def _story(raw: Mapping[str, Any]) -> IncidentStory:
    return IncidentStory(
        key=raw["key"],
        title=text_of(raw["title"]),
        text=text_of(raw["text"]),
        measures=tuple(measure(key) for key in raw["measures"]),
    )
