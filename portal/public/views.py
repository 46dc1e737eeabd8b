"""The front page, the choice of language, the signs of life."""

from dataclasses import asdict
from http import HTTPStatus

from flask import Response, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from assessments.models import Role, Side
from portal import db
from portal.access import Actor
from portal.health import Watch
from portal.public.routes import blueprint

LANGUAGES = ("ja", "en")
A_YEAR = 365 * 24 * 3600


@blueprint.get("/livez")
def alive() -> Response:
    """Answer as soon as pages do."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> Response:
    """For monitoring: 200 where the database can be written, mails leave and jobs are taken up, else 503."""
    watch: Watch = current_app.extensions.setdefault("sanpo_watch", Watch())
    found = watch.readiness(db.database())
    lines = [f"{name} {'ok' if is_well else 'not'}\n" for name, is_well in asdict(found).items()]
    status = HTTPStatus.OK if found.is_full else HTTPStatus.SERVICE_UNAVAILABLE
    return Response("".join(lines), status=status, mimetype="text/plain")


@blueprint.get("/")
def home() -> str | BaseResponse:
    """Lead a signed-in person to their first page; tell anybody else what this is."""
    if not current_user.is_authenticated:
        return render_template("public/home.html")
    return redirect(url_for(_first_page(current_user)))


@blueprint.get("/signed-out")
def signed_out() -> str:
    """Tell a supplier how to come back: by the link in the mail."""
    return render_template("public/signed_out.html")


@blueprint.get("/privacy")
def privacy() -> str:
    """Say who reads what for what, how long it is kept and whom to ask."""
    return render_template("public/privacy.html")


@blueprint.post("/language")
def language() -> BaseResponse:
    """Keep the chosen language in this browser and go back to the page it was chosen on."""
    chosen = request.form.get("language", "ja")
    back = redirect(_own_path(request.form.get("next", "/")))
    if chosen in LANGUAGES:
        back.set_cookie("sanpo_language", chosen, max_age=A_YEAR, samesite="Lax", httponly=True)
    return back


def _first_page(who: Actor) -> str:
    if who.side is Side.SUPPLIER:
        return "supplier.home"
    if who.has_role(Role.RISK, Role.VIEWER, Role.LEGAL):
        return "risk.dashboard"
    if who.has_role(Role.PROCUREMENT, Role.AUDITOR):
        return "procurement.campaigns"
    return "admin.overview"


def _own_path(path: str) -> str:
    """Give a path of ours as it is, anything that could lead elsewhere as the front page."""
    is_plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_plain and "\\" not in path and ":" not in path else "/"
