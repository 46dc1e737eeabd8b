"""Measures as a supplier reads them: cost, effort, who may, an equivalent, the source and its date."""

from dataclasses import dataclass
from datetime import date

from assessments import services
from assessments.measures import Measure
from assessments.questionnaire_content import QuestionContent
from assessments.services import OwnService
from assessments.subsidies import Subsidy
from assessments.suggestions import Advice, Suggested
from assessments.text import Text

MOST = 5


@dataclass(frozen=True, slots=True)
class OwnSubsidy:
    """A subsidy open on the day that may cut the cost of a measure."""

    name: Text
    kind: str
    address: str
    as_of: date
    wants_check: bool


@dataclass(frozen=True, slots=True)
class OwnMeasure:
    """A measure that helps, with what it costs and takes; yen are without tax.

    `service` is what it holds of the five elements, None where it is no service; `services` are those to be
    read beside one another (see services.alternatives).
    """

    name: Text
    summary: Text
    kind: str
    is_free: bool
    initial_yen: int
    monthly_yen: int
    per: str
    effort_days: float
    lead_days: int
    offered: Text
    eligible: Text
    equivalents: tuple[Text, ...]
    service: OwnService | None
    services: tuple[OwnService, ...]
    helps: tuple[QuestionContent, ...]
    subsidies: tuple[OwnSubsidy, ...]
    source: Text
    source_address: str
    as_of: date
    is_estimate: bool
    wants_check: bool


def first_steps(advice: Advice) -> tuple[OwnMeasure, ...]:
    """Give the three free measures to start with."""
    return tuple(_measure(one) for one in advice.first_steps)


def other_free(advice: Advice) -> tuple[OwnMeasure, ...]:
    """Give the free measures beyond the first steps."""
    first = {one.measure.key for one in advice.first_steps}
    others = [one for one in advice.free if one.measure.key not in first]
    return tuple(_measure(one) for one in others[:MOST])


def paid(advice: Advice) -> tuple[OwnMeasure, ...]:
    """Give the most helpful measures that cost money, one that bundles help and insurance among them."""
    chosen = list(advice.paid[:MOST])
    if advice.bundles and not any(one.measure.is_bundle for one in chosen):
        chosen[-1] = advice.bundles[0]
    return tuple(_measure(one) for one in chosen)


def _measure(suggested: Suggested) -> OwnMeasure:
    entry: Measure = suggested.measure
    return OwnMeasure(
        name=entry.name,
        summary=entry.summary,
        kind=entry.kind,
        is_free=entry.is_free,
        initial_yen=entry.initial_yen,
        monthly_yen=entry.monthly_yen,
        per=entry.per,
        effort_days=entry.effort_days,
        lead_days=entry.lead_days,
        offered=entry.offered,
        eligible=entry.eligible,
        equivalents=entry.equivalents,
        service=services.service(entry),
        services=services.alternatives(entry),
        helps=suggested.helps,
        subsidies=tuple(_subsidy(one) for one in suggested.subsidies),
        source=entry.source.name,
        source_address=entry.source.address,
        as_of=entry.as_of,
        is_estimate=entry.estimate,
        wants_check=entry.check,
    )


def _subsidy(one: Subsidy) -> OwnSubsidy:
    return OwnSubsidy(one.name, one.kind, one.source.address, one.as_of, one.check)
