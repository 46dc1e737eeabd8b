"""`sanpo questionnaire`: publish what is shipped, and export what the arithmetic knows of it."""

from typing import Any

import click

from assessments import audit, questionnaires
from assessments.content_files import questionnaire_names
from assessments.questionnaire_content import Content, UnknownQuestionnaire, read
from portal import clock, console, installation


@click.group("questionnaire")
def command() -> None:
    """Publish or export a shipped questionnaire."""


@command.command("publish")
@click.argument("name")
def publish(name: str) -> None:
    """Publish NAME as a version that never changes; the same content again adds nothing."""
    content = _content(name)
    with installation.opened() as opened, opened.database.writer() as session:
        standing = questionnaires.standing_version(session, content)
        version = standing or questionnaires.publish(session, name, now=clock.now())
        if standing is None:
            at = version.published_at
            audit.note(session, version, "questionnaire.published", now=at, by=audit.OPERATOR)
        session.commit()
        words = "was published before: nothing new" if standing else "is published"
        click.echo(f"{name} {version.version} ({version.content_checksum[:16]}) {words}.")


@command.command("export")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def export(name: str, as_json: bool) -> None:
    """Print the scoring facts of NAME from the shipped content; opens no database."""
    _content(name)
    told = questionnaires.export(name)
    if as_json:
        console.print_json(told)
    else:
        click.echo("\n".join(_lines(told)))


def _content(name: str) -> Content:
    try:
        return read(name)
    except UnknownQuestionnaire as error:
        shipped = ", ".join(questionnaire_names())
        raise console.Refused(f"no questionnaire {name!r} is shipped; there is {shipped}") from error


def _lines(told: dict[str, Any]) -> list[str]:
    facts = [f"{fact}: {told[fact]}" for fact in ("name", "version", "content_checksum", "scoring_checksum")]
    questions = [
        f"{one['key']}\t{one['axis']}\t{one['domain']}\tweight {one['weight']}" for one in told["questions"]
    ]
    return [*facts, *questions]
