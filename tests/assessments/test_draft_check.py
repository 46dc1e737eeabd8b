"""What a draft comes to before it leaves: reach, parts, exposures, what is missing."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import true
from sqlalchemy.orm import Session

from assessments import draft_check
from assessments.draft_check import DraftCheck
from assessments.models import Assessment, Campaign, CampaignState, Supplier
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
TODAY = date(2026, 11, 21)


def _draft(session: Session, **changes: Any) -> Campaign:
    facts = {"state": CampaignState.DRAFT, "opened_at": None, "purpose": "一緒に守るため"}
    return factories.campaign(session, **facts | changes)


def _check(session: Session, campaign: Campaign, scope: Any = None) -> DraftCheck:
    within = true() if scope is None else scope
    return draft_check.check(session, campaign, scope=within, now=NOW, today=TODAY)


def _asked(session: Session, campaign: Campaign, axes: list[str], **exposures: Any) -> Assessment:
    supplier = factories.supplier(session)
    factories.relationship(session, supplier, **exposures)
    return factories.assessment(session, campaign, supplier, axes=axes)


def test_a_complete_draft_has_no_problems(session: Session) -> None:
    campaign = _draft(session)
    factories.contact(session, _asked(session, campaign, ["cyber"]).supplier)
    _asked(session, campaign, ["cyber", "secrets"])

    found = _check(session, campaign)

    assert (found.suppliers, found.reachable, found.no_address, found.problems) == (2, 1, 1, ())
    assert found.parts == {"cyber": 2, "secrets": 1}


def test_what_keeps_a_draft_from_leaving_is_named(session: Session) -> None:
    campaign = _draft(session, purpose=" ", due_on=TODAY, message="{会社めい} 様")

    assert _check(session, campaign).problems == ("nobody", "no_purpose", "due_passed", "unknown_words")


def test_asking_again_without_a_reason_is_a_problem(session: Session) -> None:
    campaign = _draft(session)
    supplier = _asked(session, campaign, ["cyber"]).supplier
    factories.invitation(session, factories.assessment(session, factories.campaign(session), supplier))

    found = _check(session, campaign)
    assert (found.asked_again, found.problems) == (1, ("no_repeat_reason",))
    campaign.repeat_reason = "毎年の調査のため"
    assert _check(session, campaign).problems == ()


def test_missing_and_high_exposures_are_counted_over_all_relationships(session: Session) -> None:
    campaign = _draft(session)
    filled = _asked(session, campaign, ["cyber"], confidentiality=None).supplier
    factories.relationship(session, filled, business_unit_id=factories.unit(session).id)
    _asked(session, campaign, ["cyber"], continuity=None, connectivity=4)
    factories.assessment(session, campaign, factories.supplier(session))

    found = _check(session, campaign)

    assert (found.unset, found.high, found.is_mostly_high) == (2, 1, True)


def test_a_unit_checks_its_own_part(session: Session) -> None:
    campaign = _draft(session)
    mine = _asked(session, campaign, ["cyber"])
    _asked(session, campaign, ["cyber", "secrets"])

    found = _check(session, campaign, Supplier.id == mine.supplier_id)

    assert (found.suppliers, found.parts) == (1, {"cyber": 1})
