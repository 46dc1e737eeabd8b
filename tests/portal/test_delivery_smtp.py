"""Mail servers that behave badly: what they say of one mail ends that mail, and holds up no other."""

import dataclasses
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessments import outbox_waits
from assessments.models import Lane, Message, MessageState, Organisation
from assessments.outbox import Ending, Outcome
from assessments.outbox_keys import NO_KEYS
from portal import clock, dispatcher, mail, mail_smtp
from portal.db import Database
from portal.dispatcher import Office
from portal.letter import Letter
from portal.settings import Settings
from tests.receipts import Queue, queueing

HANG_UP = "hang up"
USUAL = {
    "EHLO": "250-here\r\n250 AUTH PLAIN",
    "AUTH": "235 welcome",
    "DATA": "354 go ahead",
    "QUIT": "221 farewell",
}
Script = Mapping[str, str]


class Rude(socketserver.ThreadingTCPServer):
    """Answers by a script: what it says at a command of the mails to `odd@…`, or of all mails (`*`)."""

    allow_reuse_address = True
    daemon_threads = True
    script: Script
    taken: list[str]
    pauses: Mapping[str, float] = MappingProxyType({})


class Talk(socketserver.StreamRequestHandler):
    """One connection."""

    server: Rude
    address = ""

    def handle(self) -> None:
        """Answer until somebody hangs up."""
        self._rest("CALL")
        self._say("220 here")
        while line := self.rfile.readline().decode():
            word = line.split()[0].upper()
            self._rest(word)
            if word == "RCPT":
                self.address = line.partition("<")[2].partition(">")[0]
            if not self._answer(word):
                return

    def _answer(self, word: str) -> bool:
        usual = USUAL.get(word, "250 fine")
        said = self._scripted(word, usual)
        words, _, then = said.partition(" then ")
        if words != HANG_UP:
            self._say(words)
        if HANG_UP in (words, then) or word == "QUIT":
            return False
        return self._take() if words.startswith("354") else True

    def _take(self) -> bool:
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
        self._rest("DOT")
        said = self._scripted("DOT", "250 taken")
        if said.startswith("250"):
            self.server.taken.append(self.address)
        if said != HANG_UP:
            self._say(said)
        return said != HANG_UP

    def _scripted(self, word: str, usual: str) -> str:
        script = self.server.script
        if self.address.startswith("odd@") and word in script:
            return script[word]
        return script.get(f"*{word}", usual)

    def _rest(self, word: str) -> None:
        pauses = self.server.pauses
        time.sleep(pauses.get(word, pauses.get("*", 0.0)))

    def _say(self, words: str) -> None:
        with suppress(OSError):
            self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def _rude(script: Script) -> Iterator[Rude]:
    with Rude(("127.0.0.1", 0), Talk) as server:
        server.script, server.taken = script, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def queue(session: Session, buyer: Organisation) -> Queue:
    """Queue a campaign's mail to somebody and commit."""
    return queueing(session, Lane.CAMPAIGN)


@pytest.mark.parametrize(
    ("script", "state", "attempts", "words"),
    [
        ({"RCPT": "550 no such user then hang up"}, "failed", 1, "550 no such user"),
        ({"RCPT": "451 not now then hang up"}, "queued", 1, "451 not now"),
        ({"RCPT": "421 not for this one then hang up"}, "queued", 1, "421 not for this one"),
        ({"RCPT": HANG_UP}, "queued", 1, "SMTPServerDisconnected: Connection unexpectedly closed"),
        ({"DATA": HANG_UP}, "queued", 1, "SMTPServerDisconnected: Connection unexpectedly closed"),
        ({"DOT": "554 not wanted"}, "failed", 1, "554 not wanted"),
        ({"DOT": "452 full"}, "queued", 1, "452 full"),
        ({"DOT": "what?"}, "unknown", 1, "no answer one can read after the whole mail: -1 ?"),
        ({"DOT": HANG_UP}, "unknown", 1, "no answer after the whole mail: SMTPServerDisconnected"),
    ],
)
def test_what_is_said_of_one_mail_ends_it_and_the_others_go_on(
    database: Database,
    settings: Settings,
    session: Session,
    queue: Queue,
    script: Script,
    state: str,
    attempts: int,
    words: str,
) -> None:
    first, odd, last = queue("first"), queue("odd"), queue("last")

    with _rude(script) as server:
        assert dispatcher.deliver(_office(database, settings, server))

    assert server.taken == ["first@aoba.example", "last@aoba.example"]
    assert [_row(session, one).state for one in (first, last)] == [MessageState.SENT] * 2
    row = _row(session, odd)
    assert (row.state.value, row.attempts, row.failure) == (state, attempts, words)


