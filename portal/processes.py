"""Processes of our own that end with whoever started them: each holds the end of a pipe, its lifeline."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

GRACE_SECONDS = 15.0
# Each running process with our end of its lifeline, which stays open, and out of every other child.
_running: dict[subprocess.Popen[bytes], int] = {}


def start(arguments: Sequence[str], *, pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start a `sanpo` command as a process that ends when this process does, however that happens."""
    lifeline, held = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli", "--lifeline", str(lifeline), *arguments],
            pass_fds=(lifeline, *pass_fds),
            start_new_session=True,  # Ctrl-C reaches whoever started it, who then stops it in order
        )
    finally:
        os.close(lifeline)
    _running[process] = held
    return process


def wait(process: subprocess.Popen[bytes], *, timeout: float | None = None) -> int | None:
    """Wait for a process and give its exit status; None when it still runs after `timeout` seconds."""
    try:
        status = process.wait(timeout)
    except subprocess.TimeoutExpired:
        return None
    held = _running.pop(process, None)
    if held is not None:
        os.close(held)
    return status


def stop(process: subprocess.Popen[bytes], *, grace: float = GRACE_SECONDS) -> int:
    """Ask a process to end, insist after a while, and give its exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    status = wait(process, timeout=grace)
    if status is None:
        process.kill()
        status = wait(process)
    return status if status is not None else -signal.SIGKILL


def stop_all() -> None:
    """Stop every process that this one started and did not wait for."""
    for process in list(_running):
        stop(process)


def end_with(lifeline: int) -> None:
    """End this process at once when the other end of its lifeline closes: whoever started it is gone."""
    os.set_inheritable(lifeline, False)
    threading.Thread(target=_watch, args=(lifeline,), name="lifeline", daemon=True).start()


def _watch(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    os._exit(1)
