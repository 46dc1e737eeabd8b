"""Blocks of suppliers as programmes in arrays: the best at a price for a yen, or within one budget."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.portfolio_case import Truths, Wholes
from scoring.programme import HALF, new_solver

# No block is searched longer than this; what is then proven of it is its bound.
MOST_NODES = 5000


@dataclass(frozen=True, eq=False)
class Block:
    """Some suppliers: what each step gains them (× steps), what measures cost and which they may take."""

    gain: Wholes
    yen: Wholes
    is_usable: Truths
    brings: Truths  # steps × measures


@dataclass(frozen=True, eq=False)
class Solved:
    """The measures found for a block, and an upper bound of what any choice of them could come to."""

    chosen: Truths
    bound: float


@dataclass(frozen=True, eq=False)
class _Layout:
    """Where suppliers' measures and steps stand among the columns: measures first, then steps."""

    measures: NDArray[np.int64]  # column, (supplier, measure)
    steps: NDArray[np.int64]  # column, (supplier, step)
    starts: NDArray[np.int32]
    indexes: NDArray[np.int32]
    values: NDArray[np.float64]


def best_at_price(block: Block, price: float) -> Solved:
    """The choice with the most gain − price × yen, each supplier for itself."""
    layout = _layout(block)
    if not len(layout.measures):
        return Solved(np.zeros_like(block.is_usable), 0.0)
    solver = _passed(block, layout, price, gap=0.0)
    solver.run()
    return _read(solver, block, layout)


def best_within(
    block: Block, budget: int, *, gap: float = 0.0, is_cancelled: Callable[[], bool] | None = None
) -> Solved:
    """The choice with the most gain for all the suppliers together within a budget, to a relative gap.

    The search ends early when `is_cancelled` says so; the caller asks it again and says what that means.
    """
    layout = _layout(block)
    if not len(layout.measures):
        return Solved(np.zeros_like(block.is_usable), 0.0)
    solver = _passed(block, layout, 0.0, gap=gap)
    columns = np.arange(len(layout.measures), dtype=np.int32)
    yen = block.yen[layout.measures[:, 0], layout.measures[:, 1]].astype(np.float64)
    solver.addRow(-np.inf, budget + HALF, len(columns), columns, yen)
    if is_cancelled is not None:
        solver.cbMipInterrupt.subscribe(lambda event: event.interrupt(is_cancelled()))
    solver.run()
    return _read(solver, block, layout)


def _layout(block: Block) -> _Layout:
    is_open = block.gain > 0
    helps = block.is_usable & (is_open.astype(np.float32) @ block.brings.astype(np.float32) > 0)
    can_rise = is_open & (helps.astype(np.float32) @ block.brings.T.astype(np.float32) > 0)
    measures, steps = np.argwhere(helps), np.argwhere(can_rise)
    column = np.full(helps.shape, -1, dtype=np.int64)
    column[measures[:, 0], measures[:, 1]] = np.arange(len(measures))
    bringing = block.brings[steps[:, 1]] & helps[steps[:, 0]]
    rows, brought_by = np.nonzero(bringing)
    starts = np.concatenate(([0], np.cumsum(bringing.sum(axis=1) + 1)))
    is_own = np.zeros(starts[-1], dtype=np.bool_)
    is_own[starts[:-1]] = True
    indexes = np.empty(len(is_own), dtype=np.int32)
    indexes[is_own] = len(measures) + np.arange(len(steps))
    indexes[~is_own] = column[steps[rows, 0], brought_by]
    return _Layout(measures, steps, starts.astype(np.int32), indexes, np.where(is_own, 1.0, -1.0))


def _passed(block: Block, layout: _Layout, price: float, *, gap: float) -> Any:
    solver = new_solver(gap=gap)
    solver.setOptionValue("mip_max_nodes", MOST_NODES)
    measures, steps = layout.measures, layout.steps
    count = len(measures) + len(steps)
    yen = block.yen[measures[:, 0], measures[:, 1]]
    gain = block.gain[steps[:, 0], steps[:, 1]]
    solver.passModel(
        count,
        len(steps),
        len(layout.indexes),
        2,  # by rows
        1,  # the least
        0.0,
        np.concatenate((price * yen, -gain.astype(np.float64))),
        np.zeros(count),
        np.ones(count),
        np.full(len(steps), -np.inf),
        np.zeros(len(steps)),
        layout.starts,
        layout.indexes,
        layout.values,
        np.repeat(np.array([1, 0], dtype=np.int32), [len(measures), len(steps)]),
    )
    return solver


def _read(solver: Any, block: Block, layout: _Layout) -> Solved:
    """What was found; the bound is the proven one, also where the search ended early."""
    chosen = np.zeros_like(block.is_usable)
    values = np.array(solver.getSolution().col_value, dtype=np.float64)
    if len(values):
        taken = layout.measures[values[: len(layout.measures)] > HALF]
        chosen[taken[:, 0], taken[:, 1]] = True
    return Solved(chosen, -float(solver.getInfo().mip_dual_bound))