@pytest.mark.parametrize(
    ("script", "login"),
    [
        ({"*MAIL": "451 too fast"}, ""),
        ({"*MAIL": "530 sign in first"}, ""),
        ({"*RCPT": "530 sign in first"}, ""),
        ({"*AUTH": "535 wrong"}, "tar:pass@"),
        ({}, "tar:%E9%8D%B5@"),
    ],
)
def test_what_concerns_all_mails_is_held_against_none(
    database: Database,
    settings: Settings,
    session: Session,
    queue: Queue,
    script: Script,
    login: str,
) -> None:
    rows = [queue("a"), queue("b")]

    with _rude(script) as server:
        assert not dispatcher.deliver(_office(database, settings, server, login))

    assert {(_row(session, one).state, _row(session, one).attempts) for one in rows} == {
        (MessageState.QUEUED, 0)
    }


@pytest.mark.parametrize(
    ("pauses", "state"),
    [
        ({"CALL": 9.0}, "queued"),
        ({"EHLO": 9.0}, "queued"),
        ({"AUTH": 9.0}, "queued"),
        ({"MAIL": 9.0}, "queued"),
        ({"RCPT": 9.0}, "queued"),
        ({"DATA": 9.0}, "queued"),
        ({"DOT": 9.0}, "unknown"),
        ({"*": 0.4}, "queued"),
        ({"*": 0.1, "DOT": 0.6}, "sent"),
        ({"QUIT": 9.0}, "sent"),
    ],
)
def test_a_mail_is_over_in_time_wherever_its_server_is_slow(
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
    settings: Settings,
    session: Session,
    queue: Queue,
    pauses: Mapping[str, float],
    state: str,
) -> None:
    monkeypatch.setattr(mail_smtp, "MAIL_SECONDS", 3.0)
    monkeypatch.setattr(mail_smtp, "DOT_SECONDS", 1.0)
    monkeypatch.setattr(mail_smtp, "QUIT_SECONDS", 0.3)
    row = queue("taro")

    with _rude({}) as server:
        server.pauses = pauses
        began = time.monotonic()
        dispatcher.deliver(_office(database, settings, server, "tar:pass@"))
        took = time.monotonic() - began

    assert took < 3.0 + 0.3 + 1.5, "a mail, taking leave, and what the database takes"
    assert _row(session, row).state.value == state
    assert state != "queued" or not server.taken


DENIED = "554 5.7.1 <x>: Relay access denied"
HOSTS = ("aoba", "umeda", "kita", "minami", "nishi", "higashi")


@pytest.mark.parametrize(
    "script", [{"*RCPT": DENIED}, {"*RCPT": "550 relay not permitted"}, {"*DOT": "550 5.7.1 host blocked"}]
)
def test_a_relay_that_takes_no_mail_of_ours_any_more_ends_none_of_a_campaign(
    database: Database, settings: Settings, session: Session, queue: Queue, script: Script
) -> None:
    rows = [queue(f"taro@{host}.example") for host in HOSTS]

    with _rude(script) as server:
        office = _office(database, settings, server)
        first, again = dispatcher.deliver(office), dispatcher.deliver(office)
        waiting = [(row.attempts, row.state, row.failure) for row in (_row(session, one) for one in rows)]
        server.script = {}
        session.execute(update(Message).values(due_at=clock.now()))
        session.commit()
        assert not (first or again)
        assert dispatcher.deliver(office)

    refused = script.get("*RCPT") or script["*DOT"]
    assert [attempts for attempts, *_ in waiting] == [1, 1, 1, 1, 0, 0], "three at first, then one a time"
    assert {failure for *_, failure in waiting[:5]} == {refused}
    assert {state for _, state, _ in waiting} == {MessageState.QUEUED}
    assert sorted(server.taken) == sorted(f"taro@{host}.example" for host in HOSTS)


