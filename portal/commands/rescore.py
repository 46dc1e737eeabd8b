"""`sanpo rescore`: score what stands anew by what holds now, and tell who moves and why."""

from collections.abc import Mapping, Sequence
from typing import Any

import click
from sqlalchemy import select, true

from assessments.models import Job, JobState
from assessments.rescoring import runs
from assessments.rescoring.comparing import Cause, Step
from assessments.rescoring.runs import Moved
from portal import clock, console, installation, rescoring_work, tasks
from portal.installation import Installation

RUNNER = rescoring_work.rescore
ELSEWHERE = "somebody else is at it, or it was cancelled"


@click.command("rescore")
@click.option("--dry-run", is_flag=True, help="Tell what it would do; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(dry_run: bool, as_json: bool) -> None:
    """Score every current result anew by the constants and the questionnaire that hold now.

    New snapshots stand beside the old ones, which are never edited; twice makes nothing new. Prints who
    moves and why: levels of axes, lenses and domains, the self-check score, the band of the priority.
    """
    with installation.opened() as opened:
        told = _tried(opened) if dry_run else _run(opened)
    if as_json:
        console.print_json(told)
        return
    for one in told["moved"]:
        click.echo("\t".join(_cells(one)))
    verb = "would be" if dry_run else "were"
    click.echo(
        f"{told['rescored']} of {told['results']} results {verb} scored anew, {len(told['moved'])} move."
    )


def _tried(opened: Installation) -> dict[str, Any]:
    with opened.database.reader() as session:
        found = runs.trial(session, true(), now=clock.now())
    return _told(found.total, found.rescored, found.moved)


def _run(opened: Installation) -> dict[str, Any]:
    with opened.database.writer.begin() as session:
        run, job = runs.request(session, now=clock.now(), by=None)
    ended = tasks.run(opened.database, opened.settings, job.id)
    with opened.database.reader() as session:
        if ended is not JobState.DONE:
            failure = session.scalar(select(Job.failure).where(Job.id == job.id))
            raise console.Refused(
                f"the work stopped: {failure or 'somebody else is at it, or it was cancelled'}"
            )
        total = runs.waiting(session).total
        rescored = int(runs.job_of(session, run).result["rescored"])
        return _told(total, rescored, runs.moved(session, run, true()))


def _told(results: int, rescored: int, moved: Sequence[Moved]) -> dict[str, Any]:
    return {
        "results": results,
        "rescored": rescored,
        "moved": [
            {
                "supplier": one.code or one.public_id,
                "name": one.name,
                "axes": _steps(one.axes),
                "lenses": _steps(one.lenses),
                "domains": _steps(one.domains),
                "official_score": _step(one.official),
                "band_before": one.band_before,
                "band_after": one.band_after,
                "why": [_why(cause) for cause in one.causes],
            }
            for one in moved
        ],
    }


def _steps(levels: Mapping[str, Step]) -> dict[str, Any]:
    return {name: _step(step) for name, step in levels.items()}


def _step(step: Step) -> dict[str, int | None]:
    return {"before": step[0], "after": step[1]}


def _why(cause: Cause) -> dict[str, Any]:
    return {"constant": cause.constant, "place": cause.place, "was": cause.was, "becomes": cause.becomes}


def _cells(one: dict[str, Any]) -> list[str]:
    levels = one["axes"] | one["lenses"] | one["domains"]
    told = [f"{name} {step['before'] or '-'} -> {step['after'] or '-'}" for name, step in levels.items()]
    points = one["official_score"]
    if points["before"] != points["after"]:
        told.append(f"self-check {points['before']} -> {points['after']} points")
    why = ", ".join(f"{cause['constant']} {cause['was']} -> {cause['becomes']}" for cause in one["why"])
    band = f"{one['band_before']} -> {one['band_after']}"
    return [one["supplier"], one["name"], ", ".join(told), band, why]
