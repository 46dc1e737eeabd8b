"""What the buyer's units have with a supplier: exposures, owner, spend, tier."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from assessments import register, suppliers
from assessments.models import Relationship, Role, Supplier, User
from assessments.suppliers import RelationshipKnown
from portal import clock, db, errors
from portal.access import actor, load_relationship, load_supplier, require, supplier_scope
from portal.procurement import supplier_units
from portal.procurement.routes import blueprint
from portal.procurement.supplier_forms import (
    NewRelationshipForm,
    RelationshipForm,
    exposure_questions,
    filled_relationship,
    relationship_form,
)

REFUSED = 422
KNOWN = _l("この事業部との取引関係は、すでに登録されています。")
errors.say(
    suppliers.LastRelationship,
    _l("取引関係が1つだけの取引先からは、削除できません。先に、ほかの事業部との取引関係を追加してください。"),
)
Page = str | tuple[str, int] | Response


@blueprint.get("/suppliers/<public_id>/relationships/new")
def supplier_relationship_new(public_id: str) -> str:
    """Show the form for a further unit."""
    require(Role.PROCUREMENT)
    return _page(_new_form(), load_supplier(db.session(), public_id))


@blueprint.post("/suppliers/<public_id>/relationships/new")
def supplier_relationship_add(public_id: str) -> Page:
    """Enter what a further unit has with the supplier."""
    found, form = load_supplier(db.session(), public_id), _new_form()
    if not form.validate_on_submit():
        return _page(form, found), REFUSED
    unit, facts = supplier_units.chosen(form.unit.data), form.facts(_owner_id(form))
    try:
        suppliers.add_relationship(db.session(), found, unit, facts, now=clock.now(), by=actor().public_id)
    except RelationshipKnown:
        form.unit.errors = [KNOWN]
        return _page(form, found), REFUSED
    return _done(found, _("取引関係を追加しました。"))


@blueprint.get("/suppliers/<public_id>/relationships/<relationship_id>")
def supplier_relationship(public_id: str, relationship_id: str) -> str:
    """Show a relationship in a form."""
    require(Role.PROCUREMENT)
    found = load_supplier(db.session(), public_id)
    relationship = load_relationship(db.session(), found, relationship_id)
    form = RelationshipForm(data=filled_relationship(relationship))
    return _page(_offered(form, relationship.owner), found, relationship=relationship)


@blueprint.post("/suppliers/<public_id>/relationships/<relationship_id>")
def supplier_relationship_set(public_id: str, relationship_id: str) -> Page:
    """Change a relationship."""
    found = load_supplier(db.session(), public_id)
    relationship = load_relationship(db.session(), found, relationship_id)
    form = _offered(RelationshipForm(), relationship.owner)
    if not form.validate_on_submit():
        return _page(form, found, relationship=relationship), REFUSED
    suppliers.set_relationship(
        db.session(), found, relationship, form.facts(_owner_id(form)), now=clock.now(), by=actor().public_id
    )
    return _done(found, _("取引関係を変更しました。"))


@blueprint.get("/suppliers/<public_id>/relationships/<relationship_id>/remove")
def supplier_relationship_remove(public_id: str, relationship_id: str) -> str:
    """Say what removing a relationship does."""
    require(Role.PROCUREMENT)
    found = load_supplier(db.session(), public_id)
    relationship = load_relationship(db.session(), found, relationship_id)
    return render_template(
        "procurement/supplier_relationship_remove.html",
        supplier=found,
        relationship=relationship,
        is_last=len(found.relationships) == 1,
    )


@blueprint.post("/suppliers/<public_id>/relationships/<relationship_id>/remove")
def supplier_relationship_remove_now(public_id: str, relationship_id: str) -> Response:
    """Remove a relationship; the supplier itself stays."""
    found = load_supplier(db.session(), public_id)
    relationship = load_relationship(db.session(), found, relationship_id)
    suppliers.remove_relationship(db.session(), found, relationship, now=clock.now(), by=actor().public_id)
    db.session().commit()
    flash(_("取引関係を削除しました。"), "success")
    # Without this relationship the supplier may lie outside the person's units.
    is_in_sight = select(Supplier.id).where(Supplier.id == found.id, supplier_scope())
    if db.session().scalar(is_in_sight) is None:
        return redirect(url_for("procurement.suppliers"))
    return redirect(url_for("procurement.supplier", public_id=public_id, _anchor="relationships"))


def _new_form() -> NewRelationshipForm:
    form = NewRelationshipForm()
    form.unit.choices = supplier_units.offered()
    _offered(form, None)
    return form


def _offered(form: RelationshipForm, owner: User | None) -> RelationshipForm:
    """Give a form its lists; an owner who has left since stays in theirs."""
    owners = supplier_units.owners()
    standing = [owner] if owner is not None and owner not in owners else []
    return relationship_form(form, [*owners, *standing])


def _owner_id(form: RelationshipForm) -> int | None:
    if not form.owner.data:
        return None
    return db.session().scalar(select(User.id).where(User.public_id == form.owner.data))


def _page(form: RelationshipForm, supplier: Supplier, *, relationship: Relationship | None = None) -> str:
    unit = relationship.business_unit.name if relationship else None
    return render_template(
        "procurement/supplier_relationship.html",
        form=form,
        supplier=supplier,
        unit=unit,
        relationship=relationship,
        questions=exposure_questions(),
        exposures=register.EXPOSURES,
    )


def _done(supplier: Supplier, words: str) -> Response:
    db.session().commit()
    flash(words, "success")
    return redirect(url_for("procurement.supplier", public_id=supplier.public_id, _anchor="relationships"))