def test_a_recipient_that_takes_no_mail_from_outside_is_tried_as_often_as_any_and_holds_up_nobody(
    database: Database, settings: Settings, session: Session, queue: Queue
) -> None:
    odd = [queue(f"odd@{host}.example") for host in HOSTS]
    fine = [queue(f"taro@{host}.example") for host in HOSTS]
    tried = outbox_waits.PATIENT_ATTEMPTS - 1
    session.execute(update(Message).where(Message.id.in_(odd)).values(attempts=tried))
    session.commit()

    with _rude({"RCPT": "550 5.7.1 this list takes no mail from outside"}) as server:
        office = _office(database, settings, server)
        deliveries = [dispatcher.deliver(office) for _ in range(5)]

    assert deliveries[-1]
    assert {_row(session, one).state for one in odd} == {MessageState.FAILED}
    assert {_row(session, one).state for one in fine} == {MessageState.SENT}


def test_single_refusals_between_mails_that_are_taken_make_nobody_wait(
    database: Database, settings: Settings, session: Session, queue: Queue
) -> None:
    odd = []
    for host in HOSTS:
        odd.append(queue(f"odd@{host}.example"))
        queue(f"taro@{host}.example")

    with _rude({"RCPT": "550 5.7.1 this list takes no mail from outside"}) as server:
        assert dispatcher.deliver(_office(database, settings, server))

    assert len(server.taken) == len(HOSTS)
    assert {(_row(session, one).state, _row(session, one).attempts) for one in odd} == {
        (MessageState.QUEUED, 1)
    }


def test_a_busy_dispatcher_ends_the_leases_of_a_dead_one(
    monkeypatch: pytest.MonkeyPatch, database: Database, settings: Settings, session: Session, queue: Queue
) -> None:
    monkeypatch.setattr(dispatcher, "BATCH", 1)
    monkeypatch.setattr(dispatcher, "END_LEASES_EVERY_SECONDS", 0.0)
    dead, *mine = queue("dead"), queue("a"), queue("b")
    session.execute(
        update(Message)
        .where(Message.id == dead)
        .values(state=MessageState.SENDING, lease_by="dead", lease_until=clock.now() + timedelta(hours=1))
    )
    session.commit()

    def lapses(_letter: Letter) -> Outcome:
        with database.writer.begin() as other:
            past = clock.now() - timedelta(seconds=1)
            other.execute(
                update(Message)
                .where(Message.id == dead, Message.state == MessageState.SENDING)
                .values(lease_until=past)
            )
        return Outcome(Ending.SENT)

    assert dispatcher.deliver(Office(database, settings, _Line(lapses), "test"))

    assert _row(session, dead).state is MessageState.UNKNOWN
    assert {_row(session, one).state for one in mine} == {MessageState.SENT}


def test_what_the_server_said_is_kept_until_the_database_has_a_place_for_it(
    monkeypatch: pytest.MonkeyPatch, database: Database, settings: Settings, session: Session, queue: Queue
) -> None:
    monkeypatch.setattr(dispatcher, "REST_SECONDS", (0.1,))
    monkeypatch.setattr(database.write_engine.pool, "_timeout", 0.1)
    row, is_held = queue("taro"), threading.Event()

    def hold() -> None:
        with database.writer.begin() as other:
            other.execute(select(Message.id))
            is_held.set()
            threading.Event().wait(0.5)

    def sends(_letter: Letter) -> Outcome:
        threading.Thread(target=hold).start()
        is_held.wait(5)
        return Outcome(Ending.SENT)

    dispatcher.deliver(Office(database, settings, _Line(sends), "test"))

    assert _row(session, row).state is MessageState.SENT


@dataclasses.dataclass
class _Line:
    """A line that does what a test says."""

    send: Callable[[Letter], Outcome]
    keys_kept: timedelta = NO_KEYS
    whose_keys: str = ""

    def close(self) -> None:
        """Have nothing to close."""


def _office(database: Database, settings: Settings, server: Rude, login: str = "") -> Office:
    url = f"smtp://{login}127.0.0.1:{server.server_address[1]}"
    changed = dataclasses.replace(settings, mail_url=url)
    return Office(database, changed, mail.line(changed), "test")


def _row(session: Session, message_id: int) -> Any:
    session.rollback()
    session.expire_all()
    return session.get_one(Message, message_id)
