"""The broker is away for a while: pages answer, campaigns are made, and what may leave goes on leaving."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import select

from assessments.models import Campaign, QuestionnaireVersion
from portal import clock
from tests import running
from tests.faults import ledger
from tests.faults.browsing import Browser, NoAnswer
from tests.faults.delivery import CAMPAIGNS, SETTLED_WITHIN, Trial
from tests.faults.machines import Victim
from tests.faults.outage import Outage

MADE_BEFORE, SENT_MEANWHILE = 15, 3
SEE_OTHER = 302
A_MONTH = timedelta(days=30)


def endured(trial: Trial, *, seconds: float, campaigns: int) -> Outage:
    """Kill the broker while mails wait, leave it so, and make campaigns and press send meanwhile.

    Nothing of ours counts how long a broker is away, so a minute and a half stands for any longer while.
    """
    seen, browser = Outage(seconds), trial.browser()
    for number in range(MADE_BEFORE):
        _create(trial, browser, seen, seen.created_before, f"途絶前の調査{number}")
    trial.press_next(browser)
    running.eventually(
        lambda: not trial.opening() and ledger.waiting(trial.on.database), seconds=SETTLED_WITHIN
    )
    trial.on.kill(Victim.BROKER)
    seen.waited, before = ledger.waiting(trial.on.database), len(trial.server.received)
    began = time.monotonic()
    for number in range(campaigns):
        _create(trial, browser, seen, seen.created, f"途絶中の調査{number}")
        if number % (campaigns // SENT_MEANWHILE) == 0:
            _send(browser, seen, trial.take_next())
        with _timed(seen, seen.looked):
            browser.open(CAMPAIGNS)
        time.sleep(max(began + seconds * (number + 1) / campaigns - time.monotonic(), 0.0))
    seen.left = len(trial.server.received) - before
    seen.seconds = time.monotonic() - began
    trial.on.mend()
    return seen


def _create(trial: Trial, browser: Browser, seen: Outage, times: list[float], title: str) -> None:
    """Make a draft that asks every supplier, as a person does in two steps; timed as one."""
    browser.open(f"{CAMPAIGNS}/new")
    with trial.on.database.reader() as session:
        version = session.scalars(select(QuestionnaireVersion.public_id)).first() or ""
    due_on = (clock.today("Asia/Tokyo") + A_MONTH).isoformat()
    with _timed(seen, times):
        status, _said = browser.send(
            f"{CAMPAIGNS}/new", title=title, due_on=due_on, purpose="一緒に守るため", version=version
        )
        assert status == SEE_OTHER, status
        with trial.on.database.reader() as session:
            made = session.scalars(select(Campaign.public_id).where(Campaign.title == title)).one()
        status, _said = browser.send(f"{CAMPAIGNS}/{made}/suppliers/add")
        assert status == SEE_OTHER, status


def _send(browser: Browser, seen: Outage, campaign: str) -> None:
    browser.open(f"{CAMPAIGNS}/{campaign}/check")
    with _timed(seen, seen.sent):
        status, _said = browser.send(f"{CAMPAIGNS}/{campaign}/open")
        assert status == SEE_OTHER, status


@contextmanager
def _timed(seen: Outage, times: list[float]) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    except NoAnswer:
        seen.failures += 1
    times.append(time.monotonic() - began)
