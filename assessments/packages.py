"""The three ready sets of measures beside a plan reckoned for a firm, at the price of that firm."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from assessments.content_files import read_yaml
from assessments.measures import Measure, measure
from assessments.plan_facts import Option, PlanFacts
from assessments.reference import size_band
from assessments.text import Text, text_of
from scoring.lifting import lifted
from scoring.scale import AnswerCode


@dataclass(frozen=True, slots=True)
class Package:
    """A ready set, free measures first; `fits` says for whom, `sizes` are the size bands it is meant for."""

    key: str
    name: Text
    summary: Text
    fits: Text
    sizes: tuple[str, ...]
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class PricedPackage:
    """A set for one firm and its answers; yen are whole, without tax and before any subsidy.

    `chosen` are those that still raise an answer, `done` those that no longer would, `left_out` those this
    firm cannot take. `places` are the positions of `chosen` among the plan's measures; `answers_after` are
    the answers once all are taken.
    """

    package: Package
    chosen: tuple[Option, ...]
    done: tuple[Measure, ...]
    left_out: tuple[Option, ...]
    places: tuple[int, ...]
    answers_after: tuple[AnswerCode, ...]
    first_year_yen: int
    later_yearly_yen: int
    effort_days: float
    lead_days: int

    @property
    def is_free(self) -> bool:
        """Whether it costs work alone."""
        return self.first_year_yen == 0


@cache
def packages() -> tuple[Package, ...]:
    """Give the three sets, the smallest first."""
    return tuple(
        Package(
            key=entry["key"],
            name=text_of(entry["name"]),
            summary=text_of(entry["summary"]),
            fits=text_of(entry["fits"]),
            sizes=tuple(entry["sizes"]),
            measures=tuple(sorted(map(measure, entry["measures"]), key=lambda one: not one.is_free)),
        )
        for entry in read_yaml("packages.yaml")["packages"]
    )


@cache
def packages_note() -> Text:
    """Give what is said beside all three."""
    return text_of(read_yaml("packages.yaml")["note"])


def fitting(employees: int | None) -> Package:
    """Give the set meant for a head count; the first where it is not known."""
    band = size_band(employees)
    meant = (package for package in packages() if band is not None and band.code in package.sizes)
    return next(meant, packages()[0])


def price(package: Package, facts: PlanFacts, answers: Sequence[AnswerCode]) -> PricedPackage:
    """Reckon a set for one firm: what of it still helps with these answers, and what that costs."""
    keys = {entry.key for entry in package.measures}
    wanted = facts.places([entry.key for entry in package.measures])
    places = tuple(place for place in wanted if lifted(answers, [facts.measures[place]]) != tuple(answers))
    costed = [facts.measures[place] for place in places]
    return PricedPackage(
        package=package,
        chosen=tuple(facts.options[place] for place in places),
        done=tuple(facts.options[place].measure for place in wanted if place not in places),
        left_out=tuple(option for option in facts.left_out if option.measure.key in keys),
        places=places,
        answers_after=lifted(answers, costed),
        first_year_yen=sum(one.first_year_yen for one in costed),
        later_yearly_yen=sum(one.later_yearly_yen for one in costed),
        effort_days=sum(one.effort_days for one in costed),
        lead_days=max((one.lead_days for one in costed), default=0),
    )
