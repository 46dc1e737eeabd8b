"""The long work of scoring anew, in chunks of one short transaction each; resumed where it was left."""

from dataclasses import dataclass

from assessments import jobs
from assessments.jobs import Claim
from assessments.models import Job, Rescoring
from assessments.rescoring import bands, comparing, runs, writing
from portal import clock, tasks
from portal.db import Database
from portal.settings import Settings


@dataclass(slots=True)
class _Progress:
    """How many results are written, of how many."""

    done: int
    total: int


@tasks.runner(runs.JOB)
def rescore(database: Database, _settings: Settings, mine: Claim) -> None:
    """Score every current result that another scoring would be by now. Twice does no harm."""
    with database.reader() as session:
        job = session.get_one(Job, mine.job_id)
        run_id, progress = job.subject_id, _Progress(job.done, job.done)
    # What was submitted or judged meanwhile is looked at in another pass.
    while _pass(database, mine, run_id, progress):
        continue
    with database.writer.begin() as session:
        run = session.get_one(Rescoring, run_id)
        counts = runs.finish(session, run, progress.done, now=clock.now())
        jobs.finish(session, mine, counts, now=clock.now())


def _pass(database: Database, mine: Claim, run_id: int, progress: _Progress) -> int:
    """Compare and write once; gives how many were written."""
    with database.reader() as session:
        compared = comparing.compare(session)
        found = bands.bands(session, compared, now=clock.now())
    progress.total = progress.done + sum(len(one.stored) for one in compared)
    written = 0
    for one, before_and_after in zip(compared, found, strict=True):
        for chunk in writing.chunks(one, before_and_after):
            with database.writer.begin() as session:
                count = writing.write(session, run_id, chunk, now=clock.now())
                jobs.progress(session, mine, progress.done + count, progress.total, now=clock.now())
            progress.done, written = progress.done + count, written + count
    return written
