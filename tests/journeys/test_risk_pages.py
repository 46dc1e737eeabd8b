"""The risk side in a real browser: heat map, cell, supplier, reading; desk and phone, light and dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments.models import Assessment, AssessmentState, Role, Side
from portal import clock, sessions
from tests import factories, supply_chain
from tests.journeys.looking import look
from tests.journeys.site import PHONE, Window, open_window, site

pytestmark = pytest.mark.browser
__all__ = ["open_window", "site"]  # fixtures are found by their names in the module
Reader = Callable[[Page], Page]
DRAWN = ".chart-picture .main-svg"


@pytest.fixture
def reader(session: Session, site: str) -> Reader:
    """Sign a risk manager in to a window, on a chain of forty suppliers, some with very long names."""
    supply_chain.grow(session, 40)
    person = factories.user(session, Role.RISK)
    secret = sessions.open_(session, person, side=Side.BUYER, supplier_id=None, now=clock.now())
    session.commit()

    def sign_in(page: Page) -> Page:
        page.context.add_cookies([{"name": "sanpo", "value": secret, "url": site}])
        return page

    return sign_in


def test_from_the_heat_map_to_one_supplier_by_keyboard(open_window: Window, reader: Reader) -> None:
    page = reader(open_window())
    page.goto("/risk/")
    last_row = page.locator(".heatmap tbody tr").last
    expect(last_row).to_be_in_viewport()
    expect(page.locator(DRAWN).first).to_be_visible()
    look(page, "risk-dashboard")

    page.locator(".heatmap a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/risk/suppliers?*")
    look(page, "risk-cell")

    page.locator("tbody th a").first.click()
    page.wait_for_url("**/risk/suppliers/*")
    look(page, "risk-supplier")
    expect(page.locator("h1")).not_to_be_empty()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_fit_to_be_seen_on_a_phone(
    open_window: Window, reader: Reader, session: Session, theme: str
) -> None:
    page = reader(open_window(width=PHONE, theme=theme, language="en" if theme == "dark" else "ja"))
    waiting = session.scalars(
        select(Assessment).where(Assessment.state == AssessmentState.SUBMITTED).order_by(Assessment.id.desc())
    ).first()
    assert waiting is not None

    for name, path in (
        ("dashboard", "/risk/"),
        ("attention", "/risk/attention"),
        ("suppliers", "/risk/suppliers"),
        ("supplier", f"/risk/suppliers/{waiting.supplier.public_id}"),
        ("matrix", "/risk/matrix"),
        ("items", "/risk/items"),
        ("schemes", "/risk/schemes"),
        ("supplier-schemes", f"/risk/suppliers/{waiting.supplier.public_id}/schemes"),
        ("supplier-plan", f"/risk/suppliers/{waiting.supplier.public_id}/plan?goal=budget&budget=300000"),
        ("support", "/risk/support"),
        ("heatmap", "/risk/heatmap"),
        ("reviews", "/risk/assessments"),
        ("review", f"/risk/assessments/{waiting.public_id}"),
        ("consultations", "/risk/consultations/"),
    ):
        page.goto(path)
        look(page, f"risk-{name}-phone-{theme}")


def test_a_submission_is_read_and_returned_with_a_comment(
    open_window: Window, reader: Reader, session: Session
) -> None:
    page = reader(open_window())
    page.goto("/risk/assessments")
    page.locator("tbody th a").last.click()
    page.wait_for_url("**/risk/assessments/*")
    look(page, "risk-review")

    page.get_by_text("「アップデート」にコメントを書く").click()
    page.get_by_label("「アップデート」へのコメント").fill("いつ確認しましたか。")
    page.get_by_role("button", name="確認のお願いを送る").click()

    expect(page.get_by_text("確認のお願いを送りました。")).to_be_visible()
    look(page, "risk-reviews")
