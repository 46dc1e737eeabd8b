"""Models, rubrics and assessments for the tests, small and made by hand or random."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.model import Model, Rubric, model_of, rubric_of
from scoring.scale import AnswerCode, Assurance, Codes

ANSWERS = [code.word for code in AnswerCode]
PROOFS = [assurance.word for assurance in Assurance]


def constants(**changes: Any) -> dict[str, Any]:
    """The content of a model file with the specification's constants."""
    return {
        "id": "sanpo-1",
        "points": {"implemented": 4, "partial": 2, "planned": 0, "not_planned": 0, "unknown": -1},
        "absent_official_points": 4,
        "practice": [50, 80],
        "effectiveness": [0, 0, 15, 30, 60, 85],
        "bands": [1, 2, 3, 4],
        "band_names": ["very_low", "low", "moderate", "high", "very_high"],
        "star_exposure": 4,
        "star_share_warning": 30,
        "official_bands": [
            {"name": "-25-49", "from": -25},
            {"name": "50-69", "from": 50},
            {"name": "70-99", "from": 70},
            {"name": "100", "from": 100},
        ],
        "answers_for": {
            "confidentiality": ["left", "right"],
            "continuity": ["left", "lens"],
            "connectivity": ["left"],
        },
        **changes,
    }


def model(**changes: Any) -> Model:
    """The model of these constants."""
    return model_of(constants(**changes))


def question(
    weight: int = 1, *, essential: bool = False, item: int | None = None, **where: str
) -> dict[str, Any]:
    """A scored question as content describes it; domain `all` of axis `left` unless told."""
    return {
        "domain": "all",
        "axis": "left",
        "weight": weight,
        "essential": essential,
        "official_item": item,
        **where,
    }


def rubric(*questions: dict[str, Any], lens: tuple[int, ...] = (), **changes: Any) -> Rubric:
    """The rubric of these questions; its axes that answer for exposures are only those it has."""
    named = [{**one, "key": str(place)} for place, one in enumerate(questions)]
    if "answers_for" not in changes:
        changes["answers_for"] = {
            "confidentiality": ["left"],
            "continuity": ["left"],
            "connectivity": ["left"],
        }
    return rubric_of(model(**changes), named, {"lens": [str(place) for place in lens]} if lens else {})


def coded(*words: str) -> Codes:
    """A row of answers by word."""
    return np.array([AnswerCode[word.upper()] for word in words], dtype=np.int8)


def proven(*words: str) -> Codes:
    """A row of assurance by word."""
    return np.array([Assurance[word.upper()] for word in words], dtype=np.int8)


def their_word(count: int) -> Codes:
    """A row of assurance in which nothing is proven."""
    return np.full(count, Assurance.ATTESTED, dtype=np.int8)


@dataclass(frozen=True)
class RandomCase:
    """A random rubric as the ring takes it and as the reference does, with a batch of assessments."""

    constants: dict[str, Any]
    questions: list[dict[str, Any]]
    members: dict[str, list[int]]
    rubric: Rubric
    answers: Codes
    proof: Codes
    exposures: Codes

    def words(self, row: int) -> tuple[list[str], list[str]]:
        """One assessment's answers and assurance in words."""
        return [ANSWERS[code] for code in self.answers[row]], [PROOFS[code] for code in self.proof[row]]


def random_case(seed: int, *, assessments: int = 50, questions: int | None = None) -> RandomCase:
    """A rubric of random size, weights, essentials and constants, and assessments from poor to excellent."""
    rng = np.random.default_rng(seed)
    count = questions or int(rng.integers(26, 58) if rng.random() < 0.5 else rng.integers(1, 12))
    domains = sorted(f"domain{number}" for number in rng.integers(0, 4, count))
    axis_of = {name: "left" if rng.random() < 0.6 else "right" for name in domains} | {domains[0]: "left"}
    items = rng.permutation(count) + 1
    asked = [
        question(
            int(rng.integers(1, 4)),
            essential=bool(rng.random() < rng.choice([0.0, 0.15, 0.5])),
            item=int(items[place]) if items[place] <= 25 else None,
            domain=domains[place],
            axis=axis_of[domains[place]],
            key=str(place),
        )
        for place in range(count)
    ]
    lens = rng.permutation(count)[: max(1, count // 3)].tolist()
    numbers = _random_constants(rng, sets=sorted({*domains, *axis_of.values(), "lens"}))
    built = rubric_of(model_of(numbers), asked, {"lens": [str(place) for place in lens]})
    members = {
        named.name: [i for i, one in enumerate(asked) if named.name in (one["domain"], one["axis"])]
        for named in built.domains + built.axes
    } | {"lens": lens}
    return RandomCase(
        constants=numbers,
        questions=asked,
        members=members,
        rubric=built,
        answers=_random_answers(rng, assessments, count),
        proof=_random_proof(rng, assessments, count),
        exposures=np.where(
            rng.random((assessments, 3)) < 0.05, 0, rng.integers(1, 6, (assessments, 3))
        ).astype(np.int8),
    )


def shipped_like(questions: int = 57) -> Rubric:
    """A rubric as large as the shipped one."""
    built = [
        question(
            1 + place % 3,
            essential=place % 9 == 0,
            item=place + 1 if place < 25 else None,
            domain=f"domain{place * 6 // questions}",
            axis="left" if place < 25 else "right",
        )
        for place in range(questions)
    ]
    return rubric(*built, lens=(10, 23, 50))


def _random_constants(rng: np.random.Generator, *, sets: list[str]) -> dict[str, Any]:
    unknown, not_done, partial, full = np.sort(rng.integers(-2, 6, 4)).tolist()
    low, high = np.sort(rng.integers(1, 101, 2)).tolist()
    return constants(
        points={
            "implemented": max(1, full),
            "partial": min(partial, max(1, full)),
            "planned": not_done,
            "not_planned": not_done,
            "unknown": unknown,
        }
        if rng.random() < 0.5
        else constants()["points"],
        absent_official_points=int(rng.integers(0, 5)),
        practice=[low, high] if rng.random() < 0.5 else [50, 80],
        effectiveness=np.sort(rng.integers(0, 101, 6)).tolist(),
        bands=(np.sort(rng.integers(0, 500, 4)) / 100).tolist(),
        star_exposure=int(rng.integers(1, 6)),
        answers_for={
            exposure: rng.permutation(sets)[: rng.integers(0, 4)].tolist()
            for exposure in ("confidentiality", "continuity", "connectivity")
        },
    )


def _random_answers(rng: np.random.Generator, assessments: int, count: int) -> Codes:
    quality = rng.choice([0.1, 0.5, 0.85, 0.97, 1.0], (assessments, 1))
    poorer = rng.choice([2, 3, 4, 5], (assessments, count), p=[0.4, 0.2, 0.2, 0.2])
    answers = np.where(rng.random((assessments, count)) < quality, 1, poorer)
    left_out = rng.random((assessments, count)) < rng.choice(
        [0.0, 0.1, 0.9, 1.0], (assessments, 1), p=[0.5, 0.4, 0.07, 0.03]
    )
    return np.where(left_out, rng.choice([0, 6], (assessments, count)), answers).astype(np.int8)


def _random_proof(rng: np.random.Generator, assessments: int, count: int) -> Codes:
    least = rng.integers(0, 4, (assessments, 1))
    return np.maximum(rng.integers(0, 4, (assessments, count)), least).astype(np.int8)
