"""A broker that is away or mute: nobody waits for it long, and a worker that hears it no more is seen."""

import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from celery.worker import state

from portal import celery_app, doctor_services, hearing, tasks
from portal.db import Database
from portal.hearing import LOOKS, Hearing
from portal.settings import Settings, from_environment
from tests import servers

WAKE_RETURNS_IN = 3.5


@dataclass
class Waiting:
    """How many messages wait."""

    count: int = 1

    def __call__(self) -> int:
        """Tell."""
        return self.count


def test_who_takes_nothing_while_messages_wait_is_deaf() -> None:
    looking = Hearing(Waiting())

    assert [looking.is_deaf() for _ in range(LOOKS)] == [False] * (LOOKS - 1) + [True]


def test_who_hears_something_or_finds_nothing_waiting_is_not() -> None:
    waiting = Waiting()
    looking = Hearing(waiting)
    found = []
    for number in range(4 * LOOKS):
        if number % (LOOKS - 1) == 0:
            looking.hear()
        found.append(looking.is_deaf())
    waiting.count = 0
    found += [looking.is_deaf() for _ in range(2 * LOOKS)]

    assert not any(found)


class Request:
    """A task in hand."""


def test_who_has_something_to_do_is_not() -> None:
    looking, request = Hearing(Waiting()), Request()
    state.reserved_requests.add(request)

    assert not any(looking.is_deaf() for _ in range(2 * LOOKS))
    state.reserved_requests.discard(request)
    assert any(looking.is_deaf() for _ in range(2 * LOOKS))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[servers.MortalRedis]:
    """A broker that may be killed, and a queue that publishes to it."""
    with servers.mortal_redis() as made:
        _publish_to(made.url, tmp_path)
        yield made
        celery_app.forget()


def _publish_to(url: str, data_dir: Path) -> Settings:
    settings = from_environment(
        {
            "SANPO_DATA_DIR": str(data_dir),
            "SANPO_BROKER_URL": url,
            "SANPO_SECRET_KEY": "a secret of this test that is long enough",
        }
    )
    celery_app.configure(settings, Database(settings.database_url))
    return settings


def test_what_waits_is_counted_as_long_as_the_broker_answers(broker: servers.MortalRedis) -> None:
    assert hearing.waiting(celery_app.celery) == 0
    for number in range(3):
        tasks.wake_job(number)
    assert hearing.waiting(celery_app.celery) == 3

    broker.kill()

    assert hearing.waiting(celery_app.celery) == 0


def test_nobody_who_publishes_waits_for_a_broker_that_is_away(
    broker: servers.MortalRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.wake_job(1)
    broker.kill()
    naps: list[float] = []
    monkeypatch.setattr("kombu.utils.functional.sleep", naps.append)

    for number in range(3):
        tasks.wake_job(number)

    assert naps == []


@pytest.mark.timeout(60)
def test_a_broker_that_takes_the_call_and_says_nothing_is_left_soon(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings = _publish_to(f"redis://127.0.0.1:{mute.getsockname()[1]}/0", tmp_path)
        began = time.monotonic()
        tasks.wake_dispatcher()
        took = time.monotonic() - began
        found = doctor_services.broker(settings)
        celery_app.forget()

    assert took < WAKE_RETURNS_IN
    assert "timeout" in found.lower()


@pytest.mark.timeout(60)
def test_a_broker_that_falls_mute_between_two_wakes_is_left_soon(broker: servers.MortalRedis) -> None:
    assert broker.process is not None
    tasks.wake_job(1)
    broker.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    tasks.wake_job(2)
    took = time.monotonic() - began
    broker.process.send_signal(signal.SIGCONT)
    tasks.wake_job(3)

    assert took < WAKE_RETURNS_IN
    assert hearing.waiting(celery_app.celery) >= 2
