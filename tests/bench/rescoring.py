"""Scoring 100 000 stored results anew through the database, on SQLite and PostgreSQL."""

import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import event, func, insert, select, update
from sqlalchemy.orm import Session

from assessments import constants, questionnaires
from assessments.models import (
    Assessment,
    AssessmentResult,
    AssessmentState,
    JobState,
    Relationship,
    Submission,
    Supplier,
    User,
)
from assessments.questionnaire_content import Content, read
from assessments.rescoring import runs, writing
from portal import clock, schema, tasks
from portal import rescoring_work as work
from portal.db import Database
from scoring.scale import AnswerCode, Assurance, Codes
from tests import factories, servers
from tests.bench import stage
from tests.bench.measuring import MILLI, Cost, line

RESULTS = 100_000
AT_ONCE = 5_000
GOAL = "≤ 20 s"
RUNNER = work.rescore


def lines(folder: Path) -> Iterator[str]:
    """Measure on both databases and give a line each, and one for the longest transaction that writes."""
    folder.mkdir()
    yield from _measured(Database(f"sqlite:///{folder / 'sanpo.db'}"), folder, "SQLite")
    with servers.postgresql() as server:
        yield from _measured(Database(server.create("rescoring")), folder, "PostgreSQL")


def _measured(database: Database, folder: Path, name: str) -> Iterator[str]:
    schema.migrate(database)
    _fill(database)
    with database.writer.begin() as session:
        _choose(session)
        _run, job = runs.request(session, now=clock.now(), by=None)
        job_id = job.id
    held = _watched(database)
    began_cpu, began = time.process_time(), time.perf_counter()
    assert tasks.run(database, stage.settings(folder), job_id) is JobState.DONE
    took = Cost((time.process_time() - began_cpu) * MILLI, (time.perf_counter() - began) * MILLI, 1)
    with database.reader() as session:
        rescored = session.scalar(
            select(func.count()).select_from(AssessmentResult).where(AssessmentResult.judgement > 1)
        )
        assert rescored == RESULTS, rescored
        moved = runs.moved_count(session, runs.runs(session)[0][0])
    database.dispose()
    yield line(f"score {RESULTS:,} anew, {moved:,} move, {name}", took, goal=GOAL)
    yield line(
        f"longest transaction of {writing.CHUNK}, {name}", Cost(0, max(held), len(held)), goal="≤ 200 ms"
    )


def _watched(database: Database) -> list[float]:
    """Gather how long each transaction that writes is open, in milliseconds."""
    held: list[float] = []
    began: list[float] = []
    event.listen(database.write_engine, "begin", lambda _connection: began.append(time.perf_counter()))

    def ended(_connection: object) -> None:
        held.append((time.perf_counter() - began.pop()) * MILLI)

    event.listen(database.write_engine, "commit", ended)
    return held


def _choose(session: Session) -> None:
    constants.choose(
        session,
        read(factories.QUESTIONNAIRE).model,
        {"practice_0": Decimal(55), "practice_1": Decimal(85)},
        decided_by="bench",
        decided_on=factories.NOW.date(),
        reason="bench",
        today=factories.NOW.date(),
        now=factories.NOW,
        by=session.scalars(select(User)).first() or factories.user(session),
    )


def _fill(database: Database) -> None:
    """Put a supplier, a relationship, an assessment, a submission and a result in for each."""
    with database.writer.begin() as session:
        campaign = factories.campaign(session)
        unit, user = factories.whole_company(session), factories.user(session)
        facts = {"campaign": campaign.id, "version": campaign.version_id, "unit": unit.id, "user": user.id}
    dice = np.random.default_rng(2026)
    for start in range(1, RESULTS + 1, AT_ONCE):
        with database.writer.begin() as session:
            _fill_part(session, range(start, start + AT_ONCE), dice, **facts)
    if database.write_engine.dialect.name == "postgresql":
        with database.write_engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def _fill_part(
    session: Session,
    ids: range,
    dice: np.random.Generator,
    *,
    campaign: int,
    version: int,
    unit: int,
    user: int,
) -> None:
    content = questionnaires.published(session, version).content
    questions = len(content.scored)
    codes = dice.choice(
        [AnswerCode.IMPLEMENTED, AnswerCode.PARTIAL, AnswerCode.PLANNED, AnswerCode.UNKNOWN],
        size=(len(ids), questions),
        p=[0.65, 0.15, 0.15, 0.05],
    ).astype(np.int8)
    steps = dice.integers(1, 6, size=(len(ids), 3)).tolist()
    now = {"created_at": factories.NOW}
    _insert(session, Supplier, [_supplier(one) | now for one in ids])
    _insert(
        session,
        Relationship,
        [
            dict(zip(("confidentiality", "continuity", "connectivity"), grades, strict=True))
            | {"supplier_id": one, "business_unit_id": unit}
            for one, grades in zip(ids, steps, strict=True)
        ],
    )
    of = {"version_id": version}
    _insert(
        session,
        Assessment,
        [
            {"id": one, "supplier_id": one, "campaign_id": campaign, "axes": ["cyber"], **of, **now}
            | {"state": AssessmentState.SUBMITTED, "submitted_at": factories.NOW}
            for one in ids
        ],
    )
    _fill_results(session, content, ids, codes, version=version, user=user)


def _fill_results(
    session: Session, content: Content, ids: range, codes: Codes, *, version: int, user: int
) -> None:
    theirs = [{"assessment_id": one, "supplier_id": one, "submitted_at": factories.NOW} for one in ids]
    said = {"number": 1, "submitted_by_id": user, "content": "{}", "sha256": ""}
    _insert(session, Submission, [{"id": one["assessment_id"], **one, **said} for one in theirs])
    packed = _packed(content) | {"version_id": version}
    _insert(
        session,
        AssessmentResult,
        [
            {
                "submission_id": one["assessment_id"],
                **one,
                "version_id": version,
                **packed,
                "codes": codes[row].tobytes(),
            }
            for row, one in enumerate(theirs)
        ],
    )
    newest = select(AssessmentResult.id).where(AssessmentResult.assessment_id == Assessment.id)
    session.execute(
        update(Assessment)
        .where(Assessment.id.in_(ids))
        .values(current_result_id=newest.scalar_subquery())
        .execution_options(synchronize_session=False)
    )


def _packed(content: Content) -> dict[str, Any]:
    questions = len(content.scored)
    attested = np.full(questions, Assurance.ATTESTED, dtype=np.int8).tobytes()
    return {
        "assurance": attested,
        "reasons": bytes(questions),
        "supports": bytes(2 * questions),
        "levels": {},
        "scores": {},
        "model": content.model["id"],
        "scoring_checksum": content.scoring_checksum,
        "unknown_count": 0,
        "absent_count": 0,
        "scored_at": factories.NOW,
    }


def _supplier(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"取引先{number:06d}", "updated_at": factories.NOW}


def _insert(session: Session, model: Any, rows: list[dict[str, Any]]) -> None:
    session.execute(insert(model), rows)
