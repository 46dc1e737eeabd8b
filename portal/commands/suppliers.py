"""`sanpo suppliers`: take a list of suppliers into the register."""

from pathlib import Path
from typing import Any

import click

from assessments import audit, jobs
from assessments.imports import uploads
from assessments.models import ImportState, Job, JobState, SupplierImport
from portal import clock, console, import_files, import_work, installation, tasks
from portal.import_words import file_words
from portal.installation import Installation
from portal.spreadsheets import csv_bytes

LEFT_OUT = 3
OUTCOMES = ("create", "update", "unchanged", "candidate", "error")
WRITTEN = ("created", "updated", "unchanged")


@click.group("suppliers")
def command() -> None:
    """Look after the register of suppliers."""


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--apply", "is_applied", is_flag=True, help="Write the good rows; the rest goes to FILE.errors.csv."
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def import_(file: Path, is_applied: bool, as_json: bool) -> None:
    """Read a list of suppliers (CSV in UTF-8 or CP932, or XLSX) and tell what it would do.

    With --apply the good rows are written, and rows that have errors, or that may mean a supplier
    already known, go to FILE.errors.csv with their reasons; the exit status is then 3.
    """
    with installation.opened() as opened:
        upload_id = _preview(opened, file)
        if not is_applied:
            told = _told(opened, upload_id)
            _discard(opened, upload_id)
            _print(told, as_json=as_json)
            return
        _apply(opened, upload_id)
        errors_file = _keep_left_out(opened, upload_id, file)
        told = _told(opened, upload_id) | {"errors_file": str(errors_file) if errors_file else None}
    _print(told, as_json=as_json)
    if errors_file is not None:
        raise click.exceptions.Exit(LEFT_OUT)


def _preview(opened: Installation, file: Path) -> int:
    with opened.database.writer.begin() as session:
        upload = uploads.upload(session, file.name, file.read_bytes(), now=clock.now(), by_id=None)
        job = jobs.request(session, import_work.PREVIEW, upload.id, now=clock.now(), by=None)
    _run(opened, job)
    with opened.database.reader() as session:
        read = session.get_one(SupplierImport, upload.id)
    if read.state is ImportState.REFUSED:
        _discard(opened, upload.id)
        raise console.Refused(f"{file}: {file_words(read.failure, read.counts)}")
    return upload.id


def _apply(opened: Installation, upload_id: int) -> None:
    with opened.database.writer.begin() as session:
        upload = session.get_one(SupplierImport, upload_id)
        uploads.confirm(session, upload, now=clock.now(), by=audit.OPERATOR)
        job = jobs.request(session, import_work.APPLY, upload_id, now=clock.now(), by=None)
    _run(opened, job)


def _run(opened: Installation, job: Job) -> None:
    if tasks.run(opened.database, opened.settings, job.id) is not JobState.DONE:
        raise console.Refused("the import stopped half way; run the command again, nothing is doubled")


def _keep_left_out(opened: Installation, upload_id: int, file: Path) -> Path | None:
    """Put the rows that were left out beside the file; None where there are none."""
    target = file.with_name(f"{file.name}.errors.csv")
    with opened.database.reader() as session:
        sheet = import_files.left_out(session, session.get_one(SupplierImport, upload_id))
    if not sheet.rows:
        target.unlink(missing_ok=True)
        return None
    target.write_bytes(csv_bytes(sheet))
    return target


def _told(opened: Installation, upload_id: int) -> dict[str, Any]:
    with opened.database.reader() as session:
        upload = session.get_one(SupplierImport, upload_id)
        written = upload.counts.get("applied", {})
        told: dict[str, Any] = {
            "rows": upload.counts["rows"],
            **{name: upload.counts[name] for name in OUTCOMES},
            "new_units": upload.counts["new_units"],
            "unknown_columns": upload.unknown_columns,
            "applied": upload.state is ImportState.APPLIED,
            "written": {name: written.get(name, 0) for name in WRITTEN},
            "left_out": len(uploads.left_out(session, upload_id)),
        }
    return told


def _discard(opened: Installation, upload_id: int) -> None:
    with opened.database.writer.begin() as session:
        upload = session.get_one(SupplierImport, upload_id)
        uploads.discard(session, upload, now=clock.now(), by=audit.OPERATOR)


def _print(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        console.print_json(told)
        return
    if told["applied"]:
        counted = ", ".join(f"{told['written'][name]} {name}" for name in WRITTEN)
        click.echo(f"{told['rows']} rows: {counted}, {told['left_out']} left out.")
        if told.get("errors_file"):
            click.echo(f"What was left out, with reasons: {told['errors_file']}")
        return
    counted = ", ".join(f"{told[name]} {name}" for name in OUTCOMES)
    click.echo(f"{told['rows']} rows: {counted}. Nothing was written; add --apply to write the good rows.")
