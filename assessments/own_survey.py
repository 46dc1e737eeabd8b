"""A supplier's answers beside the public survey, in allow-listed records, by domain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from assessments import benchmarks
from assessments.benchmarks import BenchmarkSource, PublicRate
from assessments.questionnaire_content import Content
from assessments.reference import find_industry
from assessments.text import Text
from scoring.maturity import Summary

WHOLE = 100


@dataclass(frozen=True, slots=True)
class OwnPeer:
    """A group of firms in the public survey: the mean of its rates over the items, and the fewest firms.

    `segment` None is all firms; `left_out` are items of the domain for which the group has no usable rate.
    """

    segment: Text | None
    percent: float
    n: int
    left_out: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OwnComparison:
    """A domain beside the public survey; `mine` is the share of its items that are implemented, 0-100."""

    title: Text
    mine: float
    done: int
    counted: int
    peers: tuple[OwnPeer, ...]


@dataclass(frozen=True, slots=True)
class OwnSurvey:
    """The comparison with its source; `industry` is the supplier's own."""

    comparisons: tuple[OwnComparison, ...]
    source: BenchmarkSource
    industry: Text | None
    has_industry_rates: bool


def survey(content: Content, summary: Summary, codes: Mapping[str, str], industry: str | None) -> OwnSurvey:
    """Give the answers (words by key, the asked ones) beside the survey's rates, overall and own industry."""
    own = find_industry(industry) if industry else None
    return OwnSurvey(
        comparisons=tuple(_comparisons(content, summary, codes, industry)),
        source=benchmarks.sources()["public_survey"],
        industry=own.name if own else None,
        has_industry_rates=bool(own and own.benchmark),
    )


def _comparisons(
    content: Content, summary: Summary, codes: Mapping[str, str], industry: str | None
) -> Iterable[OwnComparison]:
    for key in (key for axis in content.axes for key in axis.domains):
        one = summary.sets[key]
        numbers = [
            question.official_item
            for question in content.section_by_key[key].questions
            if question.official_item is not None and codes.get(question.key) not in {None, "absent"}
        ]
        counted = one.asked - one.absent
        if numbers and counted:
            yield OwnComparison(
                title=content.section_by_key[key].title,
                mine=WHOLE * one.done / counted,
                done=one.done,
                counted=counted,
                peers=_peers(numbers, industry),
            )


def _peers(numbers: list[int], industry: str | None) -> tuple[OwnPeer, ...]:
    overall = [benchmarks.public_rate(number) for number in numbers]
    peers = [_peer(None, overall, numbers)]
    same = [rate for number in numbers if (rate := _industry_rate(number, industry))]
    named = find_industry(industry) if industry else None
    if named and same:
        peers.append(_peer(named.name, same, numbers))
    return tuple(peers)


def _peer(segment: Text | None, rates: list[PublicRate], numbers: list[int]) -> OwnPeer:
    rated = {rate.item_no for rate in rates}
    return OwnPeer(
        segment=segment,
        percent=fmean(rate.percent for rate in rates),
        n=min(rate.n for rate in rates),
        left_out=tuple(number for number in numbers if number not in rated),
    )


def _industry_rate(number: int, industry: str | None) -> PublicRate | None:
    if industry is None:
        return None
    rate = benchmarks.public_rate(number, industry)
    return None if rate.fell_back else rate
