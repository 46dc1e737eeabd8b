"""Who may: the actor of a request, the guard of each blueprint, and the only loaders of objects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Blueprint, Request, abort, flash, g, redirect, request, url_for
from flask import session as form_cookie
from flask_babel import gettext as _
from flask_login import LoginManager, current_user
from sqlalchemy import ColumnElement, Row, bindparam, select, true
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from assessments.models import (
    Assessment,
    BusinessUnit,
    Campaign,
    Confirmation,
    Consultation,
    Contact,
    ContactNote,
    Evidence,
    Invitation,
    Job,
    LocalMail,
    Membership,
    Message,
    Relationship,
    Rescoring,
    Role,
    Side,
    Supplier,
    SupplierImport,
    SupportPlan,
    User,
)
from portal import clock, db, sessions
from portal.db import SAFE_METHODS

# Where the page somebody asked for is kept, in their own browser, until they have signed in.
ASKED_FOR = "asked_for"
FRESH_CODE = timedelta(hours=12)
Found = TypeVar("Found")
# A save is what suppliers wait for all day: what finds their assessment is built once.
_OWN_ASSESSMENT = select(Assessment).where(
    Assessment.public_id == bindparam("public_id"),
    Assessment.supplier_id == bindparam("supplier_id"),
    Assessment.id.in_(
        select(Invitation.assessment_id).where(
            Invitation.email == bindparam("email"), Invitation.revoked_at.is_(None)
        )
    ),
)


@dataclass(frozen=True)
class Actor:
    """The signed-in person of a request: what their session and memberships allow."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    user_id: int
    public_id: str
    name: str
    email: str
    language: str
    side: Side
    grants: frozenset[tuple[Role, int | None]]
    supplier_id: int | None
    supplier_name: str
    session_id: int
    verified_at: datetime

    def get_id(self) -> str:
        """Give the public id, as Flask-Login asks."""
        return self.public_id

    @property
    def roles(self) -> frozenset[Role]:
        """Give the roles held on this side, in whatever unit."""
        return frozenset(role for role, _unit in self.grants)

    @property
    def unit_ids(self) -> frozenset[int] | None:
        """Give the units that this request may see, None for all: those of the roles that open its page."""
        opening = g.get("opening_roles", self.roles)
        units = {unit for role, unit in self.grants if role in opening}
        return None if None in units else frozenset(unit for unit in units if unit is not None)

    def has_role(self, *roles: Role) -> bool:
        """Tell whether the person holds one of these roles on this side."""
        return bool(self.roles.intersection(roles))

    def has_fresh_code(self, now: datetime) -> bool:
        """Tell whether the last code or sign-in is young enough for a binding act."""
        return now - self.verified_at <= FRESH_CODE


class Stranger:
    """Who is not signed in: of no side, with no role, so that the page of a refusal can still be drawn."""

    is_authenticated = False
    is_active = False
    is_anonymous = True
    side = None

    def get_id(self) -> None:
        """Have no id."""

    def has_role(self, *_roles: Role) -> bool:
        """Hold no role."""
        return False


def init_login(login: LoginManager) -> None:
    """Load the actor from the server-side session on each request."""
    login.anonymous_user = Stranger
    login.request_loader(_load_actor)


def actor() -> Actor:
    """Give the actor of this request; the blueprint's guard has seen to it that there is one."""
    found: Actor = current_user._get_current_object()
    return found


def require(*roles: Role) -> None:
    """Refuse with 403 who holds none of these roles, and let the others see the units of these roles only."""
    if not actor().has_role(*roles):
        abort(403)
    g.opening_roles = frozenset(roles)


def guard(blueprint: Blueprint, *, side: Side, read: frozenset[Role], write: frozenset[Role]) -> None:
    """Let in only this side: `read` roles on GET, `write` roles otherwise; the other side gets 404."""

    @blueprint.before_request
    def _guard() -> BaseResponse | None:
        if not current_user.is_authenticated:
            return _ask_to_sign_in(side)
        if actor().side is not side:
            abort(404)
        require(*(read if request.method in SAFE_METHODS else write))
        return None


def guard_open(blueprint: Blueprint) -> None:
    """Say that a blueprint is open to everyone; its views reveal nothing of anybody."""

    @blueprint.before_request
    def _guard() -> None:
        return None


def load_supplier(session: Session, public_id: str) -> Supplier:
    """Give a supplier in the buyer's actor's units; 404 otherwise."""
    return _one(session, Supplier, Supplier.public_id == public_id, supplier_scope())


