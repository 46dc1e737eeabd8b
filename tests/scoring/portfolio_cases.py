"""A portfolio as large as one likes, random and always the same, for the tests and the bench."""

from typing import TypeAlias

import numpy as np

from scoring.portfolio_case import PortfolioCase, portfolio_case
from scoring.scale import AnswerCode
from tests.scoring.cases import shipped_like

Lifts: TypeAlias = tuple[tuple[int, AnswerCode], ...]

QUESTIONS, MEASURES = 57, 40


def large(suppliers: int, seed: int = 7) -> PortfolioCase:
    """Suppliers like those of a chain: 57 questions, 40 measures that overlap, prices by their size."""
    rng = np.random.default_rng(seed)
    lifts = tuple(random_lifts(rng, QUESTIONS, most=6) for _ in range(MEASURES))
    prices = rng.integers(1, 200, MEASURES)[None, :] * rng.uniform(0.5, 3, (suppliers, 1)) * 1000
    return portfolio_case(
        shipped_like(),
        rng.choice(np.arange(1, 6, dtype=np.int8), (suppliers, QUESTIONS), p=[0.45, 0.25, 0.1, 0.15, 0.05]),
        lifts,
        prices.astype(np.int64),
        factor=rng.integers(1, 6, suppliers),
        is_usable=rng.random((suppliers, MEASURES)) < 0.9,
    )


def random_lifts(rng: np.random.Generator, questions: int, *, most: int) -> Lifts:
    """Some questions lifted, most of them to implemented."""
    places = rng.permutation(questions)[: rng.integers(1, most + 1)].tolist()
    return tuple(
        (place, AnswerCode.IMPLEMENTED if rng.random() < 0.75 else AnswerCode.PARTIAL) for place in places
    )
