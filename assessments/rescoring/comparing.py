"""Scoring stored results by what holds now, and telling who moves by it and which constant moves them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from assessments import constants, results
from assessments.chain.rows import Mask, Rows
from assessments.constants import Constants
from assessments.rescoring import reading
from assessments.rescoring.reading import Group, Scoring, Stored
from scoring import maturity
from scoring.maturity import Scores
from scoring.model import BadModel, Rubric
from scoring.scale import Codes

QUESTIONNAIRE = "questionnaire"
# Stands where there is no self-check score.
NO_SCORE = np.iinfo(np.int32).min

Step: TypeAlias = tuple[int | None, int | None]
# A column a set that is told of, and one for the self-check score.
Told: TypeAlias = NDArray[np.int32]


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
    """A result that scores otherwise: [level before, after] by set that moves, and what moves it.

    `official` is its self-check score before and after, moved or not.
    """

    row: int
    levels: Mapping[str, Step]
    official: Step
    causes: tuple[Cause, ...]


@dataclass(frozen=True, eq=False)
class Compared:
    """The results of a group beside what they score by now; all rows align with `stored`.

    `levels_before` are by set of the wanted version, `before` and `after` what is told of them.
    """

    group: Group
    stored: Stored
    levels_before: Codes
    scores: Scores
    before: Told
    after: Told

    @cached_property
    def moving(self) -> Rows:
        """The rows of which a level or the self-check score changes, in rising order."""
        return np.flatnonzero(np.any(self.before != self.after, axis=1))

    def moves(self, rows: Sequence[int] | Rows) -> Iterator[Move]:
        """Give who moves among these rows, and why."""
        names = [self.scores.rubric.sets[column].name for column in told_sets(self.scores.rubric)]
        known, reasons = self._reasons
        places = np.flatnonzero(np.isin(self.moving, rows))
        for place, row in zip(places.tolist(), self.moving[places].tolist(), strict=True):
            *was, official_was = self.before[row].tolist()
            *becomes, official_becomes = self.after[row].tolist()
            steps = zip(names, was, becomes, strict=True)
            yield Move(
                row,
                {name: (old or None, new or None) for name, old, new in steps if old != new},
                (_points(official_was), _points(official_becomes)),
                known[reasons[place]],
            )

    @cached_property
    def _reasons(self) -> tuple[list[tuple[Cause, ...]], list[int]]:
        """Every combination of causes, and which of them moves each row that moves."""
        changed = tuple(changes(self.group))
        alone = list(_alone(self))
        bits = sum((does.astype(np.int64) << bit for bit, (_cause, does) in enumerate(alone)), np.int64(0))
        combined, which = np.unique(np.broadcast_to(bits, self.moving.shape), return_inverse=True)
        known = [
            tuple(cause for bit, (cause, _does) in enumerate(alone) if number >> bit & 1) or changed
            for number in combined.tolist()
        ]
        return known, which.tolist()


def compare(session: Session) -> list[Compared]:
    """Score every current result that another scoring would be by now; writes nothing."""
    return [_compared(session, group) for group in reading.groups(session) if group.is_stale]


def told_sets(rubric: Rubric) -> list[int]:
    """The columns of the sets whose moves are told: axes, lenses, and domains that are not a whole axis."""
    axes = rubric.axis_columns
    whole = {frozenset(axis.members) for axis in rubric.axes}
    lenses = range(len(rubric.sets) - len(rubric.lenses), len(rubric.sets))
    parts = [column for column, one in enumerate(rubric.domains) if frozenset(one.members) not in whole]
    return [*axes, *lenses, *parts]


def causes_of(stored: Sequence[Mapping[str, Any]]) -> tuple[Cause, ...]:
    """Give causes as they were kept with a move."""
    return tuple(Cause(**one) for one in stored)


@lru_cache(maxsize=64)
def as_kept(causes: tuple[Cause, ...]) -> list[dict[str, Any]]:
    """Give causes as they are kept with a move."""
    return [asdict(one) for one in causes]


def _compared(session: Session, group: Group) -> Compared:
    stored = reading.read(session, group)
    own = maturity.score(_rubric(group.own), stored.own_codes, stored.own_assurance)
    scores = maturity.score(_rubric(group.wanted), stored.codes, stored.renewed)
    levels_before = _in_order_of(group.wanted, group.own, own.level)
    return Compared(
        group=group,
        stored=stored,
        levels_before=levels_before,
        scores=scores,
        before=_told(group.wanted, levels_before, own),
        after=_told(group.wanted, scores.level, scores),
    )


def _told(wanted: Scoring, levels: Codes, scores: Scores) -> Told:
    """What is told of these levels, in the order of the wanted version's sets, and of the self-check."""
    official = np.where(scores.has_official, scores.official, NO_SCORE)
    told: Told = np.column_stack([levels[:, told_sets(_rubric(wanted))], official]).astype(np.int32)
    return told


def _points(official: int) -> int | None:
    return None if official == NO_SCORE else official


def _rubric(scoring: Scoring) -> Rubric:
    return results.rubric(scoring.content, scoring.chosen)


def _in_order_of(wanted: Scoring, own: Scoring, level: Codes) -> Codes:
    """Levels in the order of the wanted version's sets; 0 where the own one has no such set."""
    places = {named.name: place for place, named in enumerate(_rubric(own).sets)}
    found = np.zeros((len(level), len(_rubric(wanted).sets)), dtype=np.int8)
    for column, named in enumerate(_rubric(wanted).sets):
        if named.name in places:
            found[:, column] = level[:, places[named.name]]
    return found


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


def _alone(compared: Compared) -> Iterator[tuple[Cause, Mask]]:
    """Each change, and which of the rows that move it alone brings to a new level or score of theirs."""
    rows, group, stored = compared.moving, compared.group, compared.stored
    before, after = compared.before[rows], compared.after[rows]
    for cause in changes(group):
        variant = _variant(group, cause)
        if variant is None:
            continue
        codes, proof = _said(group, stored, variant)
        scores = maturity.score(_rubric(variant), codes[rows], proof[rows])
        told = _told(group.wanted, _in_order_of(group.wanted, variant, scores.level), scores)
        does: Mask = np.any((before != after) & (told == after), axis=1)
        yield cause, does


def _said(group: Group, stored: Stored, variant: Scoring) -> tuple[Codes, Codes]:
    """The answers and their assurance as a variant scores them."""
    is_renewed = variant.evidence_days() != group.own.evidence_days()
    if variant.published is group.own.published:
        return stored.own_codes, stored.own_renewed if is_renewed else stored.own_assurance
    return stored.codes, stored.renewed if is_renewed else stored.assurance


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
