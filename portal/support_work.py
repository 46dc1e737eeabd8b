"""The long work of a support plan, which says how far it is and stops when nobody waits for it any more."""

import time
from dataclasses import dataclass

from assessments import jobs, organisations
from assessments.chain import loading
from assessments.jobs import Claim, JobEnded
from assessments.models import Job, SupportPlan
from assessments.support import reckoning, runs
from portal import clock, tasks
from portal.db import Database
from portal.settings import Settings
from scoring.portfolio import Cancelled

SECONDS_BETWEEN = 1.0


@dataclass(slots=True)
class _Watch:
    """Writes down how far a job is now and then, and learns then whether it was stopped."""

    database: Database
    mine: Claim
    done: int = 0
    total: int = 0
    told_at: float = 0.0
    is_over: bool = False

    def progress(self, done: int, total: int) -> None:
        """Take note of how far it is."""
        self.done, self.total = done, total

    def is_cancelled(self) -> bool:
        """Say whether nobody waits for it any more; asks the database once a second at most."""
        if self.is_over or time.monotonic() - self.told_at < SECONDS_BETWEEN:
            return self.is_over
        try:
            with self.database.writer.begin() as session:
                jobs.progress(session, self.mine, self.done, self.total, now=clock.now())
        except JobEnded:
            self.is_over = True
        self.told_at = time.monotonic()
        return self.is_over


@tasks.runner(runs.JOB)
def reckon(database: Database, _settings: Settings, mine: Claim) -> None:
    """Find the best use of a support budget and keep it. Twice does no harm. Raises JobEnded."""
    now = clock.now()
    with database.reader() as session:
        plan = session.get_one(SupportPlan, session.get_one(Job, mine.job_id).subject_id)
        today = clock.today(organisations.in_force(session).time_zone)
        chain = loading.load(session)
        gathered = reckoning.gather(session, chain, plan, now=now) if chain else None
        plan_id, budget = plan.id, plan.budget_yen
    made = None
    if gathered is not None:
        watch = _Watch(database, mine)
        try:
            found = reckoning.reckon(
                gathered, budget, progress=watch.progress, is_cancelled=watch.is_cancelled
            )
        except Cancelled as stopped:
            raise JobEnded(mine.job_id) from stopped
        made = reckoning.packed(plan_id, gathered, found, on=today, now=now)
    with database.writer.begin() as session:
        jobs.finish(
            session, mine, {"suppliers": len(gathered.supplier_ids) if gathered else 0}, now=clock.now()
        )
        if made is not None:
            session.add(made)
