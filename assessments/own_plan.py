"""A plan as both sides read it, in allow-listed records: what to do, what it costs, what it reaches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby

from assessments import packages, services
from assessments.measures import catalogue_words
from assessments.plan_facts import CLOSED, Option, PublicMoney
from assessments.planning import Planned, ReadySet
from assessments.questionnaire_content import Content, QuestionContent
from assessments.services import OwnService
from assessments.text import Text
from scoring.maturity import SetScore
from scoring.plan_results import Choice, Plan, Shortfall
from scoring.plan_terms import Budget, Reach
from scoring.plans import SUBSCRIPTION
from scoring.remediation import is_raised
from scoring.scale import AnswerCode


@dataclass(frozen=True, slots=True)
class OwnInstead:
    """Something with the same effect; its first year's yen, None where that is not known for this firm."""

    name: Text
    first_year_yen: int | None


@dataclass(frozen=True, slots=True)
class OwnMoney:
    """A subsidy, tax relief or loan; `reason` says why it is not deducted, None where it is."""

    name: Text
    kind: str
    summary: Text
    rate: Fraction | None
    cap_yen: int
    conditions: tuple[Text, ...]
    is_closed: bool
    reason: Text | None
    closed_words: Text
    address: str
    as_of: date
    wants_check: bool


@dataclass(frozen=True, slots=True)
class OwnChoice:
    """A measure of a plan: its first year and later years in yen without tax, and what it does.

    By itself it brings the questions of `implements` to implemented and those of `begins` to partial.
    `service` and `services` say of the five elements what OwnMeasure's do.
    """

    name: Text
    summary: Text
    kind: str
    is_free: bool
    is_service: bool
    gross_yen: int
    money: OwnMoney | None
    money_yen: int
    net_yen: int
    later_yearly_yen: int
    later_money_yen: int
    effort_days: float
    lead_days: int
    implements: tuple[QuestionContent, ...]
    begins: tuple[QuestionContent, ...]
    instead: tuple[OwnInstead, ...]
    service: OwnService | None
    services: tuple[OwnService, ...]
    may_pay: tuple[OwnMoney, ...]
    source: Text
    address: str
    as_of: date
    wants_check: bool


@dataclass(frozen=True, slots=True)
class OwnStep:
    """A set before and after: level and points out of full points; the level is None where it has none."""

    title: Text
    is_axis: bool
    before: int | None
    after: int | None
    points_before: int
    points_after: int
    full_points: int


@dataclass(frozen=True, slots=True)
class OwnShortfall:
    """Why a set cannot come so far: questions no measure closes, and points of 100 still missing."""

    title: Text
    essential: tuple[QuestionContent, ...]
    points_missing: float


@dataclass(frozen=True, slots=True)
class OwnWay:
    """One way beside the others: its cost, its work, and how the axes would stand.

    `ready` is None for a plan that was reckoned, else the ready set's words. `reaches` is False where the
    goal cannot be reached so.
    """

    ready: Text | None
    fits: Text | None
    is_fitting: bool
    reaches: bool
    count: int
    net_yen: int
    money_yen: int
    later_yearly_yen: int
    effort_days: float
    lead_days: int
    steps: tuple[OwnStep, ...]


@dataclass(frozen=True, slots=True)
class OwnPlanned:
    """One plan in full: its choices, free ones first, and what stays open."""

    is_reached: bool
    choices: tuple[OwnChoice, ...]
    gross_yen: int
    money_yen: int
    net_yen: int
    later_yearly_yen: int
    effort_days: float
    lead_days: int
    gain: int
    steps: tuple[OwnStep, ...]
    still_open: tuple[QuestionContent, ...]
    shortfalls: tuple[OwnShortfall, ...]


@dataclass(frozen=True, slots=True)
class OwnPlan:
    """Everything a plan's page tells. `sets` are the titles of what is to rise, none with a budget."""

    on: date
    employees: int | None
    sets: tuple[Text, ...]
    level: int | None
    budget_yen: int | None
    best: OwnPlanned
    without_services: OwnPlanned | None
    ways: tuple[OwnWay, ...]
    money: tuple[OwnMoney, ...]
    left_out: tuple[tuple[Text, tuple[Text, ...]], ...]


def shown(planned: Planned) -> OwnPlan:
    """Give the plans of one supplier as its page tells them."""
    goal = planned.wish.goal
    best, other = planned.plans.best, planned.plans.without_subscription
    facts = planned.basis.facts
    return OwnPlan(
        on=facts.on,
        employees=facts.firm.employees,
        sets=tuple(_title(planned.basis.content, name) for name in goal.sets)
        if isinstance(goal, Reach)
        else (),
        level=goal.level if isinstance(goal, Reach) else None,
        budget_yen=goal.yen if isinstance(goal, Budget) else None,
        best=_planned(planned, best),
        without_services=_planned(planned, other) if other else None,
        ways=(
            *(_reckoned(planned, one) for one in (best, other) if one),
            *(_ready(planned, one) for one in planned.ready),
        ),
        money=tuple(_money(one) for one in (*facts.money, *facts.not_counted)),
        left_out=_left_out(facts.left_out),
    )


def _planned(planned: Planned, one: Plan) -> OwnPlanned:
    scored = planned.basis.content.scored
    choices = [_choice(planned, choice) for choice in one.choices]
    return OwnPlanned(
        is_reached=one.is_reached,
        choices=tuple(sorted(choices, key=lambda choice: (not choice.is_free, -len(choice.implements)))),
        gross_yen=one.gross_yen,
        money_yen=one.subsidy_yen,
        net_yen=one.net_yen,
        later_yearly_yen=one.later_yearly_yen,
        effort_days=one.effort_days,
        lead_days=one.lead_days,
        gain=one.gain,
        steps=_steps(planned.basis.content, one.before, one.after),
        still_open=tuple(scored[gap.question] for gap in one.still_open),
        shortfalls=tuple(_shortfall(planned.basis.content, missing) for missing in one.shortfalls),
    )


