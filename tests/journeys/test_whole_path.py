"""From the invitation over the answers and the result to the heatmap and what would help."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.looking import look
from tests.journeys.running import Running
from tests.journeys.supplier_path import SupplierPath

BUYER, READER = "keiko.sato@toto.example", "makoto.tanaka@toto.example"
DUE = "2027-03-31"
SIX_DIGITS = re.compile(r"(?<!\d)\d{6}(?!\d)")
LINK = re.compile(r"/s/[\w-]+")


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "code"), [(1280, "D00004"), (360, "D00006")])
def test_from_the_invitation_to_what_would_help(
    running: Running, window: Callable[[int], Page], width: int, code: str
) -> None:
    buyer, supplier, reader = window(width), window(width), window(width)

    title = f"動作の確認 {width}"
    _sign_in(buyer, running, BUYER)
    name, email = _supplier(buyer, code)
    _invite(buyer, title, code)
    link = LINK.search(running.next_mail(email, "invitation")["text"])
    assert link is not None

    way = SupplierPath(
        page=supplier,
        site=running.url,
        code=lambda: _code(running, email),
        look=lambda page, seen: look(page, f"path-{seen}-{width}"),
        choices=("implemented", "implemented", "implemented", "partial"),
    )
    way.enter(link.group())
    way.answer_everything()
    way.submit()
    for buyers_own in ("優先度", "重要度", "年間取引額", "階層"):
        assert buyers_own not in supplier.locator("main").inner_text()

    _sign_in(reader, running, READER)
    _confirm(reader, name)
    _from_the_heatmap(reader, name, title)


def _look(page: Page, name: str) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    look(page, f"path-{name}-{width}")


def _sign_in(page: Page, running: Running, email: str) -> None:
    page.goto("/sign-in/")
    _look(page, "sign-in")
    page.get_by_label("メールアドレス").fill(email)
    page.get_by_label("パスワード").fill(running.password(email))
    page.get_by_role("button", name="サインインする").click()
    expect(page.get_by_role("button", name="サインアウト")).to_be_visible()


def _supplier(page: Page, code: str) -> tuple[str, str]:
    page.goto(f"/procurement/suppliers?words={code}")
    _look(page, "suppliers")
    link = page.locator("table.data tbody th a").first
    name = link.inner_text()
    link.click()
    _look(page, "supplier-register")
    address = re.search(r"[\w.]+@[\w.-]+\.example", page.locator("main").inner_text())
    assert address is not None
    return name, address.group()


def _invite(page: Page, title: str, code: str) -> None:
    page.goto("/procurement/campaigns/new")
    _look(page, "campaign-new")
    page.get_by_label("調査の名前").fill(title)
    page.locator("#due_on").fill(DUE)
    page.locator("#purpose").fill("いっしょに守る方法を考えるためのお願いです。")
    page.get_by_role("button", name="下書きを保存して、相手を選ぶ").click()
    page.locator("#words").fill(code)
    page.get_by_role("button", name="絞り込む").click()
    _look(page, "campaign-suppliers")
    page.get_by_role("button", name="1社を対象に加える").click()
    page.get_by_role("link", name="聞く内容を確かめる").click()
    _look(page, "campaign-parts")
    page.get_by_role("link", name="文面をつくる").click()
    _look(page, "campaign-message")
    page.get_by_role("link", name="確認と送信へ").click()
    page.locator("#repeat textarea").fill("始めたばかりの調査の動きを確かめるためです。")
    page.get_by_role("button", name="理由を保存する").click()
    _look(page, "campaign-check")
    page.get_by_role("button", name="1社に依頼を送る").click()
    expect(page.get_by_text("実施中").first).to_be_visible(timeout=30_000)
    _look(page, "campaign")


def _code(running: Running, email: str) -> str:
    digits = SIX_DIGITS.search(running.next_mail(email, "code")["text"])
    assert digits is not None
    return digits.group()


def _confirm(page: Page, name: str) -> None:
    page.goto("/risk/")
    page.locator("a[href='/risk/assessments']").first.click()
    while not page.get_by_role("link", name=name, exact=True).count():
        page.get_by_role("link", name="次へ").click()
    page.get_by_role("link", name=name, exact=True).last.click()
    _look(page, "review")
    page.get_by_role("button", name="確認済みにする").click()
    expect(page.get_by_text("確認済みにしました").first).to_be_visible()


def _from_the_heatmap(page: Page, name: str, title: str) -> None:
    page.goto("/risk/")
    _look(page, "dashboard")
    page.locator("#campaign").select_option(label=title)
    page.get_by_role("button", name="絞り込む").click()
    page.locator("table.heatmap td a").first.click()
    _look(page, "cell")
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    _look(page, "supplier")
    expect(page.get_by_role("heading", name=re.compile("対策"))).not_to_have_count(0)
