"""Looking at a page in a browser: axe's findings, what sticks out, and a picture of it when asked for."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCREENSHOTS = Path(__file__).parent / "screenshots"
WANTED = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
STICKS_OUT = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def look(page: Page, name: str) -> None:
    """Be sure that a page is fit to be seen, and keep a picture of it where SANPO_SCREENSHOTS is set."""
    page.wait_for_load_state()
    assert page.evaluate(STICKS_OUT) <= 0, f"{name} is wider than its window"
    found = Axe().run(page, options=WANTED)
    assert not found.response["violations"], f"{name}\n{found.generate_report()}"
    photograph(page, name)


def photograph(page: Page, name: str) -> None:
    """Keep a picture of the whole page."""
    if os.environ.get("SANPO_SCREENSHOTS"):
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
