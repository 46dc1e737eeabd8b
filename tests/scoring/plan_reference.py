"""Plans by trying everything: every set of measures, every way to pay for it. Naive, sharing no code."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations, product
from typing import Any

RANK = {"unknown": 0, "not_planned": 1, "planned": 1, "partial": 2, "implemented": 3}


@dataclass(frozen=True)
class Firm:
    """A supplier in words: answers and targets by question, with weight, essential and the sets."""

    answers: list[str]
    targets: list[str]
    weight: list[int]
    essential: list[bool]
    sets: dict[str, list[int]]
    points: dict[str, int]
    practice: tuple[int, int]


def lifted(firm: Firm, measures: list[dict[str, Any]]) -> list[str]:
    """The answers with all these measures taken."""
    answers = list(firm.answers)
    for measure in measures:
        for question, word in measure["lifts"]:
            if answers[question] in RANK and RANK[answers[question]] < RANK[word]:
                answers[question] = word
    return answers


def level(firm: Firm, answers: list[str], name: str) -> int | None:
    """1 to 3 by the written rules, None without questions."""
    counted = [q for q in firm.sets[name] if answers[q] not in ("not_asked", "absent")]
    if not counted:
        return None
    gained = sum(firm.weight[q] * firm.points[answers[q]] for q in counted)
    percent = Fraction(
        100 * max(0, gained), firm.points["implemented"] * sum(firm.weight[q] for q in counted)
    )
    is_met = all(answers[q] == "implemented" for q in counted if firm.essential[q])
    if percent >= firm.practice[1] and is_met:
        return 3
    return 1 if percent < firm.practice[0] else 2


def gain(firm: Firm, measures: list[dict[str, Any]]) -> int:
    """Σ weight × (new − old points) over the questions below their target."""
    after = lifted(firm, measures)
    return sum(
        firm.weight[q] * (firm.points[after[q]] - firm.points[old])
        for q, old in enumerate(firm.answers)
        if old in RANK and RANK[old] < RANK[firm.targets[q]]
    )


def net_yen(measures: list[dict[str, Any]], subsidies: list[dict[str, Any]]) -> int:
    """The least first-year cost over every way of giving each measure one subsidy or none."""
    gross: int = sum(measure["initial"] + 12 * measure["monthly"] for measure in measures)
    ways = product(*(_payers(measure, subsidies) for measure in measures))
    return gross - max(_granted(measures, subsidies, way) for way in ways)


def usable(firm: Firm, measures: list[dict[str, Any]]) -> list[int]:
    """The measures that lift at least one answer."""
    return [place for place, measure in enumerate(measures) if lifted(firm, [measure]) != firm.answers]


def best(
    firm: Firm,
    measures: list[dict[str, Any]],
    subsidies: list[dict[str, Any]],
    goal: dict[str, Any],
    *,
    allowed: list[int],
    required: list[int],
) -> tuple[float, ...] | None:
    """What the best plan comes to: the goal's own figure, then measures, days (and yen within a budget)."""
    found: list[tuple[float, ...]] = []
    for places in _subsets(sorted(set(allowed) | set(required))):
        if not set(required) <= set(places):
            continue
        taken = [measures[place] for place in places]
        size, days = len(taken), sum(measure["days"] for measure in taken)
        cost = net_yen(taken, subsidies)
        if goal["kind"] == "budget":
            if cost <= goal["yen"]:
                found.append((-gain(firm, taken), size, days, cost))
        elif _reaches(firm, taken, goal):
            found.append((cost, size, days))
    return min(found, default=None)


def _reaches(firm: Firm, taken: list[dict[str, Any]], goal: dict[str, Any]) -> bool:
    after = lifted(firm, taken)
    levels = [level(firm, after, name) for name in goal["sets"]]
    return all(reached is None or reached >= goal["level"] for reached in levels)


def _payers(measure: dict[str, Any], subsidies: list[dict[str, Any]]) -> list[int | None]:
    return [None, *(s for s, subsidy in enumerate(subsidies) if measure["place"] in subsidy["measures"])]


def _granted(
    measures: list[dict[str, Any]], subsidies: list[dict[str, Any]], way: tuple[int | None, ...]
) -> int:
    granted = 0
    for place, subsidy in enumerate(subsidies):
        paid = [measure for measure, payer in zip(measures, way, strict=True) if payer == place]
        whole = min(subsidy["cap"], sum(_share(one, subsidy, subsidy["months"]) for one in paid))
        if whole >= subsidy["minimum"]:
            first = sum(_share(one, subsidy, min(12, subsidy["months"])) for one in paid)
            granted += min(subsidy["cap"], first)
    return granted


def _share(measure: dict[str, Any], subsidy: dict[str, Any], months: int) -> int:
    covered = measure["monthly"] * months + (measure["initial"] if subsidy["initial"] else 0)
    rate: Fraction = subsidy["rate"]
    return int(covered * rate.numerator // rate.denominator)


def _subsets(places: list[int]) -> Iterator[tuple[int, ...]]:
    return chain.from_iterable(combinations(places, size) for size in range(len(places) + 1))
