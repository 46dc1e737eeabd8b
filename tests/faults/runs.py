"""The runs: how many kills of which installation, how many mails, and how the outcome is printed."""

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests import servers
from tests.faults import brokerless, machines, rabbitmq, saving, staging
from tests.faults.delivery import Report, Trial
from tests.faults.machines import Broker, Installation, SeveralMachines, Victim
from tests.faults.mail_server import mail_server
from tests.faults.provider import provider
from tests.faults.saving import SavingReport
from tests.faults.taking import Taker

PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Size:
    """How long a run is."""

    kills: int
    suppliers: int
    campaigns: int
    has_faults: bool
    waits_for_leases: bool
    workers: int = 2
    schedules: int = 2


@dataclass(frozen=True, slots=True)
class SavingSize:
    """How many answers are saved, by how many firms at once, and how many kills come between."""

    saves: int
    firms: int
    kills: int


SHORT = Size(
    kills=5, suppliers=50, campaigns=5, has_faults=False, waits_for_leases=False, workers=1, schedules=1
)
LONG = Size(kills=100, suppliers=160, campaigns=50, has_faults=True, waits_for_leases=True)
RABBIT = Size(kills=9, suppliers=160, campaigns=9, has_faults=False, waits_for_leases=True)
BROKER_LOSSES = Size(kills=50, suppliers=160, campaigns=60, has_faults=False, waits_for_leases=True)
AWAY_SECONDS, MADE_MEANWHILE = 90.0, 45
SHORT_SAVING = SavingSize(saves=300, firms=6, kills=2)
LONG_SAVING = SavingSize(saves=5_000, firms=8, kills=100)
QUESTIONS = 5
Serving = Callable[[float], AbstractContextManager[Taker]]


def on_one_machine(directory: Path, size: Size, *, seed: int, serving: Serving = mail_server) -> Report:
    """Run on `sanpo serve`."""
    with (
        serving(PAUSE_SECONDS) as server,
        machines.one_machine(directory, server.url) as installation,
    ):
        return _run(installation, server, size, seed)


def on_one_machine_with_keys(directory: Path, size: Size, *, seed: int) -> Report:
    """Run on `sanpo serve` with a provider that keeps keys."""
    return on_one_machine(directory, size, seed=seed, serving=provider)


def on_several_machines(directory: Path, size: Size, *, seed: int, serving: Serving = mail_server) -> Report:
    """Run on PostgreSQL, Redis, and a process each."""
    with (
        serving(PAUSE_SECONDS) as server,
        _several(directory, server, size) as installation,
    ):
        return _run(installation, server, size, seed)


def on_several_machines_with_keys(directory: Path, size: Size, *, seed: int) -> Report:
    """Run on several machines with a provider that keeps keys."""
    return on_several_machines(directory, size, seed=seed, serving=provider)


def on_rabbitmq(directory: Path, size: Size, *, seed: int) -> Report:
    """Run on the same with RabbitMQ in the place of Redis."""
    with (
        mail_server(PAUSE_SECONDS) as server,
        _several(directory, server, size, broker=rabbitmq.rabbitmq) as installation,
    ):
        return _run(installation, server, size, seed)


def on_broker_losses(directory: Path, size: Size, *, seed: int) -> Report:
    """Kill and empty the broker of several machines, then do without it for a while."""
    with (
        mail_server(PAUSE_SECONDS) as server,
        _several(directory, server, size) as installation,
    ):
        installation.victims = (Victim.BROKER, Victim.FLUSH)
        made = _trial(installation, server, size, seed)
        made.strike_often(size.kills)
        made.report.outage = brokerless.endured(made, seconds=AWAY_SECONDS, campaigns=MADE_MEANWHILE)
        return made.compared(waits_for_leases=size.waits_for_leases)


def saving_on_one_machine(directory: Path, size: SavingSize, *, seed: int) -> SavingReport:
    """Save on `sanpo serve`."""
    with machines.one_machine(directory, "") as installation:
        return _save(installation, (Victim.CHILD, Victim.PARENT), size, seed)


def saving_on_several_machines(directory: Path, size: SavingSize, *, seed: int) -> SavingReport:
    """Save on PostgreSQL through gunicorn."""
    with machines.several_machines(directory, "", workers=0, schedules=0) as installation:
        return _save(installation, (Victim.WEB_CHILD, Victim.WEB, Victim.DATABASE), size, seed)


def _several(
    directory: Path,
    server: Taker,
    size: Size,
    *,
    broker: Callable[[], AbstractContextManager[Broker]] = servers.mortal_redis,
) -> AbstractContextManager[SeveralMachines]:
    """Run several machines of a size that send to a server."""
    return machines.several_machines(
        directory, server.url, workers=size.workers, schedules=size.schedules, broker=broker
    )


def _trial(installation: Installation, server: Taker, size: Size, seed: int) -> Trial:
    """Put campaigns on the desk of an installation."""
    desk = staging.desk(
        installation.database,
        suppliers=size.suppliers,
        campaigns=size.campaigns,
        has_faults=size.has_faults,
    )
    return Trial(installation, server, desk, random.Random(seed), Report(installation.name, seed))  # noqa: S311


def _save(installation: Installation, victims: Sequence[Victim], size: SavingSize, seed: int) -> SavingReport:
    firms = staging.answering(installation.database, firms=size.firms, questions=QUESTIONS)
    return saving.run(installation, firms, victims, saves=size.saves, kills=size.kills, seed=seed)


def _run(installation: Installation, server: Taker, size: Size, seed: int) -> Report:
    return _trial(installation, server, size, seed).run(size.kills, waits_for_leases=size.waits_for_leases)
