"""Whom to write to at a supplier: add, change, retire, restore."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from assessments import suppliers
from assessments.models import Role, Supplier
from assessments.suppliers import ContactKnown
from portal import clock, db, errors
from portal.access import actor, load_contact, load_supplier, require
from portal.procurement.routes import blueprint
from portal.procurement.supplier_forms import ContactForm, contact_form, filled_contact

REFUSED = 422
KNOWN = _l("このメールアドレスの窓口は、すでに登録されています。")
errors.say(ContactKnown, KNOWN)
Page = str | tuple[str, int] | Response


@blueprint.get("/suppliers/<public_id>/contacts/new")
def supplier_contact_new(public_id: str) -> str:
    """Show the form for a new contact."""
    require(Role.PROCUREMENT)
    found = load_supplier(db.session(), public_id)
    return render_template(
        "procurement/supplier_contact.html", form=contact_form(ContactForm()), supplier=found, contact=None
    )


@blueprint.post("/suppliers/<public_id>/contacts/new")
def supplier_contact_add(public_id: str) -> Page:
    """Add a contact."""
    found, form = load_supplier(db.session(), public_id), contact_form(ContactForm())
    page = {"form": form, "supplier": found, "contact": None}
    if not form.validate_on_submit():
        return render_template("procurement/supplier_contact.html", **page), REFUSED
    try:
        suppliers.add_contact(db.session(), found, form.facts(), now=clock.now(), by=actor().public_id)
    except ContactKnown:
        form.email.errors = [KNOWN]
        return render_template("procurement/supplier_contact.html", **page), REFUSED
    return _done(found, _("窓口を追加しました。"))


@blueprint.get("/suppliers/<public_id>/contacts/<contact_id>")
def supplier_contact(public_id: str, contact_id: str) -> str:
    """Show a contact in a form."""
    require(Role.PROCUREMENT)
    found = load_supplier(db.session(), public_id)
    contact = load_contact(db.session(), found, contact_id)
    form = contact_form(ContactForm(data=filled_contact(contact)))
    return render_template("procurement/supplier_contact.html", form=form, supplier=found, contact=contact)


@blueprint.post("/suppliers/<public_id>/contacts/<contact_id>")
def supplier_contact_edit(public_id: str, contact_id: str) -> Page:
    """Change a contact."""
    found, form = load_supplier(db.session(), public_id), contact_form(ContactForm())
    contact = load_contact(db.session(), found, contact_id)
    page = {"form": form, "supplier": found, "contact": contact}
    if not form.validate_on_submit():
        return render_template("procurement/supplier_contact.html", **page), REFUSED
    try:
        suppliers.edit_contact(
            db.session(), found, contact, form.facts(), now=clock.now(), by=actor().public_id
        )
    except ContactKnown:
        form.email.errors = [KNOWN]
        return render_template("procurement/supplier_contact.html", **page), REFUSED
    return _done(found, _("窓口を変更しました。"))


@blueprint.post("/suppliers/<public_id>/contacts/<contact_id>/retire")
def supplier_contact_retire(public_id: str, contact_id: str) -> Response:
    """Write to this person no more."""
    found = load_supplier(db.session(), public_id)
    contact = load_contact(db.session(), found, contact_id)
    suppliers.retire_contact(db.session(), found, contact, now=clock.now(), by=actor().public_id)
    return _done(found, _("窓口から外しました。「外した窓口」からいつでも戻せます。"))


@blueprint.post("/suppliers/<public_id>/contacts/<contact_id>/restore")
def supplier_contact_restore(public_id: str, contact_id: str) -> Response:
    """Write to this person again."""
    found = load_supplier(db.session(), public_id)
    contact = load_contact(db.session(), found, contact_id)
    suppliers.restore_contact(db.session(), found, contact, now=clock.now(), by=actor().public_id)
    return _done(found, _("窓口に戻しました。"))


def _done(supplier: Supplier, words: str) -> Response:
    db.session().commit()
    flash(words, "success")
    return redirect(url_for("procurement.supplier", public_id=supplier.public_id, _anchor="contacts"))
