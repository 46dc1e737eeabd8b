"""Who would change band if one of the constants we chose moved by a fifth, as a picture has them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from assessments import proof
from assessments.chain.picture import Picture, drawn, fits
from assessments.chain.rows import NO_ROW, Rows
from assessments.counting import first_day
from scoring import risk
from scoring.maturity import grade
from scoring.risk import SENSITIVITY
from scoring.scale import Codes
from scoring.tallies import Tallies, tally

PERCENT = SENSITIVITY
DAYS, MONTHS = "evidence_days", "months_current"
WHOLE = 100


@dataclass(frozen=True, slots=True)
class Swing:
    """A constant moved from `was` to `becomes`, and the suppliers that change band by it, foremost first.

    `place` as in the model's list; bands' borders are in hundredths. `places` are those of the picture.
    """

    constant: str
    place: int
    was: int
    becomes: int
    places: tuple[int, ...]
    bands_was: tuple[str, ...]
    bands_become: tuple[str, ...]
    higher: int

    @property
    def lower(self) -> int:
        """How many come into a lower band."""
        return len(self.places) - self.higher


def swings(session: Session, picture: Picture, *, now: datetime) -> tuple[Swing, ...]:
    """Give every move of a constant that changes a supplier's band.

    `scoring.risk`'s, those of the days for which evidence counts, and of the months for which a result does.
    """
    found: tuple[Swing, ...] | None = picture.worked_out.get("swings")
    if found is None:
        found = (*_scored(picture), *_proven(session, picture), *_in_time(picture, now))
        picture.worked_out["swings"] = found
    return found


def _scored(picture: Picture) -> Iterator[Swing]:
    """The moves of what scores and weighs: results stay, their levels and bands move.

    From the levels the picture shows; they are by the constants that hold unless scoring anew waits.
    """
    chain = picture.chain
    fitting = np.flatnonzero(fits(chain, picture.wanted))
    exposures = chain.relationships.exposures[fitting]
    place = np.searchsorted(picture.suppliers, chain.relationships.supplier[fitting])
    levels = picture.levels[place]
    today = risk.prioritise(chain.rubric, exposures, levels)
    bands = np.where(today.is_graded, today.band, NO_ROW).astype(np.int64)
    before = _highest(bands, place, len(picture))
    for shift in risk.band_changes(chain.rubric, exposures, _tallies(picture, place), standing=levels):
        then = bands.copy()
        then[shift.rows] = shift.band_becomes
        after = _highest(then, place, len(picture))
        if np.any(before != after):
            moved = (shift.constant, shift.place, shift.was, shift.becomes)
            yield _swing(picture, moved, before, after)


def _proven(session: Session, picture: Picture) -> Iterator[Swing]:
    """The moves of the days for which evidence counts: answers stay, what is proven comes or goes."""
    chain, has, before = picture.chain, picture.has_result, _bands(picture)
    was, rows = proof.evidence_days(chain.content, chain.constants), picture.result[has]
    suppliers, codes = chain.suppliers.ids[picture.suppliers[has]].tolist(), chain.scored.codes[rows]
    submitted = proof.on_days(suppliers, chain.scored.submitted[rows].tolist(), chain.zone)
    today = _graded(picture, codes, chain.scored.assurance[rows])
    for becomes in _by_a_fifth(was):
        standing = proof.pieces(session, chain.content, suppliers, days=becomes)
        then = _graded(picture, codes, proof.assured(codes, submitted, standing))
        levels = picture.levels.copy()
        levels[has] = np.where(then == today, levels[has], then)
        after = _regraded(picture, levels)
        if np.any(before != after):
            yield _swing(picture, (DAYS, 0, was, becomes), before, after)


def _in_time(picture: Picture, now: datetime) -> Iterator[Swing]:
    """The moves of the months for which a result counts: levels stay, results come or go."""
    was, before = picture.chain.months_current, _bands(picture)
    for becomes in _by_a_fifth(was):
        other = drawn(picture.chain, picture.wanted, first_day(now, becomes, picture.chain.zone))
        after = _bands(other)
        if np.any(before != after):
            yield _swing(picture, (MONTHS, 0, was, becomes), before, after)


def _by_a_fifth(was: int) -> Iterator[int]:
    """A fifth less and a fifth more, to the nearest whole."""
    for share in (WHOLE - PERCENT, WHOLE + PERCENT):
        yield (2 * was * share + WHOLE) // (2 * WHOLE)


def _swing(picture: Picture, moved: tuple[str, int, int, int], before: Rows, after: Rows) -> Swing:
    order, names = picture.by_priority, picture.chain.rubric.model.band_names
    places = order[before[order] != after[order]]
    return Swing(
        *moved,
        places=tuple(places.tolist()),
        bands_was=_named(names, before[places]),
        bands_become=_named(names, after[places]),
        higher=int(np.count_nonzero(after[places] > before[places])),
    )


def _bands(picture: Picture) -> Rows:
    """Each supplier's band, NO_ROW where none is graded."""
    priorities = picture.priorities
    return np.where(priorities.is_graded, priorities.band, NO_ROW).astype(np.int64)


def _graded(picture: Picture, codes: Codes, assurance: Codes) -> Codes:
    """The levels of these answers by set."""
    rubric = picture.chain.rubric
    return grade(rubric.model, tally(rubric, codes, assurance))[1]


def _regraded(picture: Picture, levels: Codes) -> Rows:
    """Each supplier's band with these levels in place of its own."""
    chain = picture.chain
    fitting = np.flatnonzero(fits(chain, picture.wanted))
    place = np.searchsorted(picture.suppliers, chain.relationships.supplier[fitting])
    found = risk.prioritise(chain.rubric, chain.relationships.exposures[fitting], levels[place])
    bands = np.where(found.is_graded, found.band, NO_ROW).astype(np.int64)
    return _highest(bands, place, len(picture))


def _tallies(picture: Picture, place: Rows) -> Tallies:
    """The sums of each relationship's supplier; nothing but zeros without a result."""
    rubric, scored = picture.chain.rubric, picture.chain.scored
    codes = np.zeros((len(picture), rubric.questions), dtype=np.int8)
    proof: Codes = np.zeros_like(codes)
    codes[picture.has_result] = scored.codes[picture.result[picture.has_result]]
    proof[picture.has_result] = scored.assurance[picture.result[picture.has_result]]
    return tally(rubric, codes[place], proof[place])


def _highest(bands: Rows, place: Rows, suppliers: int) -> Rows:
    """The highest band among each supplier's relationships, NO_ROW where none is graded."""
    highest = np.full(suppliers, NO_ROW, dtype=np.int64)
    np.maximum.at(highest, place, bands)
    return highest


def _named(names: Sequence[str], bands: Rows) -> tuple[str, ...]:
    return tuple(names[band] for band in bands.tolist())
