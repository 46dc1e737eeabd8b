"""People who use the pages meanwhile: a process of its own that opens them in turn and takes the time."""

import http.client
import json
import select
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import cycle
from pathlib import Path

from bs4 import BeautifulSoup

from tests.bench.measuring import MILLI

REST_SECONDS = 0.05
CODES = ("implemented", "partial")
SAVING = "save"


@dataclass(frozen=True, slots=True)
class Visit:
    """What was opened, when by the clock that all processes share, and how long it took in milliseconds."""

    name: str
    at: float
    took: float


@dataclass(slots=True)
class Visits:
    """The visits of a while, once it is over."""

    path: Path

    def between(self, began: float, ended: float) -> list[Visit]:
        """Give the visits that began in this stretch of the monotonic clock."""
        rows = [json.loads(row) for row in self.path.read_text(encoding="utf-8").splitlines()]
        return [Visit(*row) for row in rows if began <= row[1] <= ended]


@contextmanager
def visiting(port: int, pages: Mapping[str, tuple[str, str]], path: Path) -> Iterator[Visits]:
    """Visit pages, a name with (secret, address) each, until the block ends; at `save` an answer is saved."""
    with path.open("w", encoding="utf-8") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.visiting", str(port), json.dumps(pages)],
            stdin=subprocess.PIPE,
            stdout=told,
        )
        try:
            yield Visits(path)
        finally:
            process.communicate()
    assert process.returncode == 0, "the visitor broke off"


@dataclass
class Visitor:
    """Somebody signed in, with one cookie of a session and what the pages add to it."""

    port: int
    secret: str
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, address: str) -> bytes:
        """Open a page."""
        return self._ask("GET", address, None)

    def send(self, address: str, form: Mapping[str, str]) -> bytes:
        """Send a form."""
        return self._ask("POST", address, urllib.parse.urlencode(form))

    def _ask(self, method: str, address: str, body: str | None) -> bytes:
        cookies = "; ".join(
            f"{name}={value}" for name, value in ({"sanpo": self.secret} | self.cookies).items()
        )
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, address, body, headers)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        assert answer.status == HTTPStatus.OK, (address, answer.status, said[:300])
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _sign, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return said


def saving(visitor: Visitor, address: str) -> Callable[[], bytes]:
    """Give one autosave of the first question of a page, another answer each time."""
    page = BeautifulSoup(visitor.open(address), "html.parser")
    token, question = page.select_one("input[name=csrf_token]"), page.select_one("[data-save-url]")
    assert token is not None and question is not None
    code = question.select_one("input[type=radio]")
    version = question.select_one("input[name$=-version]")
    assert code is not None and version is not None
    form = {"csrf_token": str(token["value"]), str(version["name"]): str(version["value"])}
    codes = cycle(CODES)

    def save() -> bytes:
        said = visitor.send(str(question["data-save-url"]), form | {str(code["name"]): next(codes)})
        form[str(version["name"])] = str(json.loads(said)["version"])
        return said

    return save


def main(port: int, pages: Mapping[str, tuple[str, str]]) -> None:
    """Go round until standard input closes, and write down each visit."""
    ways = {name: _way(port, name, *page) for name, page in pages.items()}
    for name, go in cycle(ways.items()):
        at, began = time.monotonic(), time.perf_counter()
        go()
        print(json.dumps([name, at, (time.perf_counter() - began) * MILLI]), flush=True)
        if select.select([sys.stdin], [], [], REST_SECONDS)[0]:
            return


def _way(port: int, name: str, secret: str, address: str) -> Callable[[], object]:
    visitor = Visitor(port, secret)
    if name == SAVING:
        return saving(visitor, address)
    return lambda: visitor.open(address)


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
