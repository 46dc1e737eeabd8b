"""Writing to somebody else at a supplier, or to the same person again."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from assessments import inviting, quiet, settling
from assessments.models import Assessment, CampaignState, Contact
from assessments.suppliers import ContactFacts
from portal import clock, db, errors, tasks
from portal.access import load_assessment
from portal.procurement import mail_words
from portal.procurement.campaign_forms import AddressForm
from portal.procurement.campaign_scope import may_write, myself, settings
from portal.procurement.routes import blueprint

REFUSED = 422
errors.say(
    inviting.NothingToAnswer,
    _l("この取引先への依頼は取りやめ・辞退になっているため、メールは送れません。"),
)
errors.say(
    inviting.AlreadyAnswered, _l("この取引先は、もう回答を提出しています。送りなおす必要はありません。")
)
errors.say(
    quiet.ContactHasChanged,
    _l(
        "この方は窓口から外れたか、メールアドレスが変わったため、送りませんでした。"
        "調査の「メールの結果」から、宛先を直して送ってください。"
    ),
)


@blueprint.get("/campaigns/assessments/<public_id>/address")
def campaign_address(public_id: str) -> str:
    """Show whom the invitation went to, and the form of another person."""
    assessment = load_assessment(db.session(), public_id)
    return _page(assessment, AddressForm(data=_as_it_was(assessment)))


@blueprint.post("/campaigns/assessments/<public_id>/address")
def campaign_re_address(public_id: str) -> Response | tuple[str, int]:
    """Invite another person in place of the first."""
    assessment, form = load_assessment(db.session(), public_id), AddressForm()
    if not form.validate_on_submit():
        return _page(assessment, form), REFUSED
    facts = ContactFacts(
        name=form.name.data or "",
        department=form.department.data or "",
        email=form.email.data,
        phone=form.phone.data or "",
        language=form.language.data,
    )
    try:
        inviting.re_address(
            db.session(), assessment, facts, keys=settings().keys, now=clock.now(), by=myself()
        )
    except inviting.SameAddress:
        form.email.errors = [
            _("いまの宛先と同じです。同じ方に送りなおすときは、上のボタンを使ってください。")
        ]
        return _page(assessment, form), REFUSED
    return _sent(assessment, _("%(email)sに依頼を送ります。", email=facts.email))


@blueprint.post("/campaigns/assessments/<public_id>/send-again/<int:generation>")
def campaign_send_again(public_id: str, generation: int) -> Response:
    """Send the same person a fresh link; pressing twice sends once."""
    assessment = load_assessment(db.session(), public_id)
    for invitation in inviting.live_invitations(db.session(), assessment)[-1:]:
        inviting.send_again(
            db.session(),
            invitation,
            generation=generation,
            keys=settings().keys,
            now=clock.now(),
            by=myself(),
        )
    return _sent(assessment, _("新しいリンクのメールを送ります。前のメールのリンクは使えなくなりました。"))


def _as_it_was(assessment: Assessment) -> dict[str, str]:
    """Give what stands of the person to whom nothing arrived, so that the address alone is to be mended.

    Where the contact was retired or corrected, whom the register names now.
    """
    if not settling.undelivered_of(db.session(), [assessment.id]):
        return {}
    last = inviting.live_invitations(db.session(), assessment)[-1]
    mine = (Contact.id == last.contact_id) & (Contact.supplier_id == assessment.supplier_id)
    contact = db.session().scalar(select(Contact).where(mine))
    if contact is not None and (contact.retired_at is not None or contact.email != last.email):
        return _as_it_is(assessment)
    return {
        "name": last.name,
        "email": last.email,
        "language": last.language,
        "department": contact.department if contact else "",
        "phone": contact.phone if contact else "",
    }


def _as_it_is(assessment: Assessment) -> dict[str, str]:
    mine = (Contact.supplier_id == assessment.supplier_id) & inviting.is_reachable()
    contact = db.session().scalar(select(Contact).where(mine).order_by(Contact.id).limit(1))
    if contact is None:
        return {}
    names = ("name", "email", "language", "department", "phone")
    return {name: getattr(contact, name) or "" for name in names}


def _page(assessment: Assessment, form: AddressForm) -> str:
    missed = settling.undelivered_of(db.session(), [assessment.id]).get(assessment.id)
    return render_template(
        "procurement/campaign_address.html",
        assessment=assessment,
        campaign=assessment.campaign,
        supplier=assessment.supplier,
        live=inviting.live_invitations(db.session(), assessment),
        form=form,
        reason=mail_words.why(missed) if missed else "",
        may_send=may_write() and assessment.campaign.state is CampaignState.OPEN,
        has_answered=assessment.state in inviting.ANSWERED,
    )


def _sent(assessment: Assessment, words: str) -> Response:
    db.session().commit()
    tasks.wake_dispatcher()
    flash(words, "success")
    return redirect(url_for("procurement.campaign", public_id=assessment.campaign.public_id))
