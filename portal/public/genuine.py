"""Whether a request is genuine: a number from a mail, typed at the buyer's own address."""

from flask import current_app, g, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from assessments import genuine
from assessments.genuine import Genuine, Letter
from assessments.sign_in import TooManyTries
from portal import clock, db
from portal.public.routes import blueprint
from portal.settings import Settings

REFUSED, TOO_MANY = 422, 429
LONGEST = 40


class GenuineForm(FlaskForm):
    """The number in a mail."""

    number = StringField(
        _l("受付番号"),
        [
            DataRequired(_l("メールに書かれた受付番号を入力してください。")),
            Length(max=LONGEST, message=_l("受付番号は8文字です。")),
        ],
    )


@blueprint.get("/genuine", endpoint="genuine")
def ask() -> str:
    """Ask for the number."""
    return _page(GenuineForm())


@blueprint.post("/genuine")
def genuine_tell() -> str | tuple[str, int]:
    """Tell what belongs to it. Not a redirect: the answer may not stand in an address."""
    form = GenuineForm()
    if not form.validate_on_submit():
        return _page(form), REFUSED
    settings: Settings = current_app.extensions["sanpo_settings"]
    place = request.remote_addr or ""
    try:
        found = genuine.look_up(
            db.session(), form.number.data or "", keys=settings.keys, place=place, now=clock.now()
        )
    except TooManyTries:
        return _page(form, has_tried_often=True), TOO_MANY
    db.session().commit()
    if found is None:
        return _page(form, is_unknown=True), REFUSED
    return _page(form, found)


def _page(
    form: GenuineForm,
    found: Genuine | None = None,
    *,
    is_unknown: bool = False,
    has_tried_often: bool = False,
) -> str:
    return render_template(
        "public/genuine.html",
        form=form,
        found=found,
        letters=[(_kind(letter), letter) for letter in found.letters] if found else [],
        is_unknown=is_unknown,
        has_tried_often=has_tried_often,
        desk=g.organisation.genuine_contact if g.organisation else "",
    )


def _kind(letter: Letter) -> str:
    words = {genuine.NOTICE: _("事前のお知らせ"), "reminder": _("締切前のご案内")}
    return str(words.get(letter.kind, _("依頼のメール")))
