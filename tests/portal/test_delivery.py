"""Delivery: what the mail server says becomes the state of the row, and nothing leaves twice."""

import dataclasses
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import outbox
from assessments.models import Campaign, Invitation, Lane, LocalMail, Message, MessageState, Organisation
from assessments.tokens import fingerprint, link_token, six_digits
from portal import clock, dispatcher, letter, mail, mail_smtp, mailbox
from portal.db import Database
from portal.dispatcher import Office
from portal.settings import Settings, SettingsRefused
from tests import factories, servers
from tests.faulty_mail import FaultyMailSink, faulty_mail_sink
from tests.fixtures_app import KEYS
from tests.servers import MailSink

PUBLIC_ID = "0123456789abcdef0123"
TOKEN = link_token(KEYS, "invitation", PUBLIC_ID, 1)
Queue = Callable[..., int]


@pytest.fixture
def faulty() -> Iterator[FaultyMailSink]:
    """A mail server with faults."""
    with faulty_mail_sink() as sink:
        yield sink


@pytest.fixture
def campaign(session: Session, buyer: Organisation) -> Campaign:
    """An open campaign whose creator gets the replies."""
    creator = factories.user(session, email="keiko@buyer.example")
    return factories.campaign(session, created_by_id=creator.id)


@pytest.fixture
def invitation(session: Session, campaign: Campaign) -> Invitation:
    """The invitation of 青葉 太郎, whose token the tests know."""
    assessment = factories.assessment(session, campaign, factories.supplier(session))
    facts = {"public_id": PUBLIC_ID, "token_hash": fingerprint(TOKEN), "email": "taro@aoba.example"}
    return factories.invitation(session, assessment, **facts)


@pytest.fixture
def queue(session: Session, invitation: Invitation) -> Queue:
    """Queue a mail of the invitation to somebody and commit: `queue("taro@aoba.example", kind="code")`."""

    def put(to: str = "taro@aoba.example", kind: str = "invitation", **facts: Any) -> int:
        lane = Lane.CAMPAIGN if kind == "invitation" else Lane.URGENT
        made = outbox.queue(
            session,
            kind=kind,
            send_key=f"{kind}:{fingerprint(to)[:20]}:{invitation.generation}",
            lane=lane,
            to_email=to,
            language="ja",
            now=clock.now(),
            invitation_id=invitation.id,
            campaign_id=session.scalar(select(Campaign.id)),
            facts=facts,
        )
        session.commit()
        return made.id

    return put


def test_an_invitation_arrives_as_it_was_meant(
    database: Database, settings: Settings, session: Session, queue: Queue, mail_sink: MailSink
) -> None:
    row = queue()

    assert _deliver(database, settings, mail_sink)

    [got] = mail_sink.mails
    assert (got["To"], got["From"], got["Reply-To"]) == (
        "taro@aoba.example",
        "Sanpo <sanpo@buyer.example>",
        "keiko@buyer.example",
    )
    assert (got["X-Envelope-From"], got["X-Envelope-To"]) == ("sanpo@buyer.example", "taro@aoba.example")
    assert "株式会社東都製作所" in got["Subject"]
    assert got["Message-ID"] == letter.message_id(_row(session, row).send_key, settings)
    assert not [name for name in got if name.lower().startswith("list-")]
    for kind in ("plain", "html"):
        assert f"http://localhost/s/{TOKEN}" in _body(got, kind)
    assert _row(session, row).state is MessageState.SENT


def test_a_code_arrives_and_stands_nowhere_else(
    database: Database, settings: Settings, session: Session, queue: Queue, mail_sink: MailSink
) -> None:
    queue(kind="code", counter=3)

    _deliver(database, settings, mail_sink)

    code = six_digits(KEYS, "sign-in code", PUBLIC_ID, 3)
    assert code in _body(mail_sink.mails[0], "plain")
    assert code not in str(session.scalars(select(Message.facts)).all())


def test_a_refused_address_fails_with_the_servers_words_and_the_others_go_on(
    database: Database, settings: Settings, session: Session, queue: Queue, faulty: FaultyMailSink
) -> None:
    refused, too_large, fine = queue("nobody@x.example"), queue("large@x.example"), queue("taro@x.example")

    assert _deliver(database, settings, faulty)

    assert _end(session, refused) == (MessageState.FAILED, "550 5.1.1 no such user")
    assert _end(session, too_large) == (MessageState.FAILED, "552 5.3.4 too large")
    assert _end(session, fine) == (MessageState.SENT, "")


