"""A plan as its page shows it, on either side: the form, the plan, what incidents cost, and their words."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from assessments import incidents, own_plan, planning
from assessments.incidents import IncidentCosts, IncidentFigure, StoryGroup
from assessments.own_plan import OwnPlan, OwnStep, OwnWay
from assessments.planning import Basis
from assessments.text import Text
from portal import filters
from portal.plan_form import BUDGET, PlanForm, plan_form

ANY_INCIDENT = "any"


@dataclass(frozen=True)
class PlanPage:
    """What a plan's page is drawn from; `plan` is None where the form was refused."""

    form: PlanForm
    plan: OwnPlan | None
    costs: IncidentCosts
    stories: StoryGroup
    asked: Mapping[str, str]

    def asking(self, **changes: str) -> dict[str, str]:
        """Give what the address asks with some of it changed; "" leaves a part out."""
        return {name: value for name, value in (dict(self.asked) | changes).items() if value}

    @property
    def as_far_as_possible(self) -> dict[str, str]:
        """What asks for the most that is possible without money, within the same bounds."""
        return self.asking(goal=BUDGET, budget="0", axis="", level="")

    @property
    def is_bounded(self) -> bool:
        """Whether a time or the choice of services narrows the plan."""
        return bool(self.asked.get("within") or self.asked.get("without_services"))


def plan_page(found: Basis, typed: Mapping[str, str]) -> PlanPage:
    """Read the address, and give the plan it asks for; the usual one where it asks nothing."""
    form = plan_form(found, typed, planning.usual_wish(found))
    planned = planning.plan(found, form.wish()) if form.validate() else None
    return PlanPage(
        form=form,
        plan=own_plan.shown(planned) if planned else None,
        costs=incidents.costs_for(found.firm.industry, found.firm.size),
        stories=incidents.stories_for(found.firm.industry),
        asked={name: value for name, value in typed.items() if name in form},
    )


def goal(plan: OwnPlan) -> str:
    """Say what the plan is for."""
    if plan.budget_yen == 0:
        return str(_("費用をかけずに、できるだけ進める計画"))
    if plan.level is None:
        return str(_("1年目%(yen)sまでで、できるだけ進める計画", yen=filters.yen(plan.budget_yen)))
    names = _("、").join(filters.text(title) for title in plan.sets)
    return str(_("「%(names)s」をレベル%(level)sにする、いちばん安い計画", names=names, level=plan.level))


def conditions(page: PlanPage) -> str:
    """Say within which bounds the plan was made."""
    within: dict[str, str] = {
        "": _("いつでも"),
        "month": _("最初の1か月のうちに始められる対策だけ"),
        "year": _("最初の1年のうちに始められる対策だけ"),
    }
    said = [within[page.form.within.data]]
    if page.form.without_services.data:
        said.append(_("月々のサービスを使わない"))
    return str(_("時期：%(bounds)s", bounds=_("、").join(said)))


def way(one: OwnWay, place: int) -> str:
    """Name a way beside the others, by its place among them."""
    if one.ready is not None:
        name = filters.text(one.ready)
        return str(_("出来合いの組み合わせ「%(name)s」", name=name))
    return str(_("月々のサービスを使わない計画")) if place else str(_("この計画"))


def step(one: OwnStep) -> str:
    """Say where a set stands and is expected to stand."""
    if one.after == one.before:
        return str(_("レベル%(level)sのまま", level=one.before))
    return str(_("レベル%(before)s → %(after)s（見込み）", before=one.before, after=one.after))


def short_step(one: OwnStep) -> str:
    """Say the same where there is little room."""
    return f"{one.before} → {one.after}" if one.after != one.before else f"{one.before}"


def days(value: float) -> str:
    """Say an effort in person-days."""
    return str(_("%(days)s人日", days=f"{round(value, 1):g}"))


def lead(value: int) -> str:
    """Say how many days it takes to begin."""
    if not value:
        return str(_("すぐ"))
    return str(ngettext("%(num)d日ほど", "%(num)d日ほど", value))


def incident(one: IncidentFigure, labels: Mapping[str, Text]) -> str:
    """Name a figure: of which incident it is, unless it is of any, and what it counts."""
    name = filters.text(one.name)
    return name if one.incident == ANY_INCIDENT else f"{filters.text(labels[one.incident])}{_('・')}{name}"


def figure(one: IncidentFigure) -> str:
    """Say a figure with its unit, as a range where it is one; — where only its words say something."""
    if one.low is None and one.high is None:
        return filters.NOTHING
    low, high = (None if end is None else _amount(one.unit, end) for end in (one.low, one.high))
    if high is None:
        return str(_("%(low)s以上", low=low))
    if low is None:
        return str(_("%(high)sまで", high=high))
    return low if low == high else str(_("%(low)s〜%(high)s", low=low, high=high))


def _amount(unit: str, value: float) -> str:
    if unit == "yen":
        return filters.large_yen(int(value))
    if unit == "yen_month":
        return str(_("月%(yen)s", yen=filters.large_yen(int(value))))
    if unit == "percent":
        return f"{value:g}%"
    return str(_("%(days)s日", days=f"{value:g}"))
