"""One look at the chain: who fits a filter, each supplier once, with its result, level and priority."""

from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np

from assessments.chain.rows import NO_ROW, STATES, Chain, Mask, Named, Rows
from assessments.counting import first_day, start
from assessments.models import AssessmentState
from scoring import risk
from scoring.maturity import lowest_level
from scoring.risk import Heat, Priorities
from scoring.scale import Codes

WEAKEST = "weakest"
EXECUTIVE = "executive"
KEPT = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants to see; "" and None ask nothing.

    `campaign`, `unit` and `owner` are public ids, the others codes; unit, owner and tier must hold of one
    relationship. `units` are the row ids of the units the person may see, None for all; `only_many` holds
    of who may not read single suppliers' answers.
    """

    campaign: str = ""
    unit: str = ""
    owner: str = ""
    industry: str = ""
    prefecture: str = ""
    tier: int | None = None
    units: frozenset[int] | None = None
    only_many: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """Key numbers; `better` and `worse` compare levels with the result before."""

    suppliers: int
    answered: int
    attention: int
    self_declared: int
    better: int
    worse: int

    @property
    def unassessed(self) -> int:
        """Those without a result that counts."""
        return self.suppliers - self.answered


@dataclass(frozen=True, eq=False)
class HeatGrid:
    """Counts by inherent exposure (rows 0 to 5) and level (columns 0 to 5).

    `self_declared` are those of a count known by their word alone, `not_asked` those of level 0 that have a
    result but were not asked about this axis.
    """

    count: Rows
    spend: Rows
    self_declared: Rows
    not_asked: int


@dataclass(frozen=True, eq=False)
class Picture:
    """Suppliers that fit, in rising order of their row, and what is known of each (all arrays by supplier).

    `suppliers` and `relationships` are rows of the chain, the relationship the one of highest priority;
    `result` and `before` are rows of its results or NO_ROW; `levels` are by set, 0 for none. `star` is the
    highest that any of its relationships that fit expects, 0 for none. `current` is the result of every
    supplier of the chain, whether it fits or not. `worked_out` keeps what others reckon from it once.
    """

    chain: Chain
    wanted: Wanted
    suppliers: Rows
    relationships: Rows
    spend: Rows
    result: Rows
    before: Rows
    levels: Codes
    priorities: Priorities
    current: Rows
    star: Codes
    worked_out: dict[Any, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.suppliers)

    @cached_property
    def has_result(self) -> Mask:
        """Who has a result that counts."""
        has: Mask = self.result != NO_ROW
        return has

    def level(self, axis: str) -> Codes:
        """The level on an axis, or the weakest of all; 0 for none."""
        return _level(self.chain, self.levels, axis)

    def is_self_declared(self, axis: str) -> Mask:
        """Who has a level on the axis by their word alone."""
        declared = np.zeros(self.levels.shape, dtype=np.bool_)
        declared[self.has_result] = self.chain.scored.is_self_declared[self.result[self.has_result]]
        level = self.level(axis)
        if axis != WEAKEST:
            alone: Mask = declared[:, self.chain.rubric.column(axis)]
            return alone
        columns = list(self.chain.rubric.axis_columns)
        is_lowest = self.levels[:, columns] == level[:, None]
        weakest: Mask = (level > 0) & np.any(is_lowest & declared[:, columns], axis=1)
        return weakest

    def heat(self, axis: str) -> HeatGrid:
        """The grid of an axis; a supplier counts once."""
        level, inherent = self.level(axis), self.priorities.inherent
        whole: Heat = risk.heat(inherent, level, self.spend)
        alone = self.is_self_declared(axis)
        declared = risk.heat(inherent[alone], level[alone], self.spend[alone])
        not_asked = int(np.count_nonzero((level == 0) & self.has_result))
        return HeatGrid(whole.count, whole.spend, declared.count, not_asked)

    def cell(self, axis: str, *, inherent: int | None, level: int | None) -> Rows:
        """Places in this picture of those in a cell, foremost first; None takes the whole row or column."""
        chosen = np.ones(len(self), dtype=np.bool_)
        if inherent is not None:
            chosen &= self.priorities.inherent == inherent
        if level is not None:
            chosen &= self.level(axis) == level
        order = self.by_priority
        return order[chosen[order]]

    @cached_property
    def by_priority(self) -> Rows:
        """All places, foremost first, those without a priority last, by name of supplier id among equals."""
        ranked = self.foremost(capacity=len(self))
        return np.concatenate([ranked, np.flatnonzero(~self.priorities.is_graded)])

    def foremost(self, *, capacity: int) -> Rows:
        """Places of those to act on first (要対応), as many as the team can handle."""
        return risk.rank(self.priorities, self._executive, self.spend, capacity=capacity)

    def figures(self, axis: str, *, capacity: int) -> Figures:
        """The key numbers of this picture."""
        graded = int(np.count_nonzero(self.priorities.is_graded))
        better, worse = self._trend(axis)
        return Figures(
            suppliers=len(self),
            answered=int(np.count_nonzero(self.has_result)),
            attention=min(graded, capacity),
            self_declared=int(np.count_nonzero(self.is_self_declared(axis))),
            better=better,
            worse=worse,
        )

    @cached_property
    def _executive(self) -> Codes:
        names = [axis.name for axis in self.chain.rubric.axes]
        return self.level(EXECUTIVE) if EXECUTIVE in names else np.zeros(len(self), dtype=np.int8)

    def _trend(self, axis: str) -> tuple[int, int]:
        both = self.has_result & (self.before != NO_ROW)
        then = _level(self.chain, self.chain.scored.levels[self.before[both]], axis)
        now = self.level(axis)[both]
        is_comparable = (then > 0) & (now > 0)
        return (
            int(np.count_nonzero(is_comparable & (now > then))),
            int(np.count_nonzero(is_comparable & (now < then))),
        )


def view(chain: Chain, wanted: Wanted, *, now: datetime) -> Picture:
    """Look at the chain through a filter; the last few pictures of a chain are kept with it.

    With a campaign: the suppliers it asked, by what they answered in it. Without: all suppliers, by their
    newest submission within the model's months. A supplier stands by its relationship of highest priority
    among those that fit; the spend is that of all of these.
    """
    oldest = first_day(now, chain.months_current, chain.zone)
    kept: Picture | None = chain.pictures.get((wanted, oldest))
    if kept is not None:
        return kept
    while len(chain.pictures) >= KEPT:
        chain.pictures.pop(next(iter(chain.pictures)), None)
    made = chain.pictures[wanted, oldest] = drawn(chain, wanted, oldest)
    return made


def campaign_id(chain: Chain, public_id: str) -> int:
    """Give the row id of a campaign, or one that nobody has."""
    return next((one.id for one in chain.campaigns if one.public_id == public_id), NO_ROW)


def is_asked(chain: Chain, campaign: int) -> Mask:
    """Tell of each supplier whether this campaign asks it."""
    withdrawn = STATES.index(AssessmentState.WITHDRAWN)
    asked = np.zeros(len(chain.suppliers), dtype=np.bool_)
    asked[chain.asked.supplier[(chain.asked.campaign == campaign) & (chain.asked.state != withdrawn)]] = True
    return asked


def drawn(chain: Chain, wanted: Wanted, oldest: date) -> Picture:
    """Look at the chain through a filter by results from a day of the buyer's on; kept by nobody."""
    current, before = _results(chain, wanted, oldest)
    levels = np.zeros((len(chain.suppliers), len(chain.rubric.sets)), dtype=np.int8)
    has = current != NO_ROW
    levels[has] = chain.scored.levels[current[has]]
    fitting = np.flatnonzero(fits(chain, wanted))
    between = chain.relationships
    reckoned = risk.prioritise(chain.rubric, between.exposures[fitting], levels[between.supplier[fitting]])
    decided = between.star[fitting]
    stars = np.where(decided > 0, decided, reckoned.expected_star)
    of_relationship = replace(reckoned, expected_star=stars)
    shown = risk.per_supplier(between.supplier[fitting], of_relationship, between.spend[fitting])
    return Picture(
        chain=chain,
        wanted=wanted,
        suppliers=shown.supplier,
        relationships=fitting[shown.relationship],
        spend=shown.spend,
        result=current[shown.supplier],
        before=before[shown.supplier],
        levels=levels[shown.supplier],
        priorities=_taken(of_relationship, shown.relationship),
        current=current,
        star=_highest(stars, between.supplier[fitting], len(chain.suppliers))[shown.supplier],
    )


