"""The list of long jobs: what runs for whom, stopping it with its runner at work, and beginning it again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import campaigns, inviting, jobs
from assessments.imports import applying, uploads
from assessments.models import (
    AuditEvent,
    Campaign,
    CampaignState,
    Invitation,
    Job,
    JobState,
    Message,
    Role,
    Supplier,
    SupplierImport,
)
from assessments.rescoring import runs
from portal import import_work, job_progress, tasks
from portal.db import Database
from portal.settings import Settings
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import Visitor
from tests.importing import csv_of, previewed

AsBuyer = Callable[..., Visitor]
PATH = "/procurement/jobs"
ROWS = 5


class Interrupted:
    """A database whose writer, after so many transactions, lets somebody else act before the next one."""

    def __init__(self, database: Database, *, after: int, act: Callable[[], object]) -> None:
        """Take whom to let in, and when."""
        self.database, self.left, self.act = database, after, act
        self.reader, self.writer = database.reader, self

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Give a transaction, and the other one's turn behind it."""
        with self.database.writer.begin() as session:
            yield session
        self.left -= 1
        if self.left == 0:
            self.act()


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """A campaign being sent to five suppliers."""
    made = factories.campaign(session, state=CampaignState.OPENING, opened_at=None)
    for number in range(ROWS):
        asked = factories.supplier(session, f"青葉{number}鋳造")
        factories.contact(session, asked)
        factories.assessment(session, made, asked)
    session.commit()
    return made


def _sending(session: Session, campaign: Campaign, by: int | None = None) -> Job:
    job = jobs.request(session, campaigns.OPEN_JOB, campaign.id, now=NOW, by=by)
    session.commit()
    return job


def _confirmed(database: Database, settings: Settings, session: Session) -> Job:
    """An upload whose rows wait to be written."""
    rows = [{"取引先コード": f"S{number}", "会社名": f"青葉{number}鋳造"} for number in range(ROWS)]
    upload = previewed(database, settings, csv_of(rows))
    uploads.confirm(session, session.get_one(SupplierImport, upload.id), now=NOW, by="operator")
    job = jobs.request(session, import_work.APPLY, upload.id, now=NOW, by=None)
    session.get_one(SupplierImport, upload.id).job_id = job.id
    session.commit()
    return job


def _run(database: Database, settings: Settings, job: Job, *, after: int, act: Callable[[], object]) -> None:
    tasks.run(cast(Database, Interrupted(database, after=after, act=act)), settings, job.id)


def _newest(session: Session) -> Job:
    session.rollback()
    newest = select(Job).order_by(Job.id.desc()).limit(1).execution_options(populate_existing=True)
    found = session.scalars(newest).one()
    session.commit()
    return found


def _count(session: Session, model: type[Supplier | Invitation | Message]) -> int:
    session.rollback()
    found = session.scalar(select(func.count()).select_from(model)) or 0
    session.commit()
    return found


def test_jobs_are_listed_with_what_they_do_for_whom_and_what_came_out(
    database: Database, settings: Settings, session: Session, campaign: Campaign, as_buyer: AsBuyer
) -> None:
    sato = factories.user(session, Role.PROCUREMENT, name="佐藤 恵子")
    job = _sending(session, campaign, by=sato.id)
    desk = as_buyer(user=sato)
    waiting = desk.get(PATH).get_text(" ", strip=True)
    tasks.run(database, settings, job.id)

    ended = desk.get(PATH)

    assert "順番を待っています" in waiting
    for words in ("調査の依頼の準備", campaign.title, "佐藤 恵子", "完了", "依頼：5"):
        assert words in ended.get_text(" ", strip=True), words
    assert ended.select_one(f'a[href="/procurement/campaigns/{campaign.public_id}"]')
    assert not ended.select('form[action*="/jobs/"]'), "there is nothing left to stop or to begin again"


def test_a_running_job_shows_how_far_it_is(session: Session, campaign: Campaign, as_buyer: AsBuyer) -> None:
    job = _sending(session, campaign)
    jobs.progress(session, factories.claimed(session, job), 2, 5, now=NOW)
    session.commit()

    page = as_buyer(Role.PROCUREMENT).get(PATH)

    assert page.select_one(f'[data-job-url="{PATH}/{job.public_id}"] progress[value="40"]')


