"""`sanpo mail bounced`: a mail that came back is shown as not delivered."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.models import Invitation, Message, MessageState
from portal import letter, schema
from portal.cli import main
from portal.db import Database
from portal.settings import from_environment
from tests import factories
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
    return lambda *words: CliRunner().invoke(main, words, env={"SANPO_DATA_DIR": str(place)})


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


def _opened(place: Path) -> Session:
    return Database(f"sqlite:///{place / 'sanpo.db'}").writer()


def _mail(place: Path, state: MessageState) -> str:
    settings = from_environment({"SANPO_DATA_DIR": str(place)})
    with _opened(place) as session:
        invitation: Invitation = factories.invitation(
            session, factories.assessment(session, factories.campaign(session), factories.supplier(session))
        )
        sent_at = NOW if state is MessageState.SENT else None
        mail = factories.mail(session, invitation, state=state, sent_at=sent_at)
        session.commit()
        return letter.message_id(mail.send_key, settings)
