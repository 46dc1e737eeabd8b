"""No line of a log carries a secret, token, code, address or answer: paths are walked and the log is read."""

import logging as standard
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import passwords, users
from assessments.invitations import CODE_PURPOSE
from assessments.models import Invitation, Role, User
from assessments.questionnaire_content import read
from assessments.tokens import six_digits
from portal import clock, dispatcher, logging, mail
from portal.db import Database
from portal.dispatcher import Office
from portal.settings import Settings
from tests import answering, factories
from tests.fixtures_app import KEYS, Visitor

PASSWORD = "裏庭の柿の木には雀が三羽とまっている"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
COMMENT = "共有の合言葉は事務所の黒板に書いてあります"
KEIKO = "keiko@buyer.example"


@dataclass
class Walk:
    """What a test walks with, and everything that must not be found afterwards."""

    visitor: Visitor
    session: Session
    office: Office
    secrets: set[str] = field(default_factory=lambda: {PASSWORD, SECRET, COMMENT, KEIKO, answering.EMAIL})


@pytest.fixture
def walk(visitor: Visitor, session: Session, database: Database, settings: Settings) -> Walk:
    """Somebody at the buyer, somebody invited, and a dispatcher that delivers to the local mailbox."""
    factories.user(
        session, Role.ADMIN, email=KEIKO, password_hash=passwords.hashed(PASSWORD), totp_secret=SECRET
    )
    answering.invited(session)
    session.commit()
    return Walk(visitor, session, Office(database, settings, mail.line(settings), "w"))


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """The log of the product as it is set up in earnest, at its most talkative; undone at the end."""
    root = standard.getLogger()
    handlers, level = root.handlers[:], root.level
    logging.set_up("web", directory=tmp_path, to_stderr=False, level=standard.DEBUG)
    yield tmp_path / "web.log"
    for handler in root.handlers:
        handler.close()
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


PATHS: list[Callable[[Walk], None]] = []


def a_path(step: Callable[[Walk], None]) -> Callable[[Walk], None]:
    """Have a path walked by the tests."""
    PATHS.append(step)
    return step


@a_path
def _sign_in(walk: Walk) -> None:
    digits = pyotp.TOTP(SECRET).at(clock.now())
    form = {"email": KEIKO, "password": PASSWORD, "digits": digits}
    assert walk.visitor.post("/sign-in/", form | {"digits": "000000"}).status_code == 422
    assert walk.visitor.post("/sign-in/", form | {"email": "nobody@buyer.example"}).status_code == 422
    assert walk.visitor.post("/sign-in/", form).status_code == 302
    walk.secrets |= {"nobody@buyer.example", _cookie(walk.visitor.client)}


@a_path
def _enrol(walk: Walk) -> None:
    path = _enrolment_path(walk)
    assert walk.visitor.client.get(path).status_code == 200
    form = {"password": PASSWORD, "again": PASSWORD, "digits": "000000"}
    assert walk.visitor.post(path, form).status_code == 422


@a_path
def _enter_and_answer(walk: Walk) -> None:
    invitation = walk.session.scalars(select(Invitation)).one()
    walk.session.commit()
    token, digits = answering.token_of(invitation), six_digits(KEYS, CODE_PURPOSE, invitation.public_id, 1)
    client = walk.visitor.client
    assert client.get(f"/s/{token}").status_code == 200
    assert client.post(f"/s/{token}/code").status_code == 302
    dispatcher.deliver(walk.office)
    assert client.post(f"/s/{token}/enter", data={"digits": "000000"}).status_code == 422
    place = client.post(f"/s/{token}/enter", data={"digits": digits}).location
    walk.secrets |= {token, digits, _cookie(client)}
    key = read(factories.QUESTIONNAIRE).scored[0].key
    answer = {f"{key}-code": "implemented", f"{key}-comment": COMMENT, f"{key}-version": "0"}
    assert client.post(f"{place}/questions/{key}", data=answer).status_code == 200


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__.strip("_"))
def test_no_event_carries_a_secret(
    walk: Walk, caplog: pytest.LogCaptureFixture, path: Callable[[Walk], None]
) -> None:
    caplog.set_level(standard.DEBUG)

    with structlog.testing.capture_logs() as events:
        path(walk)

    said = f"{events} {[record.getMessage() for record in caplog.records]}"
    assert not _found(walk.secrets, said)


def test_the_log_file_carries_no_secret(walk: Walk, log_file: Path) -> None:
    for path in PATHS:
        path(walk)
    structlog.get_logger().info("walked")

    said = log_file.read_text(encoding="utf-8")

    assert "walked" in said
    assert not _found(walk.secrets, said)


def test_a_failure_that_holds_secrets_is_masked(
    walk: Walk, log_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _enrolment_path(walk)
    token = path.rsplit("/", 1)[1]

    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError(f"could not look up {KEIKO} by {token} at http://localhost{path}")

    monkeypatch.setattr(users, "find_by_link", fail)
    walk.visitor.client.application.testing = False
    answer = walk.visitor.client.get(path)

    said = log_file.read_text(encoding="utf-8")
    assert answer.status_code == 500
    assert "RuntimeError" in said
    assert not _found(walk.secrets, said + answer.text)


def test_the_rows_hold_no_secret(walk: Walk, database: Database) -> None:
    for path in PATHS:
        path(walk)
    kept = (
        "user_session",
        "sign_in_code",
        "sign_in_try",
        "audit_event",
        "message",
        "local_mail",
        "invitation",
    )

    with database.read_engine.connect() as connection:
        rows = [connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in kept]

    assert not _found(walk.secrets - {answering.EMAIL, KEIKO}, str(rows))


def _enrolment_path(walk: Walk) -> str:
    keiko = walk.session.scalars(select(User).where(User.email == KEIKO)).one()
    users.open_link(walk.session, keiko, now=clock.now(), by="operator")
    walk.session.commit()
    path = users.enrolment_path(KEYS, keiko)
    walk.secrets |= {path.rsplit("/", 1)[1], passwords.totp_secret_of(KEYS, keiko.public_id, keiko.enrolment)}
    return path


def _cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie("sanpo")
    assert cookie is not None
    return cookie.value


def _found(secrets: set[str], text: str) -> list[str]:
    """Name what was found, by its beginning alone."""
    return [secret[:4] for secret in secrets if secret in text]
