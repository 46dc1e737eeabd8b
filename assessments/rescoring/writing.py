"""Writing new snapshots in short chunks, and who moved beside them. What stands is never edited."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from typing import cast as typed

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    JSON,
    LargeBinary,
    String,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from assessments.models import Assessment, AssessmentResult, RescoringMove
from assessments.models.base import new_public_id, one_of
from assessments.rescoring.bands import Bands
from assessments.rescoring.comparing import Compared, Move, as_kept
from scoring.scale import Level

# So many results are written in one transaction: far less than the writer's 200 ms.
CHUNK = 400

Given: TypeAlias = Mapping[str, Any]

_COPIED = ("submission_id", "assessment_id", "supplier_id", "submitted_at")
_GIVEN: Mapping[str, Any] = {
    "before": AssessmentResult.id.type,
    "public_id": String(),
    "codes": LargeBinary(),
    "assurance": LargeBinary(),
    "reasons": LargeBinary(),
    "supports": LargeBinary(),
    "levels": JSON(),
    "scores": JSON(),
    "official_score": AssessmentResult.official_score.type,
    "unknown_count": AssessmentResult.unknown_count.type,
    "absent_count": AssessmentResult.absent_count.type,
}
_moves = typed(Table, RescoringMove.__table__)
_MOVED: Mapping[str, Any] = {
    "assessment_id": Assessment.id.type,
    "before_id": RescoringMove.before_id.type,
    "supplier_id": RescoringMove.supplier_id.type,
    "axes": JSON(),
    "causes": JSON(),
    "band_before": String(),
    "band_after": String(),
}


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some rows of a comparison, ready to be written; `moves` are those that move."""

    compared: Compared
    rows: range
    facts: list[dict[str, Any]]
    moves: dict[int, dict[str, Any]]


def chunks(compared: Compared, bands: Bands) -> Iterator[Chunk]:
    """Give the rows of a comparison in chunks, reckoned and packed before any transaction begins."""
    for start in range(0, len(compared.stored), CHUNK):
        rows = range(start, min(start + CHUNK, len(compared.stored)))
        moves = {move.row: _kept(compared, bands, move) for move in compared.moves(rows)}
        yield Chunk(compared, rows, _facts(compared, rows), moves)


def write(session: Session, rescoring_id: int, chunk: Chunk, *, now: datetime) -> int:
    """Write the chunk's snapshots as the next judgements, and who moved; gives how many.

    A result that was replaced since it was read is left alone: it is by what holds now already.
    """
    stored = chunk.compared.stored
    assessments = stored.assessment_ids[chunk.rows.start : chunk.rows.stop].tolist()
    before = stored.ids[chunk.rows.start : chunk.rows.stop].tolist()
    locked = select(Assessment.id).where(
        one_of(session, Assessment.id, assessments), one_of(session, Assessment.current_result_id, before)
    )
    standing = set(session.scalars(locked.order_by(Assessment.id).with_for_update()))
    rows = [row for row, assessment in zip(chunk.rows, assessments, strict=True) if assessment in standing]
    if not rows:
        return 0
    facts = [chunk.facts[row - chunk.rows.start] for row in rows]
    _insert(session, _GIVEN, facts, lambda given: _snapshot(chunk.compared, given, now))
    _make_current(session, sorted(standing))
    _keep_moves(session, rescoring_id, chunk, rows)
    return len(rows)


def _facts(compared: Compared, rows: range) -> list[dict[str, Any]]:
    stored, scores = compared.stored, compared.scores
    part = slice(rows.start, rows.stop)
    names = [named.name for named in scores.rubric.sets]
    level, score = scores.level[part], scores.score[part]
    levels = _null_where(level == Level.NONE, level)
    points = _null_where(np.isnan(score), score)
    official, has_official = scores.official[part].tolist(), scores.has_official[part].tolist()
    unknown, absent = scores.unknown[part].tolist(), scores.absent[part].tolist()
    return [
        {
            "before": int(stored.ids[row]),
            "public_id": new_public_id(),
            "codes": stored.codes[row].tobytes(),
            "assurance": stored.renewed[row].tobytes(),
            "reasons": stored.reasons[row].tobytes(),
            "supports": stored.supports[row].tobytes(),
            "levels": dict(zip(names, levels[at], strict=True)),
            "scores": dict(zip(names, points[at], strict=True)),
            "official_score": official[at] if has_official[at] else None,
            "unknown_count": unknown[at],
            "absent_count": absent[at],
        }
        for at, row in enumerate(rows)
    ]


