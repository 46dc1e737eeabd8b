"""Kills while campaigns leave: nothing lost, nothing twice. `make faults` kills hundreds of times."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import runs
from tests.faults.delivery import Report

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.mark.parametrize("run", [runs.on_one_machine, runs.on_several_machines])
def test_what_is_killed_while_mail_flows_loses_and_doubles_nothing(
    run: Callable[..., Report], tmp_path: Path
) -> None:
    report = run(tmp_path, runs.SHORT, seed=1)

    assert sum(report.kills.values()) == runs.SHORT.kills
    assert report.findings.mails, report
    assert not report.findings.faults, report
    assert len(report.findings.unknown) <= report.most_unknown, report
    assert report.is_well


def test_with_a_provider_that_keeps_keys_kills_leave_nothing_unknown(tmp_path: Path) -> None:
    report = runs.on_one_machine_with_keys(tmp_path, replace(runs.SHORT, kills=3), seed=1)

    assert sum(report.kills.values()) == 3
    assert report.findings.mails, report
    assert not report.findings.unknown, report
    assert report.is_well, report
