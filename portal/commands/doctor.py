"""`sanpo doctor`: how an installation stands, and what to do about it."""

from dataclasses import asdict

import click

from portal import clock, console, doctor, installation
from portal.doctor import Finding, Verdict
from portal.settings import SettingsRefused

STATUS = {Verdict.OK: 0, Verdict.WARN: 1, Verdict.FAIL: 2}
MARKS = {Verdict.OK: "ok  ", Verdict.WARN: "warn", Verdict.FAIL: "FAIL"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Look settings, database, delivery, backup, disk, broker and mail server over; changes nothing.

    Ends with 0 when all is well, 1 when something wants a look, 2 when something must be mended.
    """
    findings = _findings()
    if as_json:
        console.print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            click.echo(_line(finding))
    raise SystemExit(STATUS[doctor.worst(findings)])


def _findings() -> list[Finding]:
    try:
        with installation.unchecked() as opened:
            return doctor.examine(opened.settings, opened.database, now=clock.now())
    except SettingsRefused as error:
        return [Finding("settings", Verdict.FAIL, str(error), 'See README, "Configure it".')]


def _line(finding: Finding) -> str:
    advice = f"\n      {finding.advice}" if finding.advice else ""
    return f"{MARKS[finding.verdict]}  {finding.name}: {finding.words}{advice}"
