"""A mail server that writes down every mail it took, is slow on purpose, and has faults by address."""

import re
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.taking import (
    BUSY,
    DROPPED,
    NOBODY,
    PATIENCE_SECONDS,
    SILENT,
    SLOW,
    SLOW_TIMES,
    Received,
    Step,
    Taker,
    fault,
)
from tests.servers import free_port

MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


class MailServer(Taker, socketserver.ThreadingTCPServer):
    """Takes mails by SMTP, one after another on each connection; refuses with 5xx, puts off with 4xx."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, pause: float) -> None:
        """Listen on a free port of loopback."""
        Taker.__init__(self, pause)
        socketserver.ThreadingTCPServer.__init__(self, ("127.0.0.1", free_port()), Conversation)

    @property
    def url(self) -> str:
        """The address as `SANPO_MAIL_URL` takes it."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


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
        chosen = fault(self.address)
        self._reach(Step.NAMED)
        if chosen == NOBODY:
            self._say("550 5.1.1 no such user")
        elif chosen == BUSY and self.server.times_put_off(self.address):
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
        chosen = fault(self.address)
        if chosen == SILENT and self.server.may_be_silent():
            self.server.unanswered.append(mail)
            self.connection.settimeout(PATIENCE_SECONDS)
            self.rfile.readline()
            return False
        self._reach(Step.HANDED_OVER)
        time.sleep(self.server.pause * (SLOW_TIMES if chosen == SLOW else 1))
        self.server.received.append(mail)
        if chosen == DROPPED:
            self.server.unanswered.append(mail)
            return False
        self._say("250 taken")
        self._reach(Step.ANSWERED)
        return True

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
