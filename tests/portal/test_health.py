"""`/readyz` tells a monitor whether the work can be done, and nothing more; `/livez` that pages answer."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, select, text
from sqlalchemy.orm import Session

from assessments import jobs, outbox
from assessments.models import CampaignState, Lane, Message, MessageState, SignInTry
from portal import clock, health, revision
from portal.db import Database
from portal.health import Readiness, Watch
from tests import factories
from tests.fixtures_app import Visitor

ALL_WELL = "database ok\nschema ok\noutbox ok\njobs ok\n"
LONG_AGO = timedelta(minutes=6)


@pytest.fixture
def at_this_version(database: Database) -> Database:
    """The test's database, marked as migrated."""
    with database.write_engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:last)"), {"last": revision.known()[-1]})
    return database


@pytest.mark.database
def test_all_is_well(at_this_version: Database, visitor: Visitor) -> None:
    answer = visitor.client.get("/readyz")

    assert (answer.status_code, answer.text) == (200, ALL_WELL)


@pytest.mark.database
def test_looking_leaves_nothing_behind(at_this_version: Database, visitor: Visitor, session: Session) -> None:
    visitor.client.get("/readyz")

    assert session.scalar(select(func.count()).select_from(SignInTry)) == 0


def test_a_database_behind_is_not_ready(
    at_this_version: Database, visitor: Visitor, session: Session
) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    session.commit()

    answer = visitor.client.get("/readyz")

    assert (answer.status_code, answer.text) == (503, "database ok\nschema not\noutbox not\njobs not\n")


def test_a_database_that_cannot_be_written_is_not_ready(at_this_version: Database, visitor: Visitor) -> None:
    with _read_only(at_this_version):
        answer = visitor.client.get("/readyz")
        alive = visitor.client.get("/livez")

    assert (answer.status_code, answer.text) == (503, "database not\nschema not\noutbox not\njobs not\n")
    assert alive.status_code == 200


@pytest.mark.database
def test_mail_that_does_not_leave_is_not_ready(
    at_this_version: Database, visitor: Visitor, session: Session
) -> None:
    _queue(session, ago=LONG_AGO)

    assert visitor.client.get("/readyz").status_code == 503


@pytest.mark.database
def test_jobs_that_nobody_takes_up_are_not_ready(
    at_this_version: Database, visitor: Visitor, session: Session
) -> None:
    jobs.request(session, "supplier_import", 1, now=clock.now() - LONG_AGO, by=None)
    session.commit()

    answer = visitor.client.get("/readyz")

    assert (answer.status_code, answer.text) == (503, ALL_WELL.replace("jobs ok", "jobs not"))


@pytest.mark.database
def test_a_job_that_waits_while_another_runs_or_for_a_moment_is_no_fault(session: Session) -> None:
    now = clock.now()
    jobs.request(session, "supplier_import", 1, now=now, by=None)
    assert not health.has_idle_jobs(session, now=now + timedelta(minutes=4))

    running = jobs.request(session, "supplier_import", 2, now=now, by=None)
    jobs.claim(session, running.id, now=now + timedelta(minutes=5))
    assert not health.has_idle_jobs(session, now=now + LONG_AGO)
    assert health.has_idle_jobs(session, now=now + timedelta(minutes=20))


@pytest.mark.database
@pytest.mark.parametrize("state", [CampaignState.DRAFT, CampaignState.OPEN])
def test_mail_of_a_campaign_counts_from_when_it_could_leave(session: Session, state: CampaignState) -> None:
    now = clock.now()
    campaign = factories.campaign(
        session, state=state, opened_at=now if state is CampaignState.OPEN else None
    )
    session.flush()
    _queue(session, ago=LONG_AGO, lane=Lane.CAMPAIGN, campaign_id=campaign.id)

    since = outbox.waits_since(session, now=now)

    assert since == (now if state is CampaignState.OPEN else None)


@pytest.mark.database
def test_mail_that_waits_while_others_leave_is_no_fault(session: Session) -> None:
    _queue(session, ago=LONG_AGO)
    _queue(session, ago=LONG_AGO, key="gone")
    gone = session.scalars(select(Message).where(Message.send_key == "gone")).one()
    gone.state, gone.sent_at = MessageState.SENT, clock.now()
    session.flush()

    assert not health.has_stuck(session, now=clock.now())
    session.execute(delete(Message).where(Message.send_key == "gone"))
    assert health.has_stuck(session, now=clock.now())


def test_whoever_asks_often_makes_it_look_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Database] = []

    def look(of: Database, **_now: object) -> Readiness:
        looks.append(of)
        return Readiness(database=True, schema=True, outbox=True, jobs=True)

    monkeypatch.setattr(health, "readiness", look)
    watch = Watch()
    for _ in range(100):
        watch.readiness(database)
    assert len(looks) == 1

    monkeypatch.setattr(health, "LOOK_AGAIN_SECONDS", 0.0)
    watch.readiness(database)
    assert len(looks) == 2


def test_what_the_public_reads_holds_no_detail(at_this_version: Database, app: Flask) -> None:
    words = app.test_client().get("/readyz").text.split()

    assert set(words) <= {"database", "schema", "outbox", "jobs", "ok", "not"}


class _read_only:  # noqa: N801  reads as a clause: with _read_only(database): …
    def __init__(self, database: Database) -> None:
        self._engine = database.write_engine

    def __enter__(self) -> None:
        self._engine.dispose()
        event.listen(self._engine, "connect", self._forbid)

    def __exit__(self, *_error: object) -> None:
        event.remove(self._engine, "connect", self._forbid)
        self._engine.dispose()

    @staticmethod
    def _forbid(connection: object, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")  # type: ignore[attr-defined]


def _queue(
    session: Session,
    *,
    ago: timedelta,
    key: str = "waits",
    lane: Lane = Lane.NOTICE,
    campaign_id: int | None = None,
) -> None:
    outbox.queue(
        session,
        kind="notice",
        send_key=key,
        lane=lane,
        to_email="a@b.example",
        language="ja",
        now=clock.now() - ago,
        campaign_id=campaign_id,
    )
    session.commit()