def _null_where(is_missing: NDArray[np.bool_], numbers: NDArray[Any]) -> list[list[Any]]:
    """Plain numbers, None for those that are missing."""
    known = numbers.astype(object)
    known[is_missing] = None
    plain: list[list[Any]] = known.tolist()
    return plain


def _insert(
    session: Session, kinds: Mapping[str, Any], rows: list[dict[str, Any]], statement: Callable[[Given], Any]
) -> None:
    """Insert for each of the rows what the statement makes of it: at once, or, on SQLite, one by one."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        document = json.dumps(rows, default=bytes.hex)
        connection.execute(statement(_read_from(document, kinds)))
    else:
        singly = {name: bindparam(name, type_=kind) for name, kind in kinds.items()}
        connection.execute(statement(singly), rows)


def _read_from(document: str, kinds: Mapping[str, Any]) -> Given:
    """The columns of a JSON document of rows; bytes stand in it as hexadecimal digits."""
    is_packed = {name: isinstance(kind, LargeBinary) for name, kind in kinds.items()}
    named = [column(name, Text() if is_packed[name] else kind) for name, kind in kinds.items()]
    rows = func.json_to_recordset(cast(literal(document, Text()), JSON)).table_valued(*named, name="given")
    read = rows.render_derived(with_types=True).c
    return {name: func.decode(read[name], "hex") if is_packed[name] else read[name] for name in kinds}


def _snapshot(compared: Compared, given: Given, now: datetime) -> Any:
    """An insert of a snapshot of the `given` after the one before it."""
    wanted, table = compared.group.wanted, AssessmentResult.__table__
    constant = {
        "version_id": literal(wanted.published.version_id),
        "model": literal(wanted.content.model["id"]),
        "scoring_checksum": literal(wanted.content.scoring_checksum),
        "constants_checksum": literal(wanted.chosen.checksum),
        "scored_at": literal(now, AssessmentResult.scored_at.type),
        "judgement": table.c.judgement + 1,
    }
    values = {name: table.c[name] for name in _COPIED} | constant
    values |= {name: given[name] for name in _GIVEN if name != "before"}
    row = select(*values.values()).where(table.c.id == given["before"])
    return insert(AssessmentResult).from_select(list(values), row, include_defaults=False)


def _move(rescoring_id: int, given: Given) -> Any:
    """An insert of a move from the snapshot before to what is current by now."""
    values = {name: given[name] for name in _MOVED if name != "assessment_id"}
    values |= {"rescoring_id": literal(rescoring_id), "result_id": Assessment.current_result_id}
    row = select(*values.values()).where(Assessment.id == given["assessment_id"])
    return insert(_moves).from_select(list(values), row, include_defaults=False)


def _make_current(session: Session, assessment_ids: list[int]) -> None:
    newest = (
        select(func.max(AssessmentResult.id))
        .where(AssessmentResult.assessment_id == Assessment.id)
        .scalar_subquery()
    )
    session.execute(
        update(Assessment)
        .where(one_of(session, Assessment.id, assessment_ids))
        .values(current_result_id=newest)
        .execution_options(synchronize_session=False)
    )


def _kept(compared: Compared, bands: Bands, move: Move) -> dict[str, Any]:
    """What is kept of a move, by column."""
    band_before, band_after = bands.of(move.row)
    return {
        "before_id": int(compared.stored.ids[move.row]),
        "supplier_id": int(compared.stored.supplier_ids[move.row]),
        "axes": move.levels,
        "causes": as_kept(move.causes),
        "band_before": band_before,
        "band_after": band_after,
    }


def _keep_moves(session: Session, rescoring_id: int, chunk: Chunk, rows: list[int]) -> None:
    stored = chunk.compared.stored
    moves = [
        {"assessment_id": int(stored.assessment_ids[row]), **chunk.moves[row]}
        for row in rows
        if row in chunk.moves
    ]
    if moves:
        _insert(session, _MOVED, moves, lambda given: _move(rescoring_id, given))
