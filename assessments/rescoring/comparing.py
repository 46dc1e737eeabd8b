"""Scoring stored results by what holds now, and telling whose level moves and which constant moves it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from assessments import constants, results
from assessments.constants import Constants
from assessments.rescoring import reading
from assessments.rescoring.reading import Group, Scoring, Stored
from scoring import maturity
from scoring.maturity import Scores
from scoring.model import BadModel
from scoring.scale import Codes

QUESTIONNAIRE = "questionnaire"


@dataclass(frozen=True, slots=True)
class Cause:
    """A constant that changed, with what it was and becomes; `place` as in the model's list.

    Or the QUESTIONNAIRE: `was` and `becomes` are its versions then.
    """

    constant: str
    place: int
    was: float | str
    becomes: float | str


@dataclass(frozen=True, slots=True)
class Move:
    """A result whose level changes on an axis: [before, after] by axis, and what moves it."""

    row: int
    axes: Mapping[str, tuple[int | None, int | None]]
    causes: tuple[Cause, ...]


@dataclass(frozen=True, eq=False)
class Compared:
    """The results of a group beside what they score by now; all rows align with `stored`."""

    group: Group
    stored: Stored
    before: Codes
    scores: Scores

    @cached_property
    def moves(self) -> dict[int, Move]:
        """Whose level changes on an axis, by row."""
        return {move.row: move for move in _moves(self)}


def compare(session: Session) -> list[Compared]:
    """Score every current result that another scoring would be by now; writes nothing."""
    return [_compared(session, group) for group in reading.groups(session) if group.is_stale]


def causes_of(stored: Sequence[Mapping[str, Any]]) -> tuple[Cause, ...]:
    """Give causes as they were kept with a move."""
    return tuple(Cause(**one) for one in stored)


def as_kept(causes: Sequence[Cause]) -> list[dict[str, Any]]:
    """Give causes as they are kept with a move."""
    return [asdict(one) for one in causes]


def _compared(session: Session, group: Group) -> Compared:
    stored = reading.read(session, group)
    own = maturity.score(_rubric(group.own), stored.own_codes, stored.own_assurance)
    return Compared(
        group=group,
        stored=stored,
        before=_in_order_of(group.wanted, group.own, own.level),
        scores=maturity.score(_rubric(group.wanted), stored.codes, stored.assurance),
    )


def _rubric(scoring: Scoring) -> Any:
    return results.rubric(scoring.content, scoring.chosen)


def _in_order_of(wanted: Scoring, own: Scoring, level: Codes) -> Codes:
    """Levels in the order of the wanted version's sets; 0 where the own one has no such set."""
    places = {named.name: place for place, named in enumerate(_rubric(own).sets)}
    found = np.zeros((len(level), len(_rubric(wanted).sets)), dtype=np.int8)
    for column, named in enumerate(_rubric(wanted).sets):
        if named.name in places:
            found[:, column] = level[:, places[named.name]]
    return found


def _moves(compared: Compared) -> Iterator[Move]:
    rubric = compared.scores.rubric
    columns = list(rubric.axis_columns)
    before, after = compared.before[:, columns], compared.scores.level[:, columns]
    rows = np.flatnonzero(np.any(before != after, axis=1))
    alone = _alone(compared, rows)
    changed = tuple(changes(compared.group))
    for place, row in enumerate(rows.tolist()):
        was, becomes = before[row].tolist(), after[row].tolist()
        moved = [axis for axis in range(len(columns)) if was[axis] != becomes[axis]]
        causes = tuple(
            cause
            for cause, levels in alone
            if any(levels[place, columns[axis]] == becomes[axis] for axis in moved)
        )
        names = [rubric.axes[axis].name for axis in moved]
        steps = [(was[axis] or None, becomes[axis] or None) for axis in moved]
        yield Move(row, dict(zip(names, steps, strict=True)), causes or changed)


def changes(group: Group) -> Iterator[Cause]:
    """Give what differs between what a group is scored by and what it should be by now."""
    own, wanted = group.own.level_facts(), group.wanted.level_facts()
    for key in own:
        was, becomes = (value if isinstance(value, list) else [value] for value in (own[key], wanted[key]))
        for place, (old, new) in enumerate(zip(was, becomes, strict=True)):
            if old != new:
                yield Cause(key, place, old, new)
    if group.own.published.version_id != group.wanted.published.version_id:
        yield Cause(QUESTIONNAIRE, 0, group.own.content.version, group.wanted.content.version)


def _alone(compared: Compared, rows: Any) -> list[tuple[Cause, Codes]]:
    """The levels of these rows with one change each on its own, in the order of the wanted sets."""
    found = []
    for cause in changes(compared.group):
        variant = _variant(compared.group, cause)
        if variant is None:
            continue
        is_own = variant.published is compared.group.own.published
        codes = (compared.stored.own_codes if is_own else compared.stored.codes)[rows]
        proof = (compared.stored.own_assurance if is_own else compared.stored.assurance)[rows]
        level = maturity.score(_rubric(variant), codes, proof).level
        found.append((cause, _in_order_of(compared.group.wanted, variant, level)))
    return found


def _variant(group: Group, cause: Cause) -> Scoring | None:
    """What the group is scored by, with one thing changed; None where that alone contradicts the rest."""
    if cause.constant == QUESTIONNAIRE:
        return Scoring(group.wanted.published, _with_facts(group.own.chosen, group.own.level_facts()))
    value = group.own.level_facts()[cause.constant]
    changed = [*value] if isinstance(value, list) else [value]
    changed[cause.place] = cause.becomes
    facts = {cause.constant: changed if isinstance(value, list) else changed[0]}
    chosen = _with_facts(group.own.chosen, facts)
    try:
        chosen.model(group.own.content.model)
    except BadModel:
        return None
    return Scoring(group.own.published, chosen)


def _with_facts(chosen: Constants, facts: Mapping[str, Any]) -> Constants:
    return constants.trial({**chosen.chosen, **facts})
