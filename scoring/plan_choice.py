"""Which measures, paid by which subsidies: a plan as a programme, and its solution read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import gcd

from scoring.lifting import Step, steps
from scoring.model import Rubric
from scoring.plan_terms import Budget, Goal, PlanMeasure, Subsidy
from scoring.programme import HALF, Programme
from scoring.scale import AnswerCode

# Days of work are compared by the thousandth, so that they add up exactly.
PARTS_OF_A_DAY = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a set still wants for its level: points × weight, and essential questions to implement."""

    members: frozenset[int]
    points: int
    essential: tuple[int, ...]


@dataclass(frozen=True)
class Situation:
    """What there is to choose from for one supplier; measures and subsidies are named by position.

    `usable` are the measures that may be chosen, `counted` the questions whose lifting is a gain (the gaps).
    """

    rubric: Rubric
    answers: tuple[AnswerCode, ...]
    measures: Sequence[PlanMeasure]
    subsidies: Sequence[Subsidy]
    usable: tuple[int, ...]
    required: tuple[int, ...]
    counted: frozenset[int]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a subsidy pays of one measure: in the first year, and in all the months it covers."""

    subsidy: int
    first_year_yen: int
    whole_yen: int


@dataclass(frozen=True)
class _Columns:
    """Where the programme keeps what it chooses."""

    taken: dict[int, int]
    paid: dict[tuple[int, int], int]
    steps: tuple[tuple[int, Step], ...]
    net_yen: dict[int, float]


def choose(situation: Situation, goal: Goal, wanted: Sequence[Wanted]) -> dict[int, Grant | None] | None:
    """The best measures for a goal, each with the grant that pays for it; None where no choice will do.

    First the goal itself, then the fewest measures, then the fewest days of work, then (for a budget) the
    least money.
    """
    if isinstance(goal, Budget):
        matters = situation.counted
    else:
        matters = frozenset[int]().union(*(want.members for want in wanted))
    situation = replace(situation, usable=_worth_considering(situation, matters))
    programme = Programme()
    columns = _columns(programme, situation)
    measures = situation.measures
    count = dict.fromkeys(columns.taken.values(), 1.0)
    days = {
        column: float(round(measures[place].effort_days * PARTS_OF_A_DAY))
        for place, column in columns.taken.items()
    }
    if isinstance(goal, Budget):
        programme.row(columns.net_yen.items(), at_most=goal.yen + HALF)
        gain = _gain(columns, situation.counted)
        objectives = [{column: -goal.factor * gained for column, gained in gain.items()}, count, days]
        objectives.append(columns.net_yen)
    else:
        for want in wanted:
            _want(programme, columns, want)
        objectives = [columns.net_yen, count, days]
    values = programme.solve(objectives)
    if values is None:
        return None
    taken = [place for place, column in columns.taken.items() if values[column] > HALF]
    payers = {place: payer for (place, payer), column in columns.paid.items() if values[column] > HALF}
    return grants(situation, taken, payers)


def grants(situation: Situation, taken: Sequence[int], payers: Mapping[int, int]) -> dict[int, Grant | None]:
    """What each subsidy pays of the measures it is chosen for, its cap used up in their order."""
    granted: dict[int, Grant | None] = dict.fromkeys(sorted(taken))
    for place, subsidy in enumerate(situation.subsidies):
        paid = [measure for measure in granted if payers.get(measure) == place]
        shares = [subsidy.whole_share(situation.measures[measure]) for measure in paid]
        if min(sum(shares), subsidy.cap_yen) < subsidy.minimum_yen:
            continue
        left = subsidy.cap_yen
        for measure in paid:
            first = min(left, subsidy.first_year_share(situation.measures[measure]))
            granted[measure] = Grant(place, first, first) if first else None
            left -= first
        for measure, share in zip(paid, shares, strict=True):
            grant = granted[measure]
            later = min(left, share - (grant.first_year_yen if grant else 0))
            if later > 0:
                first = grant.first_year_yen if grant else 0
                granted[measure] = Grant(place, first, first + later)
                left -= later
    return granted


def _worth_considering(situation: Situation, questions: frozenset[int]) -> tuple[int, ...]:
    """The usable measures without those that another makes needless, whatever else is chosen.

    Such another brings at least the same to these questions, costs no more and takes no more work. A measure
    that a subsidy may pay for is always worth considering: it may bring the subsidy up to its minimum.
    """
    reach = _reach(situation, questions)
    paid = {place for subsidy in situation.subsidies for place in subsidy.measures}
    free_to_go = [
        place for place in situation.usable if place not in paid and place not in situation.required
    ]
    brought = 0
    for place in situation.required:
        brought |= reach[place]
    kept = [place for place in situation.usable if place not in free_to_go]
    for place in sorted(free_to_go, key=lambda place: _burden(situation, place)):
        left = reach[place] & ~brought
        if left and not any(
            not left & ~reach[other] and _is_lighter(situation, other, place) for other in kept
        ):
            kept.append(place)
    return tuple(sorted(kept))


def _reach(situation: Situation, questions: frozenset[int]) -> dict[int, int]:
    """What each usable measure brings to these questions, as a set of bits: one for each step."""
    reach = dict.fromkeys(situation.usable, 0)
    for bit, step in enumerate(
        steps(situation.rubric, situation.answers, situation.measures, situation.usable)
    ):
        if step.question in questions:
            for place in step.measures:
                reach[place] |= 1 << bit
    return reach


def _burden(situation: Situation, place: int) -> tuple[int, float, int, int]:
    """What puts the measure that may make another needless before it."""
    measure = situation.measures[place]
    return measure.first_year_yen, measure.effort_days, -len(measure.lifts), place


def _is_lighter(situation: Situation, other: int, place: int) -> bool:
    lighter, measure = situation.measures[other], situation.measures[place]
    costs_no_more = lighter.first_year_yen <= measure.first_year_yen
    return costs_no_more and lighter.effort_days <= measure.effort_days


def _columns(programme: Programme, situation: Situation) -> _Columns:
    measures = situation.measures
    taken = {place: programme.choice(is_required=place in situation.required) for place in situation.usable}
    net_yen = {column: float(measures[place].first_year_yen) for place, column in taken.items()}
    found = []
    for step in steps(situation.rubric, situation.answers, measures, situation.usable):
        if len(step.measures) == 1:
            found.append((taken[step.measures[0]], step))
            continue
        column = programme.amount(1.0)
        programme.row([(column, 1.0), *((taken[place], -1.0) for place in step.measures)], at_most=0.0)
        found.append((column, step))
    return _Columns(taken, _pay(programme, situation, taken, net_yen), tuple(found), net_yen)


def _pay(
    programme: Programme, situation: Situation, taken: Mapping[int, int], net_yen: dict[int, float]
) -> dict[tuple[int, int], int]:
    """Let subsidies pay, each measure by one of them, and take what they pay from the net cost.

    A measure that a single one can pay for without more ado needs no column of its own.
    """
    offers = {payer: _shares(situation, subsidy) for payer, subsidy in enumerate(situation.subsidies)}
    payers = {place: [payer for payer in offers if place in offers[payer]] for place in taken}
    paid: dict[tuple[int, int], int] = {}
    for place, able in payers.items():
        for payer in able:
            is_alone = len(able) == 1
            is_sure = is_alone and not _needs_others(situation, payer, offers[payer])
            paid[place, payer] = taken[place] if is_sure else programme.choice()
        own = [(paid[place, payer], 1.0) for payer in able if paid[place, payer] != taken[place]]
        if own:
            programme.row([*own, (taken[place], -1.0)], at_most=0.0)
    for payer, shares in offers.items():
        if shares:
            columns = {place: paid[place, payer] for place in shares}
            _grant(programme, situation, payer, columns, net_yen)
    return paid


def _shares(situation: Situation, subsidy: Subsidy) -> dict[int, int]:
    """What a subsidy would pay of the usable measures in all its months; nothing where it never pays."""
    shares = {
        place: subsidy.whole_share(situation.measures[place])
        for place in situation.usable
        if place in subsidy.measures
    }
    is_payable = min(sum(shares.values()), subsidy.cap_yen) >= max(1, subsidy.minimum_yen)
    return {place: share for place, share in shares.items() if share} if is_payable else {}


def _needs_others(situation: Situation, payer: int, shares: Mapping[int, int]) -> bool:
    """Whether a subsidy may have to pay for several measures to come up to its minimum."""
    return min(shares.values()) < situation.subsidies[payer].minimum_yen


def _grant(
    programme: Programme,
    situation: Situation,
    payer: int,
    columns: Mapping[int, int],
    net_yen: dict[int, float],
) -> None:
    """Take from the net cost what one subsidy pays in the first year, up to its cap, from its minimum on."""
    subsidy = situation.subsidies[payer]
    shares = {
        column: min(subsidy.first_year_share(situation.measures[place]), subsidy.cap_yen)
        for place, column in columns.items()
    }
    if sum(shares.values()) <= subsidy.cap_yen:
        for column, share in shares.items():
            net_yen[column] = net_yen.get(column, 0.0) - share
    else:
        unit = gcd(subsidy.cap_yen, *shares.values())
        granted = programme.amount(subsidy.cap_yen / unit)
        sums = [(column, -float(share // unit)) for column, share in shares.items()]
        programme.row([(granted, 1.0), *sums], at_most=0.0)
        net_yen[granted] = -float(unit)
    whole = _shares(situation, subsidy)
    if _needs_others(situation, payer, whole):
        is_granted = programme.choice()
        for column in columns.values():
            programme.row([(column, 1.0), (is_granted, -1.0)], at_most=0.0)
        sums = [(column, float(whole[place])) for place, column in columns.items()]
        programme.row([*sums, (is_granted, -float(subsidy.minimum_yen))], at_least=-HALF)


def _gain(columns: _Columns, questions: frozenset[int]) -> dict[int, float]:
    """What each column gains over these questions."""
    gain: dict[int, float] = {}
    for column, step in columns.steps:
        if step.question in questions:
            gain[column] = gain.get(column, 0.0) + step.gain
    return gain


def _want(programme: Programme, columns: _Columns, want: Wanted) -> None:
    """Hold one set to what its level wants."""
    if want.points > 0:
        programme.row(_gain(columns, want.members).items(), at_least=want.points - HALF)
    for question in want.essential:
        bringing = next(
            step.measures
            for _, step in columns.steps
            if step.question == question and step.code == AnswerCode.IMPLEMENTED
        )
        programme.row([(columns.taken[place], 1.0) for place in bringing], at_least=1.0)
