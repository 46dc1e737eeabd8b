"""A mail server that writes down every mail it took, is slow on purpose, and has faults by address."""

import enum
import re
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.servers import free_port

MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
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


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mails one after another on each connection; `pause` is how long each takes.

    The name before the first dot of an address chooses a fault: `nobody` is refused with 5xx, `busy` the
    first times with 4xx, `dropped` taken and hung up on, `silent` neither taken nor answered, `slow` slow.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, pause: float) -> None:
        """Listen on a free port of loopback."""
        super().__init__(("127.0.0.1", free_port()), Conversation)
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
        return f"smtp://127.0.0.1:{self.server_address[1]}"

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

    def reach(self, step: Step, port: int) -> None:
        """Note that a mail has come to a step."""
        with self._lock:
            if (trap := self._trap) is not None and trap.step is step and trap.act(port):
                self._trap = None
                trap.sprung.set()

    def is_busy(self, address: str) -> bool:
        """Tell whether this address is still put off: more often would outlast the run."""
        self._busy[address] = self._busy.get(address, 0) + 1
        return self._busy[address] <= PUT_OFF_TIMES

    def may_be_silent(self) -> bool:
        """Tell whether a mail may still be left without an answer; each costs its sender its patience."""
        with self._lock:
            self.silences_left -= 1
            return self.silences_left >= 0


class Conversation(socketserver.StreamRequestHandler):
    """One connection: as much of SMTP as a sender needs."""

    server: MailServer
    disable_nagle_algorithm = True
    address = ""

    def handle(self) -> None:
        """Answer until the sender takes leave, or is gone."""
        try:
            self._say("220 here")
            while (line := self.rfile.readline()) and self._answer(line):
                pass
        except OSError:
            return

    def _answer(self, line: bytes) -> bool:
        word = line[:4].upper()
        if word == b"QUIT":
            self._say("221 farewell")
            return False
        if word == b"RCPT":
            return self._named(line)
        if word == b"DATA":
            return self._take()
        self._say("250 fine")
        return True

    def _named(self, line: bytes) -> bool:
        self.address = line.partition(b"<")[2].partition(b">")[0].decode()
        fault = self._fault()
        self._reach(Step.NAMED)
        if fault == NOBODY:
            self._say("550 5.1.1 no such user")
        elif fault == BUSY and self.server.is_busy(self.address):
            self._say("451 4.3.0 try again later")
        else:
            self._say("250 fine")
        return True

    def _take(self) -> bool:
        self._say("354 go ahead")
        parts = []
        while (part := self.rfile.readline()) != b".\r\n":
            if not part:
                return False  # gone before the end: nothing was handed over
            parts.append(part)
        return self._have(b"".join(parts))

    def _have(self, content: bytes) -> bool:
        found = MESSAGE_ID.search(content)
        mail = Received(self.address, found[1].decode() if found else "")
        fault = self._fault()
        if fault == SILENT and self.server.may_be_silent():
            self.server.unanswered.append(mail)
            self.connection.settimeout(PATIENCE_SECONDS)
            self.rfile.readline()
            return False
        self._reach(Step.HANDED_OVER)
        time.sleep(self.server.pause * (SLOW_TIMES if fault == SLOW else 1))
        self.server.received.append(mail)
        if fault == DROPPED:
            self.server.unanswered.append(mail)
            return False
        self._say("250 taken")
        self._reach(Step.ANSWERED)
        return True

    def _fault(self) -> str:
        return self.address.partition("@")[0].partition(".")[0]

    def _reach(self, step: Step) -> None:
        self.server.reach(step, self.client_address[1])

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def mail_server(pause: float) -> Iterator[MailServer]:
    """Run the server in threads of this process."""
    with MailServer(pause) as server:
        threading.Thread(target=server.serve_forever, name="mail server", daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
