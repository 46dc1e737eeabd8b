"""A person's browser, as small as can be: one cookie of a session, forms with their token, and patience."""

import http.cookiejar
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from bs4 import BeautifulSoup

PATIENCE_SECONDS = 120.0
REST_SECONDS = 0.1
ONE_REQUEST_SECONDS = 20.0
BROKEN = (urllib.error.URLError, HTTPException, OSError)
GONE = range(500, 600)


class NoAnswer(Exception):
    """The server broke off, or could not do it now: whether it was done is not known."""


@dataclass
class Browser:
    """Somebody signed in, who presses again when nothing comes back."""

    url: str
    secret: str
    token: str = ""
    _jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def __post_init__(self) -> None:
        """Keep cookies as a browser does, and follow nowhere."""
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._jar), _StayHere(), urllib.request.ProxyHandler({})
        )

    def open(self, path: str) -> BeautifulSoup:
        """Open a page, however often it takes, and keep the token of its forms."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                status, body = self._request(path, None)
                assert status == 200, (path, status)
                break
            except NoAnswer:
                assert time.monotonic() < deadline, f"{path} never answered"
                time.sleep(REST_SECONDS)
        page = BeautifulSoup(body, "html.parser")
        if (found := page.select_one("input[name=csrf_token]")) is not None:
            self.token = str(found["value"])
        return page

    def send(self, path: str, **form: str) -> tuple[int, Any]:
        """Send a form once; gives the status and what was said, as JSON where it is. Raises NoAnswer."""
        status, body = self._request(path, {**form, "csrf_token": self.token})
        try:
            return status, json.loads(body)
        except ValueError:
            return status, None

    def _request(self, path: str, form: dict[str, str] | None) -> tuple[int, bytes]:
        body = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(self.url + path, body)  # noqa: S310  an address of ours
        cookies = [f"{cookie.name}={cookie.value}" for cookie in self._jar]
        request.add_unredirected_header("Cookie", "; ".join([f"sanpo={self.secret}", *cookies]))
        try:
            with self._opener.open(request, timeout=ONE_REQUEST_SECONDS) as answer:
                return int(answer.status), bytes(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                if refused.code in GONE:
                    raise NoAnswer from refused
                return refused.code, refused.read()
        except BROKEN as broken:
            raise NoAnswer from broken


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        """Leave a redirect as it is."""
