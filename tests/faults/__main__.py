"""`make faults`: two hundred kills, half on one machine, half on several, and ten thousand saved answers."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.faults import runs
from tests.faults.delivery import Report
from tests.faults.saving import SavingReport

HEAD = (
    "configuration",
    "kills",
    "in flow",
    "mails",
    "lost",
    "twice",
    "unknown (≤)",
    "refused",
    "settled after",
)
SAVING_HEAD = ("configuration", "kills", "saves", "tried again", "lost", "seconds")


def main() -> int:
    """Run everything and give the status to end with."""
    given = _arguments()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # leaves no server behind
    print(f"seed {given.seed}", flush=True)
    size = replace(runs.LONG, kills=given.kills // 2)
    saving_size = replace(runs.LONG_SAVING, saves=given.saves // 2)
    reports: list[Report] = []
    savings: list[SavingReport] = []
    for run, its_size in (
        (runs.on_one_machine, size),
        (runs.on_several_machines, size),
        (runs.on_rabbitmq, runs.RABBIT),
    ):
        with _directory() as directory:
            reports.append(_told(run(directory, its_size, seed=given.seed)))
    for save in (runs.saving_on_one_machine, runs.saving_on_several_machines):
        with _directory() as directory:
            savings.append(save(directory, saving_size, seed=given.seed))
    print(_table(HEAD, [_delivery_row(report) for report in reports]))
    print(_table(SAVING_HEAD, [_saving_row(report) for report in savings]))
    is_well = all(report.is_well for report in reports) and all(report.is_well for report in savings)
    return 0 if is_well else 1


@contextmanager
def _directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sanpo-faults-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=2 * runs.LONG.kills)
    parser.add_argument("--saves", type=int, default=2 * runs.LONG_SAVING.saves)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    return parser.parse_args()


def _told(report: Report) -> Report:
    """Say whom it hit where as soon as a run has ended, and what must not be."""
    kills = ", ".join(f"{who} {count}" for who, count in report.kills.most_common())
    steps = ", ".join(f"{step} {count}" for step, count in report.steps.most_common())
    print(f"{report.name}: {kills}; {steps}; pressed a second time {report.second_presses}", flush=True)
    if not report.is_well:
        print(*report.history, report.findings, sep="\n", file=sys.stderr, flush=True)
    return report


def _delivery_row(report: Report) -> tuple[object, ...]:
    found, kills = report.findings, sum(report.kills.values())
    return (
        report.name, kills, f"{report.while_flowing / kills:.0%}", found.mails, len(found.lost),
        len(found.twice), f"{len(found.unknown)} ({report.most_unknown})", len(found.refused),
        f"{report.settled_after:.0f} s",
    )  # fmt: skip


def _saving_row(report: SavingReport) -> tuple[object, ...]:
    kills = sum(report.kills.values())
    return report.name, kills, report.saves, report.tried_again, len(report.lost), f"{report.seconds:.0f}"


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
