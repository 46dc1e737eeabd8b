"""The pool at the size of a whole supply chain: its rates by industry × size, and what is let out of it."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from assessments.pool.groups import nesting
from scoring import benchmark
from scoring.benchmark import Rates
from scoring.release import Rows, may_share, release, release_by_column, summed
from scoring.scale import Codes
from tests.bench.measuring import Cost, cost, line

FIRMS, QUESTIONS, MONTHS = 100_000, 57, 36
SUBMISSIONS = 2 * FIRMS


def lines() -> Iterator[str]:
    """Give the lines of the pool."""
    dice = np.random.default_rng(1)
    codes = dice.integers(0, 7, (FIRMS, QUESTIONS), dtype=np.int8)
    parts = dice.integers(0, nesting().parts, FIRMS)
    yield line(
        f"own-pool rates by industry × size, {FIRMS:,}",
        cost(partial(_rates, codes, parts), runs=20),
        goal="≤ 50 ms",
        smallest=_smallest(codes),
    )
    rates = _rates(codes, parts)
    yield line(
        "what of them may be shown", cost(lambda: may_share(rates.counted, nesting()), runs=20), goal=""
    )
    firm = dice.integers(0, FIRMS, SUBMISSIONS)
    month = np.sort(dice.integers(0, MONTHS, SUBMISSIONS))
    history, limits = (firm, month), {"firms": FIRMS, "until": MONTHS, "kept": 24}
    belongs = parts[firm]
    yield line(
        f"what is let out of {SUBMISSIONS:,} submissions, of the whole questionnaire",
        cost(partial(release, *history, belongs, nesting(), **limits), runs=5),
        goal="",
    )
    # Half are asked the second part, a third the last.
    asked = dice.random((SUBMISSIONS, 1)) < np.repeat((1, 1 / 2, 1 / 3), QUESTIONS // 3)
    by_question = partial(release_by_column, *history, asked, belongs, nesting(), **limits)
    yield line(f"and of {QUESTIONS} questions in three parts", cost(by_question, runs=3), goal="")


def _rates(codes: Codes, parts: Rows) -> Rates:
    found = benchmark.rates(codes, parts, group_count=nesting().count)
    return Rates(*(summed(count, nesting()) for count in (found.done, found.partly, found.counted)))


def _smallest(codes: Codes) -> Cost:
    """NumPy's own count of three answers, of everybody at once."""

    def count() -> list[object]:
        return [np.count_nonzero(codes == code, axis=0) for code in (1, 2, 3)]

    return cost(count, runs=20)
