"""Knocks at the servers an installation leans on, signs in where there is a login, and asks for nothing."""

import smtplib
from datetime import datetime
from urllib.parse import urlsplit

import kombu
from kombu.exceptions import KombuError

from portal import celery_app, clock, letter, mail_http, mail_smtp
from portal.settings import Settings, SettingsRefused

PATIENCE_SECONDS = 5
EXAMPLES = (".example", "@example.com", "@example.net", "@example.org", "@example.jp", "@example.co.jp")


def present() -> datetime:
    """Give the present moment, just before another clock is read."""
    return clock.now()


def broker(settings: Settings) -> str:
    """Connect to the broker; gives why it cannot be reached, or nothing."""
    try:
        with kombu.Connection(
            settings.broker_url,
            connect_timeout=PATIENCE_SECONDS,
            transport_options=celery_app.patience(settings.broker_url, PATIENCE_SECONDS),
        ) as connection:
            connection.ensure_connection(max_retries=1, timeout=PATIENCE_SECONDS)
    except (OSError, KombuError, ValueError, KeyError) as error:
        return _line(error)
    return ""


def mail_server(settings: Settings) -> str:
    """Sign in at the mail server, or reach the provider inside TLS; gives why that fails, or nothing."""
    try:
        if urlsplit(settings.mail_url).scheme in mail_http.SCHEMES:
            mail_http.reach(settings, seconds=PATIENCE_SECONDS)
        else:
            mail_smtp.greet(settings, seconds=PATIENCE_SECONDS)
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error
        return _line(
            f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
        )
    except UnicodeError:
        # Its text would show a letter of the password.
        return "the user or password in SANPO_MAIL_URL has letters that no login can carry"
    except (OSError, smtplib.SMTPException, SettingsRefused, ValueError) as error:
        return _line(error)
    return ""


def sender(settings: Settings) -> str:
    """Look at who writes; gives what is wrong with SANPO_MAIL_FROM, or nothing."""
    try:
        address = letter.sender(settings).address
    except SettingsRefused as error:
        return _line(error)
    return f"{address} is an example's, which nobody can answer" if address.endswith(EXAMPLES) else ""


def _line(error: Exception | str) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
