"""Runs some configurations at a time, each in a process of its own: most of the time all of them wait."""

import argparse
import multiprocessing
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from tests.faults import keeping, power, runs, telling
from tests.faults.telling import AnyReport

Run = Callable[..., AnyReport]
TOGETHER = 3
KEEPING_KILLS, POWER_CUTS, POWER_SAVES = 30, 50, 1_000


def configurations(kills: int | None, saves: int) -> dict[str, Run]:
    """Give each run by its name, the longest first."""

    def sized(run: Run, usual: runs.Size) -> Run:
        return partial(run, size=usual if kills is None else replace(usual, kills=kills))

    def saving(run: Run) -> Run:
        usual = replace(runs.LONG_SAVING, saves=saves // 2)
        return partial(run, size=usual if kills is None else replace(usual, kills=kills))

    def kept(run: Run) -> Run:
        return partial(run, kills=KEEPING_KILLS if kills is None else kills)

    return {
        "one machine, SMTP": sized(runs.on_one_machine, runs.LONG),
        "one machine, keys": sized(runs.on_one_machine_with_keys, runs.LONG),
        "several, SMTP": sized(runs.on_several_machines, runs.LONG),
        "several, keys": sized(runs.on_several_machines_with_keys, runs.LONG),
        "saving, one machine": saving(runs.saving_on_one_machine),
        "saving, several": saving(runs.saving_on_several_machines),
        "broker losses": sized(runs.on_broker_losses, runs.BROKER_LOSSES),
        "RabbitMQ": sized(runs.on_rabbitmq, runs.RABBIT),
        "backup, SQLite": kept(keeping.on_sqlite),
        "backup, PostgreSQL": kept(keeping.on_postgresql),
        "power cuts": partial(
            power.on_sqlite, cuts=POWER_CUTS if kills is None else kills, saves=min(POWER_SAVES, saves)
        ),
    }


def run_all(chosen: Sequence[str], given: argparse.Namespace) -> dict[str, AnyReport]:
    """Run some at a time; whoever is told to leave has them leave, so that no server stays behind."""
    context, waiting, reports = multiprocessing.get_context("spawn"), list(chosen), {}
    running: dict[Connection, tuple[str, SpawnProcess]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < given.together:
                name = waiting.pop(0)
                ours, theirs = context.Pipe(duplex=False)
                process = context.Process(target=_one, args=(name, given, theirs))
                process.start()
                theirs.close()
                running[ours] = (name, process)
            for ended in wait(list(running)):
                assert isinstance(ended, Connection)
                name, process = running.pop(ended)
                if (report := _heard(ended)) is not None:
                    reports[name] = report
                process.join()
    finally:
        for _name, process in running.values():
            process.terminate()
        for _name, process in running.values():
            process.join()
    return {name: reports[name] for name in chosen if name in reports}


def leave(_number: int, _frame: object) -> None:
    """End, when told to."""
    sys.exit(1)  # as an exception, which closes every server on its way


def _heard(end: Connection) -> AnyReport | None:
    """Give the report of a run; None where it broke, which it has said itself."""
    try:
        report: AnyReport = end.recv()
    except EOFError:
        return None
    return report


def _one(name: str, given: argparse.Namespace, told: Connection) -> None:
    signal.signal(signal.SIGTERM, leave)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sanpo-faults-", ignore_cleanup_errors=True) as directory:
        report = configurations(given.kills, given.saves)[name](Path(directory), seed=given.seed)
    telling.tell(name, report, time.monotonic() - began)
    told.send(report)