def _choice(planned: Planned, choice: Choice) -> OwnChoice:
    facts = planned.basis.facts
    entry = facts.options[choice.measure].measure
    return OwnChoice(
        name=entry.name,
        summary=entry.summary,
        kind=entry.kind,
        is_free=entry.is_free,
        is_service=entry.kind == SUBSCRIPTION,
        gross_yen=choice.gross_yen,
        money=None if choice.subsidy is None else _money(facts.money[choice.subsidy]),
        money_yen=choice.subsidy_yen,
        net_yen=choice.net_yen,
        later_yearly_yen=choice.later_yearly_yen,
        later_money_yen=choice.later_subsidy_yen,
        effort_days=choice.effort_days,
        lead_days=choice.lead_days,
        implements=_raised(planned, choice.measure, AnswerCode.IMPLEMENTED),
        begins=_raised(planned, choice.measure, AnswerCode.PARTIAL),
        instead=_instead(planned, choice.measure),
        service=services.service(entry),
        services=services.alternatives(entry),
        may_pay=tuple(_money(one) for one in facts.not_counted if entry.key in one.subsidy.measures),
        source=entry.source.name,
        address=entry.source.address,
        as_of=entry.as_of,
        wants_check=entry.check,
    )


def _raised(planned: Planned, place: int, to: AnswerCode) -> tuple[QuestionContent, ...]:
    """The questions that a measure raises to this answer, whether or not they were gaps."""
    basis = planned.basis
    return tuple(
        basis.content.scored[question]
        for question, code in basis.facts.measures[place].lifts
        if code == to and is_raised(basis.answers[question], code)
    )


def _instead(planned: Planned, place: int) -> tuple[OwnInstead, ...]:
    """What does the same: priced where this firm can take it, else by name as the catalogue has it."""
    facts = planned.basis.facts
    priced = [
        OwnInstead(facts.options[other].measure.name, facts.measures[other].first_year_yen)
        for other in facts.equivalents(place)
    ]
    named = {one.name for one in priced}
    others = [words for words in facts.options[place].measure.equivalents if words not in named]
    return (*priced, *(OwnInstead(words, None) for words in others))


def _money(one: PublicMoney) -> OwnMoney:
    subsidy = one.subsidy
    return OwnMoney(
        name=subsidy.name,
        kind=subsidy.kind,
        summary=subsidy.summary,
        rate=one.rate,
        cap_yen=subsidy.cap_yen,
        conditions=subsidy.conditions,
        is_closed=one.reason == CLOSED,
        reason=catalogue_words().reasons[one.reason] if one.reason else None,
        closed_words=subsidy.closed_note,
        address=subsidy.source.address,
        as_of=subsidy.as_of,
        wants_check=subsidy.check,
    )


def _reckoned(planned: Planned, one: Plan) -> OwnWay:
    return OwnWay(
        ready=None,
        fits=None,
        is_fitting=False,
        reaches=one.is_reached,
        count=len(one.choices),
        net_yen=one.net_yen,
        money_yen=one.subsidy_yen,
        later_yearly_yen=one.later_yearly_yen,
        effort_days=one.effort_days,
        lead_days=one.lead_days,
        steps=_steps(planned.basis.content, one.before, one.after, axes_only=True),
    )


def _ready(planned: Planned, one: ReadySet) -> OwnWay:
    priced = one.priced
    return OwnWay(
        ready=priced.package.name,
        fits=priced.package.fits,
        is_fitting=one.is_fitting,
        reaches=True,
        count=len(priced.chosen),
        net_yen=priced.first_year_yen,
        money_yen=0,
        later_yearly_yen=priced.later_yearly_yen,
        effort_days=priced.effort_days,
        lead_days=priced.lead_days,
        steps=_steps(planned.basis.content, planned.plans.best.before, one.after, axes_only=True),
    )


def _steps(
    content: Content,
    before: Mapping[str, SetScore],
    after: Mapping[str, SetScore],
    *,
    axes_only: bool = False,
) -> tuple[OwnStep, ...]:
    found = []
    for axis in content.axes:
        # A domain that is all of its axis stands for it.
        domains = axis.domains if len(axis.domains) > 1 and not axes_only else ()
        for name in (axis.key, *domains):
            if before[name].level is not None:
                found.append(
                    OwnStep(
                        title=_title(content, name),
                        is_axis=name == axis.key,
                        before=before[name].level,
                        after=after[name].level,
                        points_before=before[name].points,
                        points_after=after[name].points,
                        full_points=before[name].full_points,
                    )
                )
    return tuple(found)


def _shortfall(content: Content, missing: Shortfall) -> OwnShortfall:
    return OwnShortfall(
        title=_title(content, missing.set_name),
        essential=tuple(content.scored[place] for place in missing.essential),
        points_missing=missing.points_missing,
    )


def _left_out(options: Sequence[Option]) -> tuple[tuple[Text, tuple[Text, ...]], ...]:
    """What this firm cannot take, by reason."""
    words = catalogue_words().reasons
    ordered = sorted(options, key=lambda option: option.reason or "")
    return tuple(
        (words[reason or ""], tuple(option.measure.name for option in group))
        for reason, group in groupby(ordered, key=lambda option: option.reason)
    )


def _title(content: Content, name: str) -> Text:
    titles = {axis.key: axis.title for axis in content.axes}
    return titles.get(name) or content.section_by_key[name].title


def ready_words() -> Text:
    """Give what is said beside the ready sets."""
    return packages.packages_note()
