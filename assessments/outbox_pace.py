"""How fast a campaign's mail leaves: so many a minute in all, and to each receiving domain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from assessments import outbox
from assessments.models import Lane, MailPace, Message
from assessments.models.base import insert_new
from assessments.outbox import LEASE
from assessments.outbox_keys import NO_KEYS

ALL = ""
MINUTE = timedelta(minutes=1)
# How much earlier than its moment a mail may leave: dispatchers look every second, and are late at times.
EARLY = timedelta(seconds=2)
_pace, _message = cast(Table, MailPace.__table__), cast(Table, Message.__table__)


@dataclass(frozen=True, slots=True)
class Pace:
    """The most mails of the campaign lane a minute, in all and to one domain; 0 is no limit.

    Codes and notices are neither counted nor held back.
    """

    per_minute: int = 0
    per_domain: int = 0


@dataclass(frozen=True, slots=True)
class Claimed:
    """Mails leased to a worker, and how many others of this look were put off by the pace."""

    ids: list[int]
    put_off: int = 0


@dataclass(slots=True)
class Gate:
    """What lets through one mail an `interval`; moments that have been promised follow one another.

    In no minute do more pass than the limit: with `EARLY` grace the intervals are that much longer.
    """

    domain: str
    interval: timedelta
    free_at: datetime
    promised_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Tell whether a mail may pass now."""
        return self.free_at - EARLY <= now

    def let_through(self, now: datetime) -> None:
        """Count a mail that passes now."""
        self.free_at = max(self.free_at, now) + self.interval

    def promise(self) -> datetime:
        """Give the next moment that nobody has been promised."""
        self.promised_at = max(self.promised_at + self.interval, self.free_at)
        return self.promised_at


def claim(
    session: Session,
    *,
    worker: str,
    now: datetime,
    limit: int,
    pace: Pace,
    lease: timedelta = LEASE,
    keys_kept: timedelta = NO_KEYS,
) -> Claimed:
    """Lease a batch of due mails as `outbox.claim` does, but those of a campaign no faster than its pace.

    A mail that must wait becomes due when its turn comes, so that nothing is looked at again until then.
    """
    found = outbox.look(session, worker=worker, now=now, limit=limit, keys_kept=keys_kept)
    gates = _gates(session, [row.to_email for row in found if row.lane == Lane.CAMPAIGN], pace, now)
    leased, put_off = [], []
    for row in found:
        before = _before(row.to_email, gates) if row.lane == Lane.CAMPAIGN else []
        if closed := [gate for gate in before if not gate.is_open(now)]:
            put_off.append({"put_off": row.id, "until": max(gate.promise() for gate in closed)})
            continue
        for gate in before:
            gate.let_through(now)
        leased.append(row.id)
    outbox.lease_to(session, leased, worker=worker, until=now + lease)
    _put_off(session, put_off)
    _keep(session, gates.values())
    return Claimed(leased, len(put_off))


def domain_of(address: str) -> str:
    """Give the receiving domain of an address."""
    return address.rpartition("@")[2].strip().lower()


def _before(address: str, gates: dict[str, Gate]) -> list[Gate]:
    return [gates[name] for name in (ALL, domain_of(address)) if name in gates]


def _gates(session: Session, addresses: Sequence[str], pace: Pace, now: datetime) -> dict[str, Gate]:
    """Give the gates these addresses must pass, locked until the commit, always in the same order."""
    limits = {ALL: pace.per_minute} if addresses else {}
    limits |= {domain_of(address): pace.per_domain for address in addresses}
    names = sorted(name for name, limit in limits.items() if limit)
    if not names:
        return {}
    session.execute(
        insert_new(session, _pace, "domain"),
        [{"domain": name, "free_at": now, "promised_at": now} for name in names],
    )
    rows = session.execute(
        select(_pace.c.domain, _pace.c.free_at, _pace.c.promised_at)
        .where(_pace.c.domain.in_(names))
        .order_by(_pace.c.domain)
        .with_for_update()
    )
    return {row.domain: Gate(row.domain, (MINUTE + EARLY) / limits[row.domain], *row[1:]) for row in rows}


def _keep(session: Session, gates: Iterable[Gate]) -> None:
    rows = [{"of": gate.domain, "free": gate.free_at, "promised": gate.promised_at} for gate in gates]
    if rows:
        session.execute(
            update(_pace)
            .where(_pace.c.domain == bindparam("of"))
            .values(free_at=bindparam("free"), promised_at=bindparam("promised")),
            rows,
        )


def _put_off(session: Session, rows: list[dict[str, object]]) -> None:
    if rows:
        session.execute(
            update(_message).where(_message.c.id == bindparam("put_off")).values(due_at=bindparam("until")),
            rows,
        )
