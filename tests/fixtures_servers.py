"""Fixtures that hand the real servers to tests. One PostgreSQL serves a whole run and all its workers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests import servers

DATABASE_VARIABLE = "SANPO_TEST_DATABASE"
_DIRECTORY_VARIABLE = "SANPO_TEST_POSTGRESQL_DIRECTORY"
_stack = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL once, in the process that also starts the workers."""
    if database_kind() != "postgresql" or _DIRECTORY_VARIABLE in os.environ:
        return
    stack = config.stash.setdefault(_stack, ExitStack())
    server = stack.enter_context(servers.postgresql())
    os.environ[_DIRECTORY_VARIABLE] = str(server.directory)
    stack.callback(os.environ.pop, _DIRECTORY_VARIABLE)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what `pytest_configure` started."""
    config.stash.get(_stack, ExitStack()).close()


def database_kind() -> str:
    """Return which database the tests run on: `sqlite` or `postgresql`."""
    kind = os.environ.get(DATABASE_VARIABLE, "sqlite")
    if kind not in ("sqlite", "postgresql"):
        raise pytest.UsageError(f"{DATABASE_VARIABLE} is {kind!r}; it may be sqlite or postgresql.")
    return kind


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[servers.PostgreSQL]:
    """The run's PostgreSQL; a run on SQLite starts one for the tests that want it."""
    if directory := os.environ.get(_DIRECTORY_VARIABLE):
        yield servers.PostgreSQL(Path(directory))
        return
    with servers.postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a Redis that starts empty."""
    with servers.redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def _mail_sink() -> Iterator[servers.MailSink]:
    with servers.mail_sink() as sink:
        yield sink


@pytest.fixture
def mail_sink(_mail_sink: servers.MailSink) -> servers.MailSink:
    """A mail server that keeps what it receives, empty at the start of each test."""
    _mail_sink.mails.clear()
    return _mail_sink


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with servers.chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh Japanese browser window, 1280 pixels wide, without cookies."""
    context = chromium.new_context(
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()
