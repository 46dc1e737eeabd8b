"""`sanpo campaign`: create one, invite its suppliers, tell how far it is."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from assessments import (
    asking,
    audit,
    calendar,
    campaign_counts,
    campaigns,
    courses,
    fairness,
    jobs,
    placeholders,
    questionnaires,
    settling,
    waves,
)
from assessments.campaign_counts import Counts
from assessments.models import (
    Campaign,
    CampaignState,
    Job,
    JobState,
    Organisation,
    QuestionnaireVersion,
    Supplier,
)
from assessments.supplier_filter import FilterRefused, condition
from portal import campaign_work, clock, console, installation, tasks
from portal.installation import Installation

console.say(FilterRefused)
console.say(campaigns.NotOpen, "the campaign does not run")
console.say(waves.AlreadyPaused, "the campaign is paused already")
console.say(waves.NotPaused, "the campaign is not paused")
console.say(campaigns.NobodyIsAsked, "the campaign asks nobody: choose suppliers first")
console.say(campaigns.DueDateHasCome, "the due date must be later than today")
console.say(campaigns.PurposeIsMissing, "the purpose is blank: say why these suppliers are asked")
console.say(
    campaigns.ApprovalIsMissing,
    "a person made this campaign and it is not approved: have it approved on its page, "
    "or answer for it with --approve-as-operator",
)
REPEAT_REASON = "運用担当者がコマンドラインから依頼したため"
UNAPPROVED = (CampaignState.DRAFT, CampaignState.AWAITING_APPROVAL)
MOST_ANSWERS = 10
COUNTED = (
    "invited",
    "queued",
    "sent",
    "unknown",
    "failed",
    "no_address",
    "opened",
    "in_progress",
    "submitted",
    "returned",
    "accepted",
    "late",
)


@click.group("campaign")
def command() -> None:
    """Ask suppliers to answer a questionnaire."""


@command.command("create")
@click.argument("title")
@click.option("--questionnaire", required=True, help="Name of a published questionnaire.")
@click.option("--due", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Last day, YYYY-MM-DD.")
@click.option("--all", "everybody", is_flag=True, help="Ask every supplier of the register.")
@click.option(
    "--filter", "filters", multiple=True, metavar="KEY=VALUE", help="Ask those that fit; repeatable."
)
@click.option(
    "--purpose", help="Why these suppliers are asked; stands in their mail.  [default: a plain reason]"
)
@click.option("--message", default="", help="The buyer's own words in the mail.")
@click.option(
    "--announce", is_flag=True, help="Tell suppliers a business day before that a genuine request comes."
)
@click.option("--repeat-reason", default=REPEAT_REASON, help="Why some are asked again within 12 months.")
def create(
    title: str,
    questionnaire: str,
    due: datetime,
    everybody: bool,
    filters: tuple[str, ...],
    purpose: str | None,
    message: str,
    announce: bool,
    repeat_reason: str,
) -> None:
    """Draft a campaign and print its id. Without --all or --filter it asks nobody yet."""
    if everybody and filters:
        raise console.Refused("choose --all or --filter, not both")
    if not title.strip():
        raise console.Refused("the title is blank")
    pairs = [_pair(typed) for typed in filters]
    with installation.opened() as opened, opened.database.writer() as session:
        version = _version(session, questionnaire)
        wanted = condition(pairs) if pairs else true()
        if pairs or everybody:
            _somebody_must_fit(session, wanted)
        campaign = campaigns.create(
            session,
            version,
            title=" ".join(title.split()),
            due_on=due.date(),
            purpose=_plain_purpose() if purpose is None else purpose,
            message=message,
            now=clock.now(),
            by=None,
            is_announced=announce,
        )
        _must_say_enough(session, campaign)
        _have_it_remind(session, campaign)
        session.commit()
        if pairs or everybody:
            campaign_work.add_suppliers(session, campaign, wanted, by=None)
        _explain_repeats(session, campaign, repeat_reason)
        click.echo(campaign.public_id)


@command.command("invite")
@click.argument("public_id", metavar="ID")
@click.option(
    "--approve-as-operator", is_flag=True, help="Let go what a person made and nobody has approved."
)
def invite(public_id: str, approve_as_operator: bool) -> None:
    """Invite the suppliers of a campaign; again invites only who has an address by now."""
    with installation.opened() as opened:
        with opened.database.writer() as session:
            campaign = _campaign(session, public_id)
            if campaign.state is CampaignState.CLOSED:
                raise console.Refused(f"campaign {public_id} is closed")
            _open(opened, session, campaign, may_approve=approve_as_operator)
            if campaign.state is CampaignState.OPEN:
                campaign_work.invite_ready(session, opened.settings, campaign, by=None)
        with opened.database.reader() as session:
            found = _counts(session, _campaign(session, public_id))
    click.echo(f"Invited {found.invited}, no address {found.no_address}.")


@command.command("send-again")
@click.argument("public_id", metavar="ID")
@click.option("--dry-run", is_flag=True, help="Send nothing; tell how many, and what mail servers answered.")
def send_again(public_id: str, dry_run: bool) -> None:
    """Send a fresh link to all who have not answered and whose mail failed, as after a server's fault."""
    with installation.opened() as opened:
        if dry_run:
            with opened.database.reader() as session:
                _tell_failures(settling.failures(session, _campaign(session, public_id)))
            return
        with opened.database.writer() as session:
            campaign = _campaign(session, public_id)
            sent = campaign_work.send_failed_again(session, opened.settings, campaign, by=None)
    click.echo(f"Sent again {sent}.")


