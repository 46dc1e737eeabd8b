"""Jobs on one machine: each in a process of its own, which is started only for work that is left."""

import signal
import subprocess
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from assessments import jobs
from portal import celery_app, clock, job_processes, processes, tasks
from portal.db import Database
from portal.settings import Settings
from tests import factories


@pytest.fixture
def started(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[list[str]]]:
    """The processes that would be started."""
    found: list[list[str]] = []
    monkeypatch.setattr(processes, "start", found.append)
    monkeypatch.setattr(processes, "wait", lambda _process, **_more: 0)
    celery_app.configure(settings, database)
    yield found
    celery_app.forget()


def test_a_job_that_was_woken_for_twice_gets_one_process(session: Session, started: list[list[str]]) -> None:
    job = jobs.request(session, "campaign.open", 1, now=clock.now(), by=None)
    session.commit()

    tasks.run_job(job.id)
    mine = factories.claimed(session, job, now=clock.now())
    session.commit()
    tasks.run_job(job.id)
    jobs.finish(session, mine, {}, now=clock.now())
    session.commit()
    tasks.run_job(job.id)

    assert started == [["job", str(job.id)]]


def test_a_job_that_hangs_is_ended_and_due_again(
    session: Session, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.request(session, "campaign.open", 1, now=clock.now(), by=None)
    session.commit()
    hanging: list[subprocess.Popen[bytes]] = []
    start = processes.start

    def start_hanging(arguments: list[str]) -> subprocess.Popen[bytes]:
        hanging.append(start(arguments))
        hanging[0].send_signal(signal.SIGSTOP)
        return hanging[0]

    monkeypatch.setattr(processes, "start", start_hanging)
    monkeypatch.setattr(job_processes, "LEASE_SECONDS", 0.0)
    monkeypatch.setattr(job_processes, "LOOK_EVERY_SECONDS", 0.1)
    monkeypatch.setattr(job_processes, "GRACE_SECONDS", 0.1)

    job_processes.run(database, job.id)

    assert hanging[0].returncode == -signal.SIGKILL
    with database.reader() as looking:
        assert jobs.due(looking, now=clock.now()) == [job.id]


def test_a_job_that_holds_its_lease_is_left_to_end(
    session: Session, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.request(session, "campaign.open", 1, now=clock.now(), by=None)
    jobs.claim(session, job.id, now=clock.now())
    session.commit()
    monkeypatch.setattr(processes, "start", lambda _arguments: subprocess.Popen(["sleep", "0.5"]))
    monkeypatch.setattr(job_processes, "LEASE_SECONDS", 0.0)
    monkeypatch.setattr(job_processes, "LOOK_EVERY_SECONDS", 0.1)
    said: list[str] = []
    monkeypatch.setattr(processes, "stop", lambda _process, **_more: said.append("stopped"))

    job_processes.run(database, job.id)

    assert not said
