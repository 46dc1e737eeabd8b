"""Users of the buyer's side: who they are, what they may do."""

from typing import TypeVar

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from assessments import users
from assessments.models import BusinessUnit, Membership, Role, User
from portal import clock, db, errors, sessions, tasks
from portal.access import actor, load_membership, load_unit, load_user, require
from portal.admin.forms import ROLE_NAMES, RoleForm, UserForm, choices
from portal.admin.routes import blueprint

REFUSED = 422
LINK_SENT = _l("パスワードを設定するためのメールを送ります（3日間有効）。")
OneForm = TypeVar("OneForm", bound=UserForm | RoleForm)
errors.say(users.LastAdmin, _l("最後の管理者は外せません。先に、ほかの方を管理者にしてください。"))
errors.say(users.NotForOneself, _l("ご自身の利用は止められません。ほかの管理者に依頼してください。"))


@blueprint.get("/users")
def user_list() -> str:
    """List the buyer's users with their roles."""
    require(Role.ADMIN)
    found = db.session().scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.supplier_id.is_(None))
        .options(selectinload(User.memberships).selectinload(Membership.business_unit))
        .order_by(User.name, User.id)
        .distinct()
    )
    return render_template("admin/users.html", users=list(found), role_names=ROLE_NAMES)


@blueprint.get("/users/new")
def user_new() -> str:
    """Show the form for a new user."""
    require(Role.ADMIN)
    return render_template("admin/user_new.html", form=_with_units(UserForm()))


@blueprint.post("/users/new")
def user_add() -> Response | tuple[str, int]:
    """Add a user and send the link to set a password."""
    require(Role.ADMIN)
    form = _with_units(UserForm())
    if not form.validate_on_submit():
        return render_template("admin/user_new.html", form=form), REFUSED
    now, by = clock.now(), actor().public_id
    user = users.add(
        db.session(),
        form.email.data or "",
        Role(form.role.data),
        name=form.name.data or "",
        phone=form.phone.data or "",
        unit_id=_unit_id(form.unit.data),
        now=now,
        by=by,
        by_id=actor().user_id,
    )
    mail = users.welcome(db.session(), user, now=now, by=by)
    return _done(user, LINK_SENT if mail else _("すでに登録されている方です。役割を追加しました。"))


@blueprint.get("/users/<public_id>")
def user(public_id: str) -> str:
    """Show one user: roles, and what can be done."""
    require(Role.ADMIN)
    found = load_user(db.session(), public_id)
    return render_template(
        "admin/user.html", user=found, form=_with_units(RoleForm()), role_names=ROLE_NAMES, me=actor()
    )


@blueprint.post("/users/<public_id>/roles")
def user_grant(public_id: str) -> Response | tuple[str, int]:
    """Give one more role; takes effect on the user's next request."""
    require(Role.ADMIN)
    found, form = load_user(db.session(), public_id), _with_units(RoleForm())
    if not form.validate_on_submit():
        return render_template(
            "admin/user.html", user=found, form=form, role_names=ROLE_NAMES, me=actor()
        ), REFUSED
    users.grant(
        db.session(),
        found,
        Role(form.role.data),
        unit_id=_unit_id(form.unit.data),
        now=clock.now(),
        by=actor().public_id,
        by_id=actor().user_id,
    )
    return _done(found, _("役割を追加しました。"))


@blueprint.post("/users/<public_id>/roles/<membership_id>/revoke")
def user_revoke(public_id: str, membership_id: str) -> Response:
    """Take a role away; the user's open sessions end."""
    require(Role.ADMIN)
    found = load_user(db.session(), public_id)
    membership = load_membership(db.session(), found, membership_id)
    users.revoke(db.session(), found, membership, now=clock.now(), by=actor().public_id)
    if found.id != actor().user_id:
        sessions.end_all_of(db.session(), found.id, now=clock.now())
    return _done(found, _("役割を外しました。"))


@blueprint.post("/users/<public_id>/<any(suspend, resume, link):act>")
def user_act(public_id: str, act: str) -> Response:
    """Shut a user out, let them in again, or send a new link to set a password."""
    require(Role.ADMIN)
    found, now, by = load_user(db.session(), public_id), clock.now(), actor().public_id
    if act == "suspend":
        users.suspend(db.session(), found, now=now, by=by)
        sessions.end_all_of(db.session(), found.id, now=now)
        return _done(found, _("利用を止めました。サインイン中の画面も使えなくなります。"))
    if act == "resume":
        users.resume(db.session(), found, now=now, by=by)
        return _done(found, _("利用を再開しました。"))
    users.invite_to_enrol(db.session(), found, now=now, by=by)
    return _done(found, LINK_SENT)


def _done(found: User, words: object) -> Response:
    db.session().commit()
    tasks.wake_dispatcher()
    flash(str(words), "success")
    return redirect(_next_page(found))


def _next_page(changed: User) -> str:
    """The user's own page, while there is one and the administrator may still open it."""
    roles = {row.role for row in changed.memberships if row.supplier_id is None}
    if changed.id == actor().user_id and Role.ADMIN not in roles:
        return url_for("public.home")
    return url_for("admin.user", public_id=changed.public_id) if roles else url_for("admin.user_list")


def _with_units(form: OneForm) -> OneForm:
    query = select(BusinessUnit).where(~BusinessUnit.is_whole_company).order_by(BusinessUnit.name)
    units = [(one.public_id, one.name) for one in db.session().scalars(query)]
    form.unit.choices = choices([("", _("すべての事業部")), *units])
    return form


def _unit_id(public_id: str | None) -> int | None:
    return load_unit(db.session(), public_id).id if public_id else None
