"""The buyer's support budget over all suppliers: what to pay for whom, how near the best, and the curve."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from math import floor

import numpy as np
from numpy.typing import NDArray

from scoring.plan_terms import BadGoal
from scoring.portfolio_blocks import Block, best_at_price, best_within
from scoring.portfolio_case import PortfolioCase, Truths, Wholes

# So many suppliers are solved at once: enough to share the cost of a start, few enough to stay easy.
BLOCK = 20
# Below so many choices the whole is solved exactly; up to the second, where the prices leave too wide a gap.
EXACT_CHOICES, WHOLE_CHOICES = 300, 5000
MOST_ROUNDS = 12
# Of many suppliers so many, evenly drawn, tell the price to begin with.
SAMPLE = 200
HALVINGS = 60
# Ten trillion yen: sums stay exact in the floats of prices.
HIGHEST_BUDGET = 10**13
# All that a supplier could buy counts for less than a point of gain where a yen hardly has a price.
LEAST = 0.01
GAP = 0.005


class Cancelled(Exception):
    """The caller no longer wants the answer."""


@dataclass(frozen=True, eq=False)
class Portfolio:
    """What to pay for whom (suppliers × measures), with the gain, and the bound no choice can exceed.

    Gains are Σ factor × weight × (new − old points); `spent` and `gained` stand by supplier. Free measures
    that bring something are chosen too.
    """

    budget_yen: int
    chosen: Truths
    spent: Wholes
    gained: Wholes
    bound: int

    @property
    def spent_yen(self) -> int:
        """What it costs in the first year."""
        return int(self.spent.sum())

    @property
    def gain(self) -> int:
        """What all the suppliers gain."""
        return int(self.gained.sum())

    @property
    def gap(self) -> float:
        """How far below the best it can be at most, 0 to 1 of the bound."""
        return (self.bound - self.gain) / self.bound if self.bound else 0.0


@dataclass(frozen=True, eq=False)
class _Round:
    """The best for every supplier at one price for a yen, and the bound of all of them together."""

    price: float
    chosen: Truths
    spent: Wholes
    gained: Wholes
    bound: float


@dataclass(eq=False)
class _Search:
    """The paid measures, once the free ones are taken, and every round so far."""

    case: PortfolioCase
    free: Truths
    block: Block
    gap: float
    progress: Callable[[int, int], None]
    is_cancelled: Callable[[], bool]
    total: int
    free_gain: int
    rounds: list[_Round]
    done: int = 0

    @property
    def choices(self) -> int:
        """How many paid measures could help somebody."""
        helps = self.block.gain.astype(np.float64) @ self.block.brings > 0
        return int(np.count_nonzero(helps & self.block.is_usable))

    def tick(self) -> None:
        """Say how far it is, and stop if nobody waits any more. Raises Cancelled."""
        if self.is_cancelled():
            raise Cancelled
        self.done += 1
        self.progress(min(self.done, self.total), self.total)


def best_portfolio(
    case: PortfolioCase,
    budget_yen: int,
    *,
    gap: float = GAP,
    progress: Callable[[int, int], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Portfolio:
    """The most gain over all suppliers within a budget; its own `gap` says how near the best it is proven.

    Lagrangian relaxation: at a price for a yen every supplier is solved exactly, which bounds the whole; the
    next price is where what was found so far would just spend the budget. It ends at the wanted gap, or when
    prices no longer change. Small cases are solved as one programme, exactly. Raises BadGoal, Cancelled.
    """
    return curve(case, (budget_yen,), gap=gap, progress=progress, is_cancelled=is_cancelled)[0]


def curve(
    case: PortfolioCase,
    budgets: Sequence[int],
    *,
    gap: float = GAP,
    progress: Callable[[int, int], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> tuple[Portfolio, ...]:
    """The best portfolio of each budget, in the given order; each is found from what the others found.

    `progress` is told steps done of steps at most, the last time that all are. Raises BadGoal, Cancelled.
    """
    if not all(type(budget) is int and 0 <= budget <= HIGHEST_BUDGET for budget in budgets):
        raise BadGoal("a budget is whole yen, 0 or more")
    if not 0 <= gap < 1:
        raise BadGoal("a gap is a share, from 0 to less than 1")
    blocks = -(-case.suppliers // BLOCK)
    search = _search(case, gap, progress, is_cancelled, total=max(1, blocks * MOST_ROUNDS * len(budgets)))
    found = tuple(_found(search, budget) for budget in budgets)
    search.done = search.total - 1
    search.tick()
    return found


def _search(
    case: PortfolioCase,
    gap: float,
    progress: Callable[[int, int], None] | None,
    is_cancelled: Callable[[], bool] | None,
    *,
    total: int,
) -> _Search:
    free = case.is_usable & (case.yen == 0)
    is_brought = free.astype(np.float32) @ case.brings.T.astype(np.float32) > 0
    block = Block(np.where(is_brought, 0, case.gain), case.yen, case.is_usable & ~free, case.brings)
    return _Search(
        case=case,
        free=free,
        block=block,
        gap=gap,
        progress=progress or _say_nothing,
        is_cancelled=is_cancelled or (lambda: False),
        total=total,
        free_gain=int(case.gained(free).sum()),
        rounds=[_nothing_bought(block)],
    )


def _found(search: _Search, budget: int) -> Portfolio:
    search.tick()
    if search.choices <= EXACT_CHOICES:
        return _as_one(search, budget, gap=0.0)
    chosen, bound = _priced(search, budget)
    best = _portfolio(search, budget, chosen, bound)
    if best.gap > search.gap and search.choices <= WHOLE_CHOICES:
        other = _as_one(search, budget, gap=search.gap)
        chosen = max(best, other, key=lambda portfolio: portfolio.gain).chosen
        best = _portfolio(search, budget, chosen, min(best.bound, other.bound) - search.free_gain)
    return best


def _as_one(search: _Search, budget: int, *, gap: float) -> Portfolio:
    solved = best_within(search.block, budget, gap=gap, is_cancelled=search.is_cancelled)
    search.tick()
    return _portfolio(search, budget, solved.chosen, solved.bound)


def _priced(search: _Search, budget: int) -> tuple[Truths, float]:
    """The best mixture of what every price finds, filled up, and the least of the prices' bounds."""
    first = _first_price(search, budget)
    if not _is_known(search.rounds, first):
        search.rounds.append(_round(search, first))
    everything = int(_spent(search.block, search.block.is_usable).sum())
    for _ in range(MOST_ROUNDS):
        price, picked = _mixed(search.rounds, budget)
        chosen = _filled(search, picked, budget)
        bound = min(one.price * min(budget, everything) + one.bound for one in search.rounds[1:])
        missed = bound - float(_gained(search.block, chosen).sum())
        if missed <= search.gap * (bound + search.free_gain) or _is_known(search.rounds, price):
            break
        search.rounds.append(_round(search, price))
    return chosen, bound