def test_an_import_is_stopped_at_work_and_goes_on_where_it_was(
    database: Database,
    settings: Settings,
    session: Session,
    as_buyer: AsBuyer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(applying, "CHUNK", 1)
    job, desk = _confirmed(database, settings, session), as_buyer(Role.PROCUREMENT)

    _run(database, settings, job, after=4, act=lambda: desk.post(f"{PATH}/{job.public_id}/cancel"))

    assert _newest(session).state is JobState.CANCELLED
    assert 0 < _count(session, Supplier) < ROWS
    assert "取りやめ" in desk.get(PATH).get_text()
    assert desk.post(f"{PATH}/{job.public_id}/retry").location == PATH
    anew = _newest(session)
    assert anew.id != job.id
    assert tasks.run(database, settings, anew.id) is JobState.DONE
    assert _count(session, Supplier) == ROWS
    assert session.scalars(select(SupplierImport.job_id)).one() == anew.id


def test_sending_is_stopped_before_any_mail_leaves_and_goes_on_without_a_second_one(
    database: Database,
    settings: Settings,
    session: Session,
    campaign: Campaign,
    as_buyer: AsBuyer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        inviting.invite, "__kwdefaults__", {**(inviting.invite.__kwdefaults__ or {}), "limit": 2}
    )
    job, desk = _sending(session, campaign), as_buyer(Role.PROCUREMENT)

    _run(database, settings, job, after=2, act=lambda: desk.post(f"{PATH}/{job.public_id}/cancel"))

    assert 0 < _count(session, Invitation) < ROWS
    page = desk.get(f"/procurement/campaigns/{campaign.public_id}")
    assert "準備が途中で止まりました" in page.get_text()
    desk.post(f"{PATH}/{job.public_id}/retry")
    assert tasks.run(database, settings, _newest(session).id) is JobState.DONE
    assert (_count(session, Invitation), _count(session, Message)) == (ROWS, ROWS)


def test_what_stands_in_the_trail(session: Session, campaign: Campaign, as_buyer: AsBuyer) -> None:
    job, desk = _sending(session, campaign), as_buyer(Role.PROCUREMENT)
    desk.post(f"{PATH}/{job.public_id}/cancel")
    desk.post(f"{PATH}/{job.public_id}/retry")

    acts = session.scalars(select(AuditEvent.action).where(AuditEvent.object_kind == "job")).all()
    assert acts == ["job.cancelled", "job.taken_up_again"]


def test_a_failed_job_says_why_and_can_be_begun_again(
    session: Session, campaign: Campaign, as_buyer: AsBuyer
) -> None:
    job = _sending(session, campaign)
    jobs.fail(session, factories.claimed(session, job), job_progress.BROKE, now=NOW)
    session.commit()

    page = as_buyer(Role.PROCUREMENT).get(PATH)

    assert job_progress.BROKE in page.get_text()
    assert page.select_one(f'form[action="{PATH}/{job.public_id}/retry"]')


def test_what_has_ended_or_goes_on_cannot_be_begun_again(
    database: Database, settings: Settings, session: Session, campaign: Campaign, as_buyer: AsBuyer
) -> None:
    job, desk = _sending(session, campaign), as_buyer(Role.PROCUREMENT)
    assert desk.post(f"{PATH}/{job.public_id}/retry").status_code == 409

    tasks.run(database, settings, job.id)

    assert desk.post(f"{PATH}/{job.public_id}/retry").status_code == 409
    assert desk.post(f"{PATH}/{job.public_id}/cancel").location == PATH
    assert "もう終わっています" in desk.get(PATH).get_text()
    assert _newest(session).state is JobState.DONE


def test_a_job_begun_again_already_is_not_begun_twice(
    session: Session, campaign: Campaign, as_buyer: AsBuyer
) -> None:
    job, desk = _sending(session, campaign), as_buyer(Role.PROCUREMENT)
    desk.post(f"{PATH}/{job.public_id}/cancel")

    answers = [desk.post(f"{PATH}/{job.public_id}/retry").status_code for _press in range(2)]

    assert answers == [302, 409]
    assert session.scalar(select(func.count(Job.id))) == 2


def test_scoring_anew_is_stopped_by_those_who_may_ask_for_it(session: Session, as_buyer: AsBuyer) -> None:
    run, job = runs.request(session, now=NOW, by=None)
    session.commit()
    both, procurement = as_buyer(Role.PROCUREMENT, Role.RISK), as_buyer(Role.PROCUREMENT)
    act = f"/risk/rescoring/{run.public_id}/cancel"

    assert both.get(PATH).select_one(f'form[action="{act}"]')
    assert not procurement.get(PATH).select('form[action*="cancel"]')
    assert procurement.post(f"{PATH}/{job.public_id}/cancel").status_code == 409
    assert both.post(act).status_code == 302
    assert _newest(session).state is JobState.CANCELLED


def test_who_only_reads_finds_no_buttons(session: Session, campaign: Campaign, as_buyer: AsBuyer) -> None:
    job, reader = _sending(session, campaign), as_buyer(Role.AUDITOR)

    assert not reader.get(PATH).select('form[action*="/jobs/"]')
    assert reader.post(f"{PATH}/{job.public_id}/cancel").status_code == 403


def test_a_buyer_of_one_unit_sees_and_stops_their_own_alone(
    session: Session, campaign: Campaign, as_buyer: AsBuyer
) -> None:
    job = _sending(session, campaign)
    desk = as_buyer(user=factories.user(session, Role.PROCUREMENT, unit=factories.unit(session)))

    assert campaign.title not in desk.get(PATH).get_text()
    for act in ("cancel", "retry"):
        assert desk.post(f"{PATH}/{job.public_id}/{act}").status_code == 404


def test_a_discarded_upload_is_not_read_again(
    database: Database, settings: Settings, session: Session, as_buyer: AsBuyer
) -> None:
    job = jobs.request(session, import_work.PREVIEW, 4711, now=NOW, by=None)
    jobs.cancel(session, job.id, now=NOW)
    session.commit()

    assert as_buyer(Role.PROCUREMENT).post(f"{PATH}/{job.public_id}/retry").status_code == 409
