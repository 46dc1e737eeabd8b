"""A mixed-integer programme as HiGHS takes it: columns, rows, solves in turn; their meaning lives above."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Sums of whole numbers are held to within half of one, so that no float can blur them.
HALF = 0.5
# Searches and restarts that pay on large programmes cost more than they find on one supplier's.
_SPARED = (
    "mip_heuristic_run_rens",
    "mip_heuristic_run_rins",
    "mip_heuristic_run_root_reduced_cost",
    "mip_allow_restart",
)


class Unsolved(RuntimeError):
    """The solver gave up on a programme that has a solution. It is a fault of ours, not of the input."""


class Programme:
    """Columns between 0 and an upper bound, and rows over them, gathered before anything is solved."""

    def __init__(self) -> None:
        """Begin without columns and rows."""
        self._lower: list[float] = []
        self._upper: list[float] = []
        self._is_whole: list[int] = []
        self._starts: list[int] = [0]
        self._indexes: list[int] = []
        self._values: list[float] = []
        self._at_least: list[float] = []
        self._at_most: list[float] = []

    @property
    def columns(self) -> int:
        """How many columns there are so far."""
        return len(self._upper)

    def choice(self, *, is_required: bool = False) -> int:
        """Add a column that is 0 or 1, and give its position; 1 in any case if it is required."""
        return self._column(1.0 if is_required else 0.0, 1.0, is_whole=True)

    def amount(self, upper: float) -> int:
        """Add a column for any amount from 0 to the upper bound, and give its position."""
        return self._column(0.0, upper, is_whole=False)

    def row(
        self, terms: Iterable[tuple[int, float]], *, at_least: float = -np.inf, at_most: float = np.inf
    ) -> None:
        """Add a row: the sum of column × coefficient lies between the two bounds."""
        for column, coefficient in terms:
            self._indexes.append(column)
            self._values.append(coefficient)
        self._starts.append(len(self._indexes))
        self._at_least.append(at_least)
        self._at_most.append(at_most)

    def solve(self, objectives: Sequence[Mapping[int, float]]) -> NDArray[np.float64] | None:
        """The columns' values that make the first sum least, then the second among those, and so on.

        All coefficients are whole numbers, and so are the sums at their least. None where nothing satisfies
        the rows. Raises Unsolved.
        """
        solver = self._passed()
        values = None
        for objective in objectives:
            costs = np.zeros(self.columns)
            costs[list(objective)] = list(objective.values())
            solver.changeColsCost(self.columns, np.arange(self.columns, dtype=np.int32), costs)
            values = _solved(solver)
            if values is None:
                return None
            places = np.flatnonzero(costs).astype(np.int32)
            most = float(np.rint(costs @ values)) + HALF
            solver.addRow(-np.inf, most, len(places), places, costs[places])
        return values

    def _column(self, lower: float, upper: float, *, is_whole: bool) -> int:
        self._lower.append(lower)
        self._upper.append(upper)
        self._is_whole.append(int(is_whole))
        return self.columns - 1

    def _passed(self) -> Any:
        """A silent solver that holds the programme: one thread, no gap, the same answer every time."""
        solver = new_solver()
        status = solver.passModel(
            self.columns,
            len(self._at_least),
            len(self._indexes),
            2,  # by rows
            1,  # the least
            0.0,
            np.zeros(self.columns),
            np.array(self._lower, dtype=np.float64),
            np.array(self._upper, dtype=np.float64),
            np.array(self._at_least, dtype=np.float64),
            np.array(self._at_most, dtype=np.float64),
            np.array(self._starts, dtype=np.int32),
            np.array(self._indexes, dtype=np.int32),
            np.array(self._values, dtype=np.float64),
            np.array(self._is_whole, dtype=np.int32),
        )
        if int(status) < 0:
            raise Unsolved("the solver refuses the programme")
        return solver


def new_solver(*, gap: float = 0.0) -> Any:
    """A HiGHS that says nothing, works alone and always the same way, to this relative gap."""
    import highspy

    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # its constructor lacks a return type
    for option, setting in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_rel_gap", gap),
        ("mip_abs_gap", 0.0),
        ("mip_feasibility_tolerance", 1e-9),
        ("primal_feasibility_tolerance", 1e-9),
    ):
        solver.setOptionValue(option, setting)
    for option in _SPARED:
        solver.setOptionValue(option, False)
    return solver


def _solved(solver: Any) -> NDArray[np.float64] | None:
    import highspy

    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty):
        raise Unsolved(f"the solver ends with {solver.modelStatusToString(status)}")
    return np.array(solver.getSolution().col_value, dtype=np.float64)
