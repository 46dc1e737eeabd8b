"""The notice before a campaign's invitation: whether, how early, and how it reads."""

from dataclasses import dataclass

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from assessments import genuine
from assessments.models import Campaign
from portal import clock, db, mail_render
from portal.mail_render import Rendered
from portal.procurement.campaign_scope import load_whole, myself, settings
from portal.procurement.routes import blueprint

CHOICES = (
    ("1", _l("1営業日前に知らせる（おすすめ）")),
    ("2", _l("2営業日前に知らせる")),
    ("3", _l("3営業日前に知らせる")),
    ("5", _l("5営業日前に知らせる")),
    ("0", _l("知らせずに依頼を送る")),
)
BAD_REQUEST = 400


class NoticeForm(FlaskForm):
    """How many business days before the invitation suppliers are told."""

    days = SelectField(_l("事前のお知らせ"), choices=[SelectChoice(days, words) for days, words in CHOICES])


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """What the page of the last step says of the notice; no mail where there is none."""

    form: NoticeForm
    words: str
    mails: dict[str, Rendered]


@blueprint.post("/campaigns/<public_id>/notice")
def campaign_notice(public_id: str) -> Response:
    """Keep whether and how early suppliers are told."""
    found, form = load_whole(public_id), NoticeForm()
    if not form.validate_on_submit():
        abort(BAD_REQUEST)
    genuine.set_notice(db.session(), found, int(form.days.data), now=clock.now(), by=myself())
    db.session().commit()
    flash(_("保存しました。"), "success")
    return redirect(url_for("procurement.campaign_check", public_id=public_id, _anchor="notice"))


def shown(found: Campaign) -> ShownNotice:
    """Give the notice of a campaign as its last step shows it."""
    days = str(genuine.notice_days(db.session(), found))
    mails = {
        language: mail_render.preview_notice(db.session(), found, settings(), language=language)
        for language in (("ja", "en") if days != "0" else ())
    }
    return ShownNotice(NoticeForm(days=days), str(dict(CHOICES).get(days, "")), mails)
