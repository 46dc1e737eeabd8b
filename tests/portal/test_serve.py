"""`sanpo serve` as a real process: pages, mails and jobs from one command, and nothing left behind."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select, text

from assessments import jobs, outbox
from assessments.models import JobState, LocalMail
from portal import clock, mail_smtp, processes, revision, runtime, supervisor
from portal.db import Database
from tests import factories, running, servers
from tests.faults import family

pytestmark = pytest.mark.slow


@dataclass
class Served:
    """A running installation."""

    pid: int
    url: str
    environment: dict[str, str]
    database: Database


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`sanpo serve` in a directory of its own; its end is a test as well."""
    directory, port = tmp_path_factory.mktemp("served"), servers.free_port()
    environment = {"SANPO_DATA_DIR": str(directory), "SANPO_PORT": str(port)}
    with running.running("serve", environment=environment) as process:
        url = f"http://127.0.0.1:{port}"
        running.eventually(lambda: running.answers(f"{url}/livez"))
        database = Database(f"sqlite:///{directory / 'sanpo.db'}")
        with database.writer.begin() as session:
            factories.organisation(session)
        yield Served(process.pid, url, environment, database)
        database.dispose()


def test_pages_answer_from_a_database_that_is_up_to_date(served: Served) -> None:
    assert running.answers(served.url)
    assert revision.is_current(served.database)


def test_a_mail_that_another_process_queued_leaves_within_two_seconds(served: Served) -> None:
    queued = clock.now()
    address = _queue_a_mail(served)

    kept = running.eventually(lambda: _kept(served, address), seconds=10)

    assert (kept.sent_at - queued).total_seconds() < 2


def test_a_job_that_nobody_was_woken_for_is_found_and_run(served: Served) -> None:
    with served.database.writer.begin() as session:
        job = jobs.request(session, "of no known kind", 1, now=clock.now(), by=None)

    def state() -> bool:
        with served.database.reader() as session:
            return jobs.state(session, job.id) is JobState.FAILED

    assert running.eventually(state)


def test_a_job_that_hangs_keeps_nothing_that_is_due_by_the_clock(served: Served) -> None:
    with served.database.writer.begin() as session:
        jobs.request(session, "of no known kind", 2, now=clock.now(), by=None)
    [hanging] = running.eventually(lambda: family.named(served.pid, "job"))
    os.kill(hanging, signal.SIGSTOP)
    try:
        with served.database.writer.begin() as session:
            tried = jobs.request(session, "of no known kind", 3, now=clock.now(), by=None)
            tried.attempts = jobs.MOST_ATTEMPTS

        def state() -> bool:
            with served.database.reader() as session:
                return jobs.state(session, tried.id) is JobState.FAILED

        assert running.eventually(state)
    finally:
        family.kill(hanging)


def test_a_taken_port_is_one_line(served: Served, tmp_path: Path) -> None:
    tried = running.command("serve", environment={**served.environment, "SANPO_DATA_DIR": str(tmp_path)})

    assert tried.returncode == 1
    assert len(tried.stderr.splitlines()) == 1
    assert "it is taken" in tried.stderr


def test_a_second_one_on_the_same_directory_is_refused(served: Served) -> None:
    port = str(servers.free_port())
    tried = running.command("serve", environment={**served.environment, "SANPO_PORT": port})

    assert tried.returncode == 1
    assert "another Sanpo is already running" in tried.stderr


def test_a_killed_child_is_started_again_and_logged(served: Served) -> None:
    [child] = running.children(served.pid)

    os.kill(child, signal.SIGKILL)

    assert running.answers(served.url), "the parent holds the port meanwhile"
    assert running.children(served.pid) != [child]
    log = Path(served.environment["SANPO_DATA_DIR"], "log", "parent.log").read_text(encoding="utf-8")
    assert '"status": -9' in log


def test_nothing_secret_stands_in_the_log(served: Served) -> None:
    running.answers(f"{served.url}/s/{'a' * 43}")
    address = _queue_a_mail(served)
    running.eventually(lambda: _kept(served, address))
    logs = Path(served.environment["SANPO_DATA_DIR"], "log").glob("*.log")
    written = "".join(path.read_text(encoding="utf-8") for path in logs)

    assert "a" * 43 not in written
    assert address not in written


def test_a_parent_waits_as_long_as_a_job_and_a_mail_in_hand_may_take() -> None:
    to_leave = max(processes.GRACE_SECONDS + runtime.STOP_SECONDS, runtime.DISPATCHER_STOP_SECONDS)

    assert to_leave < supervisor.LEAVE_SECONDS


def test_a_mail_in_hand_is_over_before_its_lease_lapses_and_before_nobody_waits_for_it() -> None:
    assert mail_smtp.LONGEST_SECONDS <= runtime.DISPATCHER_STOP_SECONDS
    assert outbox.LEASE.total_seconds() / 2 > runtime.DISPATCHER_STOP_SECONDS


def test_a_child_whose_parent_is_killed_ends_too(tmp_path: Path) -> None:
    environment = {"SANPO_DATA_DIR": str(tmp_path), "SANPO_PORT": str(servers.free_port())}
    with running.started("serve", environment=environment) as parent:
        [child] = running.eventually(lambda: running.children(parent.pid))

        parent.kill()

        running.eventually(lambda: not running.is_alive(child))


@pytest.mark.parametrize("how", ["serve", "run", "migrate", "mailbox"])
def test_a_database_of_a_newer_version_is_one_line(tmp_path: Path, how: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'sanpo.db'}")
    with database.write_engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    database.dispose()

    tried = running.command(
        how, environment={"SANPO_DATA_DIR": str(tmp_path), "SANPO_PORT": str(servers.free_port())}
    )

    assert tried.returncode == 1
    assert tried.stderr == "Error: the database is from a newer version (revision 9999); update Sanpo first\n"


@pytest.mark.parametrize("how", ["serve", "run"])
def test_a_directory_that_cannot_be_written_is_one_line(how: str) -> None:
    tried = running.command(how, environment={"SANPO_DATA_DIR": "/dev/null/data"})

    assert tried.returncode == 1
    assert len(tried.stderr.splitlines()) == 1
    assert "SANPO_DATA_DIR: cannot write" in tried.stderr


def _queue_a_mail(served: Served) -> str:
    with served.database.writer.begin() as session:
        return factories.urgent_mail(session)


def _kept(served: Served, address: str) -> LocalMail | None:
    with served.database.reader() as session:
        return session.scalars(select(LocalMail).where(LocalMail.to_email == address)).first()