def test_a_server_that_says_later_is_asked_again_later(
    database: Database, settings: Settings, session: Session, queue: Queue, faulty: FaultyMailSink
) -> None:
    rows = [queue("busy@x.example"), queue("full@x.example")]

    assert _deliver(database, settings, faulty)

    for row in rows:
        assert _row(session, row).state is MessageState.QUEUED
        assert _row(session, row).due_at > clock.now() + timedelta(seconds=50)


def test_a_server_that_hangs_up_after_the_mail_leaves_it_unknown(
    database: Database, settings: Settings, session: Session, queue: Queue, faulty: FaultyMailSink
) -> None:
    vanished, fine = queue("vanishing@x.example"), queue("taro@x.example")

    _deliver(database, settings, faulty)
    _deliver(database, settings, faulty)

    assert _row(session, vanished).state is MessageState.UNKNOWN
    assert _row(session, fine).state is MessageState.SENT
    assert len(faulty.mails) == 2, "the mail that may have arrived is never sent again"


def test_a_server_that_is_away_delays_everything_and_costs_nothing(
    database: Database, settings: Settings, session: Session, queue: Queue
) -> None:
    rows = [queue("a@x.example"), queue("b@x.example")]

    assert not _deliver(database, settings, MailSink(port=servers.free_port()))

    for row in rows:
        assert (_row(session, row).state, _row(session, row).attempts) == (MessageState.QUEUED, 0)


@pytest.mark.parametrize("broken", ["調査\r\nBcc: all@x.example", "調査\n\n本文"])
def test_a_line_break_never_reaches_a_header(
    database: Database,
    settings: Settings,
    session: Session,
    campaign: Campaign,
    queue: Queue,
    mail_sink: MailSink,
    broken: str,
) -> None:
    row = queue(kind="submitted_receipt")
    campaign.title = broken
    session.commit()

    _deliver(database, settings, mail_sink)

    assert mail_sink.mails == []
    assert _end(session, row) == (MessageState.FAILED, "refused here: NotOneLine")


def test_a_name_with_a_wide_space_or_a_joined_letter_keeps_no_mail_back(
    database: Database,
    settings: Settings,
    session: Session,
    buyer: Organisation,
    campaign: Campaign,
    queue: Queue,
    mail_sink: MailSink,
) -> None:
    buyer.name, campaign.title = "株式会社　東都製作所", "家族👨\u200d👩の調査\ue123"
    queue(kind="reminder")

    _deliver(database, settings, mail_sink)

    [got] = mail_sink.mails
    assert str(got["Subject"]).startswith("【株式会社 東都製作所】締切前のご案内：家族👨👩の調査（")
    assert "株式会社　東都製作所" in _body(got, "plain"), "within the mail the name is as it was given"


def test_lines_end_as_the_standard_wants_however_they_were_typed(
    database: Database,
    settings: Settings,
    session: Session,
    campaign: Campaign,
    queue: Queue,
    mail_sink: MailSink,
) -> None:
    campaign.message = "一行目\r\n二行目\r\n\r\n次の段落"
    queue()

    _deliver(database, settings, mail_sink)

    [got] = mail_sink.mails
    for part in got.iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r") > 0
    assert "一行目\n二行目\n\n次の段落" in _body(got, "plain").replace("\r\n", "\n")
    assert "次の段落" not in _body(got, "html").partition("二行目")[2].partition("</p>")[0]


@pytest.mark.parametrize("address", ["a@x.example\r\nBcc: b@x.example", "a@x.example, b@x.example", "a b@x"])
def test_only_one_plain_address_is_written_to(
    database: Database, settings: Settings, session: Session, queue: Queue, mail_sink: MailSink, address: str
) -> None:
    row = queue(address)

    _deliver(database, settings, mail_sink)

    assert mail_sink.mails == []
    assert _end(session, row) == (MessageState.FAILED, "refused here: NotAnAddress")


def test_a_revoked_invitation_does_not_leave(
    database: Database,
    settings: Settings,
    session: Session,
    invitation: Invitation,
    queue: Queue,
    mail_sink: MailSink,
) -> None:
    row = queue()
    invitation.revoked_at = clock.now()
    session.commit()

    _deliver(database, settings, mail_sink)

    assert mail_sink.mails == []
    assert _end(session, row) == (MessageState.CANCELLED, "invitation revoked")


