"""`sanpo doctor` finds what is wrong, says what to do, and ends with a status to act on."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from click.testing import CliRunner, Result
from sqlalchemy import text, update

from assessments import jobs, outbox
from assessments.models import Lane, Message, MessageState
from portal import cli, clock, doctor, schema
from portal.backup import Drilled, Made, latest
from portal.db import Database
from portal.doctor import Verdict
from portal.settings import Settings
from tests import servers
from tests.servers import MailSink

Sanpo = Callable[..., Result]
PASSPHRASE = "a passphrase of the tests"


@pytest.fixture
def sanpo(tmp_path: Path, mail_sink: MailSink) -> Sanpo:
    """Type a command in an installation that could be asked tomorrow."""
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    given = {
        "SANPO_DATA_DIR": str(data_dir),
        "SANPO_PUBLIC_URL": "https://sanpo.buyer.example",
        "SANPO_MAIL_URL": mail_sink.url,
        "SANPO_MAIL_FROM": "Sanpo <sanpo@buyer.test>",
        "SANPO_BACKUP_PASSPHRASE": PASSPHRASE,
    }
    return lambda *arguments, **more: CliRunner().invoke(cli.main, arguments, env={**given, **more})


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> tuple[Settings, Database]:
    """An installation at this version's schema, to look over without a process."""
    url = f"sqlite:///{tmp_path / 'here.db'}"
    database = Database(url)
    schema.migrate(database)
    return replace(settings, database_url=url), database


def test_all_is_well_ends_with_0(sanpo: Sanpo, tmp_path: Path, mail_sink: MailSink) -> None:
    assert sanpo("migrate").exit_code == 0
    assert sanpo("backup", str(tmp_path / "b.sanpo")).exit_code == 0
    assert sanpo("restore", "--drill", str(tmp_path / "b.sanpo")).exit_code == 0

    told = sanpo("doctor", "--json")
    findings = json.loads(told.stdout)

    assert {finding["verdict"] for finding in findings} == {"ok"}, told.stdout
    assert told.exit_code == 0
    assert mail_sink.mails == []


def test_what_wants_a_look_ends_with_1(sanpo: Sanpo) -> None:
    sanpo("migrate")

    told = sanpo("doctor")

    assert told.exit_code == 1
    assert "warn  last backup: none from here\n      Run `sanpo backup`" in told.stdout


def test_what_must_be_mended_ends_with_2(sanpo: Sanpo) -> None:
    told = sanpo("doctor")

    assert told.exit_code == 2
    assert "FAIL  schema: revision none" in told.stdout
    assert "Run `sanpo migrate`." in told.stdout


def test_a_setting_that_is_refused_is_a_finding(sanpo: Sanpo) -> None:
    told = sanpo("doctor", SANPO_PORT="none")

    assert told.exit_code == 2
    assert "SANPO_PORT: 'none' is not a port" in told.stdout


def test_servers_that_do_not_answer_are_named(sanpo: Sanpo) -> None:
    sanpo("migrate")
    nowhere = servers.free_port()

    told = sanpo(
        "doctor",
        SANPO_MAIL_URL=f"smtp://127.0.0.1:{nowhere}",
        SANPO_BROKER_URL=f"redis://127.0.0.1:{nowhere}/0",
        SANPO_SECRET_KEY="0123456789abcdefghijklmnopqrstuvwxyz",
    )

    assert "FAIL  mail server: " in told.stdout
    assert "warn  broker: " in told.stdout


@pytest.fixture
def guarded() -> Iterator[str]:
    """A mail server that lets in tar with the password pass; gives its host and port."""

    def knows(_server: object, _session: object, _envelope: object, _how: str, login: Any) -> AuthResult:
        return AuthResult(success=(login.login, login.password) == (b"tar", b"pass"), handled=False)

    sink = MailSink(port=servers.free_port())
    controller = Controller(
        sink, hostname="127.0.0.1", port=sink.port, authenticator=knows, auth_require_tls=False
    )
    controller.start()
    yield f"127.0.0.1:{sink.port}"
    controller.stop()


