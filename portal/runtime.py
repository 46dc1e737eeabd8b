"""What runs in each process: pages with queue, schedule and dispatcher as threads; or one of them alone."""

import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import celery
import structlog
import waitress
from flask import Flask

from assessments import jobs
from portal import celery_app, charts, dispatcher, hearing, job_processes, logging, mail, processes, tasks
from portal.app import create_app
from portal.celery_app import MAIL_QUEUE, QUEUE
from portal.db import Database
from portal.dispatcher import Office
from portal.settings import Settings, from_environment

THREADS = 8
STOP_SECONDS = 10.0
DISPATCHER_STOP_SECONDS = mail.LONGEST_SECONDS

log = structlog.get_logger()


def serve_pages(
    settings: Settings, database: Database, listener: socket.socket, ready: Callable[[], None]
) -> None:
    """Serve pages on a listening socket, with worker, schedule and dispatcher beside, until SIGTERM."""
    _let_go_of_jobs(database)
    queue = celery_app.configure(settings, database)
    app = create_app(settings, database)
    server = waitress.create_server(
        app,
        sockets=[listener],
        threads=THREADS,
        ident=None,
        clear_untrusted_proxy_headers=not settings.trusted_proxies,
    )
    leave = _told_to_leave()
    with ExitStack() as stack:
        stack.callback(log.info, "stopped")
        tell_dispatcher = _start_dispatcher(stack, settings, database, leave, worker=_own_name(database))
        _start_worker(stack, queue, [QUEUE, MAIL_QUEUE], leave)
        _start_schedule(stack, leave)
        _start_pages(stack, server, leave)
        # The last to be said is the first to be done: no mail is begun any more while the others end.
        stack.callback(tell_dispatcher)
        log.info("serving", port=settings.port)
        ready()
        _load_charts()
        leave.wait()


def dispatch(settings: Settings, database: Database) -> None:
    """Send mails, woken by the broker where it can be had, and run jobs it told nobody of, until SIGTERM."""
    leave = _told_to_leave()
    queue = celery_app.configure(settings, database)
    with ExitStack() as stack:
        _start_worker(stack, queue, [MAIL_QUEUE], leave)
        _start_taking_missed(stack, database, leave)
        office = Office(database, settings, mail.line(settings), dispatcher.worker_name())
        dispatcher.run(office, leave)


def work(settings: Settings, *, concurrency: int) -> None:
    """Run jobs from the broker in child processes until SIGTERM."""
    queue = celery_app.configure(settings)
    hearing.watch(queue)
    options = ["--pool=prefork", f"--concurrency={concurrency}", f"--queues={QUEUE}"]
    queue.worker_main(["worker", "--loglevel=WARNING", "--without-gossip", "--without-mingle", *options])


def schedule(settings: Settings) -> None:
    """Do what is due by the clock until SIGTERM; any number of these do no harm."""
    leave = _told_to_leave()
    celery_app.configure(settings)
    with ExitStack() as stack:
        sweeping = _start_schedule(stack, leave)
        leave.wait()
    sweeping.join(STOP_SECONDS)


def web(port: str | None = None) -> Flask:
    """Make the application for gunicorn, with a queue to publish to."""
    settings = from_environment(given={"SANPO_PORT": port})
    logging.set_up("web")
    database = Database(settings.database_url)
    celery_app.configure(settings, database)
    _load_charts()
    return create_app(settings, database)


def _told_to_leave() -> threading.Event:
    """Give what SIGTERM and SIGINT set: an exception raised by a signal can get lost, an event cannot."""
    leave = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: leave.set())
    return leave


def _own_name(database: Database) -> str:
    """On one machine the name stays, so that what an earlier life left half done is settled at once."""
    return "serve" if _is_alone(database) else dispatcher.worker_name()


def _is_alone(database: Database) -> bool:
    return database.write_engine.dialect.name == "sqlite"


def _let_go_of_jobs(database: Database) -> None:
    if _is_alone(database):
        with database.writer.begin() as session:
            released = jobs.release_all(session)
        log.info("jobs released", count=released)


def _load_charts() -> None:
    """Load the drawing beside the first pages, which do not draw."""
    threading.Thread(target=charts.load, name="charts", daemon=True).start()


def _start_pages(stack: ExitStack, server: Any, leave: threading.Event) -> None:
    stop = threading.Event()
    _thread("pages", server.run, stop, leave)
    stack.callback(server.task_dispatcher.shutdown)  # lets the pages that are being made be finished
    stack.callback(setattr, server, "accepting", False)
    stack.callback(stop.set)


def _start_dispatcher(
    stack: ExitStack, settings: Settings, database: Database, leave: threading.Event, *, worker: str
) -> Callable[[], None]:
    """Start it; gives what tells it to end with the mail it has in hand, which the stack then waits for."""
    stop = threading.Event()
    office = Office(database, settings, mail.line(settings), worker)
    thread = _thread("dispatcher", lambda: dispatcher.run(office, stop), stop, leave)

    told_at: list[float] = []

    def tell() -> None:
        told_at.append(time.monotonic())
        stop.set()
        dispatcher.wake()

    def wait() -> None:
        # From when it was first told: the mail in hand goes on while the others end.
        thread.join(max(told_at[0] + DISPATCHER_STOP_SECONDS - time.monotonic(), 0.0))

    stack.callback(wait)
    stack.callback(tell)
    return tell


def _start_worker(stack: ExitStack, queue: celery.Celery, queues: list[str], leave: threading.Event) -> None:
    stop = threading.Event()
    worker = queue.WorkController(
        pool="solo", concurrency=1, queues=queues, without_gossip=True, without_mingle=True
    )
    thread = _thread("worker", worker.start, stop, leave)
    stack.callback(thread.join, STOP_SECONDS)
    stack.callback(processes.stop_all)
    stack.callback(worker.stop)
    stack.callback(stop.set)


def _start_schedule(stack: ExitStack, leave: threading.Event) -> threading.Thread:
    stop = threading.Event()
    thread = _thread("schedule", lambda: tasks.keep_sweeping(stop), stop, leave)
    stack.callback(stop.set)
    return thread


def _start_taking_missed(stack: ExitStack, database: Database, leave: threading.Event) -> None:
    stop = threading.Event()
    thread = _thread("missed jobs", lambda: job_processes.take_missed(database, stop), stop, leave)
    stack.callback(thread.join, STOP_SECONDS)
    stack.callback(processes.stop_all)
    stack.callback(stop.set)


def _thread(
    name: str, target: Callable[[], object], stop: threading.Event, leave: threading.Event
) -> threading.Thread:
    def run() -> None:
        try:
            target()
        except Exception:
            log.exception("thread ended", thread=name)
        if not stop.is_set():
            # Whoever looks after this process starts it again whole.
            leave.set()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
