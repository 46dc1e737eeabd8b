"""The dispatcher under a full queue: its pace, codes before everything, nothing held open, memory flat."""

import dataclasses
import gc
import threading
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import outbox
from assessments.models import Campaign, Invitation, Lane, Message, MessageState, Organisation
from assessments.outbox import Draft, Ending, Outcome
from assessments.tokens import fingerprint, link_token
from portal import clock, dispatcher
from portal.db import Database
from portal.dispatcher import Office
from portal.letter import Letter
from portal.settings import Settings
from tests import factories
from tests.fixtures_app import KEYS

pytestmark = pytest.mark.database
PUBLIC_ID = "0123456789abcdef0123"
Fill = Callable[..., None]


@dataclass
class Line:
    """A line that takes every mail, slowly if asked, and looks at each before."""

    seconds: float = 0.0
    look: Callable[[], None] = lambda: None
    sent: list[tuple[str, float]] = field(default_factory=list)
    keys_kept: timedelta = timedelta(0)
    whose_keys: str = ""

    def send(self, letter: Letter) -> Outcome:
        """Take a mail."""
        self.look()
        time.sleep(self.seconds)
        self.sent.append((letter.to_email, time.monotonic()))
        return Outcome(Ending.SENT)

    def close(self) -> None:
        """Have nothing to close."""


@pytest.fixture
def invitation(session: Session, buyer: Organisation) -> Invitation:
    """An invitation to an open campaign, whose link can be made."""
    assessment = factories.assessment(session, factories.campaign(session), factories.supplier(session))
    token = fingerprint(link_token(KEYS, "invitation", PUBLIC_ID, 1))
    made = factories.invitation(session, assessment, public_id=PUBLIC_ID, token_hash=token)
    session.commit()
    return made


@pytest.fixture
def fill(database: Database, session: Session, invitation: Invitation) -> Fill:
    """Queue mails to a domain: `fill("ocn.example", 100)`, or of another lane."""
    campaign_id, invitation_id = session.scalar(select(Campaign.id)), invitation.id
    session.commit()

    def put(domain: str, count: int, lane: Lane = Lane.CAMPAIGN) -> None:
        kind = "reminder" if lane == Lane.CAMPAIGN else "accepted"
        drafts = [
            Draft(
                kind=kind,
                send_key=f"{kind}:{PUBLIC_ID}:1:{domain}{number}",
                lane=lane,
                to_email=f"a{number}@{domain}",
                invitation_id=invitation_id,
                campaign_id=campaign_id,
            )
            for number in range(count)
        ]
        with database.writer.begin() as opened:
            outbox.queue_all(opened, drafts, now=clock.now())

    return put


def test_a_limited_domain_holds_up_no_other(
    database: Database, settings: Settings, session: Session, fill: Fill
) -> None:
    fill("ocn.example", 300)
    fill("aoba.example", 1)
    line = Line()

    assert dispatcher.deliver(_office(database, settings, line, per_domain=10))

    domains = [address.partition("@")[2] for address, _moment in line.sent]
    assert domains.count("aoba.example") == 1
    assert 1 <= domains.count("ocn.example") <= 10
    waiting = select(func.count()).where(Message.state == MessageState.QUEUED, Message.due_at > clock.now())
    assert session.scalar(waiting) == 301 - len(line.sent)


def test_the_local_mailbox_takes_everything_at_once(
    database: Database, settings: Settings, session: Session, fill: Fill
) -> None:
    fill("ocn.example", 20)

    dispatcher.deliver(_office(database, settings, None, per_domain=1))

    assert set(session.scalars(select(Message.state))) == {MessageState.SENT}


def test_a_notice_leaves_within_five_seconds_though_the_queue_is_full(
    database: Database, settings: Settings, fill: Fill
) -> None:
    fill("ocn.example", 400)
    line, stop = Line(seconds=0.02), threading.Event()
    office = _office(database, settings, line)
    worker = threading.Thread(target=dispatcher.run, args=(office, stop))
    worker.start()
    _until(lambda: len(line.sent) > 20)
    queued = time.monotonic()
    fill("aoba.example", 1, Lane.URGENT)
    _until(lambda: any(address.endswith("@aoba.example") for address, _moment in line.sent))
    stop.set()
    worker.join()

    [left] = [moment for address, moment in line.sent if address.endswith("@aoba.example")]
    assert left - queued < 5
    assert len(line.sent) < 400, "it went before the mass"


def test_nothing_is_held_open_while_a_mail_is_handed_over(
    database: Database, settings: Settings, fill: Fill
) -> None:
    fill("aoba.example", 3)
    held = []
    engines = (database.write_engine, database.read_engine)
    line = Line(look=lambda: held.append(sum(engine.pool.checkedout() for engine in engines)))  # type: ignore[attr-defined]  # of a QueuePool

    dispatcher.deliver(_office(database, settings, line))

    assert held == [0, 0, 0]


def test_memory_stays_flat_however_many_mails_leave(
    database: Database, settings: Settings, fill: Fill
) -> None:
    sizes: list[int] = []
    for domain in ("warm.example", "first.example", "second.example"):
        fill(domain, 120)
        if domain == "first.example":
            tracemalloc.start()
        dispatcher.deliver(_office(database, settings, Line()))
        gc.collect()
        sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()

    assert sizes[2] - sizes[1] < 100_000


def _office(database: Database, settings: Settings, line: Line | None, *, per_domain: int = 0) -> Office:
    paced = dataclasses.replace(settings, mail_per_domain_per_minute=per_domain)
    return Office(database, paced, line, "w")


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
