"""`make faults`: kill what runs while mail leaves, answers are saved and backups are made, and compare."""

import argparse
import signal
import sys
import time

from tests.faults import runs, telling, together


def main() -> int:
    """Run everything, or what was named, and give the status to end with."""
    given = _arguments()
    signal.signal(signal.SIGTERM, together.leave)
    chosen = given.only or list(together.configurations(given.kills, given.saves))
    began = time.monotonic()
    print(f"seed {given.seed}", flush=True)
    reports = together.run_all(chosen, given)
    print(f"\n{telling.tables(reports)}\n\n{(time.monotonic() - began) / 60:.0f} minutes")
    is_whole = len(reports) == len(chosen)
    return 0 if is_whole and all(report.is_well for report in reports.values()) else 1


def _arguments() -> argparse.Namespace:
    names = list(together.configurations(None, 0))
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", action="append", choices=names, help="one run; may be given again")
    parser.add_argument("--kills", type=int, help="of each run, instead of its own number")
    parser.add_argument("--saves", type=int, default=2 * runs.LONG_SAVING.saves, help="of both together")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--together", type=int, default=together.TOGETHER, help="how many runs at a time")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
