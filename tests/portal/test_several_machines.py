"""The processes of several machines together: PostgreSQL, Redis, a mail server, and nothing left behind."""

import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from assessments import jobs
from assessments.models import Job, JobState
from portal import celery_app, clock, schema, tasks
from portal.db import Database
from portal.settings import from_environment
from tests import factories, running, servers
from tests.faults import ledger, machines, staging
from tests.faults.browsing import Browser
from tests.servers import MailSink, PostgreSQL

pytestmark = pytest.mark.slow
SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
SUPPLIERS = 30
SEE_OTHER, CONFLICT = 302, 409


@pytest.fixture
def environment(
    tmp_path: Path, postgresql_server: PostgreSQL, redis_url: str, mail_sink: MailSink
) -> Iterator[dict[str, str]]:
    """The settings of an installation on several machines, with a buyer."""
    name = f"several_{uuid.uuid4().hex[:12]}"
    url = postgresql_server.create(name)
    database = Database(url)
    schema.migrate(database)
    with database.writer.begin() as session:
        factories.organisation(session)
    database.dispose()
    yield {
        "SANPO_DATA_DIR": str(tmp_path),
        "SANPO_PORT": str(servers.free_port()),
        "SANPO_DATABASE_URL": url,
        "SANPO_BROKER_URL": redis_url,
        "SANPO_MAIL_URL": mail_sink.url,
        "SANPO_SECRET_KEY": SECRET,
    }
    postgresql_server.drop(name)


@pytest.mark.timeout(300)
def test_web_worker_and_two_schedules_do_the_work_and_leave_nothing(
    environment: dict[str, str], mail_sink: MailSink
) -> None:
    with ExitStack() as stack:
        for command in ("web", "worker", "schedule", "schedule"):
            stack.enter_context(running.running(command, environment=environment))
        database = Database(environment["SANPO_DATABASE_URL"])
        stack.callback(database.dispose)
        celery_app.configure(from_environment(environment), database)
        stack.callback(celery_app.forget)

        woken, missed = _request(database, 1), _request(database, 2)
        _queue_a_mail(database)
        tasks.wake_job(woken.id)
        tasks.wake_dispatcher()

        running.eventually(lambda: running.answers(f"http://127.0.0.1:{environment['SANPO_PORT']}/livez"))
        running.eventually(lambda: mail_sink.mails)
        running.eventually(lambda: _state(database, woken) is JobState.FAILED)
        running.eventually(lambda: _state(database, missed) is JobState.FAILED)

    assert len(mail_sink.mails) == 1


@pytest.mark.timeout(300)
def test_a_worker_that_was_idle_for_longer_than_it_waits_for_its_broker_still_hears(
    environment: dict[str, str], mail_sink: MailSink
) -> None:
    with ExitStack() as stack:
        stack.enter_context(running.running("worker", environment=environment))
        database = Database(environment["SANPO_DATABASE_URL"])
        stack.callback(database.dispose)
        celery_app.configure(from_environment(environment), database)
        stack.callback(celery_app.forget)
        first = _request(database, 1)
        running.eventually(lambda: _is_done_when_woken(database, first))

        time.sleep(celery_app.HEAR_SECONDS + 3)
        second = _request(database, 2)

        # No schedule runs: the broker alone can have told.
        running.eventually(lambda: _is_done_when_woken(database, second))


@pytest.mark.timeout(300)
def test_three_workers_two_webs_and_two_schedules_send_a_campaign_to_everybody_once(
    tmp_path: Path, mail_sink: MailSink
) -> None:
    with machines.several_machines(tmp_path, mail_sink.url, webs=2, workers=3, schedules=2) as installation:
        desk = staging.desk(installation.database, suppliers=SUPPLIERS, campaigns=1, has_faults=False)
        installation.mend()
        [here, there] = [Browser(url, desk.secret) for url in installation.urls]
        page = f"/procurement/campaigns/{desk.campaigns[0]}"
        for browser in (here, there):
            browser.open(f"{page}/check")

        assert here.send(f"{page}/open")[0] == SEE_OTHER
        assert there.send(f"{page}/open")[0] == CONFLICT, "somebody else has pressed it meanwhile"
        running.eventually(lambda: len(mail_sink.mails) >= SUPPLIERS)
        running.eventually(lambda: ledger.is_settled(installation.database))
        seen = there.open(page).get_text()
        family = [pid for post in installation.posts for pid in (post.pid, *running.descendants(post.pid))]

    assert f"{SUPPLIERS}社" in seen
    assert len({mail["To"] for mail in mail_sink.mails}) == len(mail_sink.mails) == SUPPLIERS
    assert not [pid for pid in family if running.is_alive(pid)]


@pytest.mark.parametrize("command", ["web", "worker", "schedule"])
def test_one_process_of_several_wants_a_broker(tmp_path: Path, command: str) -> None:
    tried = running.command(command, environment={"SANPO_DATA_DIR": str(tmp_path)})

    assert tried.returncode == 1
    assert tried.stderr.startswith("Error: SANPO_BROKER_URL must name")


def _request(database: Database, subject: int) -> Job:
    with database.writer.begin() as session:
        return jobs.request(session, "of no known kind", subject, now=clock.now(), by=None)


def _is_done_when_woken(database: Database, job: Job) -> bool:
    """Wake for a job, as often as it takes: a message lives for half a minute, less than a slow start."""
    tasks.wake_job(job.id)
    time.sleep(0.5)
    return _state(database, job) is JobState.FAILED


def _queue_a_mail(database: Database) -> None:
    with database.writer.begin() as session:
        factories.urgent_mail(session)


def _state(database: Database, job: Job) -> JobState | None:
    with database.reader() as session:
        return jobs.state(session, job.id)