def load_contact(session: Session, of: Supplier, public_id: str) -> Contact:
    """Give a contact of a supplier already loaded; 404 otherwise."""
    return _one(session, Contact, Contact.public_id == public_id, Contact.supplier_id == of.id)


def load_contact_note(session: Session, of: Supplier, public_id: str) -> ContactNote:
    """Give a note about a supplier already loaded to a buyer's actor; 404 otherwise."""
    mine = ContactNote.supplier_id == of.id
    return _one(session, ContactNote, ContactNote.public_id == public_id, mine, _buyer_only())


def load_relationship(session: Session, of: Supplier, public_id: str) -> Relationship:
    """Give what one of the actor's units has with a supplier already loaded; 404 otherwise."""
    mine = actor().unit_ids
    in_view = true() if mine is None else Relationship.business_unit_id.in_(mine)
    own = Relationship.supplier_id == of.id
    return _one(session, Relationship, Relationship.public_id == public_id, own, in_view, _buyer_only())


def load_campaign(session: Session, public_id: str) -> Campaign:
    """Give a campaign of the buyer's actor's own making, or with a supplier in its units; 404 otherwise."""
    return _one(session, Campaign, Campaign.public_id == public_id, campaign_scope())


def load_import(session: Session, public_id: str) -> SupplierImport:
    """Give an upload to a buyer's actor, to one of some units only their own; 404 otherwise."""
    return _one(session, SupplierImport, SupplierImport.public_id == public_id, import_scope())


def import_scope() -> ColumnElement[bool]:
    """Give the condition on SupplierImport that holds for what the buyer's actor may see."""
    who = actor()
    return _buyer_only() if who.unit_ids is None else SupplierImport.uploaded_by_id == who.user_id


def load_job(session: Session, public_id: str) -> Job:
    """Give a long job to a buyer's actor, to one of some units only their own; 404 otherwise."""
    return _one(session, Job, Job.public_id == public_id, job_scope())


def job_scope() -> ColumnElement[bool]:
    """Give the condition on Job that holds for what the buyer's actor may see."""
    who = actor()
    return _buyer_only() if who.unit_ids is None else Job.requested_by_id == who.user_id


def load_rescoring(session: Session, public_id: str) -> Rescoring:
    """Give a run of scoring anew to a buyer's actor; 404 otherwise."""
    return _one(session, Rescoring, Rescoring.public_id == public_id, _buyer_only())


def load_support_plan(session: Session, public_id: str) -> SupportPlan:
    """Give a support plan to a buyer's actor, to one of some units only their own; 404 otherwise."""
    return _one(session, SupportPlan, SupportPlan.public_id == public_id, support_plan_scope())


def support_plan_scope() -> ColumnElement[bool]:
    """Give the condition on SupportPlan that holds for what the buyer's actor may see."""
    who = actor()
    return _buyer_only() if who.unit_ids is None else SupportPlan.requested_by_id == who.user_id


def load_consultation(session: Session, public_id: str) -> Consultation:
    """Give a consultation of a supplier in scope, or of the supplier's own; 404 otherwise."""
    mine = Consultation.supplier_id.in_(select(Supplier.id).where(supplier_scope()))
    return _one(session, Consultation, Consultation.public_id == public_id, mine)


def load_user(session: Session, public_id: str) -> User:
    """Give a user of the buyer's side to a buyer's actor; 404 otherwise."""
    theirs = select(Membership.user_id).where(Membership.supplier_id.is_(None))
    return _one(session, User, User.public_id == public_id, User.id.in_(theirs), _buyer_only())


def load_membership(session: Session, of: User, public_id: str) -> Membership:
    """Give a buyer's role of a user already loaded; 404 otherwise."""
    mine = (Membership.user_id == of.id) & Membership.supplier_id.is_(None)
    return _one(session, Membership, Membership.public_id == public_id, mine, _buyer_only())


def load_unit(session: Session, public_id: str) -> BusinessUnit:
    """Give a business unit to a buyer's actor; 404 otherwise."""
    return _one(session, BusinessUnit, BusinessUnit.public_id == public_id, _buyer_only())


def load_mail(session: Session, public_id: str) -> LocalMail:
    """Give a mail of the local mailbox to a buyer's actor; 404 otherwise."""
    return _one(session, LocalMail, LocalMail.public_id == public_id, _buyer_only())


