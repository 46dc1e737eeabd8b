"""From the catalogue and a firm to what a plan may choose from: its costs, who may, what pays on a day.

Choosing is the work of scoring; every reason why something is left out is a code with words in the catalogue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from assessments import subsidies
from assessments.firm_sizes import LARGE, size_of_firm
from assessments.head_counts import counted
from assessments.measures import ANY_FIRM, ANYWHERE, PREFECTURES, Measure, measures
from assessments.models import Supplier
from assessments.questionnaire_content import Content
from assessments.subsidies import Subsidy
from scoring import plan_terms, remediation
from scoring.plan_terms import PlanMeasure
from scoring.scale import AnswerCode, code_of

HOME = "JP"
ABROAD, OTHER_REGION, REGION_UNKNOWN = "abroad", "other_region", "region_unknown"
TOO_LARGE, SIZE_UNKNOWN, UNITS_UNKNOWN = "too_large", "size_unknown", "units_unknown"
CLOSED, NOT_A_CUT, STAR_MISSING, STAR_UNCLEAR = "closed", "not_a_cut", "star_missing", "star_unclear"
NOT_TAKEN = "not_taken"
REASONS = (
    *(ABROAD, OTHER_REGION, REGION_UNKNOWN, TOO_LARGE, SIZE_UNKNOWN, UNITS_UNKNOWN),
    *(CLOSED, NOT_A_CUT, STAR_MISSING, STAR_UNCLEAR, NOT_TAKEN),
)


@dataclass(frozen=True, slots=True)
class Firm:
    """What is known of a supplier for its costs; None where it is not known.

    `devices` None: one a head. `industry` and `prefecture` are codes, `stars` the declared SECURITY ACTION.
    """

    employees: int | None
    industry: str | None = None
    prefecture: str | None = None
    capital_yen: int | None = None
    devices: int | None = None
    stars: int | None = None
    country: str = HOME

    @property
    def size(self) -> str | None:
        """Micro, small or large (see firm_sizes); None where nothing tells."""
        return size_of_firm(self.industry, self.employees, self.capital_yen)


@dataclass(frozen=True, slots=True)
class Option:
    """A measure at its price for this firm; yen are whole, without tax, for all `units` together.

    `reason` says why it is no option for this firm (a code of REASONS), None where it is. Without `units` (no
    head count) the yen are of one, and it is no option.
    """

    measure: Measure
    units: int | None
    initial_yen: int
    monthly_yen: int
    group: str
    reason: str | None

    @property
    def is_eligible(self) -> bool:
        """Whether a plan may choose it."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class PublicMoney:
    """A subsidy, tax relief or loan for this firm on the day; `rate` None where none is meant for it.

    `reason` says why it is not counted (a code of REASONS), None where it is.
    """

    subsidy: Subsidy
    rate: Fraction | None
    reason: str | None

    @property
    def is_counted(self) -> bool:
        """Whether a plan may deduct it."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """All that a plan for one firm on one day is made from.

    `measures` and `subsidies` are the optimiser's inputs; the option or the money at a position of theirs is
    at the same position of `options` and `money`. What is left out, with its reason, is in the other two.
    """

    firm: Firm
    on: date
    options: tuple[Option, ...]
    left_out: tuple[Option, ...]
    money: tuple[PublicMoney, ...]
    not_counted: tuple[PublicMoney, ...]
    measures: tuple[PlanMeasure, ...]
    subsidies: tuple[plan_terms.Subsidy, ...]

    def place(self, key: str) -> int | None:
        """Give the position of a measure of the catalogue among `measures`; None where it is no option."""
        places = (place for place, option in enumerate(self.options) if option.measure.key == key)
        return next(places, None)

    def equivalents(self, place: int) -> tuple[int, ...]:
        """Give the positions of what does the same as the measure at a position, free ones first."""
        found = self.places(self.options[place].measure.equivalent_keys)
        return tuple(sorted(found, key=lambda other: not self.options[other].measure.is_free))

    def places(self, keys: Sequence[str]) -> tuple[int, ...]:
        """Give the positions of those of the keys that are options."""
        found = (self.place(key) for key in keys)
        return tuple(place for place in found if place is not None)


@dataclass(frozen=True, slots=True)
class PortfolioFacts:
    """Costs of many firms: first-year yen (firms × measures) and who may; columns follow `measures`."""

    measures: tuple[Measure, ...]
    lifts: tuple[tuple[tuple[int, AnswerCode], ...], ...]
    yen: NDArray[np.int64]
    eligible: NDArray[np.bool_]


def firm_of(supplier: Supplier, *, employees: int | None, stars: int | None) -> Firm:
    """Give a firm as the register knows it; its own head count, where it told one, goes before."""
    return Firm(
        employees=counted(employees, registered=supplier.employees),
        industry=supplier.industry,
        prefecture=supplier.prefecture,
        capital_yen=supplier.capital,
        stars=stars,
        country=supplier.country,
    )


def plan_facts(content: Content, firm: Firm, *, on: date) -> PlanFacts:
    """Give what a plan for a firm on a day may choose from, with what is left out and why."""
    entries = [_option(entry, firm) for entry in measures()]
    options = tuple(option for option in entries if option.is_eligible)
    keys = [option.measure.key for option in options]
    found = [_money(subsidy, firm, keys, on) for subsidy in subsidies.subsidies()]
    money = tuple(entry for entry in found if entry.is_counted)
    places = {key: place for place, key in enumerate(question.key for question in content.scored)}
    return PlanFacts(
        firm=firm,
        on=on,
        options=options,
        left_out=tuple(option for option in entries if not option.is_eligible),
        money=money,
        not_counted=tuple(entry for entry in found if not entry.is_counted),
        measures=tuple(_plan_measure(option, places) for option in options),
        subsidies=tuple(_plan_subsidy(entry, keys) for entry in money),
    )


def portfolio_facts(content: Content, firms: Sequence[Firm]) -> PortfolioFacts:
    """Give the costs of many firms for the buyer's own budget, in which no subsidy counts."""
    places = {key: place for place, key in enumerate(question.key for question in content.scored)}
    catalogue = measures()
    yen = np.zeros((len(firms), len(catalogue)), dtype=np.int64)
    eligible = np.zeros(yen.shape, dtype=np.bool_)
    for row, firm in enumerate(firms):
        size = firm.size
        units = {entry.per: entry.units(firm.employees, firm.devices) for entry in _one_of_each_unit()}
        yen[row] = [_first_year(entry, units[entry.per] or 1) for entry in catalogue]
        eligible[row] = [_measure_reason(entry, firm, size, units[entry.per]) is None for entry in catalogue]
    return PortfolioFacts(
        measures=catalogue,
        lifts=tuple(_lifts(entry, places) for entry in catalogue),
        yen=yen,
        eligible=eligible,
    )


