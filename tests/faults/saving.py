"""Answers are saved question by question while processes die: what the page called saved must stand."""

import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import select

from assessments.models import Answer, AnswerRevision
from portal.db import Database
from tests.faults.browsing import REST_SECONDS, Browser, NoAnswer
from tests.faults.machines import Installation, Victim
from tests.faults.staging import Firm

OK = 200
CODES = ("implemented", "partial")


@dataclass(frozen=True, slots=True)
class Saved:
    """One answer that the page called saved, and when, in seconds since 1970."""

    assessment_id: int
    question_id: int
    version: int
    comment: str
    at: float = field(default=0.0, compare=False)


@dataclass
class SavingReport:
    """What came of one run; `lost` was called saved and does not stand."""

    name: str
    seed: int
    saves: int = 0
    tried_again: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    lost: Sequence[Saved] = ()
    seconds: float = 0.0

    @property
    def is_well(self) -> bool:
        """Tell whether everything that was called saved stands."""
        return not self.lost


@dataclass
class Pages:
    """What one person has open: for each question the version that stands, as the page knows."""

    of: Firm
    browser: Browser
    versions: dict[int, int] = field(default_factory=dict)
    saved: list[Saved] = field(default_factory=list)
    tried_again: int = 0

    def save(self, place: int, serial: int) -> None:
        """Save one answer, again and again until the page says that it is."""
        while True:
            try:
                self.send(place, serial)
            except NoAnswer:
                self.tried_again += 1
                time.sleep(REST_SECONDS)
            else:
                return

    def send(self, place: int, serial: int) -> None:
        """Send one answer once. Raises NoAnswer."""
        question_id, key = self.of.questions[place % len(self.of.questions)]
        comment = f"{self.of.assessment_id}の{serial}回目"
        form = {
            f"{key}-version": str(self.versions.get(question_id, 0)),
            f"{key}-code": CODES[serial % len(CODES)],
            f"{key}-comment": comment,
        }
        path = f"/supplier/assessments/{self.of.public_id}/questions/{key}"
        status, body = self.browser.send(path, **form)
        assert status == OK, (status, body)
        version = self.versions[question_id] = int(body["version"])
        self.saved.append(Saved(self.of.assessment_id, question_id, version, comment, time.time()))


def run(
    on: Installation, firms: Sequence[Firm], victims: Sequence[Victim], *, saves: int, kills: int, seed: int
) -> SavingReport:
    """Have all firms save at once, kill meanwhile, and look for everything that was called saved."""
    report, rng, began = SavingReport(on.name, seed), random.Random(seed), time.monotonic()  # noqa: S311
    on.mend()
    people = opened(on, firms)
    each = saves // len(people)
    with ThreadPoolExecutor(len(people)) as pool:
        working = [pool.submit(save_all, person, each) for person in people]
        for number in range(kills):
            # Spread over the run: each kill waits until its share has been saved, and not quite so long.
            share = saves * (number + 1) // (kills + 1)
            _wait_for(people, share - rng.randrange(len(people)), working)
            victim = victims[number % len(victims)]
            report.kills[victim] += on.kill(victim)
            on.mend()
        for one in working:
            one.result()
    report.saves = sum(len(person.saved) for person in people)
    report.tried_again = sum(person.tried_again for person in people)
    report.lost = missing(on.database, [one for person in people for one in person.saved])
    report.seconds = time.monotonic() - began
    return report


def opened(on: Installation, firms: Sequence[Firm]) -> list[Pages]:
    """Have a person of each firm open the questions."""
    url = f"http://127.0.0.1:{on.settings.port}"
    people = [Pages(firm, Browser(url, firm.secret)) for firm in firms]
    for person in people:
        person.browser.open(f"/supplier/assessments/{person.of.public_id}/pages/{person.of.section}")
    return people


def save_all(person: Pages, times: int) -> None:
    """Save so many answers, one after the other."""
    for serial in range(times):
        person.save(serial, serial)


def missing(database: Database, saved: Sequence[Saved]) -> list[Saved]:
    """Give what was called saved and is not in the answer's history, or was the last and does not stand.

    A newer one may stand: it was written, and nobody could be told any more.
    """
    with database.reader() as session:
        history = {
            (row.assessment_id, row.question_id, row.revision): json.loads(row.content)["comment"]
            for row in session.scalars(select(AnswerRevision))
        }
        standing = {
            (row.assessment_id, row.question_id): (row.revision, row.comment)
            for row in session.scalars(select(Answer))
        }
    last = {(one.assessment_id, one.question_id): one for one in saved}
    return [
        *(
            one
            for one in saved
            if history.get((one.assessment_id, one.question_id, one.version)) != one.comment
        ),
        *(one for place, one in last.items() if not _stands(one, *standing.get(place, (0, "")))),
    ]


def _stands(said: Saved, version: int, comment: str) -> bool:
    return version > said.version or (version, comment) == (said.version, said.comment)


def _wait_for(people: Sequence[Pages], saved: int, working: Sequence[Future[None]]) -> None:
    while sum(len(person.saved) for person in people) < saved and not all(one.done() for one in working):
        time.sleep(0.01)
