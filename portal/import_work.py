"""The long work of an import: judging a file's rows, and writing the confirmed ones, chunk by chunk."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from assessments import audit, jobs
from assessments.imports import applying, judging, reading, uploads
from assessments.imports.columns import Headings, find_headings
from assessments.imports.judging import Judgement
from assessments.imports.reading import FileRefused, Table
from assessments.imports.rows import read_rows
from assessments.jobs import Claim
from assessments.models import ImportState, Job, SupplierImport, User
from portal import clock, tasks
from portal.db import Database
from portal.settings import Settings

PREVIEW, APPLY = "supplier_import_preview", "supplier_import_apply"


@dataclass(frozen=True, slots=True)
class _Judged:
    """A file read and judged."""

    encoding: str
    headings: Headings
    judgement: Judgement


@tasks.runner(PREVIEW)
def preview(database: Database, _settings: Settings, mine: Claim) -> None:
    """Read and judge an upload, and keep its rows for a person to look at. Twice does no harm."""
    import_id = _subject(database, mine)
    now = clock.now()
    try:
        with database.reader() as session:
            is_first = bool(uploads.content_of(session, import_id))
            judged = _judge(session, import_id)
            decided = uploads.decisions(session, import_id)
            stretches = uploads.stretches(session, import_id) if is_first else []
    except FileRefused as refusal:
        _refuse(database, mine, import_id, refusal)
        return
    rows = judged.judgement.rows
    for numbers in stretches:
        with database.writer.begin() as session:
            uploads.drop_rows(session, import_id, numbers)
            jobs.progress(session, mine, 0, len(rows), now=clock.now())
    # Once the file's bytes are gone the kept rows are all there is: then they are changed where they stand.
    keep = uploads.keep_rows if is_first else uploads.change_rows
    for start in range(0, len(rows), uploads.ROWS_AT_ONCE):
        chunk = rows[start : start + uploads.ROWS_AT_ONCE]
        with database.writer.begin() as session:
            keep(session, import_id, chunk, decided)
            jobs.progress(session, mine, start + len(chunk), len(rows), now=clock.now())
    with database.writer.begin() as session:
        upload = session.get_one(SupplierImport, import_id)
        uploads.ready(session, upload, judged.headings, judged.judgement, encoding=judged.encoding, now=now)
        jobs.finish(session, mine, judged.judgement.counts(), now=clock.now())


@tasks.runner(APPLY)
def apply(database: Database, _settings: Settings, mine: Claim) -> None:
    """Write the confirmed rows into the register; goes on where an earlier run stopped."""
    import_id = _subject(database, mine)
    with database.reader() as session:
        stretches, total = uploads.stretches(session, import_id), applying.pending_rows(session, import_id)
    done = 0
    for numbers in stretches:
        with database.writer.begin() as session:
            upload = uploads.locked(session, import_id)
            done += applying.settle_unchanged(session, upload, numbers) if upload else 0
    after: int | None = 0
    while after is not None:
        with database.writer.begin() as session:
            upload = uploads.locked(session, import_id)
            settled = applying.apply_chunk(session, upload, after=after, now=clock.now()) if upload else None
            after = settled.last if settled else None
            done += settled.count if settled else 0
            jobs.progress(session, mine, done, max(done, total), now=clock.now())
    with database.writer.begin() as session:
        upload = uploads.locked(session, import_id)
        if upload is not None:
            applying.finish(session, upload, now=clock.now(), by=_who(session, upload))
            jobs.finish(session, mine, upload.counts.get("applied", {}), now=clock.now())


def _judge(session: Session, import_id: int) -> _Judged:
    upload = session.get_one(SupplierImport, import_id)
    content = uploads.content_of(session, import_id)
    if content:
        table = reading.read(content)
    else:
        kept = [(int(upload.columns["row"]), upload.headings), *uploads.kept_rows(session, import_id)]
        table = Table(upload.encoding, kept)
    headings = find_headings(table.rows)
    if headings is None:
        raise FileRefused("no_headings")
    rows = read_rows(headings, table.rows, encoding=table.encoding)
    if not rows:
        raise FileRefused("no_rows")
    if len(rows) > reading.MOST_ROWS:
        raise FileRefused("too_many_rows", rows=reading.MOST_ROWS)
    reach = judging.reach_of(session, upload.uploaded_by_id)
    return _Judged(table.encoding, headings, judging.judge(session, rows, reach=reach))


def _refuse(database: Database, mine: Claim, import_id: int, refusal: FileRefused) -> None:
    with database.writer.begin() as session:
        upload = uploads.locked(session, import_id)
        if upload is not None and upload.state is ImportState.UPLOADED:
            uploads.refuse(session, upload, refusal)
        jobs.finish(session, mine, {"refused": refusal.reason}, now=clock.now())


def _subject(database: Database, mine: Claim) -> int:
    with database.reader() as session:
        return session.get_one(Job, mine.job_id).subject_id


def _who(session: Session, upload: SupplierImport) -> str:
    if upload.uploaded_by_id is None:
        return audit.OPERATOR
    return session.get_one(User, upload.uploaded_by_id).public_id
