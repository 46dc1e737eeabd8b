"""Starts `sanpo` as people do, as real processes, and looks at what they leave behind."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import IO, TypeVar

PATIENCE_SECONDS = 60.0
ONE_ANSWER_SECONDS = 15.0
Found = TypeVar("Found")


def command(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "portal.cli", *arguments],
        env=_environment(environment), capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
    )  # fmt: skip


@contextmanager
def running(*arguments: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command until the block ends; it must then end well, and leave no process behind."""
    with started(*arguments, environment=environment) as process:
        yield process
        family = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0, arguments
        assert not [pid for pid in family if is_alive(pid)], arguments


@contextmanager
def started(*arguments: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command; whoever calls sees to its end, or it is killed."""
    process = launched(*arguments, environment=environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def launched(
    *arguments: str,
    environment: Mapping[str, str],
    log: IO[bytes] | None = None,
    before: Sequence[str] = (),
) -> subprocess.Popen[bytes]:
    """Run a command that nobody here sees to the end of; what it says goes to a log where there is one.

    `before` are the words of a program that runs it.
    """
    line = [*before, sys.executable, "-m", "portal.cli", *arguments]
    return subprocess.Popen(line, env=_environment(environment), stdout=log, stderr=log)


def eventually(look: Callable[[], Found | None], *, seconds: float = PATIENCE_SECONDS) -> Found:
    """Look again and again until there is something to see."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
    return found


def answers(url: str) -> bool:
    """Tell whether a page answers 200, and soon: whoever was connected to a dying process tries again."""
    try:
        with urllib.request.urlopen(url, timeout=ONE_ANSWER_SECONDS) as answer:  # noqa: S310  an address of ours
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False


def descendants(pid: int) -> list[int]:
    """Give the ids of all processes below a process."""
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def children(pid: int) -> list[int]:
    """Give the ids of the processes that a process started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            name_end = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(name_end[1]) == pid:
            found.append(int(entry.parent.name))
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process still runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SANPO_")}
    return {**kept, **given}