def _first_price(search: _Search, budget: int) -> float:
    """Where to begin: for few suppliers the least price, for many what a sample of them comes to."""
    block = search.block
    step = len(block.gain) // SAMPLE
    if step <= 1:
        return _least_price(block)
    part = Block(block.gain[::step], block.yen[::step], block.is_usable[::step], block.brings)
    rounds = [_nothing_bought(part)]
    budget = budget * len(part.gain) // len(block.gain)
    _priced(replace(search, block=part, progress=_say_nothing, rounds=rounds), budget)
    return min(rounds[1:], key=lambda one: one.price * budget + one.bound).price


def _nothing_bought(block: Block) -> _Round:
    """What comes of a price beyond all gain; it bounds nothing."""
    none = np.zeros(len(block.gain), dtype=np.int64)
    return _Round(np.inf, np.zeros_like(block.is_usable), none, none, np.inf)


def _least_price(block: Block) -> float:
    """A price so low that a supplier gains what it can, and yet pays no more for it than it must."""
    return LEAST / max(1, int(_spent(block, block.is_usable).max(initial=0)))


def _round(search: _Search, price: float) -> _Round:
    """Solve every supplier at this price, block by block."""
    block = search.block
    chosen = np.zeros_like(block.is_usable)
    bound = 0.0
    for start in range(0, len(chosen), BLOCK):
        search.tick()
        rows = slice(start, start + BLOCK)
        part = Block(block.gain[rows], block.yen[rows], block.is_usable[rows], block.brings)
        solved = best_at_price(part, price)
        chosen[rows] = solved.chosen
        bound += solved.bound
    return _Round(price, chosen, _spent(block, chosen), _gained(block, chosen), bound)


