"""The audit trail on its page: words, names, filter, pages, and a chain that is checked."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import Tag
from sqlalchemy import update
from sqlalchemy.orm import Session

from assessments import audit
from assessments.models import AuditEvent, Role
from portal.db import Database
from tests import factories
from tests.answering import counted_queries
from tests.factories import NOW
from tests.fixtures_app import Visitor


@pytest.fixture
def auditor(as_buyer: Callable[..., Visitor]) -> Visitor:
    """Somebody who reads the trail."""
    return as_buyer(Role.AUDITOR)


def test_a_line_is_told_in_words(session: Session, auditor: Visitor) -> None:
    keiko = factories.user(session, Role.ADMIN, name="小林 恵")
    _line(session, actor=keiko.public_id, details={"role": "risk"})

    cells = _rows(auditor)[0].get_text(" ", strip=True)

    assert "2026年11月21日（土）14:00" in cells
    assert "小林 恵 役割を追加 利用者 abcdefgh 役割：リスク管理（回答と優先度）" in cells


def test_operator_and_system_are_named(session: Session, auditor: Visitor) -> None:
    _line(session, actor="operator")
    _line(session, actor="system")

    said = " ".join(row.get_text() for row in _rows(auditor))

    assert "運用担当者（コマンド）" in said
    assert "自動" in said


def test_who_is_gone_stays_a_pseudonym(session: Session, auditor: Visitor) -> None:
    _line(session, actor="0123456789abcdef")

    assert "0123456789abcdef" in _rows(auditor)[0].get_text()


def test_a_code_without_words_is_shown_as_it_is(session: Session, auditor: Visitor) -> None:
    _line(session, action="moon.landed", details={"stones": [1, 2]})

    said = _rows(auditor)[0].get_text()

    assert "moon.landed" in said
    assert "stones：1, 2" in said


def test_the_newest_line_stands_first_a_hundred_a_page(session: Session, auditor: Visitor) -> None:
    for _number in range(101):
        _line(session)

    first, second = auditor.get("/admin/trail"), auditor.get("/admin/trail?page=2")

    assert [row.th.get_text() for row in first.select("tbody tr")[:2] if row.th] == ["101", "100"]
    assert [row.th.get_text() for row in second.select("tbody tr") if row.th] == ["1"]


def test_the_filter_leaves_one_kind_of_act(session: Session, auditor: Visitor) -> None:
    _line(session, action="user.role_granted")
    _line(session, action="user.suspended")

    page = auditor.get("/admin/trail?action=user.suspended")

    assert len(page.select("tbody tr")) == 1
    assert page.select("option[selected]")[0].get_text() == "利用を停止"


def test_a_filter_that_finds_nothing_offers_the_way_back(session: Session, auditor: Visitor) -> None:
    _line(session)

    page = auditor.get("/admin/trail?action=nothing.such")

    assert "この操作の記録はありません" in page.get_text()
    assert page.select('a[href="/admin/trail"]')


@pytest.mark.parametrize("number", ["0", "-3", "x", "99"])
def test_a_page_that_is_none_does_no_harm(session: Session, auditor: Visitor, number: str) -> None:
    _line(session)

    auditor.get(f"/admin/trail?page={number}")


def test_a_whole_chain_is_said_to_be_whole(session: Session, auditor: Visitor) -> None:
    _line(session)
    _line(session)

    assert "2件の記録を先頭から確かめました" in auditor.get("/admin/trail/check").get_text()


def test_a_broken_chain_is_told_by_its_line(session: Session, auditor: Visitor) -> None:
    _line(session)
    _line(session)
    session.execute(update(AuditEvent).where(AuditEvent.sequence == 2).values(actor="somebody else"))
    session.commit()

    assert "2番の記録でつながりが切れています" in auditor.get("/admin/trail/check").get_text()


def test_the_trail_asks_the_database_no_more_for_many_lines(
    session: Session, auditor: Visitor, database: Database
) -> None:
    for _number in range(30):
        _line(session)

    with counted_queries(database.read_engine) as statements:
        auditor.get("/admin/trail")

    assert len(statements) == 6, statements


def _line(
    session: Session,
    *,
    actor: str = "operator",
    action: str = "user.role_granted",
    details: dict[str, object] | None = None,
) -> None:
    audit.record(
        session,
        now=NOW + timedelta(seconds=audit.count(session)),
        actor=actor,
        action=action,
        object_kind="user",
        object_id="abcdefghijklmnop",
        details=details,
    )
    session.commit()


def _rows(visitor: Visitor) -> list[Tag]:
    return list(visitor.get("/admin/trail").select("tbody tr"))
