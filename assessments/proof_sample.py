"""Whom to ask for proof: a sample by exposure and a few by lot, never everybody; asking is a person's act."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import numpy as np

from assessments.chain.picture import Picture
from assessments.proof_content import SampleRules, sample_rules
from assessments.questionnaire_content import AxisContent, QuestionContent
from scoring.scale import Assurance, Level

PERCENT = 100


class Why(enum.StrEnum):
    """By what the buyer entrusts and depends on, or by lot."""

    EXPOSED = "exposed"
    LOT = "lot"


@dataclass(frozen=True, slots=True)
class AskedAbout:
    """An axis at level 3 by the supplier's word, and its essential questions without proof."""

    axis: AxisContent
    questions: tuple[QuestionContent, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A supplier to ask, why it and not another, and about which questions."""

    public_id: str
    name: str
    code: str
    inherent: int
    why: Why
    about: tuple[AskedAbout, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """Those proposed, of so many who could be asked: a level 3 by their word alone, and no proof waiting."""

    candidates: int
    proposed: tuple[Proposed, ...]


def propose(picture: Picture, *, capacity: int, on: date, without: Iterable[str]) -> Sample:
    """Propose whom to ask in the month of `on`; the same month gives the same lot.

    `capacity` is how many the team can handle, `without` are public ids of suppliers whose proof waits for
    a reader already. Never more than the content's share of those who could be asked.
    """
    rules, left_out = sample_rules(), frozenset(without)
    public_ids = [picture.chain.suppliers.public_ids[row] for row in picture.suppliers.tolist()]
    candidates = [
        place
        for place in np.flatnonzero(_could_be_asked(picture)).tolist()
        if public_ids[place] not in left_out and _about(picture, place, rules)
    ]
    count = min(capacity, len(candidates) * rules.largest_share // PERCENT)
    by_lot = count * rules.at_random // PERCENT
    ranked = sorted(candidates, key=lambda place: _foremost_first(picture, place))
    exposed, rest = ranked[: count - by_lot], ranked[count - by_lot :]
    drawn = sorted(rest, key=lambda place: _ticket(on, public_ids[place]))[:by_lot]
    return Sample(
        candidates=len(candidates),
        proposed=(
            *(_proposed(picture, place, Why.EXPOSED, rules) for place in exposed),
            *(_proposed(picture, place, Why.LOT, rules) for place in drawn),
        ),
    )


def _could_be_asked(picture: Picture) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Who has a priority, and a level 3 on an axis."""
    columns = list(picture.chain.rubric.axis_columns)
    is_done = np.any(picture.levels[:, columns] == Level.DONE, axis=1)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        picture.has_result & picture.priorities.is_graded & is_done
    )
    return found


def _foremost_first(picture: Picture, place: int) -> tuple[int, int, int]:
    inherent = int(picture.priorities.inherent[place])
    return (-inherent, -int(picture.spend[place]), int(picture.suppliers[place]))


def _ticket(on: date, public_id: str) -> str:
    return sha256(f"{on:%Y-%m}:{public_id}".encode()).hexdigest()


def _proposed(picture: Picture, place: int, why: Why, rules: SampleRules) -> Proposed:
    suppliers, row = picture.chain.suppliers, int(picture.suppliers[place])
    return Proposed(
        public_id=suppliers.public_ids[row],
        name=suppliers.names[row],
        code=suppliers.codes[row],
        inherent=int(picture.priorities.inherent[place]),
        why=why,
        about=_about(picture, place, rules),
    )


def _about(picture: Picture, place: int, rules: SampleRules) -> tuple[AskedAbout, ...]:
    """The essential questions of the axes at level 3 that nothing but the supplier's word stands behind."""
    chain = picture.chain
    assurance = chain.scored.assurance[picture.result[place]]
    found = []
    for axis in chain.content.axes:
        if picture.levels[place, chain.rubric.column(axis.key)] != Level.DONE:
            continue
        unproven = tuple(
            question
            for question, proof in zip(chain.content.scored, assurance.tolist(), strict=True)
            if question.axis == axis.key and question.essential and proof < Assurance.EVIDENCED
        )
        if unproven:
            found.append(AskedAbout(axis, unproven[: rules.most_questions]))
    return tuple(found)
