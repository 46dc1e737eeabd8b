"""Signing in and out of the buyer's side, and setting a password by a one-time link."""

import segno
from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask import session as form_cookie
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from assessments import passwords, users
from assessments.models import Side, User
from assessments.sign_in import TooManyTries
from assessments.sign_in import sign_in as check
from portal import clock, db, sessions
from portal.access import ASKED_FOR
from portal.auth.forms import EnrolmentForm, SignInForm
from portal.auth.routes import blueprint
from portal.settings import Settings

REFUSED = 422


@blueprint.get("/")
def sign_in() -> str:
    """Show the sign-in form."""
    return render_template("auth/sign_in.html", form=SignInForm(), needs_totp=_needs_totp())


@blueprint.post("/")
def sign_in_now() -> Response | tuple[str, int]:
    """Check address, password and code; open a session."""
    form = SignInForm()
    user = _checked(form) if form.validate_on_submit() else None
    if user is None:
        db.session().commit()
        return render_template("auth/sign_in.html", form=form, needs_totp=_needs_totp()), REFUSED
    if current_user.is_authenticated:
        sessions.end(db.session(), current_user.session_id, now=clock.now())
    secret = sessions.open_(db.session(), user, side=Side.BUYER, supplier_id=None, now=clock.now())
    db.session().commit()
    goes_to = form_cookie.get(ASKED_FOR) or url_for("public.home")
    form_cookie.clear()
    response = redirect(goes_to)
    sessions.set_cookie(response, secret)
    return response


@blueprint.post("/out")
def sign_out() -> Response:
    """End the session on the server and take the cookie back."""
    leaves_for = "public.home"
    if current_user.is_authenticated:
        if current_user.side is Side.SUPPLIER:
            leaves_for = "public.signed_out"
        sessions.end(db.session(), current_user.session_id, now=clock.now())
        db.session().commit()
    form_cookie.clear()
    response = redirect(url_for(leaves_for))
    sessions.drop_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.get("/enrol/<user_id>/<token>")
def enrol(user_id: str, token: str) -> str | tuple[str, int]:
    """Show the form to set a password; using nothing up."""
    try:
        user = _by_link(user_id, token)
    except users.LinkIsDead:
        return render_template("auth/link_is_dead.html"), 404
    return _enrolment_page(user, EnrolmentForm(known=_known(user)))


@blueprint.post("/enrol/<user_id>/<token>")
def enrol_now(user_id: str, token: str) -> Response | tuple[str, int]:
    """Set the password, end all sessions of the user, and lead to the sign-in."""
    try:
        user = _by_link(user_id, token)
    except users.LinkIsDead:
        return render_template("auth/link_is_dead.html"), 404
    form, now = EnrolmentForm(known=_known(user)), clock.now()
    is_valid = form.validate_on_submit()
    step = _confirmed_step(user, form)
    if not is_valid or (_needs_totp() and step is None):
        return _enrolment_page(user, form), REFUSED
    if _needs_totp():
        user.totp_secret = _offered_secret(user)
    users.set_password(
        db.session(), user, form.password.data or "", totp_step=step, now=now, by=user.public_id
    )
    sessions.end_all_of(db.session(), user.id, now=now)
    db.session().commit()
    flash(_("パスワードを設定しました。サインインしてください。"), "success")
    return redirect(url_for("auth.sign_in"))


def _checked(form: SignInForm) -> User | None:
    try:
        user = check(
            db.session(),
            form.email.data or "",
            form.password.data or "",
            (form.digits.data or "").strip().replace(" ", ""),
            keys=_settings().keys,
            place=request.remote_addr or "",
            needs_totp=_needs_totp(),
            now=clock.now(),
        )
    except TooManyTries:
        form.form_errors.append(_("試した回数が多いため、5分ほど待ってからもう一度お試しください。"))
        return None
    if user is None:
        words = _("メールアドレス、パスワード、6桁の数字のどれかが違います。")
        form.form_errors.append(words if _needs_totp() else _("メールアドレスかパスワードが違います。"))
    return user


def _by_link(user_id: str, token: str) -> User:
    return users.find_by_link(db.session(), _settings().keys, user_id, token, now=clock.now())


def _offered_secret(user: User) -> str:
    """The authenticator secret of this link: the same at each look, another with each new link."""
    return passwords.totp_secret_of(_settings().keys, user.public_id, user.enrolment)


def _confirmed_step(user: User, form: EnrolmentForm) -> int | None:
    if not _needs_totp():
        return None
    digits = (form.digits.data or "").strip().replace(" ", "")
    step = passwords.totp_step(_offered_secret(user), digits, now=clock.now(), last_step=None)
    if step is None:
        words = _("認証アプリの数字が合いません。表示されている最新の6桁を入力してください。")
        form.digits.errors = [*form.digits.errors, words]
    return step


def _enrolment_page(user: User, form: EnrolmentForm) -> str:
    secret = _offered_secret(user) if _needs_totp() else ""
    address = passwords.totp_address(secret, email=user.email, issuer="Sanpo") if secret else ""
    picture = segno.make(address).svg_data_uri(scale=4, light="#fff") if address else ""
    return render_template("auth/enrol.html", form=form, user=user, secret=_by_fours(secret), picture=picture)


def _by_fours(letters: str) -> str:
    """Letters in groups that a person can type off."""
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _known(user: User) -> list[str]:
    organisation = g.organisation
    return [user.email, user.name, *((organisation.name, organisation.name_en) if organisation else ())]


def _needs_totp() -> bool:
    return not (g.organisation and g.organisation.is_demo)


def _settings() -> Settings:
    found: Settings = current_app.extensions["sanpo_settings"]
    return found
