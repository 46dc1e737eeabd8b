"""Scoring anew: new snapshots beside the old, who moved and why, never twice, stopped and resumed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from assessments import jobs, questionnaire_content, results
from assessments.models import (
    Assessment,
    AssessmentResult,
    AuditEvent,
    JobState,
    Rescoring,
    Submission,
    User,
)
from assessments.rescoring import runs, writing
from assessments.rescoring.comparing import Cause
from portal import rescoring_work, tasks  # noqa: F401  its runner adds itself
from portal.db import Database
from portal.settings import Settings
from tests import factories, rescored, supply_chain
from tests.factories import NOW

pytestmark = pytest.mark.database


def test_who_falls_below_a_new_border_moves_and_is_told_why(
    session: Session, database: Database, settings: Settings
) -> None:
    aoba = rescored.answered(session, factories.supplier(session), wanting=15)
    best = rescored.answered(session, factories.stranger(session), wanting=0)
    for one in (aoba, best):
        factories.relationship(session, one.supplier)
    rescored.choose(session, practice_1=95)

    run = rescored.run(session, database, settings)

    [moved] = runs.moved(session, run, true())
    assert (moved.name, moved.axes) == (aoba.supplier.name, {"cyber": (3, 2)})
    assert moved.causes == (Cause("practice", 1, 80, 95),)
    # 3 x 70 % and 3 x 85 %: both moderate.
    assert (moved.band_before, moved.band_after) == ("moderate", "moderate")
    assert (level(session, aoba), level(session, best)) == (2, 3)


def test_a_lens_that_moves_a_band_is_told_beside_the_axes(
    session: Session, database: Database, settings: Settings
) -> None:
    aoba = factories.supplier(session)
    factories.relationship(session, aoba, confidentiality=1, continuity=4, connectivity=1)
    lens = questionnaire_content.read(factories.QUESTIONNAIRE).model["lenses"]["recovery"]
    unready = dict(zip(lens[1:], ("partial", "planned", "partial"), strict=True))
    one = rescored.said(session, aoba, unready)
    rescored.choose(session, practice_0=55)
    before = runs.trial(session, true(), now=NOW)

    run = rescored.run(session, database, settings)

    [moved] = runs.moved(session, run, true())
    assert before.moved == (moved,)
    assert (moved.axes, moved.lenses) == ({}, {"recovery": (2, 1)})
    # 4 x 85 % is 3.40, 4 x 100 % is 4.00.
    assert (moved.band_before, moved.band_after) == ("high", "very_high")
    assert moved.causes == (Cause("practice", 0, 50, 55),)
    assert current(session, one).levels["recovery"] == 1


def test_a_domain_that_moves_inside_an_axis_that_stays_is_told(
    session: Session, database: Database, settings: Settings
) -> None:
    rescored.answered(session, factories.supplier(session), wanting=15)
    rescored.choose(session, practice_0=79)

    run = rescored.run(session, database, settings)

    [moved] = runs.moved(session, run, true())
    assert (moved.axes, moved.domains) == ({}, {"organisation": (2, 1)})


def test_points_for_what_does_not_exist_move_the_self_check_alone(
    session: Session, database: Database, settings: Settings
) -> None:
    content = questionnaire_content.read(factories.QUESTIONNAIRE)
    item = next(one.key for one in content.scored if one.official_item and one.allows_absent)
    rescored.said(session, factories.supplier(session), {item: "absent"})
    rescored.answered(session, factories.stranger(session), wanting=15)
    rescored.choose(session, absent_official_points=1, practice_1=81)
    before = runs.trial(session, true(), now=NOW)

    run = rescored.run(session, database, settings)

    [moved] = runs.moved(session, run, true())
    assert before.moved == (moved,)
    assert (moved.levels, moved.official) == ({}, (100, 97))
    assert moved.causes == (Cause("absent_official_points", 0, 4, 1),)


def test_old_snapshots_stay_and_new_ones_follow_them(
    session: Session, database: Database, settings: Settings
) -> None:
    one = rescored.answered(session, factories.supplier(session), wanting=15)
    before = current(session, one)
    facts = {column: getattr(before, column) for column in list(AssessmentResult.__table__.columns.keys())}
    choice = rescored.choose(session, practice_1=95)

    rescored.run(session, database, settings)

    old, new = session.scalars(select(AssessmentResult).order_by(AssessmentResult.judgement))
    assert {column: getattr(old, column) for column in facts} == facts
    assert (new.judgement, new.constants_checksum) == (2, choice.checksum)
    assert (new.submitted_at, new.codes, new.supports) == (old.submitted_at, old.codes, old.supports)
    assert current(session, one) is new
    for result in (old, new):
        again = results.reproduced(session, result)
        assert {name: getattr(result, name) for name in again} == again


def test_twice_makes_nothing_new(session: Session, database: Database, settings: Settings) -> None:
    rescored.answered(session, factories.supplier(session), wanting=15)
    rescored.choose(session, practice_1=95)
    first = rescored.run(session, database, settings)

    second = rescored.run(session, database, settings)

    assert session.scalar(select(func.count()).select_from(AssessmentResult)) == 2
    assert runs.job_of(session, first).result == {"rescored": 1, "moved": 1}
    assert runs.job_of(session, second).result == {"rescored": 0, "moved": 0}
    assert runs.waiting(session).stale == 0


def test_what_changes_only_priorities_asks_for_nothing(session: Session) -> None:
    rescored.answered(session, factories.supplier(session), wanting=15)

    rescored.choose(session, effectiveness_3=50, star_exposure=5)

    assert runs.waiting(session).stale == 0


def test_a_trial_writes_nothing_and_tells_the_same(
    session: Session, database: Database, settings: Settings
) -> None:
    grown = supply_chain.grow(session, 40)
    rescored.choose(session, practice_0=60, practice_1=85)
    session.commit()

    before = runs.trial(session, true(), now=NOW)
    assert session.scalar(select(func.max(AssessmentResult.judgement))) == 1
    run = rescored.run(session, database, settings)

    told = runs.moved(session, run, true())
    assert told
    assert sorted(told, key=str) == sorted(before.moved, key=str)
    assert before.rescored == before.total
    assert grown.now.id


def test_a_run_equals_scoring_each_submission_by_itself(
    session: Session, database: Database, settings: Settings
) -> None:
    supply_chain.grow(session, 30)
    rescored.choose(session, practice_0=55, practice_1=70, absent_official_points=0)
    rescored.run(session, database, settings)

    for result in session.scalars(select(AssessmentResult).where(AssessmentResult.judgement == 2)):
        again = results.reproduced(session, result)
        assert {name: getattr(result, name) for name in again} == again


def test_evidence_that_counts_for_fewer_days_moves_who_rested_on_it(
    session: Session, database: Database, settings: Settings
) -> None:
    aoba = rescored.answered(session, factories.supplier(session), wanting=0)
    fresh = rescored.answered(session, factories.stranger(session), wanting=0)
    for one, days in ((aoba, 200), (fresh, 100)):
        rescored.proven(session, one, days=days)
    assert (level(session, aoba), level(session, fresh)) == (4, 4)
    rescored.choose(session, evidence_days=180, practice_0=51)
    assert runs.waiting(session).stale == 2

    run = rescored.run(session, database, settings)

    [moved] = runs.moved(session, run, true())
    assert (moved.name, moved.axes) == (aoba.supplier.name, {"cyber": (4, 3)})
    assert moved.causes == (Cause("evidence_days", 0, 365, 180),)
    assert (level(session, aoba), level(session, fresh)) == (3, 4)
    for result in session.scalars(select(AssessmentResult)):
        again = results.reproduced(session, result)
        assert {name: getattr(result, name) for name in again} == again

    rescored.choose(session)
    back = rescored.run(session, database, settings)
    assert [one.axes for one in runs.moved(session, back, true())] == [{"cyber": (3, 4)}]


def test_what_is_judged_while_other_days_wait_is_scored_by_them_at_once(session: Session) -> None:
    one = rescored.answered(session, factories.supplier(session), wanting=0)
    rescored.proven(session, one, days=200)
    rescored.choose(session, evidence_days=180)

    # The proof stays the same, but not by what holds now: a run that has read before must not undo it.
    rescored.proven(session, one, days=10)

    assert level(session, one) == 4
    assert runs.waiting(session).stale == 0


def test_other_weights_of_a_newer_version_move_levels_too(
    session: Session, database: Database, settings: Settings
) -> None:
    one = rescored.answered(session, factories.supplier(session), wanting=15)
    newer = rescored.republished(session)

    rescored.run(session, database, settings)

    assert current(session, one).version_id == newer.id
    [moved] = runs.moved(session, runs.runs(session)[0][0], true())
    assert moved.axes == {"cyber": (3, 2)}
    assert [cause.constant for cause in moved.causes] == ["questionnaire"]
    old, new = session.scalars(select(AssessmentResult).order_by(AssessmentResult.judgement))
    for result in (old, new):
        again = results.reproduced(session, result)
        assert {name: getattr(result, name) for name in again} == again
    assert results.score(session, submission_of(session, new), now=NOW).version_id == newer.id


def test_a_cancelled_run_stops_between_chunks_and_another_goes_on(
    session: Session, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    supply_chain.grow(session, 30)
    rescored.choose(session, practice_1=95)
    session.commit()
    monkeypatch.setattr(writing, "CHUNK", 5)
    run, job = runs.request(session, now=NOW, by=None)
    by = factories.user(session)
    session.commit()
    stop_after(monkeypatch, 2, lambda: cancel_now(database, run.id, by.id))

    tasks.run(database, settings, job.id)

    session.expire_all()
    assert runs.job_of(session, run).state is JobState.CANCELLED
    assert made(session) == 10
    monkeypatch.undo()
    again = rescored.run(session, database, settings)
    assert again.id != run.id
    assert runs.waiting(session).stale == 0
    assert session.scalar(select(func.max(AssessmentResult.judgement))) == 2


def test_a_run_whose_worker_died_is_taken_up_again(
    session: Session, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    supply_chain.grow(session, 30)
    rescored.choose(session, practice_1=95)
    session.commit()
    total = runs.waiting(session).stale
    monkeypatch.setattr(writing, "CHUNK", 5)
    run, job = runs.request(session, now=NOW, by=None)
    session.commit()

    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    stop_after(monkeypatch, 2, die)
    with pytest.raises(Killed):
        tasks.run(database, settings, job.id)
    monkeypatch.undo()
    with database.writer.begin() as other:
        jobs.release_all(other)

    tasks.run(database, settings, job.id)

    session.expire_all()
    ended = runs.job_of(session, run)
    assert (ended.state, ended.result["rescored"]) == (JobState.DONE, total)
    assert made(session) == total


def test_a_result_replaced_meanwhile_is_left_alone(
    session: Session, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = rescored.answered(session, factories.supplier(session), wanting=15)
    rescored.choose(session, practice_1=95)
    session.commit()
    submission = submission_of(session, current(session, one))

    def judged() -> None:
        with database.writer.begin() as other:
            results.score(other, other.merge(submission, load=False), now=NOW + timedelta(minutes=1))

    original = writing.chunks

    def chunks(*arguments: Any) -> Iterator[writing.Chunk]:
        for chunk in original(*arguments):
            judged()
            yield chunk

    monkeypatch.setattr(writing, "chunks", chunks)
    run = rescored.run(session, database, settings)

    assert runs.job_of(session, run).result == {"rescored": 0, "moved": 0}
    assert current(session, one).judgement == 2


def test_one_run_at_a_time(session: Session) -> None:
    first, job = runs.request(session, now=NOW, by=None)

    assert runs.request(session, now=NOW, by=None) == (first, job)


def test_a_run_is_audited(session: Session, database: Database, settings: Settings) -> None:
    rescored.answered(session, factories.supplier(session), wanting=15)
    rescored.choose(session, practice_1=95)

    run = rescored.run(session, database, settings)

    events = session.scalars(select(AuditEvent).where(AuditEvent.object_id == run.public_id)).all()
    assert [event.action for event in events] == ["rescoring.requested", "rescoring.done"]
    assert events[1].details == {"rescored": 1, "moved": 1}


def current(session: Session, assessment: Assessment) -> AssessmentResult:
    """The result that counts for an assessment."""
    session.refresh(assessment)
    return session.get_one(AssessmentResult, assessment.current_result_id)


def level(session: Session, assessment: Assessment) -> int:
    """Its level on cyber."""
    return int(current(session, assessment).levels["cyber"])


def submission_of(session: Session, result: AssessmentResult) -> Any:
    """What a result was scored from."""
    return session.get_one(Submission, result.submission_id)


def made(session: Session) -> int:
    """How many new snapshots there are."""
    query = select(func.count()).select_from(AssessmentResult).where(AssessmentResult.judgement == 2)
    return session.scalar(query) or 0


def cancel_now(database: Database, run_id: int, user_id: int) -> None:
    """Cancel as somebody else would."""
    with database.writer.begin() as other:
        runs.cancel(other, other.get_one(Rescoring, run_id), now=NOW, by=other.get_one(User, user_id))


def stop_after(monkeypatch: pytest.MonkeyPatch, chunks: int, act: Any) -> None:
    """Do something right after so many chunks are written."""
    original, seen = writing.chunks, [0]

    def watched(*arguments: Any) -> Iterator[writing.Chunk]:
        for chunk in original(*arguments):
            if seen[0] == chunks:
                act()
            seen[0] += 1
            yield chunk

    monkeypatch.setattr(writing, "chunks", watched)