def _mixed(rounds: Sequence[_Round], budget: int) -> tuple[float, Truths]:
    """The least price at which the best of what each supplier was offered keeps to the budget, and that."""
    spent = np.stack([one.spent for one in rounds])
    gained = np.stack([one.gained for one in rounds])
    supplier = np.arange(spent.shape[1])

    def best_at(price: float) -> NDArray[np.intp]:
        worth: NDArray[np.float64] = gained - price * spent
        offered: NDArray[np.intp] = worth.argmax(axis=0)
        return offered

    low, high = 0.0, 1.0 + float((gained / np.maximum(spent, 1)).max(initial=0.0))
    if spent[best_at(low), supplier].sum() <= budget:
        high = low
    for _ in range(HALVINGS if high else 0):
        middle = (low + high) / 2
        fits = spent[best_at(middle), supplier].sum() <= budget
        low, high = (low, middle) if fits else (middle, high)
    best = best_at(high)
    picked = _upgraded(best, spent, gained, budget)
    return high, np.stack([one.chosen for one in rounds])[picked, supplier]


def _upgraded(best: NDArray[np.intp], spent: Wholes, gained: Wholes, budget: int) -> NDArray[np.intp]:
    """The same with what is left of the budget put where another round's find gains most a yen."""
    supplier = np.arange(spent.shape[1])
    more_yen = spent - spent[best, supplier]
    more_gain = gained - gained[best, supplier]
    left = budget - int(spent[best, supplier].sum())
    places = np.argwhere((more_gain > 0) & (more_yen <= left))
    rate = more_gain[tuple(places.T)] / np.maximum(more_yen[tuple(places.T)], 1)
    picked = best.copy()
    for place in np.argsort(-rate, kind="stable").tolist():
        offered, row = places[place].tolist()
        if picked[row] == best[row] and more_yen[offered, row] <= left:
            picked[row] = offered
            left -= int(more_yen[offered, row])
    return picked


def _filled(search: _Search, picked: Truths, budget: int) -> Truths:
    """The same with single measures bought for what is left, the most gain a yen first.

    What a measure gains only falls as others are bought, so it is reckoned anew when its turn comes.
    """
    block = search.block
    chosen = picked.copy()
    left = budget - int(_spent(block, chosen).sum())
    is_brought = chosen.astype(np.float32) @ block.brings.T.astype(np.float32) > 0
    more = np.where(is_brought, 0, block.gain).astype(np.float64) @ block.brings
    may_buy = block.is_usable & ~chosen & (block.yen <= left) & (more > 0)
    rates = more[may_buy] / block.yen[may_buy]
    waiting = list(zip((-rates).tolist(), *(places.tolist() for places in np.nonzero(may_buy)), strict=True))
    heapify(waiting)
    while waiting:
        rate, row, measure = heappop(waiting)
        yen = int(block.yen[row, measure])
        if yen > left:
            continue
        gain = int(block.gain[row, block.brings[:, measure] & ~is_brought[row]].sum())
        if gain and -gain / yen > rate:
            heappush(waiting, (-gain / yen, row, measure))
        elif gain:
            chosen[row, measure] = True
            left -= yen
            is_brought[row] |= block.brings[:, measure]
    return chosen


def _is_known(rounds: Sequence[_Round], price: float) -> bool:
    return any(abs(one.price - price) <= 1e-9 * price for one in rounds[1:])


def _portfolio(search: _Search, budget: int, paid: Truths, bound: float) -> Portfolio:
    """The portfolio of these paid measures and the free ones that bring what they do not."""
    case = search.case
    chosen = paid | _needed(search, paid)
    gained = case.gained(chosen)
    whole = floor(bound + search.free_gain + 1e-6)
    return Portfolio(budget, chosen, case.spent(chosen), gained, max(whole, int(gained.sum())))


def _needed(search: _Search, paid: Truths) -> Truths:
    """The free measures without those whose part the others bring already."""
    brings = search.case.brings
    kept = search.free.copy()
    count = (paid | kept).astype(np.float32) @ brings.T.astype(np.float32)
    matters = search.case.gain > 0
    for measure in reversed(range(kept.shape[1])):
        is_alone = matters & brings[:, measure] & (count <= 1)
        is_needless = kept[:, measure] & ~is_alone.any(axis=1)
        count -= is_needless[:, None] & brings[:, measure]
        kept[is_needless, measure] = False
    return kept


def _say_nothing(done: int, total: int) -> None:
    """Tell nobody how far it is."""


def _spent(block: Block, chosen: Truths) -> Wholes:
    sums: Wholes = np.where(chosen, block.yen, 0).sum(axis=1)
    return sums


def _gained(block: Block, chosen: Truths) -> Wholes:
    is_brought = chosen.astype(np.float32) @ block.brings.T.astype(np.float32) > 0
    sums: Wholes = np.where(is_brought, block.gain, 0).sum(axis=1)
    return sums
