"""The queue, in full view. Celery only wakes somebody early: rows are the truth."""

from datetime import timedelta

from celery import Celery, signals
from kombu import pools
from kombu.pools import ProducerPool

from portal.db import Database
from portal.settings import Settings

QUEUE, MAIL_QUEUE = "sanpo", "sanpo.mail"
# By the clock of whoever sends: long enough for clocks that differ. Nothing is lost with a message.
MESSAGE_LIFE = timedelta(minutes=10)
VISIBILITY_SECONDS = 3600
# How long a Redis that is mute is waited for. Who hears asks it for a message a second at a time, so that
# none idles for as long; who wakes somebody has a person waiting for the page.
CONNECT_SECONDS, HEAR_SECONDS, WAKE_SECONDS = 2, 10, 2


def _leave_logging_alone(**_arguments: object) -> None:
    """Celery sets up no logging where somebody answers this signal: portal.logging does."""


celery = Celery("sanpo", set_as_current=False)
celery.conf.update(
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    # Its queue is exclusive by host name: on RabbitMQ the second worker of a machine would never start.
    worker_enable_remote_control=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=CONNECT_SECONDS,
    enable_utc=True,
    timezone="UTC",
    task_default_queue=QUEUE,
    task_routes={"sanpo.deliver": {"queue": MAIL_QUEUE}},
    imports=["portal.tasks"],
)
signals.setup_logging.connect(_leave_logging_alone)
_installed: list[tuple[Settings, Database]] = []


def configure(settings: Settings, database: Database | None = None) -> Celery:
    """Point the queue at this installation's broker, and its tasks at this installation's database."""
    _installed[:] = [(settings, database or Database(settings.database_url))]
    celery.conf.update(
        broker_url="memory://localhost//" if settings.is_one_machine else settings.broker_url,
        broker_transport_options=_transport_options(settings.broker_url),
    )
    return celery


def forget() -> None:
    """Publish nothing from this process any more."""
    _installed.clear()


def is_configured() -> bool:
    """Tell whether this process has a queue to publish to."""
    return bool(_installed)


def installed() -> tuple[Settings, Database]:
    """Give the settings and the database that tasks of this process work on."""
    return _installed[0]


def producers() -> ProducerPool:
    """Give what wakes are published by: over connections of their own, that wait shorter than who hears."""
    options = patience(celery.conf.broker_url, WAKE_SECONDS)
    made: ProducerPool = pools.producers[celery.connection_for_write(transport_options=options)]
    return made


def patience(broker_url: str, seconds: int) -> dict[str, int]:
    """Give how a Redis that is away or mute is told to be waited for; other brokers have limits already."""
    if not broker_url.startswith(("redis://", "rediss://")):
        return {}
    return {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": seconds}


def _transport_options(broker_url: str) -> dict[str, int]:
    # Whoever wakes somebody early does not wait for a broker that is away.
    at_once = {"max_retries": 0}
    if not (waits := patience(broker_url, HEAR_SECONDS)):
        return at_once
    # Without the two restore options a killed worker's task comes back after minutes instead of seconds.
    return (
        at_once
        | waits
        | {
            "visibility_timeout": VISIBILITY_SECONDS,
            "unacked_restore_interval": 2,
            "unacked_restore_throttle": 1,
        }
    )
