"""The band of suppliers before and after their levels move. The buyer's alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import func
from sqlalchemy.orm import Session

from assessments.chain.loading import EXPOSURES, raw_columns
from assessments.chain.picture import months_before
from assessments.chain.rows import NO_ROW, Mask, Rows
from assessments.models import AssessmentResult, Relationship
from assessments.rescoring.comparing import Compared
from assessments.rescoring.reading import IS_CURRENT
from scoring import risk
from scoring.model import Rubric
from scoring.scale import Codes

Bands = Mapping[int, tuple[str | None, str | None]]


@dataclass(frozen=True, eq=False)
class _Between:
    """Relationships as arrays: their suppliers' ids in rising order, and their exposures."""

    supplier_ids: Rows
    exposures: Codes


def bands(session: Session, compared: Sequence[Compared], *, now: datetime) -> list[Bands]:
    """Give (before, after) by row of those that move, a map for each comparison.

    None where the supplier has no priority, and where the result is not the one that counts for it.
    """
    if not any(one.moves for one in compared):
        return [{} for _one in compared]
    between = _relationships(session)
    counting: dict[int, Rows] = {}
    found = []
    for one in compared:
        months = int(one.group.wanted.chosen.applied(one.group.wanted.content.model)["months_current"])
        if months not in counting:
            counting[months] = _counting(session, months, now)
        found.append(_bands(one, between, counting[months]))
    return found


def _relationships(session: Session) -> _Between:
    columns = (Relationship.supplier_id, *(func.coalesce(column, 0) for column in EXPOSURES))
    supplier_ids, *exposures = raw_columns(
        session, *columns, order=(Relationship.supplier_id, Relationship.id)
    )
    return _Between(np.array(supplier_ids, dtype=np.int64), np.array(exposures, dtype=np.int8).T)


def _counting(session: Session, months: int, now: datetime) -> Rows:
    """The ids of the results that count: the newest of each supplier, within so many months; sorted."""
    oldest = months_before(now, months)
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
    rows = np.array(sorted(one.moves), dtype=np.int64)
    counts = np.isin(one.stored.ids[rows], counting)
    found: dict[int, tuple[str | None, str | None]] = dict.fromkeys(rows.tolist(), (None, None))
    rows = rows[counts]
    place, row_of = _theirs(between.supplier_ids, one.stored.supplier_ids[rows])
    rubric, exposures = one.scores.rubric, between.exposures[place]
    before, after = (
        _highest(rubric, exposures, levels[rows][row_of], row_of, len(rows))
        for levels in (one.before, one.scores.level)
    )
    names = rubric.model.band_names
    for number, row in enumerate(rows.tolist()):
        if before[number] != NO_ROW:
            found[row] = (names[before[number]], names[after[number]])
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
