"""From the link in the mail to the result: on a desk and on a phone, with and without script, ja and en."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy.orm import Session

from assessments.inviting import PURPOSE
from assessments.models import Assessment, Invitation, Role
from assessments.tokens import link_token
from portal.db import Database
from tests import answering, factories
from tests.fixtures_app import KEYS
from tests.journeys.looking import look
from tests.journeys.site import DESK, HEIGHT, LOCALES, PHONE, Window, site
from tests.journeys.supplier_path import SupplierPath, newest_code

pytestmark = pytest.mark.browser
LONG_NAME = "株式会社日本精密金属加工技術研究所ホールディングス北関東第二事業本部"
MIXED = ("implemented", "implemented", "partial", "unknown", "implemented", "planned", "not_planned")
__all__ = ["site"]


@dataclass
class Asked:
    """A supplier that was asked, and its link."""

    assessment: Assessment
    invitation: Invitation
    link: str


@pytest.fixture
def window(chromium: Browser) -> Iterator[Window]:
    """Open a window: `window(width=360, script=False, language="en")`."""
    opened: list[BrowserContext] = []

    def open_window(*, width: int = DESK, script: bool = True, language: str = "ja") -> Page:
        context = chromium.new_context(
            locale=LOCALES[language],
            timezone_id="Asia/Tokyo",
            viewport={"width": width, "height": HEIGHT},
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        opened.append(context)
        return context.new_page()

    yield open_window
    for context in opened:
        context.close()


@pytest.fixture
def asked(session: Session) -> Asked:
    """A supplier with a long name and an owner, asked everything and not started."""
    return ask(session)


def ask(session: Session, language: str = "ja") -> Asked:
    supplier = factories.supplier(session, LONG_NAME)
    owner = factories.user(session, Role.PROCUREMENT)
    factories.relationship(session, supplier, owner_id=owner.id)
    assessment, invitation = answering.invited(session, supplier, notice_seen_at=None, notice_version=None)
    invitation.language = language
    link = f"/s/{link_token(KEYS, PURPOSE, invitation.public_id, 1)}"
    session.commit()
    return Asked(assessment, invitation, link)


def path_of(
    page: Page, site: str, database: Database, asked: Asked, *, shot: str, has_script: bool = True
) -> SupplierPath:
    return SupplierPath(
        page=page,
        site=site,
        code=lambda: newest_code(database, KEYS, asked.invitation),
        look=lambda seen, name: look(seen, f"supplier-{name}-{shot}"),
        choices=MIXED,
        has_script=has_script,
    )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_supplier_answers_submits_and_reads_its_result(
    site: str, window: Window, database: Database, asked: Asked, width: int
) -> None:
    page = window(width=width)
    way = path_of(page, site, database, asked, shot=f"{width}-ja")

    way.enter(asked.link)
    way.answer_everything()
    way.submit()

    expect(page.get_by_role("heading", level=1)).to_have_text("結果")
    expect(page.locator("main")).to_contain_text("すでに実施されています")
    for name in (
        "result/arithmetic",
        "plan",
        "colleague",
        "consultation",
        "print",
        "draft",
    ):
        answer = page.goto(f"{site}/supplier/assessments/{asked.assessment.public_id}/{name}")
        assert answer is not None and answer.ok, name
        for opening in page.locator("details").all():
            opening.evaluate("one => { one.open = true; }")
        look(page, f"supplier-{name.replace('/', '-')}-{width}-ja")
    page.goto(f"{site}/supplier/")
    look(page, f"supplier-home-{width}-ja")


@pytest.mark.timeout(300)
def test_the_whole_way_works_without_script(
    site: str, window: Window, database: Database, asked: Asked
) -> None:
    page = window(width=PHONE, script=False)
    way = path_of(page, site, database, asked, shot=f"{PHONE}-plain", has_script=False)
    way.look = lambda seen, name: None

    way.enter(asked.link)
    way.answer_everything()
    way.submit()

    expect(page.get_by_role("heading", level=1)).to_have_text("結果")


@pytest.mark.timeout(300)
def test_the_whole_way_reads_in_english(
    site: str, window: Window, database: Database, session: Session
) -> None:
    asked = ask(session, "en")
    page = window(width=PHONE, language="en")
    way = path_of(page, site, database, asked, shot=f"{PHONE}-en")

    way.enter(asked.link)
    way.answer_everything()
    way.submit()

    expect(page.get_by_role("heading", level=1)).to_have_text("Result")


def test_a_page_is_answered_by_keyboard_alone(
    site: str, window: Window, database: Database, asked: Asked
) -> None:
    page = window()
    way = path_of(page, site, database, asked, shot="keyboard")
    way.look = lambda seen, name: None
    way.enter(asked.link)
    page.locator("table.data a").nth(1).click()

    page.locator("[data-next-question]").click()
    for _ in range(5):
        page.keyboard.press("1")
        page.keyboard.press("Enter")

    expect(page.locator("[data-progress-text]")).to_have_text("5 / 5 問")
    expect(page.locator("button[name=to][value=next]")).to_be_focused()
