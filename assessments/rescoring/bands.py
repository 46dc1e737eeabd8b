"""The band of suppliers before and after their levels move. The buyer's alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import func
from sqlalchemy.orm import Session

from assessments import proof
from assessments.chain.loading import EXPOSURES, raw_columns
from assessments.chain.rows import NO_ROW, Mask, Rows
from assessments.counting import first_day, start
from assessments.models import AssessmentResult, Relationship
from assessments.rescoring.comparing import Compared
from assessments.rescoring.reading import IS_CURRENT
from scoring import risk
from scoring.model import Rubric
from scoring.scale import Codes


@dataclass(frozen=True, eq=False)
class Bands:
    """The bands of a comparison's rows before and after, as places among `names`; NO_ROW for none.

    None where the row does not move, its supplier has no priority, or it is not the result that counts.
    """

    names: tuple[str, ...]
    before: Codes
    after: Codes

    def of(self, row: int) -> tuple[str | None, str | None]:
        """Give the band before and after of a row."""
        before, after = int(self.before[row]), int(self.after[row])
        if NO_ROW in (before, after):
            return None, None
        return self.names[before], self.names[after]


@dataclass(frozen=True, eq=False)
class _Between:
    """Relationships as arrays: their suppliers' ids in rising order, and their exposures."""

    supplier_ids: Rows
    exposures: Codes


def bands(session: Session, compared: Sequence[Compared], *, now: datetime) -> list[Bands]:
    """Give the bands of those that move, before and after, one for each comparison."""
    if not any(len(one.moving) for one in compared):
        return [_none(one) for one in compared]
    between = _relationships(session)
    counting: dict[int, Rows] = {}
    found = []
    for one in compared:
        months = int(one.group.wanted.chosen.applied(one.group.wanted.content.model)["months_current"])
        if months not in counting:
            counting[months] = _counting(session, months, now)
        found.append(_bands(one, between, counting[months]))
    return found


def _none(one: Compared) -> Bands:
    """Bands of nobody, to be filled."""
    before, after = (np.full(len(one.stored), NO_ROW, dtype=np.int8) for _side in range(2))
    return Bands(one.scores.rubric.model.band_names, before, after)


def _relationships(session: Session) -> _Between:
    columns = (Relationship.supplier_id, *(func.coalesce(column, 0) for column in EXPOSURES))
    supplier_ids, *exposures = raw_columns(
        session, *columns, order=(Relationship.supplier_id, Relationship.id)
    )
    return _Between(np.array(supplier_ids, dtype=np.int64), np.array(exposures, dtype=np.int8).T)


def _counting(session: Session, months: int, now: datetime) -> Rows:
    """The ids of the results that count: the newest of each supplier, within so many months; sorted."""
    zone = proof.zone(session)
    oldest = start(first_day(now, months, zone), zone)
    ids, supplier_ids = raw_columns(
        session,
        AssessmentResult.id,
        AssessmentResult.supplier_id,
        order=(AssessmentResult.submitted_at, AssessmentResult.id),
        where=IS_CURRENT & (AssessmentResult.submitted_at >= oldest),
    )
    newest = dict(zip(supplier_ids, ids, strict=True))
    return np.sort(np.array(list(newest.values()), dtype=np.int64))


def _bands(one: Compared, between: _Between, counting: Rows) -> Bands:
    found = _none(one)
    rows = one.moving[np.isin(one.stored.ids[one.moving], counting)]
    place, row_of = _theirs(between.supplier_ids, one.stored.supplier_ids[rows])
    rubric, exposures = one.scores.rubric, between.exposures[place]
    for side, levels in ((found.before, one.levels_before), (found.after, one.scores.level)):
        side[rows] = _highest(rubric, exposures, levels[rows][row_of], row_of, len(rows))
    return found


def _theirs(sorted_ids: Rows, wanted: Rows) -> tuple[Rows, Rows]:
    """The places of these suppliers' relationships, and which of `wanted` each belongs to."""
    order = np.argsort(wanted)
    at = np.searchsorted(wanted[order], sorted_ids)
    is_theirs: Mask = np.zeros(len(sorted_ids), dtype=np.bool_)
    within = at < len(wanted)
    is_theirs[within] = wanted[order][at[within]] == sorted_ids[within]
    place = np.flatnonzero(is_theirs)
    return place, order[at[place]]


def _highest(rubric: Rubric, exposures: Codes, levels: Codes, row_of: Rows, rows: int) -> Rows:
    """The highest band among each supplier's relationships, NO_ROW where none is graded."""
    priorities = risk.prioritise(rubric, exposures, levels)
    highest = np.full(rows, NO_ROW, dtype=np.int64)
    graded = priorities.is_graded
    np.maximum.at(highest, row_of[graded], priorities.band[graded].astype(np.int64))
    return highest
