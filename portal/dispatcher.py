"""Sends what the outbox holds: one mail in flight, one commit a mail, and none open while sending."""

import secrets
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, repeat

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from assessments import genuine, outbox, outbox_pace, waves
from assessments.addresses import NotAnAddress
from assessments.models import LocalMail
from assessments.outbox import Ending, Outcome
from assessments.outbox_keys import NO_KEYS, name_of
from assessments.outbox_pace import Pace
from portal import clock, letter, mail_facts, mail_render, mailbox
from portal.db import Database
from portal.letter import HeaderRefused, Letter
from portal.mail import Line
from portal.mail_facts import CODE, LINK, Gathered, secrets_of
from portal.mail_render import NotOneLine
from portal.mail_truth import Withdrawn
from portal.settings import Settings

LOOK_EVERY_SECONDS = 1.0
END_LEASES_EVERY_SECONDS = 10.0
BATCH = 50
REST_SECONDS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)

log = structlog.get_logger()
_wake = threading.Event()


@dataclass(frozen=True, slots=True)
class Office:
    """What a dispatcher works with: the database, the settings, its line to the mail server, its own name."""

    database: Database
    settings: Settings
    line: Line | None
    worker: str

    @property
    def name(self) -> str:
        """The name that leases carry; it tells what was sent under a key, and whose."""
        return name_of(self.worker, self.line.whose_keys) if self.line and self.keys_kept else self.worker

    @property
    def keys_kept(self) -> timedelta:
        """How long a mail may be sent again under its key."""
        return self.line.keys_kept if self.line is not None else NO_KEYS

    @property
    def pace(self) -> Pace:
        """How fast a campaign's mail may leave; the local mailbox takes everything at once."""
        at = self.settings
        return Pace(at.mail_per_minute, at.mail_per_domain_per_minute) if self.line is not None else Pace()


@dataclass(slots=True)
class Batch:
    """Mails that are leased here and not yet tried, and what they need to be written.

    `is_last` is true once a look into the queue has found nothing that was due.
    """

    ids: list[int] = field(default_factory=list)
    gathered: Gathered | None = None
    is_last: bool = False
    end_leases_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Flight:
    """A mail marked `sending`: its row here, or its letter, or why it can be neither."""

    message_id: int
    letter: Letter | None = None
    local: LocalMail | None = None
    refusal: Outcome | None = None


def wake() -> None:
    """Have the dispatcher of this process look now."""
    _wake.set()


def worker_name() -> str:
    """Give a name that no other dispatcher has, now or later."""
    return f"{socket.gethostname()}-{secrets.token_hex(4)}"


def run(office: Office, stop: threading.Event) -> None:
    """Look every second, and whenever woken, until `stop`; what cannot be reached is waited for."""
    failures = 0
    has_begun = False
    while not stop.is_set():
        try:
            has_begun = has_begun or _begin(office)
            is_well = deliver(office, stop)
        except Exception as error:
            log.error("delivery interrupted", error=type(error).__name__, exc_info=True)
            is_well = False
        failures = 0 if is_well else min(failures + 1, len(REST_SECONDS))
        if failures:
            stop.wait(REST_SECONDS[failures - 1])
        else:
            _wake.wait(LOOK_EVERY_SECONDS)
            _wake.clear()


def deliver(office: Office, stop: threading.Event | None = None) -> bool:
    """Send everything that is due, then take leave of the server; False when it cannot be reached."""
    with office.database.reader() as session:
        if not outbox.has_work(session, now=clock.now()):
            return True
    try:
        return _deliver(office, stop or threading.Event())
    finally:
        if office.line is not None:
            office.line.close()


def _begin(office: Office) -> bool:
    with office.database.writer.begin() as session:
        queued, unknown = outbox.release(
            session, worker=office.name, now=clock.now(), keys_kept=office.keys_kept
        )
    log.info("dispatcher begins", worker=office.name, queued=queued, unknown=unknown)
    return True


def _deliver(office: Office, stop: threading.Event) -> bool:
    batch = Batch()
    with office.database.writer.begin() as session:
        waves.spread_overdue(session, now=clock.now())
        in_flight = _take(session, office, batch)
    while in_flight is not None or not (batch.is_last or stop.is_set()):
        if in_flight is None:
            with office.database.writer.begin() as session:
                in_flight = _take(session, office, batch)
            continue
        flight = _prepared(office, batch, in_flight)
        outcome = _sent(office, flight)
        in_flight = _settle(office, batch, flight, outcome, stop)
        if outcome.ending is Ending.UNREACHABLE:
            log.warning("mail server unreachable", reason=outcome.words)
            return False
    return True


