"""What servers that take mails share: they write down every mail, are slow on purpose, and spring traps."""

import enum
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

NOBODY, BUSY, DROPPED, SILENT, SLOW = "nobody", "busy", "dropped", "silent", "slow"
SLOW_TIMES, PUT_OFF_TIMES = 10, 3
PATIENCE_SECONDS = 60.0


class Step(enum.StrEnum):
    """Where one mail stands between the two machines."""

    NAMED = "recipient named"
    HANDED_OVER = "handed over, not answered"
    ANSWERED = "answered, not recorded"


@dataclass(frozen=True, slots=True)
class Received:
    """A mail that was taken; the server answers for it from then on."""

    address: str
    message_id: str


@dataclass(slots=True)
class Trap:
    """What happens once, when the next mail comes to a step; it is given the sender's port."""

    step: Step
    act: Callable[[int], bool]
    sprung: threading.Event = field(default_factory=threading.Event)


class Taker:
    """A server that takes mails; `pause` is how long each takes.

    The name before the first dot of an address chooses a fault: `nobody` is refused, `busy` put off the
    first times, `dropped` taken and hung up on, `silent` not answered, `slow` slow.
    """

    def __init__(self, pause: float) -> None:
        """Begin with nothing taken."""
        self.pause = pause
        self.received: list[Received] = []
        self.unanswered: list[Received] = []
        self.silences_left = 1
        self._busy: dict[str, int] = {}
        self._trap: Trap | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The address as `SANPO_MAIL_URL` takes it."""
        raise NotImplementedError

    @property
    def keeps_keys(self) -> bool:
        """Tell whether a mail that is handed over twice under one key is taken once."""
        return False

    @property
    def known_again(self) -> int:
        """How often a mail came again under a key it had been taken under."""
        return 0

    def trap(self, step: Step, act: Callable[[int], bool]) -> threading.Event:
        """Act once when a mail comes to a step; a trap whose act says False stays set."""
        made = Trap(step, act)
        with self._lock:
            self._trap = made
        return made.sprung

    def disarm(self) -> None:
        """Take a trap away that nothing came to."""
        with self._lock:
            self._trap = None

    def reach(self, step: Step, port: int) -> bool:
        """Note that a mail has come to a step; tells whether its sender's trap was there."""
        with self._lock:
            if (trap := self._trap) is None or trap.step is not step or not trap.act(port):
                return False
            self._trap = None
            trap.sprung.set()
            return True

    def times_put_off(self, address: str) -> int:
        """Count one more try of a busy address; 0 once it is put off no more: more would outlast the run."""
        with self._lock:
            times = self._busy[address] = self._busy.get(address, 0) + 1
        return times if times <= PUT_OFF_TIMES else 0

    def may_be_silent(self) -> bool:
        """Tell whether a mail may still be left without an answer; each costs its sender its patience."""
        with self._lock:
            self.silences_left -= 1
            return self.silences_left >= 0


def fault(address: str) -> str:
    """Give what an address asks for."""
    return address.partition("@")[0].partition(".")[0]
