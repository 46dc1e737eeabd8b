"""The blueprint of the buyer's risk managers, and who may open it."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import pgettext

from assessments.models import Role, Side
from portal.access import actor, guard

READ = frozenset({Role.RISK, Role.LEGAL, Role.AUDITOR, Role.VIEWER})
WRITE = frozenset({Role.RISK})
# A 役員 sees the whole; what single suppliers answered is read by these alone.
ANSWER_READERS = (Role.RISK, Role.LEGAL, Role.AUDITOR)
OF_THE_MODEL = (
    "constants",
    "constants_change",
    "sensitivity",
    "rescoring",
    "rescoring_run",
    "rescoring_trial",
)
FILTERS = ("campaign", "unit", "industry", "prefecture", "tier", "owner")
PROOF = (
    "risk.evidence",
    "risk.assessment_evidence",
    "risk.note_evidence",
    "risk.judge_evidence",
    "risk.confirmations",
    "risk.new_confirmation",
    "risk.record_confirmation",
    "risk.withdraw_confirmation",
    "risk.proof_sample",
)

blueprint = Blueprint("risk", __name__, url_prefix="/risk")
guard(blueprint, side=Side.BUYER, read=READ, write=WRITE)


@dataclass(frozen=True, slots=True)
class View:
    """One entry of the second row of links."""

    label: str
    url: str
    current: bool


def may_read_answers() -> bool:
    """Tell whether the actor may open what single suppliers answered."""
    return actor().has_role(*ANSWER_READERS)


@blueprint.context_processor
def _views() -> dict[str, list[View]]:
    """Give the views of the section; those of the whole keep what is filtered."""
    kept: dict[str, Any] = {name: request.args[name] for name in (*FILTERS, "axis") if request.args.get(name)}
    of_the_whole = [
        (pgettext("risk menu", "全体像"), ("risk.dashboard", "risk.heatmap")),
        (pgettext("risk menu", "要対応"), ("risk.attention",)),
        (pgettext("risk menu", "優先度"), ("risk.suppliers", "risk.supplier")),
        (pgettext("risk menu", "分野"), ("risk.matrix",)),
        (pgettext("risk menu", "項目ごと"), ("risk.items",)),
        (pgettext("risk menu", "業種・規模"), ("risk.peers",)),
        (pgettext("risk menu", "制度"), ("risk.schemes",)),
        (pgettext("risk menu", "支援"), ("risk.support", "risk.support_start", "risk.support_plan")),
    ]
    found = [
        View(label, url_for(names[0], **kept), request.endpoint in names) for label, names in of_the_whole
    ]
    if may_read_answers():
        names = ("risk.reviews", "risk.review", "risk.decide")
        found.append(View(pgettext("risk menu", "回答"), url_for(names[0]), request.endpoint in names))
        found.append(
            View(pgettext("risk menu", "証跡"), url_for(PROOF[0], **kept), request.endpoint in PROOF)
        )
    about_model = tuple(f"risk.{name}" for name in OF_THE_MODEL)
    found.append(
        View(
            pgettext("risk menu", "決めごと"),
            url_for(about_model[0], **kept),
            request.endpoint in about_model,
        )
    )
    return {"risk_views": found}