@pytest.mark.parametrize(
    ("login", "verdict", "words"),
    [
        ("tar:pass", Verdict.OK, "answers and lets us in; no mail was sent"),
        ("tar:wrong", Verdict.FAIL, "535 5.7.8 Authentication credentials invalid"),
        (
            "tar:%E9%8D%B5",
            Verdict.FAIL,
            "the user or password in SANPO_MAIL_URL has letters that no login can carry",
        ),
    ],
)
def test_a_mail_server_that_does_not_let_us_in_is_found(
    here: tuple[Settings, Database], guarded: str, login: str, verdict: Verdict, words: str
) -> None:
    _sender, found = doctor._mail(
        replace(here[0], mail_url=f"smtp://{login}@{guarded}"), here[1], clock.now()
    )

    assert (found.name, found.verdict, found.words) == ("mail server", verdict, words)


def test_a_provider_that_speaks_no_tls_is_found(here: tuple[Settings, Database], mail_sink: MailSink) -> None:
    urls = [f"{scheme}://key@127.0.0.1:{mail_sink.port}/v1" for scheme in ("http", "https")]
    found = [
        list(doctor._mail(replace(here[0], mail_url=url), here[1], clock.now()))[-1].verdict for url in urls
    ]

    assert found == [Verdict.OK, Verdict.FAIL]
    assert mail_sink.mails == []


@pytest.mark.parametrize(
    ("mail_from", "verdict"),
    [
        ("Sanpo <sanpo@buyer.test>", Verdict.OK),
        ("Sanpo <sanpo@buyer.example>", Verdict.FAIL),
        ("Buyer, Ltd. <sanpo@buyer.test>", Verdict.FAIL),
    ],
)
def test_a_sender_nobody_can_be_is_found(
    here: tuple[Settings, Database], mail_sink: MailSink, mail_from: str, verdict: Verdict
) -> None:
    changed = replace(here[0], mail_url=mail_sink.url, mail_from=mail_from)
    found, _server = doctor._mail(changed, here[1], clock.now())

    assert (found.name, found.verdict) == ("sender", verdict)


def test_a_broker_that_answers_is_well(here: tuple[Settings, Database], redis_url: str) -> None:
    [found] = doctor._broker(replace(here[0], broker_url=redis_url), here[1], clock.now())

    assert found.verdict is Verdict.OK


def test_a_password_in_an_address_is_never_shown(sanpo: Sanpo) -> None:
    told = sanpo(
        "doctor",
        SANPO_DATABASE_URL="postgresql+psycopg://sanpo:letmein9@127.0.0.1:9/sanpo",
        SANPO_MAIL_URL="smtp://sanpo:letmein9@127.0.0.1:9",
        SANPO_BROKER_URL="redis://:letmein9@127.0.0.1:9/0",
        SANPO_SECRET_KEY="0123456789abcdefghijklmnopqrstuvwxyz",
    )

    assert told.exit_code == 2
    assert "letmein9" not in told.output


def test_pragmas_are_told_as_they_are_in_force(here: tuple[Settings, Database]) -> None:
    found = _found(here)
    assert found["pragmas for writing"].verdict is Verdict.OK

    with here[1].write_engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute("PRAGMA synchronous=OFF")

    assert _found(here)["pragmas for writing"].words == "synchronous=0"
    assert _found(here)["pragmas for writing"].verdict is Verdict.FAIL


