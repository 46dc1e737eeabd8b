"""Campaigns go out while processes die: who is killed at which step, and what is left at the end."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, exists, func, select, update

from assessments.models import Campaign, CampaignState, Job, JobState, Message, MessageState
from portal import clock
from tests.faults import ledger
from tests.faults.browsing import Browser, NoAnswer
from tests.faults.ledger import Findings
from tests.faults.machines import SENDERS, Installation, Victim
from tests.faults.outage import Outage
from tests.faults.staging import Desk
from tests.faults.taking import Step, Taker

CAMPAIGNS = "/procurement/campaigns"
FLOW_SECONDS = 30.0
RANDOM, LEASED, JOB_RUNS = "at random", "leased", "job runs"
STEPS = (*Step, LEASED, RANDOM)
SETTLED_WITHIN = 300.0
MOST_DEATHS_OF_A_JOB = 3
MOST_OPENING = 3
# Who is killed while a job runs, not at a step of a mail.
WORKING = (Victim.JOB, Victim.WORK)


@dataclass
class Report:
    """What came of one run."""

    name: str
    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    history: list[str] = field(default_factory=list)
    while_flowing: int = 0
    second_presses: int = 0
    senders_killed: int = 0
    unanswered: int = 0
    has_keys: bool = False
    known_again: int = 0
    outage: Outage | None = None
    settled_after: float = 0.0
    findings: Findings = field(default_factory=Findings)

    @property
    def most_unknown(self) -> int:
        """How many mails may end unknown: one a killed sender, and those not answered; none under keys."""
        return 0 if self.has_keys else self.senders_killed + self.unanswered

    @property
    def is_well(self) -> bool:
        """Tell whether everything holds that was promised."""
        return (
            not self.findings.faults
            and len(self.findings.unknown) <= self.most_unknown
            and self.settled_after < SETTLED_WITHIN
            and (self.outage is None or self.outage.is_well)
        )


@dataclass
class Trial:
    """One run over one installation."""

    on: Installation
    server: Taker
    desk: Desk
    rng: random.Random
    report: Report
    pressed: int = 0
    order: list[Victim] = field(default_factory=list)

    def run(self, kills: int, *, waits_for_leases: bool) -> Report:
        """Kill so many times while campaigns leave, then let everything come to its end, and compare."""
        self.strike_often(kills)
        return self.compared(waits_for_leases=waits_for_leases)

    def strike_often(self, kills: int) -> None:
        """Kill so many times while campaigns leave."""
        browser = self.browser()
        self.on.mend()
        for number in range(kills):
            victim = self._victim(number)
            with self._press_send(browser, is_job_wanted=victim in WORKING):
                self._strike(victim)
            self.on.mend()

    def browser(self) -> Browser:
        """Give the browser of who sends."""
        return Browser(f"http://127.0.0.1:{self.on.settings.port}", self.desk.secret)

    def compared(self, *, waits_for_leases: bool) -> Report:
        """Let everything come to its end, and compare."""
        self._settle(waits_for_leases=waits_for_leases)
        self.report.unanswered = len(self.server.unanswered)
        self.report.has_keys = self.server.keeps_keys
        self.report.known_again = self.server.known_again
        self.report.findings = ledger.findings(self.on.database, self.on.settings, self.server.received)
        return self.report

    def _victim(self, number: int) -> Victim:
        """Each in turn, so that none is left out; the order is drawn anew each round."""
        place = number % len(self.on.victims)
        if place == 0:
            self.order = self.rng.sample(self.on.victims, len(self.on.victims))
        return self.order[place]

    @contextmanager
    def _press_send(self, browser: Browser, *, is_job_wanted: bool) -> Iterator[None]:
        """Send the next campaign when few mails wait, or its job is wanted, which is then held half-way."""
        is_needed = is_job_wanted or ledger.waiting(self.on.database) <= self.desk.suppliers
        is_enough = self.pressed >= len(self.desk.campaigns) or self.opening() >= MOST_OPENING
        if is_enough or not is_needed:
            yield
            return
        public_id = self.take_next()
        with self.on.held(public_id) if is_job_wanted else nullcontext():
            self._press(browser, public_id)
            yield
        self._press_again(browser, public_id)

    def press_next(self, browser: Browser) -> None:
        """Send the next campaign of the desk."""
        public_id = self.take_next()
        self._press(browser, public_id)
        self._press_again(browser, public_id)

    def take_next(self) -> str:
        """Take the next campaign from the desk, to be sent."""
        self.pressed += 1
        return self.desk.campaigns[self.pressed - 1]

    def _press(self, browser: Browser, public_id: str) -> None:
        """Press until it is on its way, as somebody does to whom nothing comes back."""
        path = f"{CAMPAIGNS}/{public_id}"
        while not self._is_sent(public_id):
            browser.open(f"{path}/check")
            with suppress(NoAnswer):
                browser.send(f"{path}/open")

    def _press_again(self, browser: Browser, public_id: str) -> None:
        """Press once more what is on its way."""
        with suppress(NoAnswer):
            browser.send(f"{CAMPAIGNS}/{public_id}/open")
            self.report.second_presses += 1

    def opening(self) -> int:
        """Count the campaigns whose invitations are being written."""
        opening = select(func.count(Campaign.id)).where(Campaign.state == CampaignState.OPENING)
        with self.on.database.reader() as session:
            return session.scalar(opening) or 0

    def _is_sent(self, public_id: str) -> bool:
        with self.on.database.reader() as session:
            state = session.scalar(select(Campaign.state).where(Campaign.public_id == public_id))
        return state in {CampaignState.OPENING, CampaignState.OPEN}

    def _strike(self, victim: Victim) -> None:
        """Kill somebody at a step; who cannot be met at a step is killed wherever it stands."""
        deadline = time.monotonic() + FLOW_SECONDS
        self._until(lambda: not self._job_is_spent(), deadline)
        before = len(self.server.received)
        if victim not in WORKING:
            self._until(lambda: len(self.server.received) > before, deadline)
        step = self._killed(victim, deadline)
        self.report.history.append(
            f"{clock.now():%H:%M:%S} {victim}: {step}, {len(self.server.received)} taken"
        )
        self.report.kills[victim] += 1
        self.report.steps[step] += 1
        self.report.while_flowing += step in list(Step) or len(self.server.received) > before
        self.report.senders_killed += victim in SENDERS

    def _killed(self, victim: Victim, deadline: float) -> str:
        """Kill, and tell at which step that was."""
        step = JOB_RUNS if victim in WORKING else self.rng.choice(STEPS)
        if isinstance(step, Step):
            if self._at_step(victim, step, deadline):
                return step
        elif step == JOB_RUNS:
            if self._until(lambda: self._has_job() and self.on.kill(victim), deadline):
                return step
        elif step == LEASED and self._until(self._has_lease, deadline):
            self.on.kill(victim)
            return step
        time.sleep(self.rng.uniform(0.0, 0.5))
        self.on.kill(victim)
        return RANDOM

    def _at_step(self, victim: Victim, step: Step, deadline: float) -> bool:
        """Kill as a mail comes to a step: whoever sends it, where the victim sends at all."""

        def act(port: int) -> bool:
            return self.on.kill(victim, port if victim in SENDERS else None)

        sprung = self.server.trap(step, act)
        has_sprung = sprung.wait(max(deadline - time.monotonic(), 1.0))
        self.server.disarm()
        return has_sprung

    def _has_lease(self) -> bool:
        return self._finds(Message.state == MessageState.LEASED)

    def _has_job(self) -> bool:
        return self._finds(Job.state == JobState.RUNNING)

    def _job_is_spent(self) -> bool:
        """Tell whether a job under way has died so often that once more would end it."""
        works = Job.state.in_([JobState.WAITING, JobState.RUNNING])
        return self._finds(works & (Job.attempts >= MOST_DEATHS_OF_A_JOB))

    def _finds(self, condition: ColumnElement[bool]) -> bool:
        with self.on.database.reader() as session:
            return bool(session.scalar(select(exists().where(condition))))

    @staticmethod
    def _until(look: Callable[[], bool], deadline: float) -> bool:
        """Look until there is something to see, or it is too late; tells which."""
        while not look():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _settle(self, *, waits_for_leases: bool) -> None:
        """Have everything come to its end; with nobody left to kill, mail need not be slow any more."""
        began = time.monotonic()
        self.server.pause = 0.0
        if not waits_for_leases:
            self._turn_leases_forward()
        while not ledger.is_settled(self.on.database) and time.monotonic() - began < SETTLED_WITHIN:
            time.sleep(0.2)
        self.report.settled_after = time.monotonic() - began

    def _turn_leases_forward(self) -> None:
        """Once nobody works, what is leased is the dead's: have it lapse now, not in two minutes."""
        self.on.stop_senders()
        lapsed = clock.now()
        with self.on.database.writer.begin() as session:
            session.execute(
                update(Message).where(Message.lease_until.is_not(None)).values(lease_until=lapsed)
            )
            session.execute(update(Job).where(Job.lease_until.is_not(None)).values(lease_until=lapsed))
        self.on.mend()
