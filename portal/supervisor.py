"""A small parent: starts processes, starts them again when they end, and stops them all when told to."""

import errno
import fcntl
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen

from portal import console, processes

LOOK_EVERY_SECONDS = 0.1
REFUSED = 78  # what a process ends with when it must not be started again
RESTS_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
LONG_LIFE_SECONDS = 10.0
MOST_SHORT_LIVES = 4
BACKLOG = 128
# As long as a child may take to leave in order: its jobs, then the mail in hand at a slow mail server.
LEAVE_SECONDS = 55.0


@dataclass
class Post:
    """One process to keep alive: its command, what to add to it when it is started again."""

    arguments: Sequence[str]
    when_again: Sequence[str] = ()
    pass_fds: Sequence[int] = ()
    process: "Popen[bytes] | None" = field(default=None)
    started_at: float = 0.0
    start_at: float = 0.0
    restarts: int = 0
    short_lives: int = 0


def keep_alive(posts: Sequence[Post], *, log_file: Path | None = None) -> int:
    """Keep processes alive until SIGTERM, SIGINT or SIGHUP; give the status to end with."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        while not stop.is_set():
            for post in posts:
                if _look_after(post, log_file) == REFUSED or _is_hopeless(post):
                    return 1
            stop.wait(LOOK_EVERY_SECONDS)
    finally:
        _stop(posts)
    return 0


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data directory, so that no second `sanpo serve` works on it. Raises Refused."""
    with (data_dir / "serve.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise console.Refused(f"another Sanpo is already running on {data_dir}") from error
        yield


def listening(host: str, port: int) -> socket.socket:
    """Listen at an address, for children to serve. Raises Refused where it is taken or forbidden."""
    try:
        family, *_rest, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError as error:
        raise console.Refused(
            f"cannot listen on {host} port {port} ({_why(error)}): choose another with SANPO_PORT or --port"
        ) from error
    return bound


def _why(error: OSError) -> str:
    return "it is taken" if error.errno == errno.EADDRINUSE else str(error.strerror or error)


def _look_after(post: Post, log_file: Path | None) -> int | None:
    """Start a process that does not run; give its status when it has just ended."""
    now = time.monotonic()
    if post.process is None:
        if now >= post.start_at:
            again = post.when_again if post.restarts else ()
            post.process = processes.start([*post.arguments, *again], pass_fds=post.pass_fds)
            post.started_at = now
        return None
    if post.process.poll() is None:
        return None
    status = processes.wait(post.process)
    post.process = None
    if status == REFUSED:
        return status
    post.restarts += 1
    post.short_lives = 0 if now - post.started_at > LONG_LIFE_SECONDS else post.short_lives + 1
    rest = RESTS_SECONDS[min(post.short_lives, len(RESTS_SECONDS) - 1)]
    post.start_at = now + rest
    _say(log_file, "process ended", command=post.arguments[0], status=status, starts_again_in=rest)
    return status


def _is_hopeless(post: Post) -> bool:
    """Tell whether a process has never run for long, however often it was started."""
    return post.short_lives == post.restarts >= MOST_SHORT_LIVES


def _stop(posts: Sequence[Post]) -> None:
    running = [post.process for post in posts if post.process is not None]
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in running:
        processes.stop(process, grace=LEAVE_SECONDS)


def _say(log_file: Path | None, event: str, **fields: object) -> None:
    # The parent stays small: it writes its few lines without the logging of the children.
    line = json.dumps(
        {
            "event": event,
            **fields,
            "process": "parent",
            "pid": os.getpid(),
            "timestamp": datetime.now(UTC).isoformat(),
        }
    )
    print(line, file=sys.stderr, flush=True)  # noqa: T201  standard error is the log
    if log_file is not None:
        log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with log_file.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
