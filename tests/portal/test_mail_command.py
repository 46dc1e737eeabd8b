"""`sanpo mail`: a mail that came back is shown as not delivered. Replies: test_mail_replies.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.models import Invitation, Message, MessageState
from portal import clock, letter, schema
from portal.cli import main
from portal.db import Database
from portal.settings import from_environment
from tests import factories, reports
from tests.factories import NOW

Sanpo = Callable[..., Result]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A data directory with a database."""
    database = Database(f"sqlite:///{tmp_path / 'sanpo.db'}")
    schema.migrate(database)
    database.dispose()
    return tmp_path


@pytest.fixture
def sanpo(place: Path) -> Sanpo:
    """Run the program there."""
    return lambda *words, **given: CliRunner().invoke(
        main, words, env={"SANPO_DATA_DIR": str(place)}, **given
    )


def test_a_mail_that_came_back_is_not_delivered(place: Path, sanpo: Sanpo) -> None:
    message_id = _mail(place, MessageState.SENT)

    done = sanpo("mail", "bounced", message_id, "--words", "550 5.1.1 no such user")

    assert (done.exit_code, done.output) == (0, "noted\n")
    with _opened(place) as session:
        assert session.execute(select(Message.state, Message.failure)).one() == (
            MessageState.FAILED,
            "550 5.1.1 no such user",
        )


def test_a_mail_that_has_not_left_cannot_come_back(place: Path, sanpo: Sanpo) -> None:
    done = sanpo("mail", "bounced", _mail(place, MessageState.QUEUED))

    assert done.exit_code == 1
    assert "has not left" in done.output


def test_a_strange_message_id_is_refused(sanpo: Sanpo) -> None:
    done = sanpo("mail", "bounced", "<strange@mail.example>")

    assert done.exit_code == 1
    assert "no mail has this Message-ID" in done.output


@pytest.mark.parametrize("shape", [reports.postfix, reports.exchange, reports.gmail])
def test_a_report_of_a_mail_server_is_taken_from_standard_input(
    place: Path, sanpo: Sanpo, shape: Callable[..., bytes]
) -> None:
    message_id = _mail(place, MessageState.SENT)

    done = sanpo("mail", "received", "-", input=shape(message_id))

    assert (done.exit_code, done.output) == (0, "noted\n")
    state, failure = _end(place)
    assert state is MessageState.FAILED
    assert "5.1.1" in failure
    again = sanpo("mail", "received", "-", input=shape(message_id))
    assert (again.exit_code, again.output) == (0, "noted before\n")


def test_a_report_is_read_from_a_file_too(place: Path, sanpo: Sanpo, tmp_path: Path) -> None:
    report = tmp_path / "report.eml"
    report.write_bytes(reports.postfix(_mail(place, MessageState.SENT)))

    assert sanpo("mail", "received", str(report)).output == "noted\n"


def test_a_delay_is_left_alone(place: Path, sanpo: Sanpo) -> None:
    report = reports.postfix(_mail(place, MessageState.SENT), action="delayed")

    done = sanpo("mail", "received", "-", input=report)

    assert (done.exit_code, "left alone" in done.output) == (0, True)
    assert _end(place)[0] is MessageState.SENT


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (reports.postfix("<0123456789@another.example>"), "no mail of ours"),
        (b"", "does not say who wrote it"),
    ],
)
def test_what_is_not_about_our_mail_is_refused(place: Path, sanpo: Sanpo, report: bytes, words: str) -> None:
    _mail(place, MessageState.SENT)

    done = sanpo("mail", "received", "-", input=report)

    assert done.exit_code == 1
    assert words in done.output
    assert _end(place)[0] is MessageState.SENT


def test_an_address_behind_ours_is_not_taken_for_ours(place: Path, sanpo: Sanpo) -> None:
    report = reports.postfix(_mail(place, MessageState.SENT), to="jiro@elsewhere.example")

    done = sanpo("mail", "received", "-", input=report)

    assert (done.exit_code, _end(place)[0]) == (1, MessageState.SENT)


def test_a_report_that_knows_no_more_than_an_address_marks_nothing(place: Path, sanpo: Sanpo) -> None:
    _mail(place, MessageState.SENT, created_at=clock.now())

    done = sanpo("mail", "received", "-", input=reports.postfix(""))

    assert (done.exit_code, "about no mail of ours" in done.output) == (1, True)
    assert _end(place)[0] is MessageState.SENT


def test_a_notice_that_came_back_keeps_its_invitation_back(place: Path, sanpo: Sanpo) -> None:
    message_id = _mail(place, MessageState.SENT, kind="advance_notice")
    with _opened(place) as session:
        told = session.scalars(select(Invitation)).one()
        factories.mail(session, told, to_email=reports.TO)
        session.commit()

    sanpo("mail", "received", "-", input=reports.gmail(message_id))

    with _opened(place) as session:
        assert set(session.scalars(select(Message.state))) == {MessageState.FAILED}


def test_a_database_that_is_away_has_the_mail_server_try_later(tmp_path: Path) -> None:
    away = {
        "SANPO_DATA_DIR": str(tmp_path),
        "SANPO_DATABASE_URL": "postgresql+psycopg://u:p@127.0.0.1:1/none",
        "SANPO_SECRET_KEY": "a secret of this test that is long enough",
    }

    done = CliRunner().invoke(
        main, ["mail", "received", "-"], env=away, input=reports.postfix("<a@b.example>")
    )

    assert done.exit_code == 75, done.output


def _end(place: Path) -> tuple[MessageState, str]:
    with _opened(place) as session:
        mail = session.scalars(select(Message)).one()
        return mail.state, mail.failure


def _opened(place: Path) -> Session:
    return Database(f"sqlite:///{place / 'sanpo.db'}").writer()


def _mail(place: Path, state: MessageState, **facts: Any) -> str:
    settings = from_environment({"SANPO_DATA_DIR": str(place)})
    with _opened(place) as session:
        invitation: Invitation = factories.invitation(
            session, factories.assessment(session, factories.campaign(session), factories.supplier(session))
        )
        sent_at = NOW if state is MessageState.SENT else None
        given = {"state": state, "sent_at": sent_at, "to_email": reports.TO} | facts
        mail = factories.mail(session, invitation, **given)
        session.commit()
        return letter.message_id(mail.send_key, settings)
