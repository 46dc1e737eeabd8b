"""A supplier's word that it does not answer this time, and asking it once more."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from assessments import declining
from assessments.models import AssessmentState, CampaignState, DeclineReason
from portal import clock, db, errors, tasks
from portal.access import load_assessment
from portal.procurement.campaign_scope import may_write, myself, settings
from portal.procurement.routes import blueprint

errors.say(
    declining.AskedAgainAlready,
    _l(
        "この調査では、もう一度お願いしています。回答しないというお返事として受け止め、必要なときは電話などで事情を伺ってください。"
    ),
)
REASONS = {
    DeclineReason.ANSWERED_ELSEWHERE: _l("別の形で回答している"),
    DeclineReason.NO_LONGER_TRADING: _l("いまは取引がない"),
    DeclineReason.WRONG_COMPANY: _l("会社・宛先が違う"),
    DeclineReason.OVERLOADED: _l("手が回らない（話したい）"),
    DeclineReason.OTHER: _l("その他"),
}


def reason(code: DeclineReason) -> str:
    """Give a reason in a few words."""
    return str(REASONS[code])


@blueprint.get("/campaigns/assessments/<public_id>/decline")
def campaign_decline(public_id: str) -> str | Response:
    """Show what the supplier said, and the way to ask once more."""
    assessment = load_assessment(db.session(), public_id)
    said = declining.history(db.session(), assessment)
    if not said:
        return redirect(url_for("procurement.campaign", public_id=assessment.campaign.public_id))
    is_standing = assessment.state is AssessmentState.DECLINED
    is_open = assessment.campaign.state is CampaignState.OPEN
    return render_template(
        "procurement/campaign_decline.html",
        assessment=assessment,
        campaign=assessment.campaign,
        supplier=assessment.supplier,
        said=said,
        reasons=REASONS,
        advice=_advice(said[0].reason),
        is_standing=is_standing,
        was_asked_again=declining.was_asked_again(db.session(), assessment),
        may_ask=is_standing and is_open and may_write(),
    )


@blueprint.post("/campaigns/assessments/<public_id>/ask-again")
def campaign_ask_again(public_id: str) -> Response:
    """Ask once more, by a mail that says why; pressing twice asks once."""
    assessment = load_assessment(db.session(), public_id)
    declining.ask_again(db.session(), assessment, keys=settings().keys, now=clock.now(), by=myself())
    db.session().commit()
    tasks.wake_dispatcher()
    flash(_("%(name)sに、もう一度お願いするメールを送ります。", name=assessment.supplier.name), "success")
    return redirect(url_for("procurement.campaign", public_id=assessment.campaign.public_id))


def _advice(code: DeclineReason) -> Any:
    words = {
        DeclineReason.ANSWERED_ELSEWHERE: _l(
            "すでにある回答や書類を見せていただければ、同じことを聞きなおさずにすみます。"
        ),
        DeclineReason.NO_LONGER_TRADING: _l(
            "取引先の登録と取引関係を確かめてください。取引が終わっていれば、次の調査の対象から外せます。"
        ),
        DeclineReason.WRONG_COMPANY: _l("取引先の登録と窓口のメールアドレスを確かめてください。"),
        DeclineReason.OVERLOADED: _l(
            "相談の一覧に、この取引先からの相談が入っています。期限や進め方を話し合ってください。"
        ),
        DeclineReason.OTHER: _l("ひとことがあれば、まずそれを読んでください。"),
    }
    return words[code]
