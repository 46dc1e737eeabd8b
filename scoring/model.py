"""The model's constants and the scored questions they are applied to, built from content by the caller."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.scale import AnswerCode, Level, ScoringError, UnknownName, code_of

EXPOSURES = ("confidentiality", "continuity", "connectivity")
EXPOSURE_STEPS = 5
PERCENT = 100
OFFICIAL_ITEMS = 25


class BadModel(ScoringError):
    """The model's constants are missing or contradict one another."""


class BadRubric(ScoringError):
    """The scored questions or their sets contradict one another."""


@dataclass(frozen=True, slots=True)
class OfficialBand:
    """A band of the self-check score, from so many points upwards."""

    name: str
    from_points: int


@dataclass(frozen=True)
class Model:
    """The model's constants, every one of them content.

    `points` stand by AnswerCode (0 where a code has none), `practice` are two scores, `effectiveness` is in
    whole percent by level 0 to 5, `bands` are borders in hundredths of an exposure, `answers_for` names sets
    by exposure in the order of EXPOSURES. Raises BadModel.
    """

    id: str
    points: tuple[int, ...]
    absent_official_points: int
    practice: tuple[int, int]
    effectiveness: tuple[int, ...]
    bands: tuple[int, ...]
    band_names: tuple[str, ...]
    star_exposure: int
    star_share_warning: int
    official_bands: tuple[OfficialBand, ...]
    answers_for: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for is_right, rule in self._rules():
            if not is_right:
                raise BadModel(f"model {self.id}: {rule}")

    @property
    def full_points(self) -> int:
        """What an implemented question is worth, at weight 1."""
        return self.points[AnswerCode.IMPLEMENTED]

    def _rules(self) -> Iterable[tuple[bool, str]]:
        yield len(self.points) == len(AnswerCode), "an answer code has no points"
        yield self.points[AnswerCode.NOT_ASKED] == 0, "what was not asked is worth nothing"
        yield self.points[AnswerCode.ABSENT] == 0, "what is absent is left out"
        unknown, *not_done = (self.points[code] for code in (AnswerCode.UNKNOWN, *_NOT_DONE))
        partial = self.points[AnswerCode.PARTIAL]
        yield unknown <= min(not_done), "not knowing may not be worth more than not doing"
        yield max(not_done) <= partial <= self.full_points, "doing more may not be worth less"
        yield self.full_points > 0, "an implemented question must be worth something"
        yield _rises(0, *self.practice, PERCENT), "the thresholds of practice must rise from 0 to 100"
        yield len(self.effectiveness) == len(Level), "effectiveness is needed for level 0 to 5"
        yield _rises(0, *self.effectiveness, PERCENT), "effectiveness must rise from 0 to 100"
        yield len(self.band_names) == len(self.bands) + 1, "there is one band more than there are borders"
        yield _rises(0, *self.bands), "the borders of the bands must rise"
        yield 1 <= self.star_exposure <= EXPOSURE_STEPS, "the exposure for four stars is 1 to 5"
        yield 0 <= self.star_share_warning <= PERCENT, "the warning share is a percentage"
        yield bool(self.official_bands), "the self-check score needs its bands"
        yield _rises(*(band.from_points for band in self.official_bands)), "the self-check bands must rise"
        yield len(self.answers_for) == len(EXPOSURES), "each exposure needs the sets that answer for it"


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A domain, an axis or a lens: its name and the positions of its questions."""

    name: str
    members: tuple[int, ...]


@dataclass(frozen=True)
class Rubric:
    """The scored questions of one questionnaire version, by position, and the sets they are scored in.

    `official_item` is 1 to 25, or 0 for a question that is none of them. Raises BadRubric.
    """

    model: Model
    weight: tuple[int, ...]
    essential: tuple[bool, ...]
    official_item: tuple[int, ...]
    domains: tuple[NamedSet, ...]
    axes: tuple[NamedSet, ...]
    lenses: tuple[NamedSet, ...] = ()

    def __post_init__(self) -> None:
        for is_right, rule in self._rules():
            if not is_right:
                raise BadRubric(rule)

    @property
    def questions(self) -> int:
        """How many questions are scored."""
        return len(self.weight)

    @cached_property
    def sets(self) -> tuple[NamedSet, ...]:
        """All sets: domains, axes, lenses. The columns of every result stand in this order."""
        return self.domains + self.axes + self.lenses

    @cached_property
    def membership(self) -> NDArray[np.bool_]:
        """Which question is in which set (sets × questions)."""
        member = np.zeros((len(self.sets), self.questions), dtype=np.bool_)
        for row, named in enumerate(self.sets):
            member[row, list(named.members)] = True
        return member

    def column(self, name: str) -> int:
        """The column of a set in every result; UnknownName if there is none."""
        return self.columns([name])[0]

    def columns(self, names: Iterable[str]) -> tuple[int, ...]:
        """The columns of these sets in every result; UnknownName if one is missing."""
        places = {named.name: place for place, named in enumerate(self.sets)}
        wanted = tuple(names)
        missing = [name for name in wanted if name not in places]
        if missing:
            raise UnknownName(f"no set is called {missing[0]!r}")
        return tuple(places[name] for name in wanted)

    @cached_property
    def axis_columns(self) -> tuple[int, ...]:
        """The columns of the axes."""
        return tuple(range(len(self.domains), len(self.domains) + len(self.axes)))

    def _rules(self) -> Iterable[tuple[bool, str]]:
        yield len(self.essential) == len(self.official_item) == self.questions, "a question lacks a property"
        yield all(weight >= 1 and weight % 1 == 0 for weight in self.weight), "a weight is 1 or more"
        items = [item for item in self.official_item if item]
        yield len(items) == len(set(items)), "an item of the self-check stands twice"
        yield all(1 <= item <= OFFICIAL_ITEMS for item in items), "an item of the self-check is 1 to 25"
        names = [named.name for named in self.sets]
        yield len(names) == len(set(names)), "two sets have the same name"
        for named in self.sets:
            yield len(named.members) == len(set(named.members)), f"a question is twice in {named.name}"
            yield set(named.members) <= set(range(self.questions)), f"{named.name} holds an unknown question"
        asked_for = {name for names in self.model.answers_for for name in names}
        yield asked_for <= set(names), "a set that answers for an exposure is missing"


def model_of(content: Mapping[str, Any]) -> Model:
    """The model as the content's model file says it; band borders may be fractions. Raises BadModel."""
    try:
        points = {code_of(word): _whole(worth) for word, worth in content["points"].items()}
        if points.keys() != _WITH_POINTS:
            raise BadModel("points are needed for the five answers that have them, and no other")
        first, second = content["practice"]
        return Model(
            id=content["id"],
            points=tuple(points.get(code, 0) for code in AnswerCode),
            absent_official_points=_whole(content["absent_official_points"]),
            practice=(_whole(first), _whole(second)),
            effectiveness=tuple(_whole(percent) for percent in content["effectiveness"]),
            bands=tuple(_whole(border, parts=100) for border in content["bands"]),
            band_names=tuple(content["band_names"]),
            star_exposure=_whole(content["star_exposure"]),
            star_share_warning=_whole(content["star_share_warning"]),
            official_bands=tuple(
                OfficialBand(band["name"], _whole(band["from"])) for band in content["official_bands"]
            ),
            answers_for=tuple(tuple(content["answers_for"][exposure]) for exposure in EXPOSURES),
        )
    except (KeyError, TypeError, ValueError) as broken:
        if isinstance(broken, BadModel):
            raise
        raise BadModel(f"the model's content cannot be read: {broken}") from broken


