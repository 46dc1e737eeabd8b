"""Places to back up and to restore into, filled and compared."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from assessments import outbox
from assessments.models import Campaign, Lane, Message, MessageState, Side
from portal import backup, clock, row_guard, schema, sessions
from portal.backup import Restored, rows
from portal.db import Database
from tests import answering, factories
from tests.servers import PostgreSQL

PASSPHRASE = b"a passphrase of the tests"


@dataclass
class Place:
    """A database and a data directory."""

    database: Database
    data_dir: Path


Make = Callable[[str], Place]


@contextmanager
def places(directory: Path, request: pytest.FixtureRequest) -> Iterator[Make]:
    """Give what makes empty places on `sqlite` or `postgresql`, and clear up behind them."""
    with ExitStack() as stack:

        def make(kind: str) -> Place:
            data_dir = directory / uuid.uuid4().hex[:8]
            data_dir.mkdir()
            url = f"sqlite:///{data_dir / 'sanpo.db'}"
            if kind == "postgresql":
                server: PostgreSQL = request.getfixturevalue("postgresql_server")
                name = f"backup_{uuid.uuid4().hex[:12]}"
                url = server.create(name)
                stack.callback(server.drop, name)
            database = Database(url)
            stack.callback(database.dispose)
            return Place(database, data_dir)

        yield make


def filled(here: Place) -> Place:
    """Fill a place: an answered assessment, mails in every stage, a session, proof on the disk."""
    schema.migrate(here.database)
    with here.database.writer.begin() as session:
        factories.organisation(session)
        aoba = factories.supplier(session)
        campaign = factories.campaign(session)
        assessment = factories.assessment(session, campaign, aoba)
        person = factories.user(session)
        session.flush()
        answering.answer_all(session, assessment, person)
        sessions.open_(session, person, side=Side.BUYER, supplier_id=None, now=clock.now())
        _queue_mails(session, campaign)
    proof = here.data_dir / "evidence" / "aoba"
    proof.mkdir(parents=True)
    (proof / "規程.pdf").write_bytes(b"%PDF")
    return here


def _queue_mails(session: Session, campaign: Campaign) -> None:
    for key, lane in (("code", Lane.URGENT), ("waits", Lane.CAMPAIGN), ("flies", Lane.CAMPAIGN)):
        outbox.queue(
            session,
            kind="invitation",
            send_key=key,
            lane=lane,
            to_email="taro@aoba.example",
            language="ja",
            now=factories.NOW,
            campaign_id=campaign.id,
        )
    session.execute(
        update(Message)
        .where(Message.send_key == "flies")
        .values(state=MessageState.SENDING, lease_by="w", lease_until=clock.now())
    )


def backed_up(here: Place, to: Path, *, secret: bytes | None = None) -> Path:
    """Back a place up into a file."""
    backup.make(
        here.database,
        to,
        passphrase=PASSPHRASE,
        files=here.data_dir / "evidence",
        secret=secret,
        version="0",
        now=clock.now(),
    )
    return to


def restored(there: Place, path: Path, *, is_move: bool = False, takes_secret: bool = False) -> Restored:
    """Restore a file into a place."""
    return backup.restore(
        there.database,
        path,
        passphrase=PASSPHRASE,
        data_dir=there.data_dir,
        takes_secret=takes_secret,
        is_move=is_move,
        now=clock.now(),
    )


def digests(database: Database) -> dict[str, dict[str, object]]:
    """Sum up every table."""
    with database.read_engine.connect() as connection:
        return {table.name: rows.digest(connection, table) for table in rows.tables(connection)}


def counts(database: Database) -> dict[str, int]:
    """Count every table's rows."""
    with database.read_engine.connect() as connection:
        return row_guard.counts(connection)
