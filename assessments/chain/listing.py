"""Suppliers of a picture as lines of a list: in a cell, by priority, by domain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.chain.attention import newest_states
from assessments.chain.picture import Picture
from assessments.chain.rows import NO_ROW, STATES
from scoring.maturity import lowest_level
from scoring.risk import are_stars_too_many


@dataclass(frozen=True, slots=True)
class Line:
    """One supplier; levels are by axis and by domain, None without one; `residual` in hundredths.

    `state` is that of its assessment in an open campaign, None where none asks it.
    """

    public_id: str
    name: str
    code: str
    industry: str
    prefecture: str
    inherent: int | None
    levels: Mapping[str, int | None]
    weakest: int | None
    residual: int | None
    band: str | None
    expected_star: int | None
    spend: int
    has_result: bool
    is_self_declared: bool
    state: str | None


def lines(picture: Picture, places: Sequence[int], *, axis: str) -> tuple[Line, ...]:
    """Give the suppliers at these places as lines; `axis` is the one whose assurance is told."""
    declared = picture.is_self_declared(axis)
    states = newest_states(picture.chain)
    weakest = lowest_level(picture.levels, picture.chain.rubric.axis_columns)
    return tuple(
        _line(
            picture,
            place,
            weakest=int(weakest[place]),
            is_self_declared=bool(declared[place]),
            state=int(states[picture.suppliers[place]]),
        )
        for place in places
    )


def has_too_many_stars(picture: Picture) -> bool:
    """Tell whether four stars would be expected of more suppliers than the model's warning share."""
    return are_stars_too_many(picture.chain.rubric.model, picture.priorities.expected_star)


def _line(picture: Picture, place: int, *, weakest: int, is_self_declared: bool, state: int) -> Line:
    chain, priorities = picture.chain, picture.priorities
    row = int(picture.suppliers[place])
    is_graded = bool(priorities.is_graded[place])
    levels = picture.levels[place].tolist()
    return Line(
        public_id=chain.suppliers.public_ids[row],
        name=chain.suppliers.names[row],
        code=chain.suppliers.codes[row],
        industry=str(chain.suppliers.industries[row]),
        prefecture=str(chain.suppliers.prefectures[row]),
        inherent=int(priorities.inherent[place]) if is_graded else None,
        levels={named.name: level or None for named, level in zip(chain.rubric.sets, levels, strict=True)},
        weakest=weakest or None,
        residual=int(priorities.residual[place]) if is_graded else None,
        band=chain.rubric.model.band_names[int(priorities.band[place])] if is_graded else None,
        expected_star=int(priorities.expected_star[place]) or None,
        spend=int(picture.spend[place]),
        has_result=bool(picture.has_result[place]),
        is_self_declared=is_self_declared,
        state=None if state == NO_ROW else STATES[state].value,
    )
