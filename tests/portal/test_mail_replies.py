"""`sanpo mail received`: what a supplier writes back becomes a row for whoever looks after it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.models import AuditEvent, ContactNote, Message, MessageState, NoteChannel, Role
from portal import clock, letter, replies, schema
from portal.cli import main
from portal.db import Database
from portal.replies import NotAReply
from portal.settings import SettingsRefused, from_environment
from tests import factories, reports
from tests.factories import NOW

Sanpo = Callable[[bytes], Result]
SATURDAY = datetime(2026, 11, 21, 5, tzinfo=UTC)
TUESDAY = date(2026, 11, 24)  # Monday is a holiday
WORDS = "いつもお世話になっております。\n来週、回答します。"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A data directory with a database, in which a supplier has been invited."""
    database = Database(f"sqlite:///{tmp_path / 'sanpo.db'}")
    schema.migrate(database)
    with database.writer.begin() as session:
        supplier = factories.supplier(session)
        factories.contact(session, supplier, email=reports.TO)
        invitation = factories.invitation(
            session, factories.assessment(session, factories.campaign(session), supplier)
        )
        factories.mail(session, invitation, state=MessageState.SENT, sent_at=NOW, to_email=reports.TO)
    database.dispose()
    return tmp_path


@pytest.fixture
def sanpo(place: Path) -> Sanpo:
    """Hand a mail over there."""
    return lambda mail: CliRunner().invoke(
        main, ["mail", "received", "-"], env={"SANPO_DATA_DIR": str(place)}, input=mail
    )


def test_a_reply_becomes_a_note_to_be_answered_once_the_office_is_open(
    place: Path, sanpo: Sanpo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: SATURDAY)
    mail = _mail(answers=_sent(place), sender="経理 花子 <hanako@aoba.example>")

    done = sanpo(mail.as_bytes())

    assert (done.exit_code, done.output) == (0, "noted\n")
    with _opened(place) as session:
        note = session.scalars(select(ContactNote)).one()
        assert (note.channel, note.person) == (NoteChannel.MAIL, "経理 花子 <hanako@aoba.example>")
        assert note.text == f"Re: セキュリティ調査のお願い\n\n{WORDS}"
        assert (note.happened_on, note.next_on) == (SATURDAY.date(), TUESDAY)
        assert note.written_by is None
        event = AuditEvent.action == "contact_note.received"
        assert session.scalars(select(AuditEvent.details).where(event)).one() == {}


def test_the_same_mail_twice_is_one_note(place: Path, sanpo: Sanpo) -> None:
    mail = _mail(answers=_sent(place)).as_bytes()

    assert [sanpo(mail).output for _ in range(2)] == ["noted\n", "noted before\n"]
    assert len(_notes(place)) == 1


def test_a_mail_that_answers_nothing_goes_by_the_address(place: Path, sanpo: Sanpo) -> None:
    assert sanpo(_mail(sender=reports.TO.upper()).as_bytes()).output == "noted\n"
    assert len(_notes(place)) == 1


def test_an_address_of_two_suppliers_alone_says_nothing(place: Path, sanpo: Sanpo) -> None:
    with _opened(place) as session:
        factories.contact(session, factories.supplier(session, "別の会社"), email=reports.TO)
        session.commit()

    done = sanpo(_mail().as_bytes())

    assert (done.exit_code, _notes(place)) == (1, [])
    assert "answers no mail of ours" in done.output
    assert sanpo(_mail(answers=_sent(place)).as_bytes()).output == "noted\n"


@pytest.mark.parametrize(
    ("mail", "words"),
    [
        (b"", "does not say who wrote it"),
        (b"Subject: nobody\n\nwords", "does not say who wrote it"),
        (b"From: stranger@elsewhere.example\n\nwords", "answers no mail of ours"),
    ],
)
def test_what_belongs_to_no_supplier_is_refused(place: Path, sanpo: Sanpo, mail: bytes, words: str) -> None:
    done = sanpo(mail)

    assert done.exit_code == 1
    assert words in done.output
    assert _notes(place) == []


def test_an_answer_of_a_machine_is_left_alone(place: Path, sanpo: Sanpo) -> None:
    done = sanpo(reports.vacation())

    assert (done.exit_code, "left alone" in done.output) == (0, True)
    assert _notes(place) == []


def test_our_own_answer_to_a_reply_is_left_alone(place: Path, sanpo: Sanpo) -> None:
    with _opened(place) as session:
        keiko = factories.user(session, Role.PROCUREMENT)
        session.commit()
        sender = keiko.email.upper()

    done = sanpo(_mail(answers=_sent(place), sender=sender).as_bytes())

    assert (done.exit_code, "at the buyer" in done.output) == (0, True)
    assert _notes(place) == []


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp", "shift_jis"])
def test_words_are_read_in_the_letters_they_were_written_in(charset: str) -> None:
    mail = _mail()
    mail.set_content(WORDS, charset=charset)

    assert replies.read(mail.as_bytes()).text == WORDS


