"""`sanpo user` as an operator types it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from assessments import passwords
from assessments.models import AuditEvent, Membership, Message, Organisation, Role, User
from portal import schema
from portal.cli import main
from portal.db import Database
from tests import factories
from tests.factories import NOW

Sanpo = Callable[..., Result]
PASSWORD = "裏庭の柿の木には雀が三羽とまっている"
ADD = ("user", "add", "Keiko.Sato@Buyer.example", "--role", "risk")


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Database]:
    """An installation with an organisation and one unit."""
    database = Database(f"sqlite:///{tmp_path / 'sanpo.db'}")
    schema.migrate(database)
    with database.writer.begin() as session:
        factories.organisation(session)
        factories.unit(session)
    yield database
    database.dispose()


@pytest.fixture
def environment(installed: Database, tmp_path: Path) -> dict[str, str]:
    """What the operator's shell says."""
    return {
        "SANPO_DATA_DIR": str(tmp_path),
        "SANPO_DATABASE_URL": installed.url,
        "SANPO_PUBLIC_URL": "http://127.0.0.1:8123",
    }


@pytest.fixture
def sanpo(environment: dict[str, str]) -> Sanpo:
    """Type a command, perhaps with something on standard input, and give what it printed."""

    def typed(*arguments: str, standard_input: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, env=environment, input=standard_input)

    return typed


def test_a_one_time_link_is_printed(sanpo: Sanpo, installed: Database) -> None:
    answer = sanpo(*ADD, "--name", "佐藤 恵子")

    assert answer.exit_code == 0, answer.output
    with installed.reader() as session:
        user = _keiko(session)
        assert answer.stdout.startswith(f"http://127.0.0.1:8123/sign-in/enrol/{user.public_id}/")
        assert len(answer.stdout.splitlines()) == 1
        assert (user.name, user.password_hash) == ("佐藤 恵子", None)
        assert [row.role for row in user.memberships] == [Role.RISK]
        assert session.scalars(select(Message)).all() == [], "the operator hands the link over"


def test_every_role_of_the_buyer_can_be_given(sanpo: Sanpo, installed: Database) -> None:
    for role in ("procurement", "risk", "legal", "auditor", "admin", "viewer"):
        assert sanpo("user", "add", "sato@buyer.example", "--role", role).exit_code == 0, role

    with installed.reader() as session:
        assert len(session.scalars(select(Membership)).all()) == 6
        assert len(session.scalars(select(User)).all()) == 1


def test_a_role_may_hold_in_one_unit(sanpo: Sanpo, installed: Database) -> None:
    answer = sanpo(*ADD, "--unit", "精密機器事業部")

    assert answer.exit_code == 0, answer.output
    with installed.reader() as session:
        unit = _keiko(session).memberships[0].business_unit
        assert unit is not None
        assert unit.name == "精密機器事業部"


def test_a_password_from_standard_input_is_set(sanpo: Sanpo, installed: Database) -> None:
    answer = sanpo(*ADD, "--password-stdin", standard_input=f"{PASSWORD}\n")

    assert answer.exit_code == 0, answer.output
    with installed.reader() as session:
        user = _keiko(session)
        assert passwords.matches(PASSWORD, user.password_hash)
        assert user.totp_secret is not None
        assert f"secret={user.totp_secret}" in answer.stdout
    assert PASSWORD not in answer.output


def test_the_demo_needs_no_authenticator(sanpo: Sanpo, installed: Database) -> None:
    with installed.writer.begin() as session:
        session.execute(update(Organisation).values(is_demo=True))

    answer = sanpo(*ADD, "--password-stdin", standard_input=f"{PASSWORD}\n")

    assert answer.stdout == "keiko.sato@buyer.example can sign in.\n"
    with installed.reader() as session:
        assert _keiko(session).totp_secret is None


def test_another_password_keeps_the_authenticator_and_ends_sessions(
    sanpo: Sanpo, installed: Database
) -> None:
    sanpo(*ADD, "--password-stdin", standard_input=f"{PASSWORD}\n")
    with installed.reader() as session:
        before = _keiko(session).totp_secret

    answer = sanpo(*ADD, "--password-stdin", standard_input="縁側で猫が二匹ひるねをしています\n")

    assert "otpauth" not in answer.stdout
    with installed.reader() as session:
        assert _keiko(session).totp_secret == before


def test_json_holds_the_same(sanpo: Sanpo) -> None:
    told = json.loads(sanpo(*ADD, "--json").stdout)

    assert set(told) == {"id", "email", "role", "link"}
    assert (told["email"], told["role"]) == ("keiko.sato@buyer.example", "risk")


def test_the_trail_names_the_operator(sanpo: Sanpo, installed: Database) -> None:
    sanpo(*ADD)

    with installed.reader() as session:
        lines = session.execute(select(AuditEvent.actor, AuditEvent.action)).all()
    assert [tuple(line) for line in lines] == [
        ("operator", "user.role_granted"),
        ("operator", "user.enrolment_opened"),
    ]


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (("user", "add", "keiko", "--role", "risk"), "", "not a mail address"),
        (("user", "add", "keiko@buyer.example", "--role", "king"), "", "no role 'king'"),
        (("user", "add", "keiko@buyer.example", "--role", "respondent"), "", "no role 'respondent'"),
        ((*ADD, "--unit", "月面事業部"), "", "no business unit '月面事業部'"),
        ((*ADD, "--password-stdin"), "", "no password on standard input"),
        ((*ADD, "--password-stdin"), "short\n", "fewer than 15 letters"),
        ((*ADD, "--password-stdin"), "keiko-and-the-river-2026\n", "the person's or the company's name"),
        ((*ADD, "--password-stdin"), "123456789012345\n", "everybody tries first"),
    ],
)
def test_what_will_not_do_is_refused_in_one_line(
    sanpo: Sanpo, installed: Database, arguments: tuple[str, ...], typed: str, words: str
) -> None:
    answer = sanpo(*arguments, standard_input=typed)

    assert answer.exit_code == 1
    assert words in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert answer.stdout == ""
    with installed.reader() as session:
        assert session.scalars(select(User)).all() == []


def test_a_suspended_person_is_not_let_in(sanpo: Sanpo, installed: Database) -> None:
    with installed.writer.begin() as session:
        factories.user(session, email="keiko.sato@buyer.example", suspended_at=NOW)

    answer = sanpo(*ADD)

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "suspended" in answer.stderr


def test_a_missing_organisation_is_pointed_out(sanpo: Sanpo, installed: Database) -> None:
    with installed.writer.begin() as session:
        session.execute(delete(Organisation))

    answer = sanpo(*ADD)

    assert answer.exit_code == 0
    assert "/admin/" in answer.stderr
    assert len(answer.stdout.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("typed", [PASSWORD, ""])
def test_what_is_piped_in_is_the_password(environment: dict[str, str], typed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", *ADD],
        input=typed, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.startswith("otpauth://" if typed else "http://127.0.0.1:8123/sign-in/enrol/")


def _keiko(session: Session) -> User:
    return session.scalars(select(User).where(User.email == "keiko.sato@buyer.example")).one()
