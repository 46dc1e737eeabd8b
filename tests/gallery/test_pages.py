"""Every page of the gallery can be read in both themes, from 360 pixels on, under the strict policy."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

from tests.gallery.app import ERRORS, PAGES
from tests.gallery.conftest import DESK, PHONE, visit

pytestmark = pytest.mark.browser
Window = Callable[..., Page]
STANDARDS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
# A page that loads itself anew cannot be examined.
STILL_PAGES = tuple(name for name in PAGES if name != "job")
ADDRESSES = (*STILL_PAGES, *(f"error/{status}" for status in ERRORS))
SMALL_TARGETS = """least => [...document.querySelectorAll("a.button, button, summary, .answer, .option")]
    .filter(element => element.checkVisibility())
    .filter(element => element.getBoundingClientRect().height < least)
    .map(element => element.textContent.trim())"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_axe_finds_nothing(gallery: str, window: Window, width: int, theme: str) -> None:
    page = window(width=width, theme=theme)
    found: dict[str, Any] = {}

    for address in ADDRESSES if (width, theme) == (PHONE, "dark") else STILL_PAGES:
        visit(page, f"{gallery}/{address}")
        results = Axe().run(page, options=STANDARDS)
        if results.violations_count:
            found[address] = [
                (one["id"], [node["html"][:120] for node in one["nodes"][:3]])
                for one in results.response["violations"]
            ]

    assert not found


def test_nothing_sticks_out_on_a_phone(gallery: str, window: Window) -> None:
    page = window(width=PHONE)
    wide = []

    for address in ADDRESSES:
        visit(page, f"{gallery}/{address}")
        page.wait_for_load_state("load")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(address)

    assert not wide


def test_the_policy_has_nothing_to_refuse(gallery: str, window: Window) -> None:
    page = window()
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for address in STILL_PAGES:
        visit(page, f"{gallery}/{address}")
        page.wait_for_load_state("networkidle")

    assert not complaints


@pytest.mark.parametrize("address", ["question", "result"])
def test_a_finger_hits_every_target_of_the_supplier(gallery: str, window: Window, address: str) -> None:
    page = window(width=PHONE)
    visit(page, f"{gallery}/{address}")

    assert page.evaluate(SMALL_TARGETS, 44) == []


def test_the_heatmap_is_seen_without_scrolling(gallery: str, window: Window) -> None:
    page = window()
    visit(page, f"{gallery}/dashboard")
    box = page.locator("[data-heatmap]").bounding_box()

    assert box is not None
    assert box["y"] + box["height"] <= 800


def test_paper_is_light_and_without_the_frame(gallery: str, window: Window) -> None:
    page = window(theme="dark")
    visit(page, f"{gallery}/result")
    page.emulate_media(media="print")

    assert (
        page.evaluate("getComputedStyle(document.querySelector('.panel')).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert not page.locator(".masthead").is_visible()


def test_without_script_every_question_can_be_answered(gallery: str, window: Window) -> None:
    page = window(script=False)
    visit(page, f"{gallery}/question")
    question = page.locator(".question").nth(5)
    reasons = question.get_by_text("理由に近いもの")

    assert not reasons.is_visible()
    question.get_by_text("予定なし").click()
    assert reasons.is_visible()
    assert page.locator(".needs-script:visible").count() == 0


def test_an_error_leads_to_its_field(gallery: str, window: Window) -> None:
    page = window()
    visit(page, f"{gallery}/forms-errors")
    page.get_by_role("link", name="会社名").click()

    assert page.evaluate("document.activeElement.name") == "name"
    field = page.get_by_label("会社名")
    described = field.get_attribute("aria-describedby") or ""
    assert "name-error" in described.split()
    assert "会社名を入力してください。" in page.locator("#name-error").inner_text()
