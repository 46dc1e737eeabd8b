"""Delivery to a provider over HTTP: what may have arrived is tried again under its key, and arrives once."""

import dataclasses
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessments import outbox
from assessments.models import Lane, Message, MessageState, Organisation
from portal import clock, dispatcher, letter, mail, mail_http
from portal.db import Database
from portal.dispatcher import Office
from portal.mail import Line
from portal.settings import Settings, SettingsRefused
from tests.receipts import Queue, queueing


@dataclass
class Provider:
    """A provider that keeps keys. `faults` are what it does with the next requests, by name or status."""

    port: int = 0
    key: str = "a-key"
    mails: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[dict[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    def url(self, query: str = "") -> str:
        """The address as `SANPO_MAIL_URL` takes it."""
        return f"http://{self.key}@127.0.0.1:{self.port}/v1/emails{query}"


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Run the provider on loopback."""
    found = Provider()

    class Desk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Take a mail, or do as the next fault says."""
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.requests.append({"path": self.path, **dict(self.headers.items())})
            found.connections.add(self.client_address)
            fault = found.faults.pop(0) if found.faults else ""
            if fault.isdigit():
                self._answer(int(fault), f"fault {fault}")
                return
            found.mails.setdefault(self.headers["Idempotency-Key"], body)
            if fault == "hang up":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            if fault == "slow":
                time.sleep(1)
            self._answer(200, '{"id": "1"}')

        def _answer(self, status: int, words: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(words)))
            self.end_headers()
            self.wfile.write(words.encode())

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        server.daemon_threads = True
        found.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


@pytest.fixture
def queue(session: Session, buyer: Organisation) -> Queue:
    """Queue a receipt to somebody and commit."""
    return queueing(session, Lane.NOTICE)


def test_a_mail_arrives_as_documented(
    database: Database, settings: Settings, session: Session, queue: Queue, provider: Provider
) -> None:
    row = queue("taro")

    assert dispatcher.deliver(_office(database, settings, provider))

    [(key, got)] = provider.mails.items()
    assert (got["from"], got["to"]) == ("Sanpo <sanpo@buyer.example>", "taro@aoba.example")
    assert "株式会社東都製作所" in got["subject"]
    assert got["text"] and got["html"].startswith("<!")
    assert got["headers"] == {
        "Message-ID": letter.message_id("accepted:taro:1", settings),
        "Auto-Submitted": "auto-generated",
    }
    [request] = provider.requests
    assert (request["path"], request["Authorization"]) == ("/v1/emails", "Bearer a-key")
    assert "taro" not in key, "the key tells nothing"
    assert _state(session, row) is MessageState.SENT


def test_mails_share_one_connection(
    database: Database, settings: Settings, queue: Queue, provider: Provider
) -> None:
    for name in ("a", "b", "c"):
        queue(name)

    dispatcher.deliver(_office(database, settings, provider))

    assert len(provider.mails) == 3
    assert len(provider.connections) == 1


def test_a_provider_that_hangs_up_after_taking_a_mail_gets_it_again_under_the_same_key(
    database: Database, settings: Settings, session: Session, queue: Queue, provider: Provider
) -> None:
    row = queue("taro")
    provider.faults = ["hang up"]
    office = _office(database, settings, provider)

    dispatcher.deliver(office)
    assert _state(session, row) is MessageState.QUEUED
    _make_due(session)
    dispatcher.deliver(office)

    assert _state(session, row) is MessageState.SENT
    assert len(provider.requests) == 2
    assert len(provider.mails) == 1, "one key, one mail"


def test_a_line_left_open_that_breaks_is_opened_anew_at_once(
    database: Database, settings: Settings, session: Session, queue: Queue, provider: Provider
) -> None:
    rows = [queue("a"), queue("b")]
    provider.faults = ["", "hang up"]

    dispatcher.deliver(_office(database, settings, provider))

    assert {_state(session, row) for row in rows} == {MessageState.SENT}
    assert (len(provider.requests), len(provider.mails)) == (3, 2)


@pytest.mark.parametrize("then", ["409", "422", "503"])
def test_what_may_have_arrived_is_kept_in_mind_whatever_the_next_try_at_once_is_told(
    database: Database, settings: Settings, session: Session, queue: Queue, provider: Provider, then: str
) -> None:
    rows = [queue("a"), queue("b")]
    provider.faults = ["", "hang up", then]

    dispatcher.deliver(_office(database, settings, provider))

    assert _state(session, rows[1]) is MessageState.QUEUED
    _make_due(session)
    dispatcher.deliver(_office(database, settings, provider))
    assert _state(session, rows[1]) is MessageState.SENT
    assert len(provider.mails) == 2


def test_a_worker_that_dies_while_sending_has_its_mail_sent_again_under_the_same_key(
    database: Database, settings: Settings, session: Session, queue: Queue, provider: Provider
) -> None:
    row = queue("taro")
    office = _office(database, settings, provider)
    assert "a-key" not in office.name
    with database.writer.begin() as opened:
        outbox.start_urgent(opened, worker=office.name, now=clock.now() - timedelta(hours=1))

    dispatcher.deliver(office)

    assert _state(session, row) is MessageState.SENT


@pytest.mark.parametrize("query", ["", "?key_hours=0"])
def test_what_may_have_arrived_at_one_account_is_not_sent_to_another(
    database: Database, settings: Settings, session: Session, queue: Queue, provider: Provider, query: str
) -> None:
    row = queue("taro")
    provider.faults = ["hang up"]
    dispatcher.deliver(_office(database, settings, provider))
    _make_due(session)

    provider.key = "another-key"
    dispatcher.deliver(_office(database, settings, provider, query))

    assert len(provider.requests) == 1
    assert _state(session, row) is MessageState.UNKNOWN


def test_without_keys_what_may_have_arrived_is_left_to_a_person(
    database: Database, settings: Settings, session: Session, queue: Queue, provider: Provider
) -> None:
    rows = [queue("a"), queue("b")]
    provider.faults = ["hang up", "500"]

    dispatcher.deliver(_office(database, settings, provider, "?key_hours=0"))

    assert {_state(session, row) for row in rows} == {MessageState.UNKNOWN}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Sanpo <sanpo@buyer.example>", "Sanpo <sanpo@buyer.example>"),
        ('"Buyer, Ltd. \\"調達\\"" <sanpo@buyer.example>', '"Buyer, Ltd. \\"調達\\"" <sanpo@buyer.example>'),
        ("三方よし <sanpo@buyer.example>", "三方よし <sanpo@buyer.example>"),
        ("sanpo@buyer.example", "sanpo@buyer.example"),
    ],
)
def test_a_sender_whose_name_has_a_comma_is_one_sender_still(
    database: Database, settings: Settings, queue: Queue, provider: Provider, given: str, shown: str
) -> None:
    queue("taro")
    sender = dataclasses.replace(settings, mail_from=given)

    dispatcher.deliver(_office(database, sender, provider))

    [mail] = provider.mails.values()
    assert mail["from"] == shown


