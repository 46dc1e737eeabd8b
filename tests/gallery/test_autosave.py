"""A question is saved as it is answered; nothing typed is lost, whatever the line or another window does."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.gallery.conftest import visit

pytestmark = pytest.mark.browser
Window = Callable[..., Page]
SAVED = "保存しました 14:02"


@pytest.fixture
def page(gallery: str, window: Window) -> Page:
    """The page of a domain in a window."""
    opened: Page = window()
    visit(opened, f"{gallery}/question")
    return opened


def fresh_question(page: Page) -> Locator:
    """Give the fifth question, which has no answer yet."""
    return page.locator(".question").nth(4)


def state(page: Page) -> Locator:
    """Give the line that says what is saved."""
    return page.locator("#save-state")


def test_an_answer_is_saved_and_counted(page: Page) -> None:
    fresh_question(page).get_by_label("一部実施している").check()

    expect(state(page)).to_have_text(SAVED)
    expect(page.locator("[data-progress-text]")).to_have_text("5 / 13 問")
    expect(fresh_question(page).locator("[name$='-version']")).to_have_value("1")


def test_a_comment_is_saved_after_a_pause(page: Page) -> None:
    fresh_question(page).locator(".question-foot summary").click()
    fresh_question(page).get_by_role("textbox").press_sequentially("来年から始めます。")

    expect(state(page)).to_have_text(SAVED)


def test_number_keys_choose_an_answer(page: Page) -> None:
    question = fresh_question(page)
    question.get_by_role("radio", name="実施している", exact=True).focus()
    page.keyboard.press("4")

    expect(question.get_by_label("予定なし")).to_be_checked()
    expect(question.get_by_text("理由に近いもの")).to_be_visible()


def test_number_keys_are_left_alone_in_a_text(page: Page) -> None:
    question = fresh_question(page)
    question.locator(".question-foot summary").click()
    question.get_by_role("textbox").press_sequentially("3月")

    assert question.locator(".answer :checked").count() == 0


def test_same_as_last_time_is_one_click(page: Page) -> None:
    first = page.locator(".question").first
    first.get_by_role("button", name="前回と同じ").click()

    expect(first.get_by_label("一部実施している")).to_be_checked()
    expect(state(page)).to_have_text(SAVED)


def test_nothing_here_opens_the_comment(page: Page) -> None:
    question = page.locator(".question").nth(3)
    question.get_by_label("当社にはない").check()

    expect(question.get_by_role("textbox")).to_be_visible()


def test_quick_answers_to_one_question_never_cross(page: Page) -> None:
    question = fresh_question(page)
    for answer in ("一部実施している", "予定あり", "わからない"):
        question.get_by_label(answer).check()

    expect(state(page)).to_have_text(SAVED)
    page.wait_for_load_state("networkidle")
    assert page.locator(".conflict").count() == 0
    expect(state(page)).to_have_text(SAVED)


def test_a_line_that_is_down_is_tried_again(page: Page) -> None:
    page.route("**/save/*", lambda route: route.abort())
    fresh_question(page).get_by_label("予定あり").check()
    expect(state(page)).to_contain_text("入力はこの画面に残っています")

    page.unroute("**/save/*")
    expect(state(page)).to_have_text(SAVED)
    expect(fresh_question(page).get_by_label("予定あり")).to_be_checked()


def test_a_server_in_trouble_is_tried_again(page: Page) -> None:
    tries: list[int] = []

    def refuse_once(route: Route) -> None:
        tries.append(1)
        if len(tries) == 1:
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    page.route("**/save/*", refuse_once)
    fresh_question(page).get_by_label("予定あり").check()

    expect(state(page)).to_have_text(SAVED)
    assert len(tries) == 2


def test_who_is_signed_out_is_told_and_keeps_the_input(page: Page) -> None:
    page.route("**/save/*", lambda route: route.fulfill(status=401, json={}))
    fresh_question(page).get_by_label("予定あり").check()

    expect(state(page)).to_contain_text("別のタブで入り直して")
    expect(fresh_question(page).get_by_label("予定あり")).to_be_checked()


def test_a_refusal_is_said_at_its_question(page: Page) -> None:
    page.route(
        "**/save/*", lambda route: route.fulfill(status=422, json={"message": "理由を選んでください。"})
    )
    fresh_question(page).get_by_label("予定なし").check()

    expect(fresh_question(page).get_by_text("理由を選んでください。")).to_be_visible()


def two_windows(page: Page) -> Page:
    """Answer the question in a second window, so that the first one's version is old; give the second."""
    other = page.context.new_page()
    visit(other, page.url)
    fresh_question(other).get_by_label("予定あり").check()
    expect(state(other)).to_have_text(SAVED)
    fresh_question(page).get_by_label("わからない").check()
    return other


def test_two_windows_show_both_texts(page: Page) -> None:
    two_windows(page)

    box = fresh_question(page).locator(".conflict")
    expect(box).to_contain_text("この画面の内容わからない")
    expect(box).to_contain_text("保存されている内容予定あり")


def test_this_windows_text_can_be_kept(page: Page) -> None:
    two_windows(page)
    page.get_by_role("button", name="この画面の内容を残す").click()

    expect(page.locator(".conflict")).to_have_count(0)
    expect(fresh_question(page).locator("[name$='-version']")).to_have_value("2")
    expect(fresh_question(page).get_by_label("わからない")).to_be_checked()


def test_the_saved_text_can_be_kept(page: Page) -> None:
    two_windows(page)
    page.get_by_role("button", name="保存されている内容を残す").click()

    expect(fresh_question(page).get_by_label("予定あり")).to_be_checked()
    expect(page.locator(".conflict")).to_have_count(0)


def test_leaving_with_unsaved_input_is_warned_of(page: Page) -> None:
    page.route("**/save/*", lambda route: route.abort())
    fresh_question(page).get_by_label("予定あり").check()
    expect(state(page)).to_contain_text("入力はこの画面に残っています")
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    page.close(run_before_unload=True)
    page.wait_for_timeout(300)

    assert asked == ["beforeunload"]


def test_going_on_without_a_line_stays_here(page: Page) -> None:
    page.context.set_offline(True)
    fresh_question(page).get_by_label("予定あり").check()
    page.get_by_role("button", name="次の分野へ").click()

    expect(state(page)).to_contain_text("入力はこの画面に残っています")
    expect(fresh_question(page).get_by_label("予定あり")).to_be_checked()
    page.context.set_offline(False)
    expect(state(page)).to_have_text(SAVED)


def test_going_on_waits_for_what_is_in_flight(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    fresh_question(page).locator(".question-foot summary").click()
    fresh_question(page).get_by_role("textbox").press_sequentially("来年")
    page.get_by_role("button", name="次の分野へ").click()
    page.wait_for_url("**/")

    assert sent[-1].endswith("/question")
