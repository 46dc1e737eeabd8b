"""Heatmap, charts, tables and jobs: what script adds to them in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.gallery.conftest import visit

pytestmark = pytest.mark.browser
Window = Callable[..., Page]
FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()"


def test_arrow_keys_move_between_the_cells(gallery: str, window: Window) -> None:
    page = window()
    visit(page, f"{gallery}/dashboard")
    page.locator("[data-cell][aria-current]").focus()

    for key, cell in [
        ("ArrowDown", "重要度3・レベル1：18社"),
        ("ArrowLeft", "重要度3・レベル未評価：21社"),
        ("ArrowLeft", "重要度3・レベル未評価：21社"),
        ("End", "0"),
        ("Control+Home", "重要度5・レベル未評価：9社"),
    ]:
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == cell


def test_tab_stops_once_in_the_heatmap(gallery: str, window: Window) -> None:
    page = window()
    visit(page, f"{gallery}/dashboard")

    assert page.locator("[data-cell][tabindex='0']").count() == 1
    assert page.locator("[data-cell][tabindex='-1']").count() == 35


def test_a_chart_is_drawn_and_offers_nothing_to_a_cloud(gallery: str, window: Window) -> None:
    page = window()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, f"{gallery}/dashboard")

    expect(page.locator("#rates .main-svg").first).to_be_visible()
    assert page.locator(".modebar-btn").count() == 0
    assert not [address for address in asked if not address.startswith((gallery, "data:", "blob:"))]


def test_a_chart_follows_the_theme(gallery: str, window: Window) -> None:
    page = window()
    visit(page, f"{gallery}/dashboard")
    background = page.locator("#rates .main-svg").first
    expect(background).to_have_attribute("style", re.compile(r"255, 255, 255"))
    page.emulate_media(color_scheme="dark")

    expect(background).to_have_attribute("style", re.compile(r"28, 32, 30"))


def test_a_chart_can_be_kept_as_a_picture(gallery: str, window: Window) -> None:
    page = window()
    visit(page, f"{gallery}/dashboard")

    with page.expect_download() as download:
        page.locator("#rates").get_by_role("button", name="画像").click()

    assert download.value.suggested_filename == "rates.png"


def test_a_chart_without_plotly_leaves_its_table(gallery: str, window: Window) -> None:
    page = window()
    page.route("**/plotly-cartesian.min.js", lambda route: route.abort())
    visit(page, f"{gallery}/dashboard")

    expect(page.locator("#rates .chart-picture")).to_be_hidden()
    page.locator("#rates").get_by_text("表で見る").click()
    expect(page.locator("#rates").get_by_role("cell", name="78.1%")).to_be_visible()


def test_the_bulk_button_says_how_many_it_touches(gallery: str, window: Window) -> None:
    page = window()
    visit(page, f"{gallery}/tables")
    assert page.get_by_role("button", name="選んだ取引先に確認のお願いを送る").is_disabled()

    page.get_by_label("青葉鋳造株式会社を選ぶ").check()
    expect(page.get_by_role("button", name="1社に確認のお願いを送る")).to_be_enabled()
    page.get_by_label("この画面の行をすべて選ぶ").check()
    expect(page.get_by_role("button", name="6社に確認のお願いを送る")).to_be_enabled()
    page.get_by_label("条件に合う1,204社すべて").check()
    expect(page.get_by_role("button", name="1,204社に確認のお願いを送る")).to_be_enabled()


def test_a_job_shows_how_far_it_is_and_loads_the_page_anew(gallery: str, window: Window) -> None:
    page = window()
    visit(page, f"{gallery}/job")
    expect(page.get_by_role("status")).to_have_text("4,000 / 10,000 行")

    with page.expect_navigation():
        pass


def test_a_job_that_cannot_be_asked_is_asked_again(gallery: str, window: Window) -> None:
    page = window()
    page.route("**/jobs/1", lambda route: route.abort())
    visit(page, f"{gallery}/job")
    expect(page.get_by_role("status")).to_contain_text("自動でもう一度確認します")

    page.unroute("**/jobs/1")
    expect(page.get_by_role("status")).to_have_text("4,000 / 10,000 行")
