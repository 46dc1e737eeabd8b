"""The supplier's own list of assessments, the first screen, and the overview of one assessment."""

from dataclasses import dataclass

from flask import g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from assessments import declining, own_view, responses
from assessments.fairness import fairness, filled
from assessments.own_view import OwnOverview
from assessments.owners import owner_of
from portal import clock, db, filters
from portal.access import actor
from portal.supplier.own import Own, desk, load, to_notice
from portal.supplier.routes import blueprint


@dataclass(frozen=True, slots=True)
class Onward:
    """The one thing to do next."""

    label: str
    url: str


@blueprint.get("/")
def home() -> str:
    """List what this person was asked to answer."""
    who = actor()
    found = own_view.home(db.session(), email=who.email, supplier_id=who.supplier_id or 0)
    return render_template("supplier/home.html", assessments=found, supplier_name=who.supplier_name)


@blueprint.get("/assessments/<public_id>")
def assessment(public_id: str) -> str | Response:
    """Show the pages of one assessment and how far each is."""
    own = load(public_id)
    if not own.has_seen_notice and own.is_open:
        return to_notice(own)
    overview = own_view.overview(db.session(), own.assessment)
    return render_template(
        "supplier/assessment.html",
        own=overview,
        onward=_onward(overview),
        today=clock.today(str(filters.zone())),
    )


@blueprint.get("/assessments/<public_id>/notice")
def notice(public_id: str) -> str:
    """Show what the buyer promises, before the first answer."""
    own = load(public_id)
    screen, buyer = fairness().first_entry, _buyer()
    return render_template(
        "supplier/notice.html",
        own=own,
        screen=screen,
        intro=filters.text(screen.intro).format_map({"buyer": buyer}),
        points=_points(own),
        may_decline=declining.may_decline(own.assessment),
    )


@blueprint.post("/assessments/<public_id>/notice")
def notice_seen(public_id: str) -> Response:
    """Keep that the promises were read, and go on."""
    own = load(public_id)
    responses.see_notice(db.session(), own.assessment, version=fairness().version, now=clock.now())
    db.session().commit()
    return redirect(url_for("supplier.assessment", public_id=public_id))


def _onward(overview: OwnOverview) -> Onward:
    """Lead to the first question without an answer, else to the check page."""
    public_id = overview.assessment.public_id
    page = next((one for one in overview.sections if one.first_missing), None)
    if page is None:
        return Onward(_("確認して提出する"), url_for("supplier.check", public_id=public_id))
    url = url_for("supplier.section", public_id=public_id, section=page.key)
    if overview.assessment.answered == 0:
        return Onward(_("回答をはじめる"), url)
    return Onward(_("続きから回答する"), f"{url}#{page.first_missing}")


def _points(own: Own) -> tuple[tuple[str, str], ...]:
    buyer, language = g.organisation, filters.language()
    owner = owner_of(db.session(), own.assessment.supplier_id)
    values = {
        "buyer": _buyer(),
        "owner": owner.name if owner else desk(),
        "owner_phone": (owner.phone if owner else "") or desk(),
        "privacy_contact": buyer.privacy_contact,
        "complaint_contact": buyer.complaint_contact,
        "retention_years": str(buyer.retention_years),
    }
    return filled(fairness().first_entry.points, language, values)


def _buyer() -> str:
    return str(g.organisation.name_en if filters.language() == "en" else g.organisation.name)