def test_mails_that_wait_lapse_or_are_unknown_are_found(here: tuple[Settings, Database]) -> None:
    long_ago = clock.now() - timedelta(minutes=20)
    with here[1].writer.begin() as session:
        for key in ("waits", "unknown", "lapsed"):
            outbox.queue(
                session,
                kind="notice",
                send_key=key,
                lane=Lane.NOTICE,
                to_email="a@b.example",
                language="ja",
                now=long_ago,
            )
        for key, values in (
            ("unknown", {"state": MessageState.UNKNOWN}),
            ("lapsed", {"state": MessageState.LEASED, "lease_by": "w", "lease_until": long_ago}),
        ):
            session.execute(update(Message).where(Message.send_key == key).values(**values))

    found = _found(here)

    assert found["oldest unsent mail"].verdict is Verdict.FAIL
    assert found["oldest unsent mail"].words == "has waited 20 minutes"
    assert found["mails to settle"].verdict is Verdict.WARN
    assert found["dead workers"].verdict is Verdict.FAIL


def test_jobs_that_nobody_takes_up_are_told(here: tuple[Settings, Database]) -> None:
    with here[1].writer.begin() as session:
        jobs.request(session, "of a deaf worker", 1, now=clock.now() - timedelta(minutes=6), by=None)

    found = _found(here)["waiting jobs"]

    assert (found.verdict, found.words) == (Verdict.WARN, "1 waited for five minutes or more")


@pytest.mark.parametrize(
    ("age", "verdict"),
    [(timedelta(hours=20), Verdict.OK), (timedelta(days=3), Verdict.WARN), (timedelta(days=9), Verdict.FAIL)],
)
def test_an_old_backup_is_told(here: tuple[Settings, Database], age: timedelta, verdict: Verdict) -> None:
    made_at = (clock.now() - age).isoformat()
    latest.note(here[0].data_dir, Made("b.sanpo", made_at, "0001", rows=1, files=0, bytes=1))

    assert _found(here)["last backup"].verdict is verdict


@pytest.mark.parametrize(
    ("age", "verdict"),
    [(None, Verdict.WARN), (timedelta(days=7), Verdict.OK), (timedelta(days=9), Verdict.FAIL)],
)
def test_an_old_drill_is_told(
    here: tuple[Settings, Database], age: timedelta | None, verdict: Verdict
) -> None:
    latest.note(here[0].data_dir, Made("b.sanpo", clock.now().isoformat(), "0001", rows=1, files=0, bytes=1))
    if age is not None:
        drilled_at = (clock.now() - age).isoformat()
        latest.note_drill(
            here[0].data_dir,
            Drilled("b.sanpo", drilled_at, drilled_at, rows=1, files=0, trail_lines=0, submissions=0),
        )

    assert _found(here)["last drill"].verdict is verdict


def test_what_others_can_read_is_told(here: tuple[Settings, Database]) -> None:
    secret = here[0].data_dir / "secret"
    secret.write_bytes(here[0].keys.current)
    secret.chmod(0o644)

    assert _found(here)["secret"].verdict is Verdict.WARN


def test_a_public_address_without_tls_must_be_mended(here: tuple[Settings, Database]) -> None:
    open_to_all = replace(here[0], public_url="http://sanpo.buyer.example")

    assert _found((open_to_all, here[1]))["public address"].verdict is Verdict.FAIL


def test_postgresql_that_may_lose_what_it_confirmed_must_be_mended(
    settings: Settings, postgresql_server: servers.PostgreSQL
) -> None:
    """The server of the tests runs without fsync."""
    name = "doctored"
    database = Database(postgresql_server.create(name))
    try:
        schema.migrate(database)
        found = _found((settings, database))
    finally:
        database.dispose()
        postgresql_server.drop(name)

    assert found["durability"].verdict is Verdict.FAIL
    assert "fsync=off" in found["durability"].words
    assert found["clock"].verdict is Verdict.OK
    assert found["schema"].verdict is Verdict.OK


def test_looking_changes_nothing(here: tuple[Settings, Database]) -> None:
    def content() -> list[object]:
        with here[1].read_engine.connect() as connection:
            return [connection.scalar(text("SELECT count(*) FROM sign_in_try"))]

    before = content()
    _found(here)

    assert content() == before == [0]


def _found(at: tuple[Settings, Database]) -> dict[str, doctor.Finding]:
    return {finding.name: finding for finding in doctor.examine(*at, now=clock.now())}
