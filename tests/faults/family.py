"""Processes of a running installation: who is below whom, by command, and who holds a connection."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests import running


def commands(pid: int) -> dict[int, str]:
    """Give the processes below one, each with its `sanpo` command, or its program's name."""
    found = {}
    for below in running.descendants(pid):
        with suppress(OSError):
            words = Path(f"/proc/{below}/cmdline").read_bytes().decode().split("\0")
            found[below] = _command(words)
    return found


def named(pid: int, command: str) -> list[int]:
    """Give the processes below one that run a command."""
    return sorted(below for below, name in commands(pid).items() if name == command)


def holds(pid: int, port: int) -> bool:
    """Tell whether a process, or one below it, holds the end of a connection that has this port."""
    inode = _inode(port)
    return inode is not None and any(inode in _sockets(one) for one in [pid, *running.descendants(pid)])


def kill(pid: int) -> None:
    """Kill a process at once."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _command(words: list[str]) -> str:
    if "--lifeline" in words:
        return words[words.index("--lifeline") + 2]
    return "gunicorn" if "gunicorn" in words else words[0]


def _inode(port: int) -> str | None:
    wanted = f":{port:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(wanted):
            return fields[9]
    return None


def _sockets(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found.add(str(entry.readlink()).removeprefix("socket:[").removesuffix("]"))
    return found
