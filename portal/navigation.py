"""What the top bar offers to the person signed in; only what is built and allowed stands there."""

from dataclasses import dataclass

from flask import Flask, g, request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext
from flask_login import current_user

from assessments.models import Role, Side
from portal import filters
from portal.access import Actor

READERS = frozenset({Role.RISK, Role.LEGAL, Role.AUDITOR, Role.VIEWER})


@dataclass(frozen=True)
class Place:
    """One entry of the top bar."""

    label: str
    url: str
    current: bool


def init_app(app: Flask) -> None:
    """Give every template the bar, the organisation and the sign of a demo."""

    @app.context_processor
    def _context() -> dict[str, object]:
        organisation = g.get("organisation")
        tongue = filters.language()
        names = (
            {"ja": organisation.name, "en": organisation.name_en} if organisation else {"ja": "", "en": ""}
        )
        return {
            "language": tongue,
            "organisation": organisation,
            "organisation_name": names[tongue],
            "is_demo": bool(organisation and organisation.is_demo),
            "signed_in_as": current_user.is_authenticated and (current_user.name or current_user.email),
            "home_url": url_for("public.home"),
            "nav": _places(),
            "footer_links": [
                Place(_("依頼が本物かを確かめる"), url_for("public.genuine"), False),
                Place(_("個人情報の取り扱い"), url_for("public.privacy"), False),
            ],
        }


def _places() -> list[Place]:
    if not current_user.is_authenticated or current_user.side is not Side.BUYER:
        return []
    who: Actor = current_user
    offered = []
    if who.has_role(Role.PROCUREMENT, Role.RISK, Role.LEGAL, Role.AUDITOR):
        offered += [
            (pgettext("menu", "調査"), "procurement.campaigns", "procurement.campaign"),
            (pgettext("menu", "取引先"), "procurement.suppliers", "procurement.supplier"),
        ]
    if who.has_role(*READERS):
        offered.append((_("リスク"), "risk.dashboard", "risk."))
    if who.has_role(Role.PROCUREMENT, Role.RISK, Role.LEGAL, Role.AUDITOR):
        offered.append((_("ご相談"), "consultations.overview", "consultations."))
    if who.has_role(Role.ADMIN, Role.AUDITOR):
        offered.append((_("管理"), "admin.overview", "admin."))
    here = request.endpoint or ""
    return [Place(label, url_for(endpoint), here.startswith(prefix)) for label, endpoint, prefix in offered]
