"""The invented firms: name, size, place, contact, and what the buyer has with them. Same seed, same firms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from assessments.content_files import read_yaml
from assessments.corporate_number import check_digit
from assessments.demo.quotas import by_rank

TEN_THOUSAND = 10_000
# A registry office that does not exist, so that no number here is anybody's.
NO_OFFICE = 9999


@dataclass(frozen=True, slots=True)
class Firm:
    """One invented supplier and its relationships' facts."""

    number: int
    name: str
    kana: str
    domain: str
    industry: str
    kind: str
    prefecture: str
    employees: int
    capital: int
    corporate_number: str
    contact_name: str
    contact_email: str
    department: str
    phone: str
    spend: int
    tier: int
    exposures: tuple[int | None, int | None, int | None]
    has_second_unit: bool
    quality: float = field(repr=False)

    @property
    def highest(self) -> int:
        """The highest exposure that is graded, 0 where none is."""
        return max(exposure or 0 for exposure in self.exposures)


@cache
def material() -> Mapping[str, Any]:
    """The lists that firms are made of."""
    found: Mapping[str, Any] = read_yaml("demo/firms.yaml")
    return found


def invent(count: int, *, seed: int) -> list[Firm]:
    """Invent `count` firms; sizes, industries, places and exposures come out by quota."""
    rng = np.random.default_rng(seed)
    industries = _dealt(rng, count, [entry["share"] for entry in material()["industries"]])
    sizes = _dealt(rng, count, [entry["share"] for entry in material()["sizes"]])
    places = _dealt(rng, count, list(material()["prefectures"].values()))
    highest = _dealt(rng, count, material()["exposures"]["highest"]) + 1
    ungraded = _flags(rng, count, material()["exposures"]["ungraded_percent"])
    second = _flags(rng, count, material()["exposures"]["second_unit_percent"])
    tiers = _flags(rng, count, material()["exposures"]["second_tier_percent"])
    quality = rng.standard_normal(count) + 0.35 * (sizes - sizes.mean())
    spend = np.exp(rng.normal(15.6, 1.3, count) + 0.25 * highest)
    codes = list(material()["prefectures"])
    return [
        _firm(
            i,
            rng,
            industry=material()["industries"][industries[i]],
            size=material()["sizes"][sizes[i]],
            prefecture=codes[places[i]],
            exposures=_exposures(rng, int(highest[i]), is_ungraded=bool(ungraded[i])),
            spend=int(spend[i] // TEN_THOUSAND) * TEN_THOUSAND,
            tier=2 if tiers[i] else 1,
            has_second_unit=bool(second[i]),
            quality=float(quality[i]),
        )
        for i in range(count)
    ]


def _firm(
    number: int,
    rng: np.random.Generator,
    *,
    industry: Mapping[str, Any],
    size: Mapping[str, Any],
    **facts: Any,
) -> Firm:
    name, kana, romaji = _name(number, rng, industry["forms"])
    family, given = _pick(rng, material()["family_names"]), _pick(rng, material()["given_names"])
    domain = f"{romaji}-{number + 1:05d}.example"
    digits = f"{NO_OFFICE}{number + 1:08d}"
    return Firm(
        number=number,
        name=name,
        kana=kana,
        domain=domain,
        industry=industry["code"],
        kind=industry["kind"],
        employees=int(rng.integers(size["from"], size["to"] + 1)),
        capital=int(rng.integers(size["capital"][0], size["capital"][1] + 1)) * TEN_THOUSAND,
        corporate_number=f"{check_digit(digits)}{digits}",
        contact_name=f"{family.split('/')[0]} {given}",
        contact_email=f"{family.split('/')[2]}@{domain}",
        department=_pick(rng, material()["departments"]),
        phone=f"0{int(rng.integers(3, 10))}-0000-{int(rng.integers(0, TEN_THOUSAND)):04d}",
        **facts,
    )


def _name(number: int, rng: np.random.Generator, forms: list[str]) -> tuple[str, str, str]:
    stems = material()["stems"]
    stem = stems[(number * 7 + int(rng.integers(0, 5))) % len(stems)].split("/")
    form = _pick(rng, forms).split("/")
    at = int(rng.integers(0, len(material()["places"])))
    core = stem[0] + material()["places"][at] + form[0]
    sound = stem[1] + material()["places_kana"][at] + form[1]
    long_name = material()["long_name"]
    if number % long_name["every"] == long_name["every"] - 1:
        core, sound = core + long_name["word"], sound + long_name["kana"]
    legal = material()["legal"][_weighted(rng, [entry["share"] for entry in material()["legal"]])]
    pair = (legal["word"], core) if legal["before"] else (core, legal["word"])
    romaji = "-".join(part for part in (stem[2], material()["places_romaji"][at], form[2]) if part)
    return "".join(pair), sound, romaji


def _exposures(
    rng: np.random.Generator, highest: int, *, is_ungraded: bool
) -> tuple[int | None, int | None, int | None]:
    graded: list[int | None] = [int(rng.integers(1, highest + 1)) for _ in range(3)]
    graded[int(rng.integers(0, 3))] = highest
    if is_ungraded:
        graded[int(rng.integers(0, 3))] = None
    return graded[0], graded[1], graded[2]


def _dealt(rng: np.random.Generator, count: int, weights: list[float]) -> Any:
    return by_rank(rng.random(count), weights)


def _flags(rng: np.random.Generator, count: int, percent: float) -> Any:
    return _dealt(rng, count, [100 - percent, percent])


def _weighted(rng: np.random.Generator, weights: list[int]) -> int:
    return int(rng.choice(len(weights), p=np.array(weights) / sum(weights)))


def _pick(rng: np.random.Generator, words: list[str]) -> str:
    return words[int(rng.integers(0, len(words)))]
