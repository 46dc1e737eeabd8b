"""What went on by itself when the backup was made rests after a restore, until a person has it go on."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessments import audit, calendar, campaigns, courses, jobs, outbox, reminding, settling, waves
from assessments.models import (
    Campaign,
    CampaignCourse,
    CampaignState,
    Job,
    JobState,
    Message,
    MessageState,
    Role,
    StepKind,
)
from portal import cli, clock, schema
from portal.backup.halting import OPEN, OPENING, SCHEDULED
from tests import factories
from tests.backups import PASSPHRASE, Make, Place, backed_up, places, restored
from tests.factories import NOW
from tests.fixtures_servers import database_kind

A_WEEK = timedelta(days=7)


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Make]:
    """Make an empty place on SQLite or PostgreSQL."""
    with places(tmp_path, request) as make:
        yield make


@pytest.mark.database
def test_campaigns_rest_after_a_restore_and_say_why(place: Make, tmp_path: Path) -> None:
    path, there = backed_up(_busy(place(database_kind())), tmp_path / "busy.sanpo"), place(database_kind())

    done = restored(there, path)

    assert {(one.title, one.was) for one in done.halted_campaigns} == {
        ("実施中", OPEN),
        ("準備中", OPENING),
        ("予約", SCHEDULED),
    }
    with there.database.writer() as session:
        later = clock.now() + A_WEEK
        assert not waves.due_to_start(session, now=later)
        assert not reminding.campaigns_that_remind(session)
        assert not jobs.due(session, now=later)
        assert not outbox.has_work(session, now=later)
        for one in done.halted_campaigns:
            campaign = session.scalars(select(Campaign).where(Campaign.public_id == one.id)).one()
            last = courses.steps(session, campaign)[-1]
            assert last.kind is (StepKind.UNSCHEDULED if one.was == SCHEDULED else StepKind.PAUSED)
            assert "バックアップ" in last.remark
        assert audit.first_broken_line(session) is None


@pytest.mark.database
def test_each_campaign_can_go_on_when_a_person_says_so(place: Make, tmp_path: Path) -> None:
    path, there = backed_up(_busy(place(database_kind())), tmp_path / "busy.sanpo"), place(database_kind())
    restored(there, path)

    with there.database.writer() as session:
        office, now = calendar.of_buyer(session), clock.now()
        waves.resume(session, _named(session, "実施中"), office, now=now, by=None)
        opening = _named(session, "準備中")
        stopped = session.scalars(select(Job).where(Job.kind == campaigns.OPEN_JOB)).one()
        jobs.take_up_again(session, stopped, now=now, by=factories.user(session).id)
        campaigns.finish_opening(session, opening, now=now)
        assert courses.is_paused(session, opening)
        waves.resume(session, opening, office, now=now, by=None)
        assert campaigns.open_(session, _named(session, "予約"), now=now, by=None).state is JobState.WAITING


@pytest.mark.database
def test_who_was_perhaps_never_invited_is_not_reminded(place: Make, tmp_path: Path) -> None:
    path, there = backed_up(_busy(place(database_kind())), tmp_path / "busy.sanpo"), place(database_kind())
    restored(there, path)

    with there.database.writer() as session:
        running, office = _named(session, "実施中"), calendar.of_buyer(session)
        now = office.next_open(clock.now() + A_WEEK * 2)
        running.due_on = (now + A_WEEK * 8).date()
        waves.resume(session, running, office, now=now, by=None)
        assert reminding.remind(session, running, office, now=now).count == 0

        mail = session.scalars(select(Message).where(Message.state == MessageState.UNKNOWN)).one()
        settling.settle_as_delivered(session, mail, now=now - A_WEEK * 2, by=factories.user(session))
        assert reminding.remind(session, running, office, now=now).count == 1


@pytest.mark.database
def test_a_move_lets_everything_go_on(place: Make, tmp_path: Path) -> None:
    path, there = backed_up(_busy(place(database_kind())), tmp_path / "busy.sanpo"), place(database_kind())

    assert restored(there, path, is_move=True).halted_campaigns == ()

    with there.database.reader() as session:
        assert len(waves.due_to_start(session, now=clock.now() + A_WEEK)) == 1
        assert len(reminding.campaigns_that_remind(session)) == 1


@pytest.mark.database
def test_campaigns_of_an_older_backup_rest_as_well(place: Make, tmp_path: Path) -> None:
    here, there = _busy(place(database_kind())), place(database_kind())
    schema.take_back(here.database, to="0016")

    done = restored(there, backed_up(here, tmp_path / "old.sanpo"))

    assert len(done.halted_campaigns) == 3
    with there.database.reader() as session:
        assert set(session.scalars(select(CampaignCourse.starts_at))) == {None}


def test_the_command_lists_them_with_the_way_out(place: Make, tmp_path: Path) -> None:
    path = str(backed_up(_busy(place("sqlite")), tmp_path / "busy.sanpo"))

    said, told = _restore(tmp_path / "a", path), _restore(tmp_path / "b", path, "--json")

    assert said.exit_code == 0, said.output
    for words in ("Campaigns (1) were running", "sanpo campaign resume ID", "  実施中", "  準備中", "  予約"):
        assert words in said.output
    halted = json.loads(told.output)["halted_campaigns"]
    assert {one["was"] for one in halted} == {OPEN, OPENING, SCHEDULED}


def _busy(here: Place) -> Place:
    """Fill a place with a campaign that runs and reminds, one being opened, and one that is to start."""
    schema.migrate(here.database)
    with here.database.writer.begin() as session:
        factories.organisation(session)
        supplier = factories.supplier(session)
        running = factories.campaign(session, title="実施中")
        courses.set_plan(session, running, courses.usual(reminds=True), now=NOW, by=None)
        invitation = factories.invitation(session, factories.assessment(session, running, supplier))
        factories.mail(session, invitation, lane=2, campaign_id=running.id)
        for title in ("準備中", "予約"):
            _approved(session, title)
        campaigns.open_(session, _named(session, "準備中"), now=NOW, by=None)
        jobs.request(session, settling.AGAIN_JOB, running.id, now=NOW, by=None)
        courses.made(session, _named(session, "予約"))
        to_start = CampaignCourse.campaign_id == _named(session, "予約").id
        session.execute(update(CampaignCourse).where(to_start).values(starts_at=clock.now()))
    return here


def _approved(session: Session, title: str) -> None:
    by = factories.user(session, Role.PROCUREMENT)
    draft = factories.campaign(
        session, title=title, state=CampaignState.DRAFT, opened_at=None, created_by_id=by.id
    )
    factories.assessment(session, draft, factories.supplier(session))
    campaigns.approve_as_operator(session, draft, now=NOW)


def _named(session: Session, title: str) -> Campaign:
    return session.scalars(select(Campaign).where(Campaign.title == title)).one()


def _restore(data_dir: Path, *arguments: str) -> Result:
    given = {"SANPO_DATA_DIR": str(data_dir), "SANPO_BACKUP_PASSPHRASE": PASSPHRASE.decode()}
    return CliRunner().invoke(cli.main, ["restore", *arguments], env=given)
