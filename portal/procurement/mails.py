"""Mails whose end is not known, each settled by a person, and links that did not arrive."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select
from werkzeug.wrappers import Response

from assessments import campaigns, courses, settling
from assessments.models import Assessment, Campaign, CampaignState, Message, Supplier
from portal import campaign_work, clock, db, errors, filters, mail_work, tasks
from portal.access import actor, load_campaign, load_message, supplier_scope
from portal.procurement import mail_words
from portal.procurement.campaign_scope import load_whole, may_write, myself, sees_whole, settings
from portal.procurement.routes import blueprint

MOST_ANSWERS = 5
errors.say(
    settling.NotUnknown,
    _l("このメールの結果は、もう分かっているか、ほかの方が処理しました。画面を読み込みなおしてください。"),
)
errors.say(settling.Superseded, _l("このあとに新しいリンクを送っているため、送りなおす必要はありません。"))


@blueprint.get("/mails")
def mails() -> str:
    """List what needs a person, of all campaigns."""
    return _page(None)


@blueprint.get("/campaigns/<public_id>/mails")
def campaign_mails(public_id: str) -> str:
    """List what needs a person, of one campaign."""
    return _page(load_campaign(db.session(), public_id))


@blueprint.post("/mails/<public_id>/delivered")
def mail_delivered(public_id: str) -> Response:
    """Note that a mail had arrived."""
    found = load_message(db.session(), public_id)
    settling.settle_as_delivered(db.session(), found, now=clock.now(), by=myself())
    return _done(found, _("届いていたことを記録しました。"))


@blueprint.post("/mails/<public_id>/again")
def mail_again(public_id: str) -> Response:
    """Send a new mail in its place."""
    found = load_message(db.session(), public_id)
    settling.send_again(db.session(), found, keys=settings().keys, now=clock.now(), by=myself())
    answer = _done(found, _("もう一度送ります。"))
    tasks.wake_dispatcher()
    return answer


@blueprint.get("/campaigns/<public_id>/mails/failed/again")
def campaign_mails_again(public_id: str) -> str:
    """Say how many would be sent again, and what mail servers answered most."""
    found = load_campaign(db.session(), public_id)
    failures = settling.failures(db.session(), found, _mine())
    answers = mail_words.commonest(failures)
    return render_template(
        "procurement/campaign_mails_again.html",
        campaign=found,
        count=sum(count for _words, count in failures),
        answers=answers[:MOST_ANSWERS],
        others=sum(one.count for one in answers[MOST_ANSWERS:]),
        may_write=may_write() and found.state is CampaignState.OPEN,
    )


@blueprint.post("/campaigns/<public_id>/mails/failed/again")
def campaign_send_mails_again(public_id: str) -> Response:
    """Send a fresh link to everybody shown whose mail did not arrive."""
    found, person = load_campaign(db.session(), public_id), myself()
    sent = campaign_work.send_failed_again(db.session(), settings(), found, _mine(), by=person)
    tasks.wake_dispatcher()
    flash(_("%(count)s通を、新しいリンクで送りなおします。", count=filters.number(sent)), "success")
    return redirect(url_for("procurement.campaign_mails", public_id=public_id))


@blueprint.get("/campaigns/<public_id>/mails/<any(delivered, again):verdict>")
def campaign_mails_all(public_id: str, verdict: str) -> str:
    """Say what settling all of a campaign alike does, and to how many."""
    found = load_campaign(db.session(), public_id)
    is_open = found.state is CampaignState.OPEN
    return render_template(
        "procurement/campaign_mails_all.html",
        campaign=found,
        verdict=verdict,
        count=settling.count_to_settle(db.session(), found, scope=mails_scope()),
        is_open=is_open,
        is_paused=courses.is_paused(db.session(), found),
        may_settle=_may_settle_all(found) and (is_open or verdict != "again"),
    )


@blueprint.post("/campaigns/<public_id>/mails/<any(delivered, again):verdict>")
def campaign_mails_settle(public_id: str, verdict: str) -> Response:
    """Have all mails of a campaign settled alike."""
    found = load_whole(public_id)
    if verdict == "again":
        campaigns.must_be_open(found)
    job = mail_work.request(db.session(), found, verdict, by=myself())
    db.session().commit()
    tasks.wake_job(job.id)
    flash(_("まとめて処理を始めました。進みぐあいは、この画面で分かります。"), "success")
    return redirect(url_for("procurement.jobs"))


def missed(supplier: Supplier) -> dict[str, dict[str, Any]]:
    """Give by address the assessment whose link did not arrive there, and why."""
    found = settling.undelivered_to(db.session(), supplier)
    return {
        mail.message.to_email: {
            "assessment": mail.assessment,
            "reason": mail_words.why(mail.message),
        }
        for mail in found
    }


def mails_scope() -> ColumnElement[bool] | None:
    """Give the condition on Supplier within which the person sees mails, None for all of them."""
    return None if actor().unit_ids is None else supplier_scope()


def _mine() -> list[ColumnElement[bool]]:
    """Give the condition on Assessment within which the person sends again what did not arrive."""
    return [Assessment.supplier_id.in_(select(Supplier.id).where(supplier_scope()))]


def _page(campaign: Campaign | None) -> str:
    scope = mails_scope()
    return render_template(
        "procurement/mails.html",
        campaign=campaign,
        unknown=settling.to_settle(db.session(), campaign, scope=scope),
        undelivered=settling.undelivered(db.session(), campaign, scope=scope),
        kind=mail_words.kind,
        why=mail_words.why,
        said=mail_words.said,
        may_write=may_write(),
        may_send_again=_may_send_again(campaign),
        may_settle_all=campaign is not None and _may_settle_all(campaign),
    )


def _may_send_again(campaign: Campaign | None) -> bool:
    if campaign is None or campaign.state is not CampaignState.OPEN or not may_write():
        return False
    return bool(settling.failures(db.session(), campaign, _mine()))


def _may_settle_all(campaign: Campaign) -> bool:
    return may_write() and sees_whole(campaign)


def _done(found: Message, words: str) -> Response:
    db.session().commit()
    flash(words, "success")
    if found.campaign_id is None:
        return redirect(url_for("procurement.mails"))
    campaign = db.session().get_one(Campaign, found.campaign_id)
    return redirect(url_for("procurement.campaign_mails", public_id=campaign.public_id))
