"""The application in a thread, as a browser meets it, and windows of any width, language and theme on it."""

import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from portal.app import LANGUAGE_COOKIE

DESK, PHONE, HEIGHT = 1280, 360, 800
LOCALES = {"ja": "ja-JP", "en": "en-GB"}
Window = Callable[..., Page]


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The application with its forms guarded; gives its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.config["WTF_CSRF_ENABLED"] = True
    app.testing = False
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_window(chromium: Browser, site: str) -> Iterator[Window]:
    """Open a window: `open_window(width=360, language="en", theme="dark")`."""
    opened: list[BrowserContext] = []

    def open_(*, width: int = DESK, language: str = "ja", theme: str = "light") -> Page:
        context = chromium.new_context(
            base_url=site,
            locale=LOCALES[language],
            timezone_id="Asia/Tokyo",
            viewport={"width": width, "height": HEIGHT},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
        )
        context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": site}])
        opened.append(context)
        return context.new_page()

    yield open_
    for context in opened:
        context.close()
