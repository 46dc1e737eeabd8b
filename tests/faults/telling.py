"""What the runs print: whom it hit and where, and the tables of the README."""

import sys
from collections import Counter

from tests.faults.delivery import Report
from tests.faults.keeping import KeepingReport
from tests.faults.outage import Outage, highest
from tests.faults.power import PowerReport
from tests.faults.saving import SavingReport

AnyReport = Report | SavingReport | KeepingReport | PowerReport
HEADS: dict[type[AnyReport], tuple[str, ...]] = {
    Report: (
        "mail leaves", "kills", "in flow", "mails", "lost", "twice", "unknown (≤)", "refused",
        "settled after",
    ),
    SavingReport: ("answers are saved", "kills", "saves", "tried again", "lost", "seconds"),
    KeepingReport: ("backup and restore", "kills", "left", "half", "seconds"),
    PowerReport: ("the power goes", "cuts", "while writing", "saves", "lost or broken", "seconds"),
}  # fmt: skip


def tell(name: str, report: AnyReport, seconds: float) -> None:
    """Say whom a run hit where as soon as it has ended, and what must not be."""
    said = [f"{name} (seed {report.seed}, {seconds / 60:.0f} min): {_hit(report)}"]
    match report:
        case Report():
            said += [_counted(report.steps), f"pressed a second time {report.second_presses}"]
            if report.has_keys:
                said.append(f"known again by its key {report.known_again}")
            if report.outage is not None:
                said.append(_outage(report.outage))
        case KeepingReport():
            said.append(_counted(report.steps))
        case PowerReport():
            said.append(f"lost of a writer that does not wait {report.careless}")
        case SavingReport():
            pass
    print("; ".join(said), flush=True)
    if not report.is_well:
        print(*_evidence(report), sep="\n", file=sys.stderr, flush=True)


def tables(reports: dict[str, AnyReport]) -> str:
    """Put the reports into a table a kind."""
    made = []
    for kind, head in HEADS.items():
        rows = [_row(name, report) for name, report in reports.items() if isinstance(report, kind)]
        if rows:
            lines = [head, tuple("---" for _ in head), *rows]
            made.append("\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines))
    return "\n\n".join(made)


def _hit(report: AnyReport) -> str:
    return f"cuts {report.cuts}" if isinstance(report, PowerReport) else _counted(report.kills)


def _row(name: str, report: AnyReport) -> tuple[object, ...]:
    kills = 0 if isinstance(report, PowerReport) else sum(report.kills.values())
    match report:
        case Report():
            found = report.findings
            return (
                name, kills, report.while_flowing, f"{found.mails:,}", len(found.lost), len(found.twice),
                f"{len(found.unknown)} ({report.most_unknown})", len(found.refused),
                f"{report.settled_after:.0f} s",
            )  # fmt: skip
        case SavingReport():
            lost, seconds = len(report.lost), f"{report.seconds:.0f}"
            return name, kills, f"{report.saves:,}", report.tried_again, lost, seconds
        case KeepingReport():
            return name, kills, _counted(report.left), len(report.faults), f"{report.seconds:.0f}"
        case PowerReport():
            cuts, lost, seconds = report.cuts, len(report.faults), f"{report.seconds:.0f}"
            return name, cuts, report.unsynced, f"{report.saves:,}", lost, seconds


def _outage(seen: Outage) -> str:
    return (
        f"broker away {seen.seconds:.0f} s: {len(seen.created)} campaigns made, p99 {_ms(seen.created)} "
        f"(before {_ms(seen.created_before)}), "
        f"{len(seen.sent)} sent, slowest {_ms(seen.sent)}, pages p99 {_ms(seen.looked)}, "
        f"failures {seen.failures}, {seen.left} of {seen.waited} waiting mails left meanwhile"
    )


def _ms(times: list[float]) -> str:
    return f"{highest(times) * 1000:.0f} ms"


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{what} {count}" for what, count in counter.most_common())


def _evidence(report: AnyReport) -> list[object]:
    match report:
        case Report():
            return [*report.history, report.findings, report.outage or ""]
        case SavingReport():
            return [*report.lost]
        case KeepingReport() | PowerReport():
            return [*report.faults]
