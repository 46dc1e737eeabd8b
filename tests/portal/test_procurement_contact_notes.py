"""Contact notes in the browser: beside the supplier, corrected, and the list of whom to call next."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import contact_notes
from assessments.contact_notes import Told
from assessments.models import ContactNote, NoteChannel, Role, Supplier, User
from portal import clock
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import Visitor

AsBuyer = Callable[..., Visitor]
TODAY = clock.today("Asia/Tokyo")
NEXT_WEEK = TODAY + timedelta(days=7)
TYPED = {
    "happened_on": TODAY.isoformat(),
    "channel": "phone",
    "person": "総務の青葉さん",
    "text": "届いているとのこと",
    "next_on": NEXT_WEEK.isoformat(),
}


@pytest.fixture
def aoba(session: Session) -> Supplier:
    """Ours."""
    made = factories.supplier(session)
    session.commit()
    return made


def _noted(
    session: Session, of: Supplier, text: str = "折り返しの約束", by: User | None = None
) -> ContactNote:
    told = Told(TODAY, NoteChannel.PHONE, text, next_on=NEXT_WEEK)
    made = contact_notes.add(session, of, told, now=NOW, by=by or factories.user(session))
    session.commit()
    return made


def test_a_call_is_noted_beside_the_supplier(session: Session, aoba: Supplier, as_buyer: AsBuyer) -> None:
    desk, path = as_buyer(Role.PROCUREMENT), f"/procurement/suppliers/{aoba.public_id}"

    assert desk.post(f"{path}/notes", TYPED).status_code == 302

    for page in (path, f"{path}/notes"):
        words = desk.get(page).get_text()
        assert all(shown in words for shown in ("総務の青葉さん", "届いているとのこと", "電話")), page
    assert session.scalars(select(ContactNote.next_on)).one() == NEXT_WEEK


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", ""),
        ("channel", "fax"),
        ("happened_on", (TODAY + timedelta(days=1)).isoformat()),
        ("next_on", (TODAY - timedelta(days=1)).isoformat()),
        ("text", "あ" * 2_001),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    session: Session, aoba: Supplier, as_buyer: AsBuyer, field: str, value: str
) -> None:
    desk = as_buyer(Role.PROCUREMENT)

    answer = desk.post(f"/procurement/suppliers/{aoba.public_id}/notes", TYPED | {field: value})

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.get_data(as_text=True)
    assert session.scalars(select(ContactNote)).all() == []


def test_a_note_is_corrected_and_the_old_one_stays_to_be_read(
    session: Session, aoba: Supplier, as_buyer: AsBuyer
) -> None:
    note, desk = _noted(session, aoba, "聞きまちがい"), as_buyer(Role.PROCUREMENT)
    path = f"/procurement/suppliers/{aoba.public_id}/notes/{note.public_id}/correct"
    filled = desk.get(path).find("textarea")
    assert filled is not None
    assert filled.get_text(strip=True) == "聞きまちがい"

    assert desk.post(path, TYPED).status_code == 302

    page = desk.get(f"/procurement/suppliers/{aoba.public_id}/notes")
    old = page.find("details")
    assert old is not None
    assert "聞きまちがい" in old.get_text()
    assert desk.post(path, TYPED).status_code == 409


def test_whom_to_call_next_is_listed_for_its_owner(
    session: Session, aoba: Supplier, as_buyer: AsBuyer
) -> None:
    sato = factories.user(session, Role.PROCUREMENT)
    factories.relationship(session, aoba, owner_id=sato.id)
    umeda = factories.stranger(session)
    _noted(session, aoba)
    _noted(session, umeda)
    desk = as_buyer(user=sato)

    everybody = desk.get("/procurement/suppliers/next-calls").get_text()
    mine = desk.get("/procurement/suppliers/next-calls?owner=mine").get_text()

    assert aoba.name in everybody
    assert umeda.name in everybody
    assert aoba.name in mine
    assert umeda.name not in mine


def test_the_list_goes_out_as_a_file_in_which_no_cell_is_a_formula(
    session: Session, aoba: Supplier, as_buyer: AsBuyer
) -> None:
    sato = factories.user(session, Role.PROCUREMENT, name="佐藤 恵子")
    factories.relationship(session, aoba, owner_id=sato.id)
    _noted(session, aoba, "=1+1")

    answer = as_buyer(user=sato).client.get("/procurement/suppliers/next-calls.csv")

    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows[1][:2] == [f"{NEXT_WEEK:%Y/%m/%d}", "佐藤 恵子"]
    assert rows[1][-1] == "'=1+1"


def test_who_only_reads_finds_notes_and_no_form(session: Session, aoba: Supplier, as_buyer: AsBuyer) -> None:
    note, reader = _noted(session, aoba), as_buyer(Role.AUDITOR)
    path = f"/procurement/suppliers/{aoba.public_id}/notes"

    page = reader.get(path)

    assert "折り返しの約束" in page.get_text()
    assert page.find("textarea") is None
    assert reader.client.get(f"{path}/{note.public_id}/correct").status_code == 403


def test_a_unit_sees_the_calls_of_its_own_suppliers_alone(
    session: Session, aoba: Supplier, as_buyer: AsBuyer
) -> None:
    unit = factories.unit(session)
    factories.relationship(session, aoba, business_unit_id=unit.id)
    umeda = factories.stranger(session)
    _noted(session, aoba)
    _noted(session, umeda)
    desk = as_buyer(user=factories.user(session, Role.PROCUREMENT, unit=unit))

    words = desk.get("/procurement/suppliers/next-calls").get_text()

    assert aoba.name in words
    assert umeda.name not in words
    assert umeda.name not in desk.client.get("/procurement/suppliers/next-calls.csv").get_data(as_text=True)


def test_a_campaign_says_beside_each_supplier_when_to_call_next(
    session: Session, aoba: Supplier, as_buyer: AsBuyer
) -> None:
    campaign = factories.campaign(session)
    for asked in (aoba, factories.stranger(session)):
        factories.assessment(session, campaign, asked)
    _noted(session, aoba)

    page = as_buyer(Role.PROCUREMENT).get(f"/procurement/campaigns/{campaign.public_id}")

    links = [link.get_text(" ", strip=True) for link in page.select('a[href$="/notes"]')]
    assert [words.split()[0] for words in links] == ["次の連絡", "連絡メモ"]


def test_a_reply_is_read_beside_the_supplier_listed_and_answered_by_a_note(
    session: Session, aoba: Supplier, as_buyer: AsBuyer
) -> None:
    told = Told(TODAY, NoteChannel.MAIL, "<b>来週</b>回答します", "青葉 太郎 <taro@aoba.example>", TODAY)
    contact_notes.receive(session, aoba, told, key="1", now=NOW)
    session.commit()
    desk, path = as_buyer(Role.PROCUREMENT), f"/procurement/suppliers/{aoba.public_id}"

    for page in (path, f"{path}/notes"):
        words = desk.get(page).get_text()
        assert all(shown in words for shown in ("<b>来週</b>回答します", "取引先からの返信")), page
    assert aoba.name in desk.get("/procurement/suppliers/next-calls").get_text()

    assert desk.post(f"{path}/notes", TYPED | {"next_on": ""}).status_code == 302

    assert aoba.name not in desk.get("/procurement/suppliers/next-calls").get_text()
