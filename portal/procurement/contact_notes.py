"""Contact notes beside a supplier, and the list of whom to get in touch with next."""

from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, exists
from werkzeug.wrappers import Response as BaseResponse

from assessments import contact_notes
from assessments.campaign_rows import in_view
from assessments.contact_notes import AlreadyCorrected, NextCall
from assessments.models import Relationship, Role, Supplier
from portal import clock, db, errors
from portal.access import actor, load_contact_note, load_supplier, require, supplier_scope
from portal.paging import Page, page_number
from portal.procurement.campaign_scope import may_write, myself, owners, rows_filter, rows_form, today
from portal.procurement.contact_notes_form import CHANNELS, ContactNoteForm, note_form
from portal.procurement.routes import blueprint
from portal.spreadsheets import Cell, Sheet, csv_response

REFUSED, PAGE_SIZE = 422, 50
errors.say(
    AlreadyCorrected,
    _l("このメモは、すでに書き直されています。画面を読み込みなおして、最新のメモをご覧ください。"),
)


@blueprint.get("/suppliers/<public_id>/notes")
def supplier_notes(public_id: str) -> str:
    """Show what was said with a supplier, and the form of another note."""
    return _notes_page(load_supplier(db.session(), public_id), note_form(today()))


@blueprint.post("/suppliers/<public_id>/notes")
def supplier_note_add(public_id: str) -> BaseResponse | tuple[str, int]:
    """Note a contact down."""
    found, form = load_supplier(db.session(), public_id), note_form(today())
    if not form.validate_on_submit():
        return _notes_page(found, form), REFUSED
    contact_notes.add(db.session(), found, form.told(), now=clock.now(), by=myself())
    return _done(found, _("連絡メモを残しました。"))


@blueprint.get("/suppliers/<public_id>/notes/<note_id>/correct")
def supplier_note(public_id: str, note_id: str) -> str:
    """Show a note in a form."""
    require(Role.PROCUREMENT)
    found = load_supplier(db.session(), public_id)
    note = load_contact_note(db.session(), found, note_id)
    return render_template(
        "procurement/supplier_note.html", supplier=found, form=note_form(today(), like=note)
    )


@blueprint.post("/suppliers/<public_id>/notes/<note_id>/correct")
def supplier_note_correct(public_id: str, note_id: str) -> BaseResponse | tuple[str, int]:
    """Put a new note in the place of a wrong one."""
    found, form = load_supplier(db.session(), public_id), note_form(today())
    note = load_contact_note(db.session(), found, note_id)
    if not form.validate_on_submit():
        return render_template("procurement/supplier_note.html", supplier=found, form=form), REFUSED
    contact_notes.correct(db.session(), found, note, form.told(), now=clock.now(), by=myself())
    return _done(found, _("連絡メモを書き直しました。前のメモは「書き直す前のメモ」に残ります。"))


@blueprint.get("/suppliers/next-calls")
def supplier_next_calls() -> str:
    """List whom to get in touch with next, the earliest day first."""
    form = rows_form(owners(db.session()), [])
    scope = _looked_after(form)
    total = contact_notes.count_next(db.session(), scope)
    page = Page(
        min(page_number(), max(1, -(-total // PAGE_SIZE))),
        PAGE_SIZE,
        total,
        "procurement.supplier_next_calls",
    )
    rows = contact_notes.next_calls(
        db.session(),
        scope,
        in_view=in_view(actor().unit_ids),
        first=(page.number - 1) * PAGE_SIZE,
        most=PAGE_SIZE,
    )
    chosen = {name: form[name].data for name in ("owner", "unit") if form[name].data}
    return render_template(
        "procurement/supplier_next_calls.html",
        form=form,
        rows=rows,
        page=page,
        today=today(),
        channels=CHANNELS,
        chosen=chosen,
        may_write=may_write(),
    )


@blueprint.get("/suppliers/next-calls.csv")
def supplier_next_calls_csv() -> Response:
    """Give the same list as CSV, once for each owner."""
    scope = _looked_after(rows_form(owners(db.session()), []))
    calls = contact_notes.next_calls(db.session(), scope, in_view=in_view(actor().unit_ids))
    rows = [_cells(call, name, phone) for call in calls for name, phone in _owners_of(call)]
    return csv_response(_("次に連絡する取引先"), Sheet("", _headings(), rows))


def _looked_after(form: Any) -> ColumnElement[bool]:
    """Give the condition on Supplier that the filter asks for."""
    wanted = rows_filter(form)
    theirs = [Relationship.supplier_id == Supplier.id, in_view(actor().unit_ids)]
    if wanted.owner_id is not None:
        theirs.append(Relationship.owner_id == wanted.owner_id)
    if wanted.unit_id is not None:
        theirs.append(Relationship.business_unit_id == wanted.unit_id)
    asked = wanted.owner_id is not None or wanted.unit_id is not None
    return and_(supplier_scope(), exists().where(*theirs)) if asked else supplier_scope()


def _notes_page(found: Supplier, form: ContactNoteForm) -> str:
    return render_template(
        "procurement/supplier_notes.html",
        supplier=found,
        form=form,
        notes=contact_notes.of_supplier(db.session(), found),
        corrected=contact_notes.corrected(db.session(), found),
        channels=CHANNELS,
        may_write=may_write(),
    )


def _done(found: Supplier, words: str) -> BaseResponse:
    db.session().commit()
    flash(words, "success")
    return redirect(url_for("procurement.supplier_notes", public_id=found.public_id))


def _headings() -> list[str]:
    return [
        _("次に連絡する日"),
        _("担当"),
        _("担当の電話"),
        _("取引先コード"),
        _("会社名"),
        _("拠点"),
        _("窓口"),
        _("電話"),
        _("メール"),
        _("前回の連絡"),
        _("方法"),
        _("お相手"),
        _("話した内容"),
    ]


def _cells(call: NextCall, owner: str, phone: str) -> list[Cell]:
    contact, note = call.contact, call.note
    return [
        note.next_on,
        owner,
        phone,
        call.supplier.code or "",
        call.supplier.name,
        call.supplier.site,
        contact.name if contact else "",
        contact.phone if contact else "",
        (contact.email if contact else "") or "",
        note.happened_on,
        str(CHANNELS[note.channel]),
        note.person,
        note.text,
    ]


def _owners_of(call: NextCall) -> list[tuple[str, str]]:
    return [(one.name or one.email, one.phone) for one in call.owners] or [("", "")]