def _highest(stars: Codes, supplier: Rows, suppliers: int) -> Codes:
    """The highest star of each supplier's relationships."""
    highest = np.zeros(suppliers, dtype=np.int8)
    np.maximum.at(highest, supplier, stars)
    return highest


def _results(chain: Chain, wanted: Wanted, oldest: date) -> tuple[Rows, Rows]:
    """The rows of each supplier's current result and of the one of an earlier campaign before it."""
    scored = chain.scored
    if wanted.campaign:
        counts: Mask = scored.campaign == campaign_id(chain, wanted.campaign)
    else:
        counts = scored.submitted >= start(oldest, chain.zone).timestamp()
    rows = np.arange(len(scored))
    current = np.full(len(chain.suppliers), NO_ROW)
    current[scored.supplier[counts]] = rows[counts]
    theirs = current[scored.supplier]
    is_earlier = (theirs != NO_ROW) & (rows < theirs) & (scored.campaign != scored.campaign[theirs])
    before = np.full(len(chain.suppliers), NO_ROW)
    before[scored.supplier[is_earlier]] = rows[is_earlier]
    return current, before


def fits(chain: Chain, wanted: Wanted) -> Mask:
    """Tell of each relationship whether it is among those looked at."""
    between, suppliers = chain.relationships, chain.suppliers
    fits = np.ones(len(between.supplier), dtype=np.bool_)
    if wanted.units is not None:
        fits &= np.isin(between.unit, list(wanted.units))
    if wanted.unit:
        fits &= between.unit == _id_of(chain.units, wanted.unit)
    if wanted.owner:
        fits &= between.owner == _id_of(chain.owners, wanted.owner)
    if wanted.tier is not None:
        fits &= between.tier == wanted.tier
    if wanted.industry:
        fits &= (suppliers.industries == wanted.industry)[between.supplier]
    if wanted.prefecture:
        fits &= (suppliers.prefectures == wanted.prefecture)[between.supplier]
    if wanted.campaign:
        fits &= is_asked(chain, campaign_id(chain, wanted.campaign))[between.supplier]
    return fits


def _level(chain: Chain, levels: Codes, axis: str) -> Codes:
    if axis == WEAKEST:
        return lowest_level(levels, chain.rubric.axis_columns)
    return levels[:, chain.rubric.column(axis)]


def _id_of(named: tuple[Named, ...], public_id: str) -> int:
    return next((one.id for one in named if one.public_id == public_id), NO_ROW)


def _taken(priorities: Priorities, rows: Rows) -> Priorities:
    return Priorities(**{one.name: getattr(priorities, one.name)[rows] for one in fields(Priorities)})
