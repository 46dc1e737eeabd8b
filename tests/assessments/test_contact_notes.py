"""Contact notes: kept, corrected by a new note, and telling whom to get in touch with next."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assessments import contact_notes
from assessments.contact_notes import AlreadyCorrected, Told
from assessments.models import AuditEvent, ContactNote, NoteChannel, RecordIsFixed, Role, Supplier, User
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
FRIDAY, MONDAY, TUESDAY = date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)
CALLED = Told(FRIDAY, NoteChannel.PHONE, "週明けに総務の方からお返事", "総務の青葉さん", TUESDAY)


@pytest.fixture
def sato(session: Session) -> User:
    """Who calls."""
    return factories.user(session, Role.PROCUREMENT)


@pytest.fixture
def aoba(session: Session) -> Supplier:
    """Who is called."""
    return factories.supplier(session)


def _next(session: Session) -> list[tuple[str, date | None]]:
    found = contact_notes.next_calls(session, true(), in_view=true())
    return [(call.supplier.name, call.note.next_on) for call in found]


def test_a_note_is_kept_and_says_when_to_call_again(session: Session, sato: User, aoba: Supplier) -> None:
    factories.relationship(session, aoba, owner_id=sato.id)
    factories.contact(session, aoba, name="青葉 太郎")
    contact_notes.add(session, aoba, CALLED, now=NOW, by=sato)

    [note] = contact_notes.of_supplier(session, aoba)
    [call] = contact_notes.next_calls(session, true(), in_view=true())

    assert (note.text, note.person, note.written_by) == (CALLED.text, CALLED.person, sato)
    assert (call.supplier.id, call.note.id, call.owners) == (aoba.id, note.id, (sato,))
    assert call.contact is not None
    assert call.contact.name == "青葉 太郎"


def test_the_trail_says_that_a_note_was_made_and_not_what_it_says(
    session: Session, sato: User, aoba: Supplier
) -> None:
    contact_notes.add(session, aoba, CALLED, now=NOW, by=sato)

    line = session.scalars(select(AuditEvent)).one()
    assert (line.action, line.object_id, line.details) == ("contact_note.added", aoba.public_id, {})


def test_a_note_is_never_changed(session: Session, sato: User, aoba: Supplier) -> None:
    note = contact_notes.add(session, aoba, CALLED, now=NOW, by=sato)

    note.text = "別の話"
    with pytest.raises(RecordIsFixed):
        session.flush()


def test_a_correction_stands_in_the_place_of_the_note(session: Session, sato: User, aoba: Supplier) -> None:
    wrong = contact_notes.add(session, aoba, CALLED, now=NOW, by=sato)

    contact_notes.correct(session, aoba, wrong, replace(CALLED, next_on=MONDAY), now=NOW, by=sato)

    assert [note.next_on for note in contact_notes.of_supplier(session, aoba)] == [MONDAY]
    assert [note.id for note in contact_notes.corrected(session, aoba)] == [wrong.id]
    assert _next(session) == [(aoba.name, MONDAY)]


def test_a_note_is_corrected_once(session: Session, sato: User, aoba: Supplier) -> None:
    wrong = contact_notes.add(session, aoba, CALLED, now=NOW, by=sato)
    contact_notes.correct(session, aoba, wrong, CALLED, now=NOW, by=sato)

    with pytest.raises(AlreadyCorrected):
        contact_notes.correct(session, aoba, wrong, CALLED, now=NOW, by=sato)


def test_the_latest_contact_says_when_or_that_it_is_over(
    session: Session, sato: User, aoba: Supplier
) -> None:
    contact_notes.add(session, aoba, CALLED, now=NOW, by=sato)
    contact_notes.add(session, aoba, Told(MONDAY, NoteChannel.MAIL, "返信あり"), now=NOW, by=sato)

    assert _next(session) == []
    assert contact_notes.count_next(session, true()) == 0


def test_a_contact_noted_late_does_not_end_what_was_agreed_after_it(
    session: Session, sato: User, aoba: Supplier
) -> None:
    contact_notes.add(session, aoba, replace(CALLED, happened_on=MONDAY), now=NOW, by=sato)
    contact_notes.add(session, aoba, Told(FRIDAY, NoteChannel.VISIT, "訪問した"), now=NOW, by=sato)

    assert _next(session) == [(aoba.name, TUESDAY)]


def test_the_earliest_day_comes_first_and_only_what_is_in_scope(
    session: Session, sato: User, aoba: Supplier
) -> None:
    umeda = factories.stranger(session)
    contact_notes.add(session, aoba, CALLED, now=NOW, by=sato)
    contact_notes.add(session, umeda, replace(CALLED, next_on=MONDAY), now=NOW, by=sato)

    assert _next(session) == [(umeda.name, MONDAY), (aoba.name, TUESDAY)]
    only = contact_notes.next_calls(session, Supplier.id == aoba.id, in_view=true())
    assert [call.supplier.id for call in only] == [aoba.id]
    assert contact_notes.count_next(session, Supplier.id == aoba.id) == 1


def test_the_last_note_of_each_supplier_is_found_for_a_list(
    session: Session, sato: User, aoba: Supplier
) -> None:
    umeda = factories.stranger(session)
    contact_notes.add(session, aoba, CALLED, now=NOW, by=sato)
    later = contact_notes.add(session, aoba, replace(CALLED, happened_on=MONDAY), now=NOW, by=sato)

    found = contact_notes.latest(session, [aoba.id, umeda.id])

    assert {supplier_id: note.id for supplier_id, note in found.items()} == {aoba.id: later.id}


def test_a_reply_is_noted_once_to_be_answered_and_is_nobody_s_at_the_buyer(
    session: Session, aoba: Supplier
) -> None:
    told = Told(MONDAY, NoteChannel.MAIL, "来週お返事します", "青葉 太郎", MONDAY)

    taken = [contact_notes.receive(session, aoba, told, key=key, now=NOW) for key in ("a", "a", "b")]

    assert taken == [True, False, True]
    notes = contact_notes.of_supplier(session, aoba)
    assert [(one.text, one.written_by, one.reply_key) for one in notes] == [
        (told.text, None, "b"),
        (told.text, None, "a"),
    ]
    assert contact_notes.count_next(session, true()) == 1


def test_a_note_without_a_writer_is_a_reply(session: Session, aoba: Supplier) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(
            ContactNote(
                supplier_id=aoba.id,
                happened_on=MONDAY,
                channel=NoteChannel.MAIL,
                text="誰の記録でもない",
                written_at=NOW,
            )
        )