def test_a_code_that_waited_too_long_does_not_leave(
    database: Database, settings: Settings, session: Session, queue: Queue, mail_sink: MailSink
) -> None:
    row = queue(kind="code", counter=1)
    _row(session, row).created_at = clock.now() - timedelta(minutes=11)
    session.commit()

    _deliver(database, settings, mail_sink)

    assert mail_sink.mails == []
    assert _row(session, row).state is MessageState.CANCELLED


def test_a_demo_never_writes_outside(
    database: Database,
    settings: Settings,
    session: Session,
    buyer: Organisation,
    queue: Queue,
    mail_sink: MailSink,
) -> None:
    buyer.is_demo = True
    row = queue(kind="code", counter=1)

    _deliver(database, settings, mail_sink)

    assert mail_sink.mails == []
    assert _row(session, row).state is MessageState.SENT
    [kept] = mailbox.read(session, settings)
    assert six_digits(KEYS, "sign-in code", PUBLIC_ID, 1) in kept.text


def test_the_local_mailbox_keeps_no_secret_and_shows_links_but_no_codes(
    database: Database, settings: Settings, session: Session, queue: Queue
) -> None:
    queue()
    queue(kind="code", counter=1)

    _deliver(database, settings, None)

    kept = "".join(session.scalars(select(LocalMail.text + LocalMail.html)))
    code = six_digits(KEYS, "sign-in code", PUBLIC_ID, 1)
    assert TOKEN not in kept
    assert code not in kept
    shown = {one.kind: one.text for one in mailbox.read(session, settings)}
    assert f"http://localhost/s/{TOKEN}" in shown["invitation"]
    assert code not in shown["code"]
    assert mailbox.MASK in shown["code"]


def test_two_dispatchers_send_every_mail_once(
    database: Database, settings: Settings, session: Session, queue: Queue, mail_sink: MailSink
) -> None:
    addresses = {f"a{number}@x.example" for number in range(60)}
    for address in addresses:
        queue(address)
    workers = [
        threading.Thread(target=_deliver, args=(database, settings, mail_sink, name)) for name in ("a", "b")
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(got["To"] for got in mail_sink.mails) == sorted(addresses)
    assert set(session.scalars(select(Message.state))) == {MessageState.SENT}


def test_a_login_and_a_port_are_read_from_the_setting(settings: Settings) -> None:
    url = "smtp://tar%40o:p%3Ass@mail.buyer.example:2525?starttls=1"
    found = mail_smtp.server(dataclasses.replace(settings, mail_url=url))

    assert found == mail_smtp.Server("smtp", "mail.buyer.example", 2525, "tar@o", "p:ss", starttls=True)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example:25",
        "http://key@mail.example",
        "https://mail.example/x",
        "smtp:///x",
        "smtp://x:y@h:port",
    ],
)
def test_a_setting_that_names_no_server_is_refused_without_being_shown(settings: Settings, url: str) -> None:
    with pytest.raises(SettingsRefused, match="SANPO_MAIL_URL") as refusal:
        mail.line(dataclasses.replace(settings, mail_url=url))

    assert url not in str(refusal.value)


def test_no_line_of_a_mail_begins_with_a_dot(settings: Settings) -> None:
    made = letter.write(
        to_email="taro@aoba.example",
        reply_to="",
        subject="件名",
        text=".\n..\n" * 50,
        html="<p>.</p>\n.",
        send_key="k",
        settings=settings,
        now=clock.now(),
    )

    assert not [line for line in made.content.split(b"\r\n") if line.startswith(b".")]
    assert made.content.endswith(b"\r\n")


def _deliver(database: Database, settings: Settings, sink: MailSink | None, worker: str = "w") -> bool:
    reached = dataclasses.replace(settings, mail_url=sink.url if sink else "")
    return dispatcher.deliver(Office(database, reached, mail.line(reached), worker))


def _row(session: Session, row: int) -> Message:
    session.rollback()
    return session.scalars(
        select(Message).where(Message.id == row).execution_options(populate_existing=True)
    ).one()


def _end(session: Session, row: int) -> tuple[MessageState, str]:
    found = _row(session, row)
    return found.state, found.failure


def _body(got: EmailMessage, kind: str) -> str:
    part = got.get_body((kind,))
    assert part is not None
    return str(part.get_content())
