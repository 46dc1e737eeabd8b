"""The runs: how many kills of which installation, how many mails, and how the outcome is printed."""

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests import servers
from tests.faults import machines, rabbitmq, saving, staging
from tests.faults.delivery import Report, Trial
from tests.faults.machines import Broker, Installation, SeveralMachines, Victim
from tests.faults.mail_server import MailServer, mail_server
from tests.faults.saving import SavingReport

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
SHORT_SAVING = SavingSize(saves=300, firms=6, kills=2)
LONG_SAVING = SavingSize(saves=5_000, firms=8, kills=20)
QUESTIONS = 5


def on_one_machine(directory: Path, size: Size, *, seed: int) -> Report:
    """Run on `sanpo serve`."""
    with (
        mail_server(PAUSE_SECONDS) as server,
        machines.one_machine(directory, server.url) as installation,
    ):
        return _run(installation, server, size, seed)


def on_several_machines(directory: Path, size: Size, *, seed: int) -> Report:
    """Run on PostgreSQL, Redis, and a process each."""
    with (
        mail_server(PAUSE_SECONDS) as server,
        _several(directory, server, size) as installation,
    ):
        return _run(installation, server, size, seed)


def on_rabbitmq(directory: Path, size: Size, *, seed: int) -> Report:
    """Run on the same with RabbitMQ in the place of Redis."""
    with (
        mail_server(PAUSE_SECONDS) as server,
        _several(directory, server, size, broker=rabbitmq.rabbitmq) as installation,
    ):
        installation.name = "several, RabbitMQ"
        return _run(installation, server, size, seed)


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
    server: MailServer,
    size: Size,
    *,
    broker: Callable[[], AbstractContextManager[Broker]] = servers.mortal_redis,
) -> AbstractContextManager[SeveralMachines]:
    return machines.several_machines(
        directory, server.url, workers=size.workers, schedules=size.schedules, broker=broker
    )


def _save(installation: Installation, victims: Sequence[Victim], size: SavingSize, seed: int) -> SavingReport:
    firms = staging.answering(installation.database, firms=size.firms, questions=QUESTIONS)
    return saving.run(installation, firms, victims, saves=size.saves, kills=size.kills, seed=seed)


def _run(installation: Installation, server: MailServer, size: Size, seed: int) -> Report:
    desk = staging.desk(
        installation.database,
        suppliers=size.suppliers,
        campaigns=size.campaigns,
        has_faults=size.has_faults,
    )
    trial = Trial(installation, server, desk, random.Random(seed), Report(installation.name, seed))  # noqa: S311
    return trial.run(size.kills, waits_for_leases=size.waits_for_leases)