@cache
def _one_of_each_unit() -> tuple[Measure, ...]:
    return tuple({entry.per: entry for entry in measures()}.values())


def _first_year(entry: Measure, units: int) -> int:
    return remediation.first_year_yen(entry.initial_yen, entry.monthly_yen, units=units)


def _option(entry: Measure, firm: Firm) -> Option:
    units = entry.units(firm.employees, firm.devices)
    return Option(
        measure=entry,
        units=units,
        initial_yen=entry.initial_yen * (units or 1),
        monthly_yen=entry.monthly_yen * (units or 1),
        group=next(iter(entry.lifts)),
        reason=_measure_reason(entry, firm, firm.size, units),
    )


def _measure_reason(entry: Measure, firm: Firm, size: str | None, units: int | None) -> str | None:
    if entry.reach != ANYWHERE and firm.country != HOME:
        return ABROAD
    if entry.reach == PREFECTURES and firm.prefecture not in entry.prefectures:
        return REGION_UNKNOWN if firm.prefecture is None else OTHER_REGION
    if entry.firms != ANY_FIRM and size in {None, LARGE}:
        return SIZE_UNKNOWN if size is None else TOO_LARGE
    return UNITS_UNKNOWN if units is None and not entry.is_free else None


def _money(subsidy: Subsidy, firm: Firm, keys: Sequence[str], on: date) -> PublicMoney:
    rate = subsidy.rate_for(firm.size)
    reason = _kind_and_day_reason(subsidy, on) or _firm_reason(subsidy, firm) or _star_reason(subsidy, firm)
    if reason is None and not set(subsidy.measures) & set(keys):
        reason = NOT_TAKEN
    return PublicMoney(subsidy=subsidy, rate=rate.rate if rate else None, reason=reason)


def _kind_and_day_reason(subsidy: Subsidy, on: date) -> str | None:
    if subsidy.kind != subsidies.SUBSIDY:
        return NOT_A_CUT
    return None if subsidy.is_open(on) else CLOSED


def _firm_reason(subsidy: Subsidy, firm: Firm) -> str | None:
    if firm.country != HOME:
        return ABROAD
    if subsidy.prefectures and firm.prefecture not in subsidy.prefectures:
        return REGION_UNKNOWN if firm.prefecture is None else OTHER_REGION
    if subsidy.rate_for(firm.size) is None:
        return SIZE_UNKNOWN if firm.size is None else TOO_LARGE
    return None


def _star_reason(subsidy: Subsidy, firm: Firm) -> str | None:
    """Where sources differ on the stars asked for, the higher must be declared to count anything."""
    declared, wanted = firm.stars or 0, subsidy.star
    if wanted is None or declared >= wanted.most:
        return None
    return STAR_MISSING if declared < wanted.fewest else STAR_UNCLEAR


def _plan_measure(option: Option, places: Mapping[str, int]) -> PlanMeasure:
    return PlanMeasure(
        lifts=_lifts(option.measure, places),
        initial_yen=option.initial_yen,
        monthly_yen=option.monthly_yen,
        effort_days=option.measure.effort_days,
        lead_days=option.measure.lead_days,
        kind=option.measure.kind,
        group=option.group,
    )


def _plan_subsidy(entry: PublicMoney, keys: Sequence[str]) -> plan_terms.Subsidy:
    subsidy = entry.subsidy
    return plan_terms.Subsidy(
        measures=tuple(place for place, key in enumerate(keys) if key in subsidy.measures),
        rate=entry.rate or Fraction(0),
        cap_yen=subsidy.cap_yen,
        minimum_yen=subsidy.minimum_yen,
        covers_months=subsidy.covers_months,
    )


def _lifts(entry: Measure, places: Mapping[str, int]) -> tuple[tuple[int, AnswerCode], ...]:
    lifted = [(places[key], code_of(word)) for key, word in entry.lifts.items() if key in places]
    return tuple(sorted(lifted))
