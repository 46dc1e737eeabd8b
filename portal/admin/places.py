"""The second row of links on the administrators' pages; an auditor is offered the trail alone."""

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext

from assessments.models import Role
from portal.access import actor
from portal.admin.routes import blueprint
from portal.navigation import Place


@blueprint.context_processor
def _places() -> dict[str, list[Place]]:
    offered = [(_("監査記録"), "admin.trail", "admin.trail")]
    if actor().has_role(Role.ADMIN):
        offered = [
            (_("設定"), "admin.overview", "admin.overview"),
            (_("営業日と営業時間"), "admin.hours", "admin.hours"),
            (pgettext("menu", "利用者"), "admin.user_list", "admin.user"),
            (_("質問票"), "admin.questionnaire_list", "admin.questionnaire"),
            (_("ローカルの郵便受け"), "admin.mailbox", "admin.mail"),
            *offered,
        ]
    return {"places": [_place(*entry) for entry in offered]}


def _place(label: str, endpoint: str, prefix: str) -> Place:
    here = request.endpoint or ""
    return Place(label, url_for(endpoint), here.startswith(prefix))