def test_what_is_quoted_beneath_is_left_out() -> None:
    mail = _mail()
    mail.set_content(f"{WORDS}\n\n> セキュリティ調査のお願い\n>\n> 回答はこちら\n\n")

    assert replies.read(mail.as_bytes()).text == WORDS


def test_of_a_page_what_it_shows_is_read() -> None:
    mail = _mail()
    page = "<style>p { color: red }</style><p>来週、<b>回答</b>します。</p><p>青葉 &amp; 佐藤</p>"
    mail.set_content(page, subtype="html")

    assert replies.read(mail.as_bytes()).text == "来週、回答します。\n青葉 & 佐藤"


def test_files_are_named_and_not_kept() -> None:
    mail = _mail()
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="回答書.pdf")

    reply = replies.read(mail.as_bytes())

    assert (reply.files, reply.text) == (("回答書.pdf",), WORDS)
    assert replies.told(reply, NOW.date(), answer_on=NOW.date()).text.endswith(
        "［添付ファイルは記録していません：回答書.pdf］"
    )


def test_a_long_mail_says_that_it_goes_on() -> None:
    mail = _mail(sender=f"{'長' * 200} <taro@aoba.example>")
    mail.set_content("長" * 5_000)

    told = replies.told(replies.read(mail.as_bytes()), NOW.date(), answer_on=NOW.date())

    assert len(told.text) == replies.LONGEST_TEXT
    assert told.text.endswith(replies.CUT)
    assert told.person == "taro@aoba.example"


def test_an_empty_mail_says_so() -> None:
    assert (
        replies.NO_WORDS
        in replies.told(replies.read(b"From: a@b.example\n\n"), NOW.date(), answer_on=NOW.date()).text
    )


@pytest.mark.parametrize(
    "mail",
    [
        b"From: a@b.example\nContent-Type: text/plain; charset=klingon\n\nwords \xff\x00",
        b"From: a@b.example\nSubject: =?klingon?b?AAAA?=\n\nwords",
        b"From: a@b.example\nSubject: =?utf-8?b?A?=\nContent-Transfer-Encoding: base64\n\n!!",
        b"From: a@b.example\nContent-Type: multipart/mixed\n\nno boundary",
        b"From: a@b.example\r\nIn-Reply-To: <\xe3\x81\x82>\r\n\r\n\x00\x07words",
    ],
)
def test_broken_mail_is_read_as_far_as_it_goes(mail: bytes) -> None:
    told = replies.told(replies.read(mail), NOW.date(), answer_on=NOW.date())

    assert told.text
    assert not set(told.text) & {"\x00", "\x07"}


def test_a_mail_beyond_all_measure_is_refused() -> None:
    with pytest.raises(NotAReply):
        replies.read(b"From: a@b.example\n\n" + b"x" * replies.MOST_BYTES)


def test_answers_go_to_the_person_in_charge_and_where_it_is_set_to_sanpo_too(tmp_path: Path) -> None:
    def reply_to(**given: str) -> str:
        settings = from_environment({"SANPO_DATA_DIR": str(tmp_path), **given})
        made = letter.write(
            to_email=reports.TO,
            reply_to="keiko@buyer.example",
            subject="お願い",
            text="",
            html="",
            send_key="invitation:1:1",
            settings=settings,
            now=NOW,
        )
        assert f"Reply-To: {made.reply_to}\r\n".encode() in made.content
        return made.reply_to

    assert reply_to() == "keiko@buyer.example"
    both = reply_to(SANPO_MAIL_REPLIES="Sanpo@buyer.example")
    assert both == "keiko@buyer.example, sanpo@buyer.example"
    with pytest.raises(SettingsRefused, match="SANPO_MAIL_REPLIES"):
        reply_to(SANPO_MAIL_REPLIES="two@buyer.example, addresses@buyer.example")


def _mail(*, answers: str = "", sender: str = f"青葉 太郎 <{reports.TO}>") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, "sanpo@buyer.example"
    mail["Subject"], mail["Message-ID"] = "Re: セキュリティ調査のお願い", "<1@aoba.example>"
    if answers:
        mail["References"], mail["In-Reply-To"] = f"<0@aoba.example> {answers}", answers
    mail.set_content(WORDS)
    return mail


def _sent(place: Path) -> str:
    settings = from_environment({"SANPO_DATA_DIR": str(place)})
    with _opened(place) as session:
        return letter.message_id(session.scalars(select(Message.send_key)).one(), settings)


def _notes(place: Path) -> list[ContactNote]:
    with _opened(place) as session:
        return list(session.scalars(select(ContactNote)))


def _opened(place: Path) -> Session:
    return Database(f"sqlite:///{place / 'sanpo.db'}").writer()
