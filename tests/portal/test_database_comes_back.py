"""Several machines outlive a restart of PostgreSQL, and its turning read-only, by themselves."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal import schema
from portal.db import Database
from tests import factories, running, servers
from tests.servers import MailSink, PostgreSQL

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
RECOVERY_SECONDS = 30
NAME = "comes_back"


@dataclass
class Running:
    """A web, a worker and a schedule on a PostgreSQL that may be stopped."""

    server: PostgreSQL
    database: Database
    url: str
    sink: MailSink

    def is_ready(self) -> bool:
        """Tell whether the web can write."""
        return running.answers(f"{self.url}/readyz")

    def seconds_to_work_again(self) -> float:
        """Queue a mail as soon as that can be done; give how long until it left and the web is ready."""
        since, had = time.monotonic(), len(self.sink.mails)
        running.eventually(lambda: self.server.is_up, seconds=RECOVERY_SECONDS)
        self.database.dispose()
        with self.database.writer.begin() as session:
            factories.urgent_mail(session)
        running.eventually(
            lambda: len(self.sink.mails) > had and self.is_ready(), seconds=2 * RECOVERY_SECONDS
        )
        return time.monotonic() - since


@pytest.fixture
def installation(tmp_path: Path, redis_url: str, mail_sink: MailSink) -> Iterator[Running]:
    """The processes, at work."""
    with servers.postgresql() as server:
        environment = {
            "SANPO_DATA_DIR": str(tmp_path),
            "SANPO_PORT": str(servers.free_port()),
            "SANPO_DATABASE_URL": server.create(NAME),
            "SANPO_BROKER_URL": redis_url,
            "SANPO_MAIL_URL": mail_sink.url,
            "SANPO_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
        }
        database = Database(environment["SANPO_DATABASE_URL"])
        schema.migrate(database)
        with database.writer.begin() as session:
            factories.organisation(session)
        url = f"http://127.0.0.1:{environment['SANPO_PORT']}"
        with (
            running.running("web", environment=environment) as web,
            running.running("worker", environment=environment) as worker,
            running.running("schedule", environment=environment) as schedule,
        ):
            made = Running(server, database, url, mail_sink)
            running.eventually(made.is_ready)
            yield made
            assert [process.poll() for process in (web, worker, schedule)] == [None] * 3
        database.dispose()


def test_all_of_them_go_on_within_half_a_minute(installation: Running) -> None:
    installation.server.stop()
    running.eventually(lambda: not installation.is_ready())
    installation.server.start()

    assert installation.seconds_to_work_again() < RECOVERY_SECONDS

    # As on a failover: sessions live on, answer a ping, and refuse every write.
    installation.server.tell("ALTER DATABASE {} SET default_transaction_read_only = on", NAME)
    _end_sessions(installation.server)
    running.eventually(lambda: not installation.is_ready())
    assert running.answers(f"{installation.url}/livez")
    installation.server.tell("ALTER DATABASE {} SET default_transaction_read_only = off", NAME)

    assert installation.seconds_to_work_again() < RECOVERY_SECONDS


def _end_sessions(server: PostgreSQL) -> None:
    others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
    server.tell(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
