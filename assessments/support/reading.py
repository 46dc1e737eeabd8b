"""What came out of a support plan as pages and files read it: the curve, the measures, the suppliers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from assessments.chain.rows import Mask, Rows
from assessments.measures import Measure, measures
from assessments.models import Supplier, SupportPlan, SupportPlanResult

WHOLE, BITS = 100, 8
FEW = 500


@dataclass(frozen=True, slots=True)
class Point:
    """A budget and what it does.

    `left_percent` is what stays of all gaps; the best may lie `gap_percent` of its bound higher at most.
    """

    budget_yen: int
    spent_yen: int
    gained: int
    left_percent: float
    gap_percent: float


@dataclass(frozen=True, slots=True)
class Taken:
    """A measure over all suppliers: at how many it is offered, and for how much."""

    measure: Measure
    suppliers: int
    yen: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A measure for a supplier at its cost in the first year, its own work included."""

    measure: Measure
    yen: int


@dataclass(frozen=True, slots=True)
class Supported:
    """A supplier with what to offer it, and what that gains."""

    public_id: str
    name: str
    code: str
    inherent: int
    gained: int
    offers: tuple[Offer, ...]

    @property
    def yen(self) -> int:
        """What its offers cost."""
        return sum(offer.yen for offer in self.offers)


@dataclass(frozen=True, eq=False)
class Outcome:
    """A result unpacked: arrays by supplier (and measure), the columns those of `catalogue`."""

    row: SupportPlanResult
    catalogue: tuple[Measure | None, ...]
    supplier_ids: Rows
    inherent: NDArray[np.int8]
    gained: Rows
    chosen: Mask
    yen: Rows

    @property
    def points(self) -> tuple[Point, ...]:
        """The curve, by rising budget."""
        return tuple(_point(self.row.missing, *entry) for entry in self.row.curve)

    @property
    def spent_yen(self) -> int:
        """What all the offers cost."""
        return int(self.yen.sum())

    @property
    def gain(self) -> int:
        """What all the offers gain."""
        return int(self.gained.sum())

    @property
    def gap_percent(self) -> float:
        """How far below the best it can be at most."""
        return _percent(self.row.bound - self.gain, self.row.bound)

    @property
    def left_percent(self) -> float:
        """What stays of all gaps, of 100."""
        return WHOLE - _percent(self.gain, self.row.missing)

    @property
    def by_gain(self) -> Rows:
        """The places of those to whom anything is offered, who gain most first."""
        offered = np.flatnonzero(self.chosen.any(axis=1))
        found: Rows = offered[np.argsort(-self.gained[offered], kind="stable")]
        return found

    def taken(self) -> tuple[Taken, ...]:
        """Give the measures that are offered to anybody, to most first."""
        at, yen = self.chosen.sum(axis=0), self.yen.sum(axis=0)
        found = [
            Taken(one, int(at[column]), int(yen[column]))
            for column, one in enumerate(self.catalogue)
            if one is not None and at[column]
        ]
        return tuple(sorted(found, key=lambda one: -one.suppliers))


def result_of(session: Session, plan: SupportPlan) -> Outcome | None:
    """Give what came out of a plan; None while it is not reckoned."""
    row = session.scalar(select(SupportPlanResult).where(SupportPlanResult.support_plan_id == plan.id))
    if row is None:
        return None
    known = {one.key: one for one in measures()}
    supplier_ids = np.frombuffer(row.supplier_ids, dtype="<i8")
    chosen = _unpacked(row.chosen, len(supplier_ids), len(row.measures))
    yen = np.zeros(chosen.shape, dtype=np.int64)
    yen[chosen] = np.frombuffer(row.yen, dtype="<i8")
    return Outcome(
        row=row,
        catalogue=tuple(known.get(key) for key in row.measures),
        supplier_ids=supplier_ids,
        inherent=np.frombuffer(row.inherent, dtype=np.int8),
        gained=np.frombuffer(row.gained, dtype="<i8"),
        chosen=chosen,
        yen=yen,
    )


def within(session: Session, outcome: Outcome, scope: ColumnElement[bool]) -> Rows:
    """Give the places of those within `scope` (a condition on Supplier), who gain most first."""
    ids = np.array(session.scalars(select(Supplier.id).where(scope)).all(), dtype=np.int64)
    places = outcome.by_gain
    found: Rows = places[np.isin(outcome.supplier_ids[places], ids)]
    return found


def supported(session: Session, outcome: Outcome, places: Sequence[int]) -> list[Supported]:
    """Give these places of an outcome in full, in their order."""
    ids = [int(outcome.supplier_ids[place]) for place in places]
    names: dict[int, tuple[str, str, str]] = {}
    for start in range(0, len(ids), FEW):
        columns = (Supplier.id, Supplier.public_id, Supplier.name, Supplier.code)
        rows = session.execute(select(*columns).where(Supplier.id.in_(ids[start : start + FEW])))
        names |= {row: (public_id, name, code or "") for row, public_id, name, code in rows}
    return [
        Supported(
            *names[row],
            inherent=int(outcome.inherent[place]),
            gained=int(outcome.gained[place]),
            offers=_offers(outcome, place),
        )
        for row, place in zip(ids, places, strict=True)
    ]


def _offers(outcome: Outcome, place: int) -> tuple[Offer, ...]:
    columns = np.flatnonzero(outcome.chosen[place]).tolist()
    found = [(outcome.catalogue[column], int(outcome.yen[place, column])) for column in columns]
    return tuple(Offer(one, yen) for one, yen in found if one is not None)


def _unpacked(bits: bytes, suppliers: int, columns: int) -> Mask:
    rows = np.frombuffer(bits, dtype=np.uint8).reshape(suppliers, -(-columns // BITS))
    return np.unpackbits(rows, axis=1, count=columns).astype(np.bool_)


def _point(missing: int, budget: int, spent: int, gained: int, bound: int) -> Point:
    return Point(
        budget_yen=budget,
        spent_yen=spent,
        gained=gained,
        left_percent=WHOLE - _percent(gained, missing),
        gap_percent=_percent(bound - gained, bound),
    )


def _percent(part: int, whole: int) -> float:
    return WHOLE * part / whole if whole else 0.0
