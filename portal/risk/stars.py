"""The star expected of a relationship: the reckoned one, and the buyer's own with its reason."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from assessments import stars
from assessments.chain import loading
from assessments.models import Relationship, Role, Supplier, User
from assessments.stars import STARS, NothingDecided
from portal import clock, db, errors
from portal.access import actor, load_relationship, load_supplier, require
from portal.risk import looking
from portal.risk.routes import blueprint
from scoring import risk
from scoring.model import EXPOSURES

REFUSED = 422
LONGEST_REASON = 2_000
TAKE_BACK = "take_back"
errors.say(NothingDecided, _l("取り消せる決定はありません。画面を開きなおして確認してください。"))


class StarForm(FlaskForm):
    """A star and why."""

    star = RadioField(
        _l("目安とする段階"),
        [Optional()],
        choices=[SelectChoice(str(star), f"★{star}") for star in STARS],
    )
    reason = TextAreaField(
        _l("理由"),
        [DataRequired(_l("理由を入力してください。")), Length(max=LONGEST_REASON)],
        filters=[lambda typed: (typed or "").strip()],
    )


@blueprint.get("/suppliers/<public_id>/relationships/<relationship_id>/star")
def star(public_id: str, relationship_id: str) -> str:
    """Show the star of a relationship in a form, with every decision about it."""
    require(Role.RISK)
    supplier = load_supplier(db.session(), public_id)
    between = load_relationship(db.session(), supplier, relationship_id)
    standing = stars.newest(db.session(), between)
    return _page(supplier, between, StarForm(data={"star": str(standing.star) if standing else None}))


@blueprint.post("/suppliers/<public_id>/relationships/<relationship_id>/star")
def star_decide(public_id: str, relationship_id: str) -> Response | tuple[str, int]:
    """Decide a star, or take the decided one back."""
    supplier = load_supplier(db.session(), public_id)
    between = load_relationship(db.session(), supplier, relationship_id)
    form, is_back = StarForm(), request.form.get("choice") == TAKE_BACK
    if not is_back:
        form.star.validators = [InputRequired(_("どちらかを選んでください。"))]
    if not form.validate_on_submit():
        return _page(supplier, between, form), REFUSED
    reason, by = form.reason.data or "", db.session().get_one(User, actor().user_id)
    if is_back:
        stars.take_back(db.session(), between, reason=reason, now=clock.now(), by=by)
    else:
        stars.decide(db.session(), between, int(form.star.data), reason=reason, now=clock.now(), by=by)
    db.session().commit()
    flash(_("★の目安を保存しました。"), "success")
    return redirect(url_for("risk.supplier", public_id=supplier.public_id))


def _page(supplier: Supplier, between: Relationship, form: StarForm) -> str:
    chain = loading.load(db.session())
    if chain is None:
        return looking.nothing()
    graded = [[getattr(between, name) or 0 for name in EXPOSURES]]
    return render_template(
        "risk/star.html",
        supplier=supplier,
        between=between,
        form=form,
        reckoned=int(risk.expected_star(chain.rubric.model, graded)[0]),
        step=chain.rubric.model.star_exposure,
        share=chain.rubric.model.star_share_warning,
        history=stars.history(db.session(), between),
    )
