"""Who would change band if one of the constants we chose moved by a fifth, as a picture has them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assessments.chain.picture import Picture, fits
from assessments.chain.rows import NO_ROW, Rows
from scoring import risk
from scoring.maturity import grade
from scoring.risk import SENSITIVITY
from scoring.scale import Codes
from scoring.tallies import Tallies, tally

PERCENT = SENSITIVITY


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


def swings(picture: Picture) -> tuple[Swing, ...]:
    """Give every move of a constant that changes a supplier's band, as `scoring.risk` moves them."""
    found: tuple[Swing, ...] | None = picture.worked_out.get("swings")
    if found is None:
        found = picture.worked_out["swings"] = _swings(picture)
    return found


def _swings(picture: Picture) -> tuple[Swing, ...]:
    chain = picture.chain
    fitting = np.flatnonzero(fits(chain, picture.wanted))
    exposures = chain.relationships.exposures[fitting]
    place = np.searchsorted(picture.suppliers, chain.relationships.supplier[fitting])
    tallies = _tallies(picture, place)
    levels = grade(chain.rubric.model, tallies)[1]
    today = risk.prioritise(chain.rubric, exposures, levels)
    bands = np.where(today.is_graded, today.band, NO_ROW).astype(np.int64)
    before, names = _highest(bands, place, len(picture)), chain.rubric.model.band_names
    order = picture.by_priority
    found = []
    for shift in risk.band_changes(chain.rubric, exposures, tallies):
        then = bands.copy()
        then[shift.rows] = shift.band_becomes
        after = _highest(then, place, len(picture))
        moved = order[before[order] != after[order]]
        if len(moved):
            found.append(
                Swing(
                    constant=shift.constant,
                    place=shift.place,
                    was=shift.was,
                    becomes=shift.becomes,
                    places=tuple(moved.tolist()),
                    bands_was=_named(names, before[moved]),
                    bands_become=_named(names, after[moved]),
                    higher=int(np.count_nonzero(after[moved] > before[moved])),
                )
            )
    return tuple(found)


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
