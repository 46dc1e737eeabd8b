"""Which browser asked for a code: it holds a random secret, the database its SHA-256. No person is meant."""

from flask import current_app, request
from werkzeug.wrappers import Response

from assessments.tokens import fingerprint, new_secret
from portal.settings import Settings

A_DAY = 24 * 3600
NO_BROWSER = ""


def secret() -> str:
    """Give the secret this browser holds, or a new one to hand to it."""
    return request.cookies.get(_cookie_name()) or new_secret()


def hash_of(secret: str) -> str:
    """Give what the database knows a browser by."""
    return fingerprint(secret)


def hash_of_request() -> str:
    """Give what the asking browser is known by; one without a secret matches no code."""
    held = request.cookies.get(_cookie_name())
    return fingerprint(held) if held else NO_BROWSER


def keep(response: Response, secret: str) -> None:
    """Hand the secret to the browser for a day."""
    response.set_cookie(
        _cookie_name(),
        secret,
        max_age=A_DAY,
        httponly=True,
        secure=_settings().is_https,
        samesite="Lax",
        path="/",
    )


def _cookie_name() -> str:
    return "__Host-sanpo_browser" if _settings().is_https else "sanpo_browser"


def _settings() -> Settings:
    found: Settings = current_app.extensions["sanpo_settings"]
    return found
