"""`sanpo campaign` as an operator types it."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import courses
from assessments.models import (
    Assessment,
    AuditEvent,
    Campaign,
    CampaignState,
    Message,
    MessageState,
    Organisation,
    Role,
    Supplier,
)
from portal import clock, schema
from portal.cli import main
from portal.db import Database
from tests import factories

Sanpo = Callable[..., Result]
DUE = (clock.today("Asia/Tokyo") + timedelta(days=28)).isoformat()
CREATE = ("campaign", "create", "2026年度 調査", "--questionnaire", "sanpo-2026", "--due", DUE)


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Database]:
    """An installation with two suppliers, one of them without an address."""
    database = Database(f"sqlite:///{tmp_path / 'sanpo.db'}")
    schema.migrate(database)
    with database.writer.begin() as session:
        factories.organisation(session, needs_campaign_approval=True)
        factories.version(session)
        factories.contact(session, factories.supplier(session), email="taro@aoba.example")
        factories.supplier(session, "梅田精機株式会社", prefecture="27")
    yield database
    database.dispose()


@pytest.fixture
def sanpo(installed: Database, tmp_path: Path) -> Sanpo:
    """Type a command and give what it printed."""
    environment = {"SANPO_DATA_DIR": str(tmp_path), "SANPO_DATABASE_URL": installed.url}

    def typed(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, env=environment)

    return typed


def test_a_campaign_is_created_invited_and_counted(sanpo: Sanpo, installed: Database) -> None:
    created = sanpo(*CREATE, "--all")
    public_id = created.stdout.strip()
    assert (created.exit_code, len(created.stdout.split())) == (0, 1), created.output

    invited = sanpo("campaign", "invite", public_id)
    assert invited.exit_code == 0, invited.output
    told = _status(sanpo, public_id, "--recipients")

    assert {name: told[name] for name in ("state", "invited", "queued", "no_address", "sent", "late")} == {
        "state": "open",
        "invited": 1,
        "queued": 1,
        "no_address": 1,
        "sent": 0,
        "late": 0,
    }
    assert told["recipients"] == [{"email": "taro@aoba.example", "state": "queued"}]
    with installed.reader() as session:
        campaign = session.scalars(select(Campaign)).one()
        assert (campaign.approval, campaign.approved_by_id) == ("operator", None)


def test_inviting_twice_ends_well_and_sends_nothing_new(sanpo: Sanpo, installed: Database) -> None:
    public_id = sanpo(*CREATE, "--all").stdout.strip()

    assert [sanpo("campaign", "invite", public_id).exit_code for _ in range(2)] == [0, 0]

    with installed.reader() as session:
        assert session.scalars(select(Message.kind)).all() == ["invitation"]


def test_an_announced_campaign_tells_its_suppliers_a_business_day_before(
    sanpo: Sanpo, installed: Database
) -> None:
    public_id = sanpo(*CREATE, "--all", "--announce").stdout.strip()
    sanpo("campaign", "invite", public_id)

    with installed.reader() as session:
        due = dict(session.execute(select(Message.kind, Message.due_at)).all())
    assert due["invitation"] - due["advance_notice"] > timedelta(hours=12)


def test_inviting_again_reaches_who_has_an_address_by_now(sanpo: Sanpo, installed: Database) -> None:
    public_id = sanpo(*CREATE, "--all").stdout.strip()
    sanpo("campaign", "invite", public_id)
    with installed.writer.begin() as session:
        umeda = session.scalars(select(Supplier).where(Supplier.prefecture == "27")).one()
        factories.contact(session, umeda, email="hanako@umeda.example")

    sanpo("campaign", "invite", public_id)

    assert _status(sanpo, public_id)["invited"] == 2


def test_suppliers_are_chosen_by_filters_that_all_hold(sanpo: Sanpo, installed: Database) -> None:
    created = sanpo(*CREATE, "--filter", "prefecture=大阪府", "--filter", "industry=E")

    assert created.exit_code == 0, created.output
    with installed.reader() as session:
        assert _asked(session) == ["梅田精機株式会社"]


def test_a_draft_without_a_choice_asks_nobody_and_cannot_be_invited(sanpo: Sanpo) -> None:
    public_id = sanpo(*CREATE).stdout.strip()

    refused = sanpo("campaign", "invite", public_id)

    assert refused.exit_code == 1
    assert "asks nobody" in refused.stderr


def test_the_counts_are_the_named_ones_and_no_recipient_is_told_unasked(sanpo: Sanpo) -> None:
    told = _status(sanpo, sanpo(*CREATE, "--all").stdout.strip())

    assert set(told) == {
        "id", "title", "state", "due_on", "invited", "queued", "sent", "unknown", "failed", "no_address",
        "opened", "in_progress", "submitted", "returned", "accepted", "late",
    }  # fmt: skip


def test_the_counts_can_be_read_without_json(sanpo: Sanpo) -> None:
    public_id = sanpo(*CREATE, "--all").stdout.strip()
    sanpo("campaign", "invite", public_id)

    told = sanpo("campaign", "status", public_id, "--recipients")

    assert "taro@aoba.example\tqueued" in told.stdout
    assert "invited: 1" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((*CREATE, "--all", "--filter", "tier=1"), "not both"),
        ((*CREATE, "--filter", "colour=red"), "filter by one of"),
        ((*CREATE, "--filter", "prefecture=どこか"), "no such prefecture"),
        ((*CREATE, "--filter", "tier"), "KEY=VALUE"),
        ((*CREATE, "--filter", "prefecture=01"), "no supplier"),
        ((*CREATE[:4], "nothing-here", *CREATE[5:], "--all"), "no published questionnaire"),
        ((*CREATE[:2], " ", *CREATE[3:], "--all"), "title"),
        ((*CREATE[:6], "18.12.2026", "--all"), "18.12.2026"),
        ((*CREATE[:6], "2025-12-19", "--all"), "later than today"),
        ((*CREATE, "--all", "--purpose", " "), "purpose is blank"),
        (
            (*CREATE, "--all", "--message", "{会社めい} 様"),
            "{会社めい}, filled with nothing; known are {会社名}",
        ),
        (("campaign", "invite", "0" * 20), "no campaign"),
        (("campaign", "status", "0" * 20, "--json"), "no campaign"),
    ],
)
def test_what_cannot_be_done_ends_with_one_line_and_writes_nothing(
    sanpo: Sanpo, installed: Database, arguments: tuple[str, ...], line: str
) -> None:
    refused = sanpo(*arguments)

    assert refused.exit_code != 0
    assert line in refused.stderr
    assert refused.stdout == ""
    with installed.reader() as session:
        assert session.scalars(select(Campaign)).all() == []


def test_a_closed_campaign_invites_nobody(sanpo: Sanpo, installed: Database) -> None:
    public_id = sanpo(*CREATE, "--all").stdout.strip()
    sanpo("campaign", "invite", public_id)
    with installed.writer.begin() as session:
        campaign = session.scalars(select(Campaign)).one()
        campaign.state, campaign.closed_at = CampaignState.CLOSED, factories.NOW

    refused = sanpo("campaign", "invite", public_id)

    assert refused.exit_code == 1
    assert "closed" in refused.stderr


def test_asking_again_soon_is_recorded_with_the_operators_reason(sanpo: Sanpo, installed: Database) -> None:
    sanpo("campaign", "invite", sanpo(*CREATE, "--all").stdout.strip())

    again = sanpo(*CREATE, "--all").stdout.strip()

    assert sanpo("campaign", "invite", again).exit_code == 0
    with installed.reader() as session:
        reasons = session.scalars(select(Campaign.repeat_reason).order_by(Campaign.id)).all()
    assert reasons[0] == ""
    assert "コマンドライン" in reasons[1]


def test_a_campaign_of_the_command_line_says_why_and_reminds_as_those_of_the_pages(
    sanpo: Sanpo, installed: Database
) -> None:
    sanpo(*CREATE, "--all")

    with installed.reader() as session:
        campaign = session.scalars(select(Campaign)).one()
        assert campaign.purpose
        assert courses.plan_of(courses.of(session, campaign)) == courses.usual(reminds=True)


def test_what_a_person_drafted_leaves_only_where_an_operator_answers_for_it(
    sanpo: Sanpo, installed: Database
) -> None:
    drafted = _drafted_by_a_person(installed)

    refused = sanpo("campaign", "invite", drafted)
    assert (refused.exit_code, "--approve-as-operator" in refused.stderr) == (1, True)
    assert _status(sanpo, drafted)["state"] == "draft"
    assert sanpo("campaign", "invite", drafted, "--approve-as-operator").exit_code == 0

    assert _status(sanpo, drafted)["state"] == "open"
    with installed.reader() as session:
        approved = session.scalars(select(AuditEvent).where(AuditEvent.action == "campaign.approved")).one()
        assert (approved.actor, approved.details["approval"]) == ("operator", "operator")


def test_what_a_person_drafted_leaves_where_no_approval_is_needed(sanpo: Sanpo, installed: Database) -> None:
    drafted = _drafted_by_a_person(installed)
    with installed.writer.begin() as session:
        session.scalars(select(Organisation)).one().needs_campaign_approval = False

    assert sanpo("campaign", "invite", drafted).exit_code == 0
    assert _status(sanpo, drafted)["state"] == "open"


def test_all_whose_mail_failed_are_sent_a_fresh_link(sanpo: Sanpo, installed: Database) -> None:
    public_id = sanpo(*CREATE, "--all").stdout.strip()
    sanpo("campaign", "invite", public_id)
    with installed.writer.begin() as session:
        mail = session.scalars(select(Message).where(Message.kind == "invitation")).one()
        mail.state, mail.failure = MessageState.FAILED, "451 later"

    told = sanpo("campaign", "send-again", public_id, "--dry-run")
    sent = [sanpo("campaign", "send-again", public_id).stdout.strip() for _ in range(2)]

    assert told.stdout.splitlines() == ["Failed 1.", "1\t451 later"]
    assert sent == ["Sent again 1.", "Sent again 0."]
    assert _status(sanpo, public_id)["queued"] == 1


def _drafted_by_a_person(installed: Database) -> str:
    with installed.writer.begin() as session:
        sato, aoba = factories.user(session, Role.PROCUREMENT), session.scalars(select(Supplier)).first()
        assert aoba is not None
        facts = {"state": CampaignState.DRAFT, "opened_at": None, "created_by_id": sato.id}
        due_on = date.fromisoformat(DUE)
        campaign = factories.campaign(session, purpose="一緒に守るため", due_on=due_on, **facts)
        factories.assessment(session, campaign, aoba)
        return campaign.public_id


def _status(sanpo: Sanpo, public_id: str, *more: str) -> dict[str, Any]:
    answer = sanpo("campaign", "status", public_id, "--json", *more)
    assert answer.exit_code == 0, answer.output
    told: dict[str, Any] = json.loads(answer.stdout)
    return told


def _asked(session: Session) -> list[str]:
    names = select(Supplier.name).join(Assessment, Assessment.supplier_id == Supplier.id)
    return list(session.scalars(names))


def test_a_campaign_is_paused_and_resumed(sanpo: Sanpo, installed: Database) -> None:
    public_id = sanpo(*CREATE, "--all").stdout.strip()
    assert sanpo("campaign", "pause", public_id).stderr.strip() == "Error: the campaign does not run"
    sanpo("campaign", "invite", public_id)

    paused = sanpo("campaign", "pause", public_id)
    again = sanpo("campaign", "pause", public_id)
    resumed = sanpo("campaign", "resume", public_id)

    assert paused.stdout.startswith("Paused, ")
    assert (again.exit_code, again.stderr.strip()) == (1, "Error: the campaign is paused already")
    assert resumed.stdout.startswith("Resumed, ")
    with installed.reader() as session:
        acts = select(AuditEvent.actor).where(AuditEvent.action.in_(["campaign.paused", "campaign.resumed"]))
        assert session.scalars(acts).all() == ["operator", "operator"]