def rubric_of(
    model: Model, questions: Sequence[Mapping[str, Any]], lenses: Mapping[str, Sequence[str]]
) -> Rubric:
    """The rubric of these scored questions: each has key, domain, axis, weight, essential and official_item.

    Domains and axes stand in the order in which the questions first name them; a lens names its questions by
    key. Raises BadRubric.
    """
    places = {question["key"]: place for place, question in enumerate(questions)}
    if len(places) != len(questions):
        raise BadRubric("two questions have the same key")
    missing = [key for keys in lenses.values() for key in keys if key not in places]
    if missing:
        raise BadRubric(f"a lens names a question that is not scored: {missing[0]}")
    return Rubric(
        model=model,
        weight=tuple(question["weight"] for question in questions),
        essential=tuple(question["essential"] for question in questions),
        official_item=tuple(question["official_item"] or 0 for question in questions),
        domains=_grouped(questions, "domain"),
        axes=_grouped(questions, "axis"),
        lenses=tuple(NamedSet(name, tuple(places[key] for key in keys)) for name, keys in lenses.items()),
    )


_NOT_DONE = (AnswerCode.PLANNED, AnswerCode.NOT_PLANNED)
_WITH_POINTS = set(AnswerCode) - {AnswerCode.NOT_ASKED, AnswerCode.ABSENT}


def _rises(*numbers: int) -> bool:
    return all(lower <= higher for lower, higher in pairwise(numbers))


def _whole(number: int | float | str, *, parts: int = 1) -> int:
    """The number counted in parts of one (100: hundredths); BadModel where that is not whole."""
    counted = Fraction(str(number)) * parts
    if counted.denominator != 1:
        raise BadModel(f"{number} is finer than the model reckons")
    return counted.numerator


def _grouped(questions: Sequence[Mapping[str, Any]], name: str) -> tuple[NamedSet, ...]:
    members: dict[str, list[int]] = {}
    for place, question in enumerate(questions):
        members.setdefault(question[name], []).append(place)
    return tuple(NamedSet(group, tuple(places)) for group, places in members.items())
