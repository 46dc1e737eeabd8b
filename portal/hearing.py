"""Sees when a worker no longer hears its broker, and has it started anew.

That a connection broke can go unnoticed (celery issue 10205): the worker lives, and messages wait beside it.
"""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import structlog
from celery import Celery, signals
from celery.worker import state
from kombu.exceptions import KombuError

from portal.celery_app import QUEUE

LOOK_EVERY_SECONDS, LOOKS = 10.0, 3
LEAVE_SECONDS = 20.0

log = structlog.get_logger()


class Hearing:
    """Looks again and again whether messages wait although this worker has nothing to do."""

    def __init__(self, waiting: Callable[[], int]) -> None:
        """Take what counts the messages that wait; where the broker is away it gives 0."""
        self._waiting = waiting
        self._in_vain = 0

    def hear(self, **_about: object) -> None:
        """Note that a message has come."""
        self._in_vain = 0

    def is_deaf(self) -> bool:
        """Look once more; a worker that listens takes a message within a moment, not after three looks."""
        is_idle = not state.reserved_requests
        self._in_vain = self._in_vain + 1 if is_idle and self._waiting() else 0
        return self._in_vain >= LOOKS


def watch(queue: Celery) -> None:
    """Begin to look once the worker of this process is ready; whoever looks after it starts it anew."""
    hearing = Hearing(lambda: waiting(queue))
    signals.task_received.connect(hearing.hear, weak=False)

    @signals.worker_ready.connect(weak=False)
    def _begin(**_about: object) -> None:
        threading.Thread(target=_look, args=(hearing,), name="hearing", daemon=True).start()


def waiting(queue: Celery) -> int:
    """Count the messages that nobody has taken; 0 where the broker does not say."""
    with queue.connection_for_read() as connection:
        errors = (*connection.connection_errors, *connection.channel_errors)
        lost: tuple[type[BaseException], ...] = (KombuError, OSError, *errors)
        try:
            connection.ensure_connection(max_retries=1)
            channel: Any = connection.default_channel
            return int(channel.queue_declare(QUEUE, passive=True).message_count)
        except lost:
            return 0


def _look(hearing: Hearing) -> None:
    wait = threading.Event().wait
    while not wait(LOOK_EVERY_SECONDS):
        if hearing.is_deaf():
            log.error("worker hears nothing and starts anew")
            os.kill(os.getpid(), signal.SIGTERM)
            wait(LEAVE_SECONDS)
            os._exit(1)
