"""Jobs on one machine: each in a process of its own, which is started only for work that is left."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from assessments import jobs
from portal import celery_app, clock, processes, tasks
from portal.db import Database
from portal.settings import Settings


@pytest.fixture
def started(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[list[str]]]:
    """The processes that would be started."""
    found: list[list[str]] = []
    monkeypatch.setattr(processes, "start", found.append)
    monkeypatch.setattr(processes, "wait", lambda _process: 0)
    celery_app.configure(settings, database)
    yield found
    celery_app.forget()


def test_a_job_that_was_woken_for_twice_gets_one_process(session: Session, started: list[list[str]]) -> None:
    job = jobs.request(session, "campaign.open", 1, now=clock.now(), by=None)
    session.commit()

    tasks.run_job(job.id)
    jobs.claim(session, job.id, now=clock.now())
    session.commit()
    tasks.run_job(job.id)
    jobs.finish(session, job.id, {}, now=clock.now())
    session.commit()
    tasks.run_job(job.id)

    assert started == [["job", str(job.id)]]
