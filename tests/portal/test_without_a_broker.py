"""Several machines whose broker is away: what is due by the clock happens all the same."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from assessments.models import Campaign, CampaignState, Message, MessageState
from portal import schema
from portal.db import Database
from tests import factories, running, servers
from tests.servers import MailSink, PostgreSQL

pytestmark = pytest.mark.slow
SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
SUPPLIERS = 3


@pytest.fixture
def environment(
    tmp_path: Path, postgresql_server: PostgreSQL, mail_sink: MailSink
) -> Iterator[dict[str, str]]:
    """The settings of an installation on several machines; nothing listens where its broker should."""
    name = f"brokerless_{uuid.uuid4().hex[:12]}"
    yield {
        "SANPO_DATA_DIR": str(tmp_path),
        "SANPO_DATABASE_URL": postgresql_server.create(name),
        "SANPO_BROKER_URL": f"redis://127.0.0.1:{servers.free_port()}/0",
        "SANPO_MAIL_URL": mail_sink.url,
        "SANPO_SECRET_KEY": SECRET,
    }
    postgresql_server.drop(name)


@pytest.fixture
def database(environment: dict[str, str]) -> Iterator[Database]:
    """Its database."""
    made = Database(environment["SANPO_DATABASE_URL"])
    schema.migrate(made)
    yield made
    made.dispose()


@pytest.mark.timeout(240)
def test_a_campaign_starts_at_its_moment_and_its_mails_leave(
    environment: dict[str, str], database: Database, mail_sink: MailSink
) -> None:
    campaign_id = _due_to_start(database)

    with (
        running.running("schedule", environment=environment),
        running.running("worker", environment=environment),
    ):
        running.eventually(lambda: len(mail_sink.mails) >= SUPPLIERS, seconds=120)
        running.eventually(lambda: not _unsent(database))

    with database.reader() as session:
        assert session.get_one(Campaign, campaign_id).state is CampaignState.OPEN
    assert len({mail["To"] for mail in mail_sink.mails}) == len(mail_sink.mails) == SUPPLIERS


def _due_to_start(database: Database) -> int:
    with database.writer.begin() as session:
        factories.organisation(session)
        due = factories.due_campaign(session)
        for number in range(SUPPLIERS):
            supplier = factories.supplier(session, f"取引先{number}株式会社")
            factories.contact(session, supplier, email=f"taro@supplier{number}.example")
            factories.assessment(session, due, supplier)
        return due.id


def _unsent(database: Database) -> list[int]:
    with database.reader() as session:
        return list(session.scalars(select(Message.id).where(Message.state != MessageState.SENT)))
