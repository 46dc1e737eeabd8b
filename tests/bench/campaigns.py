"""A campaign for 10 000 suppliers on each database: made, sent, pages meanwhile, memory afterwards."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, func, insert, select, update

from assessments import campaigns, courses, questionnaires
from assessments.content_files import questionnaire_names
from assessments.models import (
    BusinessUnit,
    Campaign,
    CampaignState,
    Contact,
    Job,
    JobState,
    Message,
    MessageState,
    Organisation,
    Relationship,
    Role,
    Supplier,
)
from assessments.models.base import new_public_id
from assessments.questionnaire_content import read
from portal import campaign_work, clock, tasks
from portal.db import Database
from tests import running
from tests.bench import imports, smallest, stage, visiting
from tests.bench.delivery import sink
from tests.bench.measuring import MILLI, Cost, cost, figure, line, median
from tests.bench.visiting import SAVING, Visits
from tests.faults import machines
from tests.faults.browsing import Browser
from tests.faults.machines import OneMachine, SeveralMachines

SUPPLIERS, ANSWERING, RUNS = 10_000, 300, 3
PER_DAY = 500
PATIENCE_SECONDS, LOOKING_SECONDS, WARM_SECONDS = 600.0, 10.0, 2.0
KILO = 1024
MONTH = timedelta(days=30)
Running = OneMachine | SeveralMachines


def lines(folder: Path) -> Iterator[str]:
    """Measure on one machine with SQLite, then on processes apart with PostgreSQL."""
    folder.mkdir()
    with sink() as port:
        url = f"smtp://127.0.0.1:{port}"
        yield from _measured(_one(folder / "one", url), folder, "SQLite")
        yield from _measured(_several(folder / "several", url), folder, "PostgreSQL")


def _one(folder: Path, mail_url: str) -> AbstractContextManager[Running]:
    folder.mkdir()
    return machines.one_machine(folder, mail_url)


def _several(folder: Path, mail_url: str) -> AbstractContextManager[Running]:
    folder.mkdir()
    return machines.several_machines(folder, mail_url, webs=1, workers=1, schedules=1)


def _measured(started: AbstractContextManager[Running], folder: Path, name: str) -> Iterator[str]:
    with started as installation:
        _fill(installation)
        ours = median([_made(installation) for _ in range(RUNS)])
        least = cost(smallest.bare_campaign(installation.database.url, folder), runs=RUNS)
        yield line(f"campaign for {SUPPLIERS:,}, {name}", ours, goal="≤ 3 s", smallest=least)
        announced = _made(installation, per_day=PER_DAY)
        yield line(f"  with a notice each, {PER_DAY} a day, {name}", announced, goal="")
        installation.mend()
        yield from _while_it_runs(installation, folder / f"{name}.visits", name)


def _while_it_runs(installation: Running, path: Path, name: str) -> Iterator[str]:
    database, port = installation.database, installation.settings.port
    pages = _pages(database)
    desk = Browser(f"http://127.0.0.1:{port}", pages["campaigns"][0])
    desk.open("/procurement/campaigns")
    _until_sent(database, _send(database, desk))
    held = [_held(installation)]
    with visiting.visiting(port, pages, path) as visits:
        time.sleep(WARM_SECONDS)
        began = time.monotonic()
        campaign = _send(database, desk)
        stood = time.monotonic()
        time.sleep(LOOKING_SECONDS)
        looked = time.monotonic()
    yield line(f"  pressed on pages, until all stand, {name}", Cost(0, (stood - began) * MILLI, 1), goal="")
    yield _slowest(visits, f"  95 % of pages while made, {name}", began, stood)
    yield _slowest(visits, f"  95 % of pages while mail leaves, {name}", stood, looked)
    _until_sent(database, campaign)
    held.append(_held(installation))
    _until_sent(database, _send(database, desk))
    held.append(_held(installation))
    yield _memory(held, name)
    with visiting.visiting(port, pages, path) as visits:
        began = time.monotonic()
        _import(database)
        ended = time.monotonic()
    yield _slowest(visits, f"  95 % of pages while {SUPPLIERS:,} come in, {name}", began, ended)


def _slowest(visits: Visits, name: str, began: float, ended: float) -> str:
    times = sorted(one.took for one in visits.between(began, ended))
    edge = times[len(times) * 95 // 100]
    words = f"{edge:.0f} ms, the slowest {times[-1]:.0f} ms, of {len(times)}"
    return figure(name, words, goal="≤ 200 ms")


def _memory(held: Sequence[dict[int, float]], name: str) -> str:
    """Tell the process that grew most from the first to the last look."""
    lasting = [pid for pid in held[0] if all(pid in look for look in held)]
    most = max(lasting, key=lambda pid: held[-1][pid] - held[0][pid])
    words = " / ".join(f"{look[most]:.0f}" for look in held) + " MB"
    return figure(f"  held after campaigns 1, 2, 3, {name}", words, goal="flat")


def _held(installation: Running) -> dict[int, float]:
    """Give the megabytes that each process holds."""
    posts = [installation.post] if isinstance(installation, OneMachine) else list(installation.posts)
    pids = [pid for post in posts for pid in (post.pid, *running.descendants(post.pid))]
    return {pid: held for pid in pids if (held := _resident(pid))}


def _resident(pid: int) -> float:
    try:
        facts = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(fact.split()[1]) / KILO for fact in facts if fact.startswith("VmRSS")), 0)


def _fill(installation: Running) -> None:
    """Load a demo with answers, and 10 000 suppliers more with an address and an exposure each."""
    database = installation.database
    stage.demo(database, ANSWERING, installation.settings.keys)
    now = clock.now()
    with database.writer.begin() as session:
        stage.as_if_real(session)
        session.execute(update(Organisation).values(needs_campaign_approval=False))
        whole = session.scalars(select(BusinessUnit.id).where(BusinessUnit.is_whole_company)).one()
        named = [
            {"public_id": new_public_id(), "name": f"取引先{number}株式会社", "code": f"Z{number}"}
            for number in range(SUPPLIERS)
        ]
        dated = [{**one, "search_text": one["name"], "created_at": now, "updated_at": now} for one in named]
        session.execute(insert(Supplier), dated)
        ids = session.scalars(select(Supplier.id).where(_asked())).all()
        session.execute(
            insert(Contact),
            [{"supplier_id": one, "name": "青葉", "email": f"taro@supplier{one}.example"} for one in ids],
        )
        session.execute(
            insert(Relationship),
            [{"supplier_id": one, "business_unit_id": whole, "confidentiality": 3} for one in ids],
        )


def _asked() -> ColumnElement[bool]:
    return Supplier.code.startswith("Z")


def _made(installation: Running, *, per_day: int | None = None) -> Cost:
    """Make a campaign and invite everybody, as the page and its job do, but in this process.

    With a number a day, each is told beforehand by a mail of its own.
    """
    database = installation.database
    began_cpu, began = time.process_time(), time.perf_counter()
    with database.writer() as session:
        campaign = _draft(database, per_day=per_day)
        session.add(campaign)
        assert campaign_work.add_suppliers(session, campaign, _asked(), by=None) == SUPPLIERS
        job = campaigns.open_(session, campaign, now=clock.now(), by=None)
        session.commit()
        job_id, campaign_id = job.id, campaign.id
    assert tasks.run(database, installation.settings, job_id) is JobState.DONE
    took = Cost((time.process_time() - began_cpu) * MILLI, (time.perf_counter() - began) * MILLI, 1)
    with database.writer.begin() as session:
        mine = Message.campaign_id == campaign_id
        mails = SUPPLIERS if per_day is None else 2 * SUPPLIERS
        assert session.scalar(select(func.count()).select_from(Message).where(mine)) == mails
        session.execute(update(Message).where(mine).values(state=MessageState.CANCELLED))
    _close(database, campaign_id)
    return took


def _close(database: Database, campaign_id: int) -> None:
    """Leave one campaign of this size open at a time, as a buyer has."""
    ended = {"state": CampaignState.CLOSED, "closed_at": clock.now()}
    with database.writer.begin() as session:
        session.execute(update(Campaign).where(Campaign.id == campaign_id).values(**ended))


def _draft(database: Database, *, per_day: int | None = None) -> Campaign:
    with database.writer.begin() as session:
        version = questionnaires.newest(session, questionnaire_names()[0])
        assert version is not None
        made = campaigns.create(
            session,
            version,
            title="セキュリティ調査",
            due_on=clock.today("Asia/Tokyo") + MONTH,
            purpose="取引先と一緒に対策を進めるため",
            now=clock.now(),
            by=None,
            is_announced=per_day is not None,
        )
        courses.made(session, made).per_day = per_day
        campaigns.give_repeat_reason(session, made, "計測のため", now=clock.now(), by=None)
        return made


def _send(database: Database, desk: Browser) -> int:
    """Choose all suppliers and send, on the pages; gives the campaign once all invitations stand."""
    made = _draft(database)
    at = f"/procurement/campaigns/{made.public_id}"
    desk.open(f"{at}/suppliers")
    _pressed(desk, f"{at}/suppliers/add")
    _pressed(desk, f"{at}/open")
    _until(lambda: _is_open(database, made.id))
    return made.id


def _until_sent(database: Database, campaign_id: int) -> None:
    _until(lambda: _waiting(database, campaign_id) == 0)
    _close(database, campaign_id)


def _pressed(desk: Browser, path: str) -> None:
    status, _said = desk.send(path)
    assert status == 302, (path, status)


def _import(database: Database) -> None:
    """Import a file; the schedule wakes its jobs."""
    upload_id, job_id = imports.uploaded(database, imports.sheet())
    _until(lambda: _is_done(database, job_id))
    job_id = imports.confirmed(database, upload_id)
    _until(lambda: _is_done(database, job_id))


def _is_open(database: Database, campaign_id: int) -> bool:
    with database.reader() as session:
        state = session.scalars(select(Campaign.state).where(Campaign.id == campaign_id)).one()
        return state is CampaignState.OPEN


def _waiting(database: Database, campaign_id: int) -> int:
    with database.reader() as session:
        mine = (Message.campaign_id == campaign_id) & (Message.state != MessageState.SENT)
        return session.scalar(select(func.count()).select_from(Message).where(mine)) or 0


def _is_done(database: Database, job_id: int) -> bool:
    with database.reader() as session:
        return session.scalars(select(Job.state).where(Job.id == job_id)).one() is JobState.DONE


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.1)


def _pages(database: Database) -> dict[str, tuple[str, str]]:
    """Give the pages that people look at meanwhile, each with the session of who looks."""
    supplier, assessment = stage.secret_of_supplier(database)
    section = read(questionnaire_names()[0]).sections[1].key
    questions = f"/supplier/assessments/{assessment}/pages/{section}"
    return {
        "dashboard": (stage.secret_of_buyer(database, Role.RISK), "/risk/"),
        "campaigns": (stage.secret_of_buyer(database, Role.PROCUREMENT), "/procurement/campaigns"),
        "questions": (supplier, questions),
        SAVING: (supplier, questions),
    }
