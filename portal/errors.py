"""Broken rules and refusals turned into words and a status; the last resort shows a reference number."""

import secrets
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask, current_app, render_template, request
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

log = structlog.get_logger()
CONFLICT = 409
PAGES = (400, 403, 404, 405, 409, 413, 429, 500)

# What the person reads, by the rule that was broken; filled by `say` beside the views that use the rule.
_words: dict[type[Exception], Any] = {}


def say(rule: type[Exception], words: Any) -> None:
    """Give a broken rule its words (a lazy translation); it then answers 409 with the way back."""
    _words[rule] = words


def init_app(app: Flask) -> None:
    """Register pages for refusals, and words for every rule that has them."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(SecurityError, _foreign_host)
    for status in PAGES:
        app.register_error_handler(status, _page_of(status))
    app.register_error_handler(Exception, _last_resort)
    for rule in _words:
        app.register_error_handler(rule, _broken_rule)


def _page_of(status: int) -> Callable[[Exception], tuple[str, int]]:
    def page(error: Exception) -> tuple[str, int]:
        return render_template(f"errors/{status}.html", error=error), status

    return page


def _foreign_host(_error: Exception) -> tuple[str, int, dict[str, str]]:
    """In plain words: under a foreign name no page can be built, as it would hold links."""
    words = "このホスト名ではご利用になれません。 / This host name is not served here.\n"
    return words, 400, {"Content-Type": "text/plain; charset=utf-8"}


def _stale_form(_error: Exception) -> tuple[str, int]:
    words = _l(
        "画面を開いてから時間がたっているため、送信を受け付けられませんでした。前の画面に戻って読み込みなおしてください。"
    )
    return render_template("errors/400.html", message=words), 400


def _broken_rule(error: Exception) -> tuple[str, int]:
    return render_template("errors/409.html", message=_words[type(error)]), CONFLICT


def _last_resort(error: Exception) -> Any:
    if isinstance(error, HTTPException):
        return error
    if current_app.testing:
        raise error
    reference = secrets.token_hex(4)
    log.error(
        "unhandled", reference=reference, endpoint=request.endpoint, kind=type(error).__name__, exc_info=True
    )
    return render_template("errors/500.html", reference=reference), 500
