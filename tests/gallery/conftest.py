"""The gallery at an address of its own, and a window on it in a chosen width and theme."""

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from tests.gallery.app import create_gallery

PHONE, DESK = 360, 1280


@pytest.fixture
def gallery() -> Iterator[str]:
    """A fresh gallery; gives its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, create_gallery(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def visit(page: Page, address: str) -> None:
    """Open a page of the gallery, and be sure that it is that page."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address


@pytest.fixture
def window(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a window: `window(width=360, theme="dark", script=False)`."""
    opened: list[BrowserContext] = []

    def open_window(
        *, width: int = DESK, theme: Literal["light", "dark"] = "light", script: bool = True
    ) -> Page:
        context = chromium.new_context(
            locale="ja-JP",
            viewport={"width": width, "height": 800},
            color_scheme=theme,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        opened.append(context)
        return context.new_page()

    yield open_window
    for context in opened:
        context.close()