@command.command("pause")
@click.argument("public_id", metavar="ID")
def pause(public_id: str) -> None:
    """Hold the mail of a campaign that has not left; suppliers can go on answering."""
    with installation.opened() as opened, opened.database.writer.begin() as session:
        campaign = _campaign(session, public_id)
        held = waves.pause(session, campaign, now=clock.now(), by=None, actor=audit.OPERATOR)
    click.echo(f"Paused, {held} held.")


@command.command("resume")
@click.argument("public_id", metavar="ID")
def resume(public_id: str) -> None:
    """Let the mail of a paused campaign leave again."""
    with installation.opened() as opened, opened.database.writer.begin() as session:
        campaign, office = _campaign(session, public_id), calendar.of_buyer(session)
        waiting = waves.resume(session, campaign, office, now=clock.now(), by=None, actor=audit.OPERATOR)
    click.echo(f"Resumed, {waiting} waiting.")


@command.command("status")
@click.argument("public_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--recipients", "with_recipients", is_flag=True, help="With --json, also each recipient.")
def status(public_id: str, as_json: bool, with_recipients: bool) -> None:
    """Count the suppliers of a campaign by delivery and by answer."""
    with installation.opened() as opened, opened.database.reader() as session:
        campaign = _campaign(session, public_id)
        told: dict[str, Any] = {
            "id": campaign.public_id,
            "title": campaign.title,
            "state": campaign.state.value,
            "due_on": campaign.due_on.isoformat(),
        }
        found = _counts(session, campaign)
        told |= {name: getattr(found, name) for name in COUNTED}
        if with_recipients:
            told["recipients"] = [asdict(one) for one in campaign_counts.recipients(session, campaign)]
    if as_json:
        console.print_json(told)
        return
    for recipient in told.pop("recipients", []):
        click.echo(f"{recipient['email']}\t{recipient['state']}")
    for name, value in told.items():
        click.echo(f"{name}: {value}")


def _version(session: Session, name: str) -> QuestionnaireVersion:
    version = questionnaires.newest(session, name)
    if version is None:
        raise console.Refused(f"no published questionnaire {name!r}: `sanpo questionnaire publish` it first")
    return version


def _open(opened: Installation, session: Session, campaign: Campaign, *, may_approve: bool) -> None:
    """Do the work of opening here and now; an operator's own campaign needs nobody else's approval."""
    if campaign.state in UNAPPROVED and (may_approve or _is_operators(campaign)):
        campaigns.approve_as_operator(session, campaign, now=clock.now())
    if campaign.state in {*UNAPPROVED, CampaignState.APPROVED}:
        campaigns.open_(session, campaign, now=clock.now(), by=None)
    if campaign.state is not CampaignState.OPENING:
        return
    job = jobs.request(session, campaigns.OPEN_JOB, campaign.id, now=clock.now(), by=None)
    session.commit()
    ended = tasks.run(opened.database, opened.settings, job.id)
    if ended is JobState.FAILED:
        failure = session.scalar(select(Job.failure).where(Job.id == job.id))
        raise console.Refused(f"the work stopped: {failure}")
    session.refresh(campaign)
    session.commit()


def _tell_failures(failures: Sequence[tuple[str, int]]) -> None:
    click.echo(f"Failed {sum(count for _, count in failures)}.")
    for words, count in sorted(failures, key=lambda one: -one[1])[:MOST_ANSWERS]:
        click.echo(f"{count}\t{words}")


def _is_operators(campaign: Campaign) -> bool:
    return campaign.created_by_id is None and campaign.approval_requested_by_id is None


def _have_it_remind(session: Session, campaign: Campaign) -> None:
    usual = courses.usual(reminds=True)
    courses.set_plan(session, campaign, usual, now=clock.now(), by=None, actor=audit.OPERATOR)


def _plain_purpose() -> str:
    """Give the reason that holds where nobody gives one, in the language of the register."""
    return fairness.fairness().default_purpose.in_("ja")


def _must_say_enough(session: Session, campaign: Campaign) -> None:
    today = calendar.of_buyer(session).day_of(clock.now())
    try:
        campaigns.must_say_enough(campaign, today=today)
    except campaigns.WordsUnknown as error:
        known = " ".join(f"{{{word}}}" for word in placeholders.names("ja"))
        raise console.Refused(f"the message holds {error}, filled with nothing; known are {known}") from error


def _pair(typed: str) -> tuple[str, str]:
    key, sign, value = typed.partition("=")
    if not sign:
        raise console.Refused(f"--filter {typed}: write KEY=VALUE")
    return key.strip(), value


def _somebody_must_fit(session: Session, wanted: ColumnElement[bool]) -> None:
    if not session.scalar(select(func.count()).select_from(Supplier).where(wanted)):
        raise console.Refused("no supplier of the register fits")


def _explain_repeats(session: Session, campaign: Campaign, reason: str) -> None:
    now = clock.now()
    if asking.asked_again(session, campaign, now=now):
        campaigns.give_repeat_reason(session, campaign, reason, now=now, by=None)
    session.commit()


def _campaign(session: Session, public_id: str) -> Campaign:
    found = session.scalar(select(Campaign).where(Campaign.public_id == public_id))
    if found is None:
        raise console.Refused(f"no campaign {public_id}")
    return found


def _counts(session: Session, campaign: Campaign) -> Counts:
    zone = session.scalar(select(Organisation.time_zone).limit(1)) or "Asia/Tokyo"
    return campaign_counts.counts(session, campaign, today=clock.today(zone))
