"""A running Sanpo with a small demo, as a person starts it, and browser windows to walk through it."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from portal.demo import SIGN_INS
from tests.servers import free_port

SANPO = Path(sys.executable).with_name("sanpo")
PATIENCE = 60.0


@dataclass(frozen=True)
class Running:
    """A Sanpo that runs: its address, its data, its commands."""

    url: str
    data_dir: Path
    environment: dict[str, str]

    def command(self, *words: str) -> str:
        """Run an operator's command on it and give what it prints."""
        done = subprocess.run(
            [str(SANPO), *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
        return done.stdout

    def mails(self, to: str, kind: str) -> list[dict[str, Any]]:
        """Give the mails of a kind to an address, oldest first."""
        found = json.loads(self.command("mailbox", "--json"))
        mine = [mail for mail in found if mail["to"] == to and mail["kind"] == kind]
        return sorted(mine, key=lambda mail: str(mail["sent_at"]))

    def next_mail(self, to: str, kind: str, *, after: int = 0) -> dict[str, Any]:
        """Wait for one more mail of a kind than there were."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            mails = self.mails(to, kind)
            if len(mails) > after:
                return mails[-1]
            time.sleep(0.3)
        raise AssertionError(f"no {kind} came")

    def password(self, email: str) -> str:
        """Give a demo user's password."""
        kept: dict[str, str] = json.loads((self.data_dir / SIGN_INS).read_text(encoding="utf-8"))
        return kept[email]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`sanpo demo` and `sanpo serve` in a data directory of their own."""
    data_dir, port = tmp_path_factory.mktemp("running"), free_port()
    environment = os.environ | {"SANPO_DATA_DIR": str(data_dir), "SANPO_PORT": str(port)}
    made = Running(f"http://127.0.0.1:{port}", data_dir, environment)
    made.command("demo", "--suppliers", "60")
    process = subprocess.Popen([str(SANPO), "serve"], env=environment)
    try:
        _wait_for(f"{made.url}/livez")
        yield made
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


@pytest.fixture
def window(chromium: Browser, running: Running) -> Iterator[Callable[[int], Page]]:
    """Open a fresh Japanese window of a width, on the running Sanpo."""
    opened = []

    def open_(width: int) -> Page:
        context = chromium.new_context(
            base_url=running.url,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            viewport={"width": width, "height": 800},
            reduced_motion="reduce",
        )
        opened.append(context)
        return context.new_page()

    yield open_
    for context in opened:
        context.close()


def _wait_for(url: str) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own address
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("sanpo serve does not answer")