def test_an_answer_that_comes_too_late_is_as_none(
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
    settings: Settings,
    session: Session,
    queue: Queue,
    provider: Provider,
) -> None:
    monkeypatch.setattr(mail_http, "TIMEOUT_SECONDS", 0.2)
    row = queue("taro")
    provider.faults = ["slow"]

    dispatcher.deliver(_office(database, settings, provider))

    assert _state(session, row) is MessageState.QUEUED
    assert session.scalars(select(Message.failure)).one().startswith("no answer: TimeoutError")


@pytest.mark.parametrize(
    ("status", "state", "attempts"),
    [
        ("422", MessageState.FAILED, 1),
        ("400", MessageState.FAILED, 1),
        ("409", MessageState.QUEUED, 1),
        ("500", MessageState.QUEUED, 1),
        ("504", MessageState.QUEUED, 1),
        ("408", MessageState.QUEUED, 1),
        ("401", MessageState.QUEUED, 0),
        ("429", MessageState.QUEUED, 0),
        ("503", MessageState.QUEUED, 0),
        ("302", MessageState.QUEUED, 0),
    ],
)
def test_what_a_provider_answers_becomes_the_state_of_the_mail(
    database: Database,
    settings: Settings,
    session: Session,
    queue: Queue,
    provider: Provider,
    status: str,
    state: MessageState,
    attempts: int,
) -> None:
    row = queue("taro")
    provider.faults = [status]

    is_well = dispatcher.deliver(_office(database, settings, provider))

    assert _state(session, row) is state
    assert session.scalars(select(Message.attempts)).one() == attempts
    assert is_well is bool(attempts), "what concerns all mails makes the dispatcher rest"
    assert session.scalars(select(Message.failure)).one() == f"{status} fault {status}"


def test_a_provider_that_is_away_costs_nothing(
    database: Database, settings: Settings, session: Session, queue: Queue
) -> None:
    row = queue("taro")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = Provider(port=nobody.getsockname()[1])
        assert not dispatcher.deliver(_office(database, settings, away))

    assert _state(session, row) is MessageState.QUEUED


@pytest.mark.parametrize(
    "url",
    [
        "http://key@mail.example/v1",
        "https://mail.example/v1",
        "https://key@/v1",
        "https://key@mail.example/v1?key_hours=soon",
        "https://k%0dey@mail.example/v1",
    ],
)
def test_a_provider_without_a_key_or_in_the_clear_is_refused_without_being_shown(
    settings: Settings, url: str
) -> None:
    with pytest.raises(SettingsRefused, match="SANPO_MAIL_URL") as refusal:
        mail.line(dataclasses.replace(settings, mail_url=url))

    assert url not in str(refusal.value)


def test_keys_are_used_only_while_they_surely_last(settings: Settings) -> None:
    def kept(query: str) -> timedelta:
        url = f"https://key@mail.example/v1{query}"
        found: Line | None = mail.line(dataclasses.replace(settings, mail_url=url))
        assert found is not None
        return found.keys_kept

    assert (kept(""), kept("?key_hours=4"), kept("?key_hours=0")) == (
        timedelta(hours=18),
        timedelta(0),
        timedelta(0),
    )


def _office(database: Database, settings: Settings, provider: Provider, query: str = "") -> Office:
    reached = dataclasses.replace(settings, mail_url=provider.url(query))
    return Office(database, reached, mail.line(reached), "w")


def _state(session: Session, row: int) -> MessageState:
    session.rollback()
    return session.scalars(select(Message.state).where(Message.id == row)).one()


def _make_due(session: Session) -> None:
    session.execute(update(Message).values(due_at=clock.now()))
    session.commit()
