"""The buyer's own constants: choosing them with who and why, and the model with them in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from assessments import audit, constant_content
from assessments.constant_content import LEVELS, Constant, Entry
from assessments.models import ConstantsChoice, User
from assessments.questionnaire_content import digest
from scoring.model import Model, model_of

OUT_OF_RANGE, TOO_FINE, MUST_RISE, MUST_NOT_FALL = "out_of_range", "too_fine", "must_rise", "must_not_fall"
MISSING, IN_THE_FUTURE = "missing", "in_the_future"


class ConstantsRefused(Exception):
    """What was chosen contradicts itself, or lacks who and why: (rule, entry) by field."""

    def __init__(self, broken: Mapping[str, tuple[str, Entry | None]]) -> None:
        """Take the rules broken, by the field where each stands."""
        super().__init__(", ".join(broken))
        self.broken = broken


class UnknownConstants(Exception):
    """No choice of the buyer has this checksum."""


@dataclass(frozen=True)
class Constants:
    """A set of constants the buyer chose; `chosen` are those that differ from the shipped ones, by name."""

    checksum: str = ""
    chosen: Mapping[str, Any] = field(default_factory=dict)

    def applied(self, model: Mapping[str, Any]) -> dict[str, Any]:
        """Give a version's model with the chosen constants in it."""
        return {**model, **self.chosen}

    def model(self, model: Mapping[str, Any]) -> Model:
        """Give the same as the arithmetic knows it."""
        return model_of(self.applied(model))

    def of_levels(self) -> dict[str, Any]:
        """Give the chosen ones on which levels and points rest: they ask for scoring anew."""
        wanted = {one.key for one in constant_content.constants() if one.changes == LEVELS}
        return {key: value for key, value in self.chosen.items() if key in wanted}


SHIPPED = Constants()
# By checksum; what a checksum names never changes.
_known: dict[str, Constants] = {"": SHIPPED}


def current(session: Session) -> Constants:
    """Give the constants that hold now; the shipped ones before anybody chose any."""
    found = session.execute(
        select(ConstantsChoice.checksum, ConstantsChoice.chosen).order_by(ConstantsChoice.id.desc()).limit(1)
    ).first()
    return _remembered(found.checksum, found.chosen) if found else SHIPPED


def of(session: Session, checksum: str) -> Constants:
    """Give the constants of a checksum; blank names the shipped ones. Raises UnknownConstants."""
    known = _known.get(checksum)
    if known is not None:
        return known
    chosen = session.scalar(
        select(ConstantsChoice.chosen).where(ConstantsChoice.checksum == checksum).limit(1)
    )
    if chosen is None:
        raise UnknownConstants(checksum)
    return _remembered(checksum, chosen)


def trial(chosen: Mapping[str, Any]) -> Constants:
    """Give constants that nobody chose, to see what they would do."""
    return Constants(digest(chosen) if chosen else "", dict(chosen))


def history(session: Session) -> list[ConstantsChoice]:
    """Give every choice, the newest first."""
    query = select(ConstantsChoice).options(joinedload(ConstantsChoice.recorded_by))
    return list(session.scalars(query.order_by(ConstantsChoice.id.desc())))


def entries_of(model: Mapping[str, Any]) -> dict[str, Decimal]:
    """Give every number a buyer may choose, by field, from a model's content."""
    return {
        entry.name: Decimal(str(_at(model[one.key], entry)))
        for one in constant_content.constants()
        for entry in one.entries
    }


def choose(
    session: Session,
    model: Mapping[str, Any],
    entries: Mapping[str, Decimal],
    *,
    decided_by: str,
    decided_on: date,
    reason: str,
    today: date,
    now: datetime,
    by: User,
) -> ConstantsChoice:
    """Have other constants hold from now on; `entries` are numbers by field, those left out stay as shipped.

    `model` is the shipped one. What equals it is not an own choice. Raises ConstantsRefused.
    """
    broken = _broken(entries) | _unexplained(decided_by, decided_on, reason, today)
    if broken:
        raise ConstantsRefused(broken)
    chosen = _differing(model, entries)
    made = ConstantsChoice(
        chosen=chosen,
        checksum=digest(chosen) if chosen else "",
        decided_by=decided_by.strip(),
        decided_on=decided_on,
        reason=reason.strip(),
        recorded_by_id=by.id,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    fields = sorted(made.chosen)
    audit.note(session, made, "constants.chosen", now=now, by=by, fields=fields, sha256=made.checksum)
    return made


def _remembered(checksum: str, chosen: Mapping[str, Any]) -> Constants:
    return _known.setdefault(checksum, trial(chosen))


def _at(value: Any, entry: Entry) -> Any:
    return value if entry.place is None else value[entry.place]


def _differing(model: Mapping[str, Any], entries: Mapping[str, Decimal]) -> dict[str, Any]:
    """The constants that are not as shipped, in the shape of the model's content."""
    found = {one.key: _filled(one, model[one.key], entries) for one in constant_content.constants()}
    return {key: value for key, value in found.items() if value != model[key]}


def _filled(constant: Constant, shipped: Any, entries: Mapping[str, Decimal]) -> Any:
    made = list(shipped) if isinstance(shipped, list) else [shipped]
    for entry in constant.entries:
        if entry.name in entries:
            made[entry.place or 0] = _plain(entries[entry.name])
    return made if isinstance(shipped, list) else made[0]


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _broken(entries: Mapping[str, Decimal]) -> dict[str, tuple[str, Entry | None]]:
    broken: dict[str, tuple[str, Entry | None]] = {}
    for constant in constant_content.constants():
        given = [(one, entries[one.name]) for one in constant.entries if one.name in entries]
        for entry, number in given:
            if not (number.is_finite() and entry.lowest <= number <= entry.highest):
                broken[entry.name] = (OUT_OF_RANGE, entry)
            elif number != round(number, constant.decimals):
                broken[entry.name] = (TOO_FINE, entry)
        for (before, lower), (entry, higher) in pairwise(given):
            if entry.name in broken or before.name in broken:
                continue
            if constant.rises and higher <= lower:
                broken[entry.name] = (MUST_RISE, before)
            elif constant.never_falls and higher < lower:
                broken[entry.name] = (MUST_NOT_FALL, before)
    return broken


def _unexplained(
    decided_by: str, decided_on: date, reason: str, today: date
) -> dict[str, tuple[str, Entry | None]]:
    said = {"decided_by": decided_by, "reason": reason}
    broken: dict[str, tuple[str, Entry | None]] = {
        name: (MISSING, None) for name, words in said.items() if not words.strip()
    }
    if decided_on > today:
        broken["decided_on"] = (IN_THE_FUTURE, None)
    return broken
