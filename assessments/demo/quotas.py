"""Dealing by quota: shares of a whole number that come out exact, and who gets them by rank."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ranks = NDArray[np.float64]
Chosen = NDArray[np.int64]


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """Split `total` by weights, largest remainders first; the parts sum to `total`."""
    whole = float(sum(weights))
    exact = [total * weight / whole for weight in weights]
    parts = [int(part) for part in exact]
    order = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def deal(ranks: Ranks, parts: Sequence[int]) -> Chosen:
    """Give each member the number of its part: the highest ranks get part 0, then 1, and so on."""
    order = np.argsort(-ranks, kind="stable")
    chosen = np.empty(len(ranks), dtype=np.int64)
    chosen[order] = np.repeat(np.arange(len(parts)), parts)
    return chosen


def by_rank(ranks: Ranks, weights: Sequence[float]) -> Chosen:
    """Deal the parts of the weights to the members by rank."""
    return deal(ranks, shares(len(ranks), weights))
