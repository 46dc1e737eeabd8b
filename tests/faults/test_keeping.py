"""A backup or restore that was killed leaves nothing half that is taken for whole."""

from pathlib import Path

import pytest

from tests.faults import keeping

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_what_kills_leave_is_whole_or_is_done_anew(tmp_path: Path) -> None:
    report = keeping.on_sqlite(tmp_path, 2, seed=1)

    assert sum(report.steps.values()) == 2
    assert report.is_well, report
