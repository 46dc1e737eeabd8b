"""Signing in and out of the buyer's side."""

from flask import redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import clock, db, sessions
from portal.auth.routes import blueprint


@blueprint.get("/")
def sign_in() -> str:
    """Show the sign-in form."""
    return render_template("auth/sign_in.html")


@blueprint.post("/out")
def sign_out() -> Response:
    """End the session on the server and take the cookie back."""
    if current_user.is_authenticated:
        sessions.end(db.session(), current_user.session_id, now=clock.now())
        db.session().commit()
    response = redirect(url_for("public.home"))
    sessions.drop_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
