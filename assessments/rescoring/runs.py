"""Runs of scoring anew: asking for one, ending it, and who moved in it, as the buyer's pages list them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from assessments import audit, jobs, questionnaires, results
from assessments.models import AssessmentResult, Job, JobState, Rescoring, RescoringMove, Supplier, User
from assessments.rescoring import bands as priorities
from assessments.rescoring import comparing, reading
from assessments.rescoring.comparing import Cause, Step, causes_of
from assessments.rescoring.reading import Stored
from scoring.model import Rubric

JOB = "rescoring"
OPEN = (JobState.WAITING, JobState.RUNNING)

Steps: TypeAlias = Mapping[str, Step]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many current results there are, and how many another scoring would be by now."""

    total: int
    stale: int
    changes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A submission that moves: [level before, after] by set that moves, its supplier's bands, and why.

    `official` is the self-check score before and after, moved or not.
    """

    public_id: str
    name: str
    code: str
    submitted_at: datetime
    axes: Steps
    lenses: Steps
    domains: Steps
    official: Step
    causes: tuple[Cause, ...]
    band_before: str | None
    band_after: str | None

    @property
    def levels(self) -> dict[str, Step]:
        """All sets of which the level moves, axes first."""
        return {**self.axes, **self.lenses, **self.domains}


@dataclass(frozen=True, slots=True)
class Trial:
    """What scoring anew would do: how many results of how many, and who moves."""

    total: int
    rescored: int
    moved: tuple[Moved, ...]


def waiting(session: Session) -> Waiting:
    """Give how many results wait to be scored anew, and what has changed; a few small queries."""
    found = reading.groups(session)
    stale = [group for group in found if group.is_stale]
    changes = dict.fromkeys(cause for group in stale for cause in comparing.changes(group))
    return Waiting(
        total=sum(group.count for group in found),
        stale=sum(group.count for group in stale),
        changes=tuple(changes),
    )


def trial(session: Session, scope: ColumnElement[bool], *, now: datetime) -> Trial:
    """Give what scoring anew would do within `scope` (a condition on Supplier); writes nothing."""
    compared = comparing.compare(session)
    names = _names(session, scope)
    found = [
        Moved(
            *names[supplier_id],
            _second(one.stored, move.row),
            *_by_kind(one.scores.rubric, move.levels),
            move.official,
            move.causes,
            *bands.of(move.row),
        )
        for one, bands in zip(compared, priorities.bands(session, compared, now=now), strict=True)
        for move in one.moves(one.moving)
        for supplier_id in [int(one.stored.supplier_ids[move.row])]
        if supplier_id in names
    ]
    return Trial(
        total=sum(group.count for group in reading.groups(session)),
        rescored=sum(len(one.stored) for one in compared),
        moved=tuple(sorted(found, key=lambda one: (one.name, one.public_id, one.submitted_at))),
    )


def request(session: Session, *, now: datetime, by: User | None) -> tuple[Rescoring, Job]:
    """Ask for scoring anew; the run that is still open where there is one. `by` None is an operator."""
    standing = open_run(session)
    if standing is not None:
        return standing
    made = Rescoring(requested_by_id=by.id if by else None, requested_at=now)
    session.add(made)
    session.flush()
    job = jobs.request(session, JOB, made.id, now=now, by=by.id if by else None)
    audit.note(session, made, "rescoring.requested", now=now, by=by or audit.OPERATOR)
    return made, job


def open_run(session: Session) -> tuple[Rescoring, Job] | None:
    """Give the run that waits or is at work, or None."""
    found = session.execute(
        select(Rescoring, Job)
        .join(Job, (Job.subject_id == Rescoring.id) & (Job.kind == JOB))
        .where(Job.state.in_(OPEN))
        .limit(1)
    ).first()
    return (found[0], found[1]) if found else None


def runs(session: Session) -> list[tuple[Rescoring, Job]]:
    """Give all runs, the newest first."""
    query = select(Rescoring, Job).join(Job, (Job.subject_id == Rescoring.id) & (Job.kind == JOB))
    return [(run, job) for run, job in session.execute(query.order_by(Rescoring.id.desc()))]


def job_of(session: Session, run: Rescoring) -> Job:
    """Give the job of a run."""
    return session.scalars(select(Job).where(Job.kind == JOB, Job.subject_id == run.id)).one()


def cancel(session: Session, run: Rescoring, *, now: datetime, by: User) -> None:
    """Stop a run after the chunk at hand; what was written stays. Raises JobEnded."""
    jobs.cancel(session, job_of(session, run).id, now=now)
    audit.note(session, run, "rescoring.cancelled", now=now, by=by)


def finish(session: Session, run: Rescoring, rescored: int, *, now: datetime) -> dict[str, int]:
    """End a run in the trail, and give its counts."""
    counts = {"rescored": rescored, "moved": moved_count(session, run)}
    by = session.get(User, run.requested_by_id) if run.requested_by_id else None
    audit.note(session, run, "rescoring.done", now=now, by=by or audit.OPERATOR, **counts)
    return counts


def moved_count(session: Session, run: Rescoring, scope: ColumnElement[bool] | None = None) -> int:
    """Give how many results moved in a run, of suppliers within `scope`."""
    query = select(func.count()).select_from(RescoringMove).where(RescoringMove.rescoring_id == run.id)
    if scope is not None:
        query = query.join(Supplier, Supplier.id == RescoringMove.supplier_id).where(scope)
    return session.scalar(query) or 0


def moved(
    session: Session, run: Rescoring, scope: ColumnElement[bool], *, first: int = 0, count: int | None = None
) -> list[Moved]:
    """Give who moved in a run, by name, from the `first` on."""
    before = aliased(AssessmentResult)
    query = (
        select(
            Supplier.public_id,
            Supplier.name,
            Supplier.code,
            AssessmentResult.submitted_at,
            AssessmentResult.version_id,
            before.official_score,
            AssessmentResult.official_score.label("official_after"),
            RescoringMove,
        )
        .join(Supplier, Supplier.id == RescoringMove.supplier_id)
        .join(AssessmentResult, AssessmentResult.id == RescoringMove.result_id)
        .join(before, before.id == RescoringMove.before_id)
        .where(RescoringMove.rescoring_id == run.id, scope)
        .order_by(Supplier.name, Supplier.public_id, AssessmentResult.submitted_at)
        .offset(first)
    )
    rows = session.execute(query if count is None else query.limit(count))
    return [
        Moved(
            public_id,
            name,
            code or "",
            submitted_at.replace(microsecond=0),
            *_by_kind(_rubric(session, version_id), move.levels),
            official=(official_before, official_after),
            causes=causes_of(move.causes),
            band_before=move.band_before,
            band_after=move.band_after,
        )
        for public_id, name, code, submitted_at, version_id, official_before, official_after, move in rows
    ]


def _rubric(session: Session, version_id: int) -> Rubric:
    return results.rubric(questionnaires.published(session, version_id).content)


def _by_kind(rubric: Rubric, levels: Mapping[str, Sequence[int | None]]) -> tuple[Steps, Steps, Steps]:
    """The moves of axes, of lenses, and of domains."""
    axes, lenses, domains = (
        {one.name: (levels[one.name][0], levels[one.name][1]) for one in kind if one.name in levels}
        for kind in (rubric.axes, rubric.lenses, rubric.domains)
    )
    return axes, lenses, domains


def _second(stored: Stored, row: int) -> datetime:
    return datetime.fromtimestamp(int(stored.submitted[row]), UTC)


def _names(session: Session, scope: ColumnElement[bool]) -> dict[int, tuple[str, str, str]]:
    query = select(Supplier.id, Supplier.public_id, Supplier.name, Supplier.code).where(scope)
    return {row: (public_id, name, code or "") for row, public_id, name, code in session.execute(query)}
