"""Entering a supplier in the register, and changing what it says."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from assessments import suppliers
from assessments.models import Role
from assessments.suppliers import CodeTaken
from portal import clock, db
from portal.access import actor, load_supplier, require
from portal.procurement import supplier_units
from portal.procurement.routes import blueprint
from portal.procurement.supplier_forms import (
    NewSupplierForm,
    SupplierForm,
    filled_supplier,
    supplier_form,
)

REFUSED = 422
CODE_TAKEN = _l("この取引先コードは、ほかの取引先で使われています。")
Page = str | tuple[str, int] | Response


@blueprint.get("/suppliers/new")
def supplier_new() -> str:
    """Show the form for a new supplier."""
    require(Role.PROCUREMENT)
    return _new_page(_new_form())


@blueprint.post("/suppliers/new")
def supplier_add() -> Page:
    """Enter a supplier, and lead to its page for the rest."""
    form = _new_form()
    if not form.validate_on_submit():
        return _new_page(form), REFUSED
    unit = supplier_units.chosen(form.unit.data)
    try:
        made = suppliers.create(db.session(), form.facts(), unit=unit, now=clock.now(), by=actor().public_id)
    except CodeTaken:
        form.code.errors = [CODE_TAKEN]
        return _new_page(form), REFUSED
    db.session().commit()
    flash(_("登録しました。続けて、窓口と取引関係を入力してください。"), "success")
    return redirect(url_for("procurement.supplier", public_id=made.public_id))


@blueprint.get("/suppliers/<public_id>/edit")
def supplier_edit(public_id: str) -> str:
    """Show a supplier's facts in a form."""
    require(Role.PROCUREMENT)
    found = load_supplier(db.session(), public_id)
    form = supplier_form(SupplierForm(data=filled_supplier(found)))
    return render_template("procurement/supplier_edit.html", form=form, supplier=found)


@blueprint.post("/suppliers/<public_id>/edit")
def supplier_update(public_id: str) -> Page:
    """Change a supplier's facts."""
    found, form = load_supplier(db.session(), public_id), supplier_form(SupplierForm())
    if not form.validate_on_submit():
        return render_template("procurement/supplier_edit.html", form=form, supplier=found), REFUSED
    try:
        suppliers.update(db.session(), found, form.facts(), now=clock.now(), by=actor().public_id)
    except CodeTaken:
        form.code.errors = [CODE_TAKEN]
        return render_template("procurement/supplier_edit.html", form=form, supplier=found), REFUSED
    db.session().commit()
    flash(_("変更を保存しました。"), "success")
    return redirect(url_for("procurement.supplier", public_id=public_id))


def _new_page(form: NewSupplierForm) -> str:
    return render_template("procurement/supplier_new.html", form=form)


def _new_form() -> NewSupplierForm:
    form = NewSupplierForm()
    supplier_form(form)
    form.unit.choices = supplier_units.offered()
    return form
