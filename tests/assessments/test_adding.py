"""Many rows at once: the same rows come of it on every database, and what stands is left alone."""

from typing import cast

import pytest
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from assessments.models import Assessment, AssessmentState, GenuineNumber
from assessments.models.adding import add_new_rows, add_public_rows, add_rows
from assessments.models.base import new_public_id
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.database
AXES = ["cyber", "secrets"]
ASSESSMENTS, NUMBERS = cast(Table, Assessment.__table__), cast(Table, GenuineNumber.__table__)


def test_rows_stand_as_given_with_their_defaults(session: Session) -> None:
    add_rows(session, ASSESSMENTS, _rows(session, 3))

    found = session.scalars(select(Assessment)).all()

    assert [(one.axes, one.state, one.scope, one.created_at) for one in found] == [
        (AXES, AssessmentState.NOT_STARTED, "", NOW)
    ] * 3
    assert len({one.public_id for one in found}) == 3


def test_rows_with_public_ids_tell_their_ids(session: Session) -> None:
    rows = [{**row, "public_id": new_public_id()} for row in _rows(session, 3)]

    ids = add_public_rows(session, ASSESSMENTS, rows)

    found = session.scalars(select(Assessment)).all()
    assert ids == {one.public_id: one.id for one in found}
    assert list(ids) and set(ids) == {row["public_id"] for row in rows}


def test_what_stands_already_is_left_alone(session: Session) -> None:
    made = factories.assessment(session, factories.campaign(session), factories.supplier(session))
    row = {"assessment_id": made.id, "supplier_id": made.supplier_id, "made_at": NOW}

    for number in ("CDFGHJKM", "NPQRTWXY"):
        add_new_rows(session, NUMBERS, [{**row, "number": number}])

    assert session.scalars(select(GenuineNumber.number)).all() == ["CDFGHJKM"]


def _rows(session: Session, count: int) -> list[dict[str, object]]:
    campaign = factories.campaign(session)
    return [
        {
            "campaign_id": campaign.id,
            "supplier_id": factories.supplier(session, f"取引先{number}株式会社").id,
            "version_id": campaign.version_id,
            "axes": AXES,
            "created_at": NOW,
        }
        for number in range(count)
    ]
