"""What the page called saved stands, whoever died meanwhile. `make faults` saves ten thousand answers."""

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.models import Answer
from portal.db import Database
from tests import answering, running
from tests.faults import machines, runs, saving, staging
from tests.faults.browsing import NoAnswer
from tests.faults.saving import Saved

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_an_answer_that_was_called_saved_outlives_kills(tmp_path: Path) -> None:
    report = runs.saving_on_one_machine(tmp_path, runs.SHORT_SAVING, seed=1)

    assert report.saves == runs.SHORT_SAVING.saves
    assert sum(report.kills.values()) == runs.SHORT_SAVING.kills
    assert not report.lost, report


def test_a_save_that_does_not_stand_is_seen(database: Database, session: Session) -> None:
    mine, _invitation = answering.invited(session)
    by = answering.person(session)
    answering.answer_all(session, mine, by)
    session.commit()
    stands = session.scalars(select(Answer).limit(1)).one()
    said = Saved(stands.assessment_id, stands.question_id, stands.revision, stands.comment)

    assert saving.missing(database, [said]) == []
    for other in (replace(said, version=2), replace(said, comment="別の言葉")):
        assert other in saving.missing(database, [other])


def test_a_full_disk_refuses_an_answer_keeps_the_pages_and_needs_no_start_afterwards(tmp_path: Path) -> None:
    with machines.one_machine(tmp_path, "") as on:
        firms = staging.answering(on.database, firms=1, questions=2)
        on.mend()
        person = saving.opened(on, firms)[0]
        person.save(0, serial=0)
        with _full_disk([on.post.pid, *running.descendants(on.post.pid)]):
            with pytest.raises(NoAnswer):
                person.send(1, serial=1)
            assert saving.opened(on, firms)
            assert saving.missing(on.database, person.saved) == []

        person.save(1, serial=1)

        assert len(person.saved) == 2
        assert saving.missing(on.database, person.saved) == []


@contextmanager
def _full_disk(pids: Sequence[int]) -> Iterator[None]:
    """Let processes write nothing beyond the first bytes of a file, as on a disk that has no room."""
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (512, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
