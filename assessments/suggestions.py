"""From the gaps of one assessment to measures of the catalogue: free steps first, always with equivalents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from assessments import measures, results, services
from assessments.measures import Measure
from assessments.questionnaire_content import Content, QuestionContent
from assessments.services import OwnService
from assessments.subsidies import Subsidy, subsidies_for
from scoring import remediation
from scoring.scale import Codes, code_of

FIRST_STEPS = 3


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A question whose answer is below its target, with what the supplier said beside it."""

    question: QuestionContent
    code: str
    target: str
    reason: str | None
    supports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggested:
    """A measure that helps: what it closes and what it only narrows.

    `units` is what the yen of a first year are reckoned for (1 company, or as many heads or devices as the
    firm has people); None where the head count is not known, and then the yen are of one. `subsidies` are
    those that are open on the day.
    """

    measure: Measure
    closes: tuple[QuestionContent, ...]
    narrows: tuple[QuestionContent, ...]
    units: int | None
    first_year_yen: int
    subsidies: tuple[Subsidy, ...]

    @property
    def helps(self) -> tuple[QuestionContent, ...]:
        """The questions it closes or narrows."""
        return self.closes + self.narrows

    @property
    def service(self) -> OwnService | None:
        """What it holds of the five elements; None where it is no service."""
        return services.service(self.measure)

    @property
    def services(self) -> tuple[OwnService, ...]:
        """The services to be read beside one another (see services.alternatives)."""
        return services.alternatives(self.measure)


@dataclass(frozen=True, slots=True)
class Advice:
    """What is missing and what helps, the most helpful first. No choice among them changes a score.

    `first_steps` are free and build on one another; `free` and `paid` are all that helps, each on its own.
    """

    gaps: tuple[OpenGap, ...]
    first_steps: tuple[Suggested, ...]
    free: tuple[Suggested, ...]
    paid: tuple[Suggested, ...]

    @property
    def bundles(self) -> tuple[Suggested, ...]:
        """The services that hold monitoring, help and insurance in one (お助け隊型)."""
        return tuple(one for one in self.paid if one.measure.is_bundle)


def usual_targets(content: Content) -> tuple[str, ...]:
    """Give the answer each scored question aims at."""
    return tuple(question.target for question in content.scored)


def star4_targets(content: Content) -> tuple[str, ...]:
    """Give the answer each scored question aims at where four stars are expected."""
    return tuple(question.target_star4 for question in content.scored)


def advise(
    content: Content,
    codes: Codes,
    *,
    targets: Sequence[str],
    said: Mapping[str, Mapping[str, Any]],
    employees: int | None,
    on: date,
) -> Advice:
    """Give the gaps of one assessment and the measures that help with them.

    `codes` are its packed answers, `said` the submission's answers by key (reason and supports are read).
    """
    rubric, catalogue = results.rubric(content), measures.measures()
    found = remediation.gaps(rubric, codes, [code_of(word) for word in targets])
    options = [_option(content, entry, employees) for entry in catalogue]
    helpful = remediation.suggest(rubric, found, options)
    steps = remediation.first_steps(rubric, found, options, count=FIRST_STEPS)
    shown = [_shown(content, catalogue, options, one, employees, on) for one in helpful]
    return Advice(
        gaps=tuple(_gap(content, gap, said) for gap in found),
        first_steps=tuple(_shown(content, catalogue, options, one, employees, on) for one in steps),
        free=tuple(one for one in shown if one.measure.is_free),
        paid=tuple(one for one in shown if not one.measure.is_free),
    )


def first_for(question: QuestionContent) -> Measure | None:
    """Give the first measure that lifts this question, free ones before paid ones; None if there is none."""
    return next(iter(measures.measures_for([question.key])), None)


def _gap(content: Content, gap: remediation.Gap, said: Mapping[str, Mapping[str, Any]]) -> OpenGap:
    question = content.scored[gap.question]
    words = said.get(question.key, {})
    return OpenGap(
        question=question,
        code=gap.code.word,
        target=gap.target.word,
        reason=words.get("reason"),
        supports=tuple(words.get("supports") or ()),
    )


def _option(content: Content, entry: Measure, employees: int | None) -> remediation.Measure:
    return remediation.Measure(
        lifts=tuple(
            (place, code_of(entry.lifts[question.key]))
            for place, question in enumerate(content.scored)
            if question.key in entry.lifts
        ),
        first_year_yen=remediation.first_year_yen(
            entry.initial_yen, entry.monthly_yen, units=entry.units(employees) or 1
        ),
        effort_days=entry.effort_days,
    )


def _shown(
    content: Content,
    catalogue: Sequence[Measure],
    options: Sequence[remediation.Measure],
    found: remediation.Suggestion,
    employees: int | None,
    on: date,
) -> Suggested:
    entry = catalogue[found.measure]
    return Suggested(
        measure=entry,
        closes=tuple(content.scored[place] for place in found.closes),
        narrows=tuple(content.scored[place] for place in found.narrows),
        units=entry.units(employees),
        first_year_yen=options[found.measure].first_year_yen,
        subsidies=tuple(subsidy for subsidy in subsidies_for(entry.key) if subsidy.is_open(on)),
    )
