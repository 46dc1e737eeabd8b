"""Office hours and the company's days off, as an administrator sets them."""

from collections.abc import Callable
from datetime import date, time

import pytest
from sqlalchemy.orm import Session

from assessments import calendar
from assessments.models import Role
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]


def test_an_administrator_sets_hours_and_breaks(as_buyer: SignIn, session: Session) -> None:
    at_desk = as_buyer(Role.ADMIN)
    assert at_desk.get("/admin/hours").find("input", id="opens")["value"] == "09:00"  # type: ignore[index]
    form = {"opens": "08:30", "closes": "16:30", "breaks": "2027-08-10~2027-08-13\n\n2027-10-01"}

    assert at_desk.post("/admin/hours", form).status_code == 302

    found = calendar.of_buyer(session)
    assert (found.opens, found.closes, found.rests_at_new_year) == (time(8, 30), time(16, 30), False)
    assert found.breaks == (
        (date(2027, 8, 10), date(2027, 8, 13)),
        (date(2027, 10, 1), date(2027, 10, 1)),
    )
    assert "2027-08-10〜2027-08-13" in at_desk.get("/admin/hours").get_text()


@pytest.mark.parametrize(
    "wrong", [{"closes": "08:00"}, {"breaks": "お盆"}, {"breaks": "2027-08-13〜2027-08-10"}, {"opens": ""}]
)
def test_hours_that_make_no_sense_are_refused(as_buyer: SignIn, wrong: dict[str, str]) -> None:
    form = {"opens": "09:00", "closes": "17:00", "breaks": ""}

    assert as_buyer(Role.ADMIN).post("/admin/hours", form | wrong).status_code == 422
