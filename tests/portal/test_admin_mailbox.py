"""The local mailbox: every mail to read, codes masked outside the demo."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import invitations, users
from assessments.invitations import CODE_PURPOSE
from assessments.models import LocalMail, Organisation, Role
from assessments.tokens import six_digits
from portal import clock, dispatcher, mail
from portal.db import Database
from portal.dispatcher import Office
from portal.settings import Settings
from tests import answering, factories
from tests.answering import counted_queries
from tests.factories import NOW
from tests.fixtures_app import KEYS, Visitor


@pytest.fixture
def admin(as_buyer: Callable[..., Visitor]) -> Visitor:
    """Somebody who may open the mailbox."""
    return as_buyer(Role.ADMIN)


@pytest.fixture
def post(database: Database, settings: Settings) -> Callable[[], None]:
    """Deliver what waits to the local mailbox."""

    def deliver() -> None:
        dispatcher.deliver(Office(database, settings, mail.line(settings), "w"))

    return deliver


@pytest.fixture
def code(session: Session, post: Callable[[], None]) -> str:
    """The digits of a code that was asked for and delivered."""
    _assessment, invitation = answering.invited(session)
    invitations.ask_code(session, invitation, browser_hash="a browser", now=clock.now())
    session.commit()
    post()
    return six_digits(KEYS, CODE_PURPOSE, invitation.public_id, 1)


def test_a_mail_is_read_as_text(session: Session, admin: Visitor) -> None:
    kept = _mail(session, kind="invitation", text="依頼です。\nhttp://localhost/i/abc\n<b>太字</b>")

    listed = admin.get("/admin/mailbox")
    page = admin.get(f"/admin/mailbox/{kept.public_id}")

    assert listed.select(f'a[href="/admin/mailbox/{kept.public_id}"]')[0].get_text() == "お知らせ"
    assert page.select('.mail-text a[href="http://localhost/i/abc"]')
    assert "<b>太字</b>" in page.select(".mail-text")[0].get_text()


def test_a_code_is_masked(session: Session, admin: Visitor, code: str) -> None:
    page = admin.get(f"/admin/mailbox/{_of_kind(session, 'code')}").get_text()

    assert code not in page
    assert "確認コード：••••••" in page


def test_the_demo_shows_codes(session: Session, admin: Visitor, code: str) -> None:
    session.scalars(select(Organisation)).one().is_demo = True
    session.commit()

    assert f"確認コード：{code}" in admin.get(f"/admin/mailbox/{_of_kind(session, 'code')}").get_text()


def test_the_link_to_set_a_password_works(
    session: Session, admin: Visitor, post: Callable[[], None], visitor: Visitor
) -> None:
    users.invite_to_enrol(session, factories.user(session, Role.RISK), now=NOW, by="operator")
    session.commit()
    post()

    page = admin.get(f"/admin/mailbox/{_of_kind(session, 'enrolment')}")
    link = next(
        str(found["href"]) for found in page.select(".mail-text a") if "/enrol/" in str(found["href"])
    )

    visitor.get(link.removeprefix("http://localhost"))


def test_the_newest_mail_stands_first(session: Session, admin: Visitor) -> None:
    _mail(session, subject="一通目")
    _mail(session, subject="二通目", sent_at=NOW + timedelta(seconds=1))

    assert [link.get_text() for link in admin.get("/admin/mailbox").select("tbody a")] == ["二通目", "一通目"]


def test_a_part_of_the_address_finds_the_mails(session: Session, admin: Visitor) -> None:
    _mail(session, to_email="taro@aoba.example")
    _mail(session, to_email="jiro@umeda.example")

    page = admin.get("/admin/mailbox?to=AOBA")

    assert [cell.get_text() for cell in page.select("tbody td")[:1]] == ["taro@aoba.example"]
    assert len(page.select("tbody tr")) == 1


@pytest.mark.parametrize("sought", ["%", "_", "nobody@"])
def test_what_nobody_is_called_finds_nothing(session: Session, admin: Visitor, sought: str) -> None:
    _mail(session)

    page = admin.client.get("/admin/mailbox", query_string={"to": sought}).text

    assert "このあて先のメールはありません" in page
    assert 'href="/admin/mailbox"' in page


def test_an_empty_mailbox_says_what_will_arrive(admin: Visitor) -> None:
    assert "届いたメールはありません" in admin.get("/admin/mailbox").get_text()


def test_fifty_mails_a_page_keep_the_filter(session: Session, admin: Visitor) -> None:
    for number in range(51):
        _mail(session, subject=f"{number}通目")

    page = admin.get("/admin/mailbox?to=aoba")

    assert len(page.select("tbody tr")) == 50
    assert page.select("a[rel=next]")[0]["href"] == "/admin/mailbox?to=aoba&page=2"


def test_nobody_but_an_administrator_reads_mails(session: Session, as_buyer: Callable[..., Visitor]) -> None:
    kept = _mail(session)
    auditor = as_buyer(Role.AUDITOR, Role.PROCUREMENT)

    assert auditor.client.get("/admin/mailbox").status_code == 403
    assert auditor.client.get(f"/admin/mailbox/{kept.public_id}").status_code == 403


def test_the_mailbox_asks_the_database_no_more_for_many_mails(
    session: Session, admin: Visitor, database: Database
) -> None:
    for _number in range(30):
        _mail(session)

    with counted_queries(database.read_engine) as statements:
        admin.get("/admin/mailbox")

    assert len(statements) == 6, statements


def _of_kind(session: Session, kind: str) -> str:
    """The id of the one mail of a kind; leaves the database free for the application."""
    found = session.scalars(select(LocalMail.public_id).where(LocalMail.kind == kind)).one()
    session.commit()
    return found


def _mail(session: Session, **changes: Any) -> LocalMail:
    facts: dict[str, Any] = {
        "kind": "invitation",
        "to_email": "taro@aoba.example",
        "subject": "お知らせ",
        "text": "本文です。",
        "sent_at": NOW,
    }
    made = LocalMail(**facts | changes)
    session.add(made)
    session.commit()
    return made
