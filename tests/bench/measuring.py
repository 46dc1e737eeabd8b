"""Medians of CPU and wall time, and the lines they are printed in."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

MILLI = 1000


@dataclass(frozen=True)
class Cost:
    """Median CPU and wall time of one piece of work, in milliseconds, over `runs` runs."""

    cpu: float
    wall: float
    runs: int


def cost(work: Callable[[], object], *, runs: int, warm: int = 1) -> Cost:
    """Run `work` a few times unmeasured, then `runs` times, and give the medians."""
    for _ in range(warm):
        work()
    cpu, wall = [], []
    for _ in range(runs):
        began_cpu, began = time.process_time(), time.perf_counter()
        work()
        cpu.append(time.process_time() - began_cpu)
        wall.append(time.perf_counter() - began)
    return Cost(statistics.median(cpu) * MILLI, statistics.median(wall) * MILLI, runs)


def median(costs: Sequence[Cost]) -> Cost:
    """Give the medians of several costs, each of one run."""
    cpu, wall = ([getattr(one, kind) for one in costs] for kind in ("cpu", "wall"))
    return Cost(statistics.median(cpu), statistics.median(wall), len(costs))


def line(name: str, ours: Cost, *, goal: str, smallest: Cost | None = None) -> str:
    """Give one line: ours, the smallest form in the same run, the goal."""
    least = f"{smallest.cpu:9.2f} {smallest.wall:9.2f}" if smallest else f"{'–':>9} {'–':>9}"
    return f"{name:44} {ours.cpu:9.2f} {ours.wall:9.2f} {ours.runs:5d}  {least}  {goal}"


def figure(name: str, words: str, *, goal: str) -> str:
    """Give a line of something that is no time of ours, such as memory."""
    return f"{name:44} {words:47} {goal}"


def heading() -> str:
    """Name the machine and the columns."""
    machine = f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    columns = f"{'work':44} {'CPU ms':>9} {'wall ms':>9} {'runs':>5}  {'least CPU':>9} {'least':>9}  goal"
    return f"{machine}\n{columns}"


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if not facts.exists():
        return platform.processor() or platform.machine()
    names = [row for row in facts.read_text(encoding="utf-8").splitlines() if row.startswith("model name")]
    return names[0].split(":", 1)[1].strip() if names else platform.machine()
