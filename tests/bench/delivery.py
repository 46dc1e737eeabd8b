"""Delivery to a mail server in another process, beside a plain smtplib loop over the same letters."""

import dataclasses
import smtplib
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from sqlalchemy import func, select

from assessments import outbox
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    CampaignState,
    Invitation,
    Lane,
    Message,
    MessageState,
)
from portal import clock, dispatcher, letter, mail
from portal.db import Database
from portal.dispatcher import Office
from portal.settings import Settings
from tests import servers
from tests.bench import stage
from tests.bench.measuring import Cost, line
from tests.servers import free_port

MAILS, SUPPLIERS = 3_000, 300


def lines(folder: Path) -> Iterator[str]:
    """Give a line of delivery on each database: the whole of it, as cost a mail."""
    folder.mkdir()
    with sink() as port:
        least = _smallest(folder / "letters.db", port)
        yield _line("SQLite", _measured(folder / "one", port, None), least)
        with servers.postgresql() as server:
            yield _line("PostgreSQL", _measured(folder / "two", port, server.create("delivery")), least)


def _line(name: str, ours: Cost, least: Cost) -> str:
    return line(f"deliver {MAILS:,} invitations, each, {name}", ours, goal="≤ 3.3 ms", smallest=least)


def _measured(folder: Path, port: int, url: str | None) -> Cost:
    _app, database = stage.with_demo(folder, SUPPLIERS, url)
    settings = dataclasses.replace(stage.settings(folder, url), mail_url=f"smtp://127.0.0.1:{port}")
    took = _delivered(database, settings)
    database.dispose()
    return took


def _delivered(database: Database, settings: Settings) -> Cost:
    _queue(database)
    reached = mail.line(settings)
    began_cpu, began = time.process_time(), time.perf_counter()
    assert dispatcher.deliver(Office(database, settings, reached, "bench"))
    cost = _each(began_cpu, began, MAILS)
    with database.reader() as session:
        sent = session.scalar(
            select(func.count(Message.id)).where(
                Message.state == MessageState.SENT, Message.send_key.contains(":bench")
            )
        )
    assert sent == MAILS, sent
    return cost


def _queue(database: Database) -> None:
    """Queue reminders to whom the demo's open campaign still waits for, as if the buyer were real."""
    now = clock.now()
    with database.writer.begin() as session:
        stage.as_if_real(session)
        found = session.execute(
            select(Invitation, Assessment.campaign_id)
            .join(Assessment, Assessment.id == Invitation.assessment_id)
            .join(Campaign, Campaign.id == Assessment.campaign_id)
            .where(
                Invitation.revoked_at.is_(None),
                Campaign.state == CampaignState.OPEN,
                Assessment.state.in_([AssessmentState.NOT_STARTED, AssessmentState.IN_PROGRESS]),
            )
        ).all()
        outbox.queue_all(session, islice(_reminders(found), MAILS), now=now)


def _reminders(found: Sequence[tuple[Invitation, int]]) -> Iterator[outbox.Draft]:
    for number, (invitation, campaign_id) in enumerate(cycle(found)):
        yield outbox.Draft(
            kind="reminder",
            send_key=f"reminder:{invitation.public_id}:{invitation.generation}:bench{number}",
            lane=Lane.CAMPAIGN,
            to_email=invitation.email,
            invitation_id=invitation.id,
            campaign_id=campaign_id,
        )


def _smallest(path: Path, port: int) -> Cost:
    """Send letters already written with smtplib, one committed row a mail."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, state TEXT)")
    connection.executemany("INSERT INTO mail VALUES (?, 'queued')", [(number,) for number in range(MAILS)])
    connection.commit()
    written = letter.write(
        to_email="taro@aoba.example",
        reply_to="keiko@buyer.example",
        subject="セキュリティ調査のお願い",
        text="本文の文章がここに入ります。" * 120,
        html="<p>本文の文章がここに入ります。</p>" * 120,
        send_key="bench",
        settings=stage.settings(path.parent),
        now=clock.now(),
    )
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        assert smtp.sock is not None
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began_cpu, began = time.process_time(), time.perf_counter()
        for number in range(MAILS):
            smtp.sendmail("sanpo@buyer.example", [written.to_email], written.content)
            connection.execute("UPDATE mail SET state = 'sent' WHERE id = ?", (number,))
            connection.commit()
        cost = _each(began_cpu, began, MAILS)
    connection.close()
    return cost


def _each(began_cpu: float, began: float, count: int) -> Cost:
    cpu, wall = time.process_time() - began_cpu, time.perf_counter() - began
    return Cost(cpu * 1000 / count, wall * 1000 / count, count)


@contextmanager
def sink() -> Iterator[int]:
    """Run a mail server that takes everything in a process of its own, and give its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.sink", str(port)])
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()
