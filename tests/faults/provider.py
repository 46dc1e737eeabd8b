"""A provider's HTTP API that knows a mail again by its key: the first result stands, and is given again."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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

# How long a mail stays under way whose sender died meanwhile: whoever comes next comes too early.
LINGERS_SECONDS = 4.0
# What a busy address is told, one after another; the last is said after the mail was taken.
PUT_OFF = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.INTERNAL_SERVER_ERROR,
)
UNDER_WAY = ""


class ProviderServer(Taker, ThreadingHTTPServer):
    """Takes mails by POST. Its history has each key with a digest of what was taken under it."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, pause: float) -> None:
        """Listen on a free port of loopback."""
        Taker.__init__(self, pause)
        ThreadingHTTPServer.__init__(self, ("127.0.0.1", 0), Desk)
        self.history: dict[str, str] = {}
        self.came_again = 0
        self.came_too_early = 0
        self.came_otherwise: list[Received] = []

    @property
    def url(self) -> str:
        """The address as `SANPO_MAIL_URL` takes it."""
        return f"http://a-key@127.0.0.1:{self.server_port}/v1/emails"

    @property
    def keeps_keys(self) -> bool:
        """Say that nothing need remain unknown."""
        return True

    @property
    def known_again(self) -> int:
        """How often a mail came again that had been taken, or was being taken."""
        return self.came_again + self.came_too_early

    def begin(self, key: str, digest: str, mail: Received) -> HTTPStatus | None:
        """Give what a known key is answered; None where it is new, and under way from now on."""
        with self._lock:
            known = self.history.get(key)
            if known is None:
                self.history[key] = UNDER_WAY
                return None
            if known == UNDER_WAY:
                self.came_too_early += 1
                return HTTPStatus.CONFLICT
            if known != digest:
                self.came_otherwise.append(mail)
                return HTTPStatus.UNPROCESSABLE_ENTITY
            self.came_again += 1
            return HTTPStatus.OK

    def take(self, key: str, digest: str, mail: Received) -> None:
        """Take a mail for good."""
        with self._lock:
            self.history[key] = digest
            self.received.append(mail)

    def let_go(self, key: str) -> None:
        """Forget a key whose mail was not taken."""
        with self._lock:
            del self.history[key]


class Desk(BaseHTTPRequestHandler):
    """One connection."""

    server: ProviderServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the sender takes leave, or is gone."""
        try:
            super().handle()
        except OSError:
            return

    def do_POST(self) -> None:
        """Take one mail, once, whatever comes of the answer."""
        self._reach(Step.NAMED)
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True  # gone before the end: nothing was handed over
            return
        said = json.loads(body)
        mail = Received(said["to"], said["headers"]["Message-ID"])
        key, digest = self.headers["Idempotency-Key"], hashlib.sha256(body).hexdigest()
        known = self.server.begin(key, digest, mail)
        self._answer(known if known is not None else self._decide(key, digest, mail))

    def _decide(self, key: str, digest: str, mail: Received) -> HTTPStatus | None:
        """Take a new mail or not, and give what is answered; None where nothing is."""
        chosen = fault(mail.address)
        times = self.server.times_put_off(mail.address) if chosen == BUSY else 0
        if chosen == NOBODY or 0 < times < len(PUT_OFF):
            self.server.let_go(key)
            return PUT_OFF[times - 1] if times else HTTPStatus.UNPROCESSABLE_ENTITY
        has_died = self._reach(Step.HANDED_OVER)
        pause = self.server.pause * (SLOW_TIMES if chosen == SLOW else 1)
        time.sleep(LINGERS_SECONDS if has_died else pause)
        self.server.take(key, digest, mail)
        if chosen == SILENT and self.server.may_be_silent():
            self.connection.settimeout(PATIENCE_SECONDS)
            self.rfile.readline()
            return None
        if chosen == DROPPED:
            return None
        return PUT_OFF[-1] if times else HTTPStatus.OK

    def _answer(self, status: HTTPStatus | None) -> None:
        if status is None:
            self.close_connection = True
            return
        words = b'{"id": "1"}' if status == HTTPStatus.OK else status.phrase.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)
        self._reach(Step.ANSWERED)

    def _reach(self, step: Step) -> bool:
        return self.server.reach(step, self.client_address[1])

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def provider(pause: float) -> Iterator[ProviderServer]:
    """Run the provider in threads of this process."""
    with ProviderServer(pause) as server:
        threading.Thread(target=server.serve_forever, name="provider", daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
