"""Sends what the outbox holds: one mail in flight, one commit a mail, and none open while sending."""

import threading

_wake = threading.Event()


def wake() -> None:
    """Have the dispatcher of this process look now."""
    _wake.set()