def load_message(session: Session, public_id: str) -> Message:
    """Give a mail of the outbox: to an actor of some units only those to their suppliers; 404 otherwise."""
    own = Supplier.id == Invitation.supplier_id
    theirs = select(Invitation.id).join(Supplier, own).where(supplier_scope())
    mine = true() if actor().unit_ids is None else Message.invitation_id.in_(theirs)
    return _one(session, Message, Message.public_id == public_id, mine, _buyer_only())


def load_assessment(session: Session, public_id: str) -> Assessment:
    """Give an assessment: to a buyer's actor within its units, to a supplier's by its own invitation."""
    who = actor()
    if who.side is Side.BUYER:
        mine = Assessment.supplier_id.in_(select(Supplier.id).where(supplier_scope()))
        return _one(session, Assessment, Assessment.public_id == public_id, mine)
    asked = {"public_id": public_id, "supplier_id": who.supplier_id, "email": who.email}
    return session.scalar(_OWN_ASSESSMENT, asked) or abort(404)


def load_evidence(session: Session, of: Assessment, public_id: str) -> Evidence:
    """Give a reference behind an assessment already loaded; 404 otherwise."""
    mine = (Evidence.assessment_id == of.id) & (Evidence.supplier_id == of.supplier_id)
    return _one(session, Evidence, Evidence.public_id == public_id, mine)


def load_confirmation(session: Session, of: Supplier, public_id: str) -> Confirmation:
    """Give a confirmation of a supplier already loaded to a buyer's actor; 404 otherwise."""
    mine = Confirmation.supplier_id == of.id
    return _one(session, Confirmation, Confirmation.public_id == public_id, mine, _buyer_only())


def supplier_scope() -> ColumnElement[bool]:
    """Give the condition on Supplier that holds for what the actor may see at all."""
    who = actor()
    if who.side is Side.SUPPLIER:
        return Supplier.id == who.supplier_id
    if who.unit_ids is None:
        return true()
    return Supplier.id.in_(
        select(Relationship.supplier_id).where(Relationship.business_unit_id.in_(who.unit_ids))
    )


def campaign_scope() -> ColumnElement[bool]:
    """Give the condition on Campaign that holds for what the buyer's actor may see at all."""
    who = actor()
    if who.side is not Side.BUYER:
        abort(404)
    if who.unit_ids is None:
        return true()
    mine = Assessment.supplier_id.in_(select(Supplier.id).where(supplier_scope()))
    asks_mine = Campaign.id.in_(select(Assessment.campaign_id).where(mine))
    return asks_mine | (Campaign.created_by_id == who.user_id)


def _buyer_only() -> ColumnElement[bool]:
    if actor().side is not Side.BUYER:
        abort(404)
    return true()


def _one(session: Session, model: type[Found], *conditions: ColumnElement[bool]) -> Found:
    found = session.scalar(select(model).where(*conditions))
    if found is None:
        abort(404)
    return found


def _ask_to_sign_in(side: Side) -> BaseResponse:
    if request.method == "GET" and side is Side.BUYER and "text/html" in request.headers.get("Accept", ""):
        form_cookie[ASKED_FOR] = request.full_path.rstrip("?")
    if request.method not in SAFE_METHODS:
        flash(
            _("サインインの時間が切れました。もう一度サインインしてから、送りなおしてください。"), "warning"
        )
    endpoint = "auth.sign_in" if side is Side.BUYER else "public.signed_out"
    return redirect(url_for(endpoint))


def _load_actor(_request: Request) -> Actor | None:
    secret = sessions.secret_of_request()
    if secret is None:
        return None
    moment = clock.now()
    found = sessions.find(db.session(), secret, now=moment)
    if not found:
        return None
    if moment - found[0].last_seen_at > sessions.SEEN_EVERY:
        _note_seen(found[0].id, moment)
    return _actor_of(found)


def _note_seen(session_id: int, moment: datetime) -> None:
    if request.method not in SAFE_METHODS:
        sessions.touch(db.session(), session_id, now=moment)
        return
    with db.database().writer.begin() as session:
        sessions.touch(session, session_id, now=moment)


def _actor_of(found: Sequence[Row[Any]]) -> Actor:
    who = found[0]
    return Actor(
        user_id=who.user_id,
        public_id=who.public_id,
        name=who.name,
        email=who.email,
        language=who.language,
        side=who.side,
        grants=frozenset((row.role, row.business_unit_id) for row in found if row.role is not None),
        supplier_id=who.supplier_id,
        supplier_name=who.supplier_name,
        session_id=who.id,
        verified_at=who.verified_at,
    )