def _settle(
    office: Office, batch: Batch, flight: Flight, outcome: Outcome, stop: threading.Event
) -> int | None:
    """Record a mail and take the next in one commit; what the server said is kept until it stands."""
    goes_on = outcome.ending is not Ending.UNREACHABLE
    for rest in chain(REST_SECONDS, repeat(REST_SECONDS[-1])):
        try:
            with office.database.writer.begin() as session:
                _record(session, office, flight, outcome)
                if goes_on and not stop.is_set():
                    return _take(session, office, batch)
                outbox.give_back(session, worker=office.name)
                return None
        except (DBAPIError, NoConnection) as error:
            log.error("mail not recorded yet", message=flight.message_id, error=type(error).__name__)
            if stop.wait(rest):
                raise
            goes_on = False
    return None


def _take(session: Session, office: Office, batch: Batch) -> int | None:
    """Mark the next mail `sending`: an urgent one, else one of the batch, else one of another batch."""
    now, name, kept = clock.now(), office.name, office.keys_kept
    if (urgent := outbox.start_urgent(session, worker=name, now=now, keys_kept=kept)) is not None:
        return urgent
    if not batch.ids:
        _end_leases(session, office, batch)
        claimed = outbox_pace.claim(
            session, worker=name, now=now, limit=BATCH, pace=office.pace, keys_kept=kept
        )
        batch.ids, batch.gathered = claimed.ids, None
        # What was put off may hide what is due behind it.
        batch.is_last = not claimed.ids and not claimed.put_off
    while batch.ids:
        chosen = batch.ids.pop(0)
        if outbox.start(session, chosen, worker=name, now=now):
            return chosen
    return None


def _end_leases(session: Session, office: Office, batch: Batch) -> None:
    """End the leases of dead workers now and then, also where one's own queue keeps one busy for hours."""
    if time.monotonic() >= batch.end_leases_at:
        outbox.lapse(session, now=clock.now(), worker=office.name, keys_kept=office.keys_kept)
        batch.end_leases_at = time.monotonic() + END_LEASES_EVERY_SECONDS


def _prepared(office: Office, batch: Batch, message_id: int) -> Flight:
    try:
        return _written(office, _gathered(office, batch, message_id), message_id)
    except Withdrawn as error:
        return Flight(message_id, refusal=Outcome(Ending.WITHDRAWN, str(error)))
    except (NotAnAddress, HeaderRefused, NotOneLine) as error:
        return Flight(message_id, refusal=Outcome(Ending.REFUSED, f"refused here: {type(error).__name__}"))
    except (DBAPIError, NoConnection) as error:
        return Flight(message_id, refusal=Outcome(Ending.UNREACHABLE, type(error).__name__))
    except Exception as error:
        # A mail that cannot be written ends for a person to see; the others go on.
        log.error("mail not written", message=message_id, error=type(error).__name__, exc_info=True)
        return Flight(message_id, refusal=Outcome(Ending.REFUSED, f"not written: {type(error).__name__}"))


def _gathered(office: Office, batch: Batch, message_id: int) -> Gathered:
    if batch.gathered is not None and message_id in batch.gathered.sources:
        return batch.gathered
    with office.database.reader() as session:
        found = mail_facts.gather(session, [message_id, *batch.ids])
    batch.gathered = found
    return found


def _written(office: Office, of: Gathered, message_id: int) -> Flight:
    now, source = clock.now(), of.sources[message_id]
    facts, rendered = mail_render.write(of, message_id, office.settings, now=now)
    if office.line is None or of.buyer.is_demo:
        return Flight(message_id, local=mailbox.kept(message_id, facts, rendered, now=now))
    words = rendered.filled(secrets_of(office.settings.keys, source.message, source.invitation, source.user))
    if any(marker in words.text for marker in (LINK, CODE)):
        raise LookupError("the secret behind the link is not held any more")
    return Flight(
        message_id,
        letter=letter.write(
            to_email=facts.to_email,
            reply_to=facts.reply_to,
            subject=words.subject,
            text=words.text,
            html=words.html,
            send_key=facts.send_key,
            settings=office.settings,
            now=now,
        ),
    )


def _sent(office: Office, flight: Flight) -> Outcome:
    if flight.refusal is not None:
        return flight.refusal
    if flight.letter is not None and office.line is not None:
        return office.line.send(flight.letter)
    return Outcome(Ending.SENT)


def _record(session: Session, office: Office, flight: Flight, outcome: Outcome) -> None:
    """Write down how it ended; a mail of the local mailbox arrives in the same commit."""
    now = clock.now()
    is_mine = outbox.record(session, flight.message_id, outcome, worker=office.name, now=now)
    if is_mine and flight.local is not None:
        session.add(flight.local)
    if is_mine and outcome.ending is Ending.REFUSED:
        genuine.hold_invitation(session, flight.message_id)
    if outcome.ending is not Ending.SENT:
        log.info("mail ended", message=flight.message_id, ending=outcome.ending.value)
