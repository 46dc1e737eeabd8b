"""Knocks at the servers an installation leans on, and says nothing more to them."""

import smtplib
import socket
import ssl
from datetime import datetime
from urllib.parse import urlsplit

import kombu
from kombu.exceptions import KombuError

from portal import celery_app, clock, mail_http, mail_smtp
from portal.mail_smtp import Server
from portal.settings import Settings, SettingsRefused

PATIENCE_SECONDS = 5
PORTS = {"http": 80, "https": 443}


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
    """Greet the mail server, or reach the provider; gives why it cannot be done, or nothing."""
    try:
        parts = urlsplit(settings.mail_url)
        if parts.scheme in mail_http.SCHEMES:
            address = (parts.hostname or "", parts.port or PORTS[parts.scheme])
            socket.create_connection(address, PATIENCE_SECONDS).close()
        else:
            _greet(mail_smtp.server(settings))
    except (OSError, smtplib.SMTPException, SettingsRefused, ValueError) as error:
        return _line(error)
    return ""


def _greet(server: Server) -> None:
    safely = ssl.create_default_context()
    if server.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=PATIENCE_SECONDS, context=safely
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=PATIENCE_SECONDS)
    with smtp:
        if server.starttls:
            smtp.starttls(context=safely)
        smtp.ehlo_or_helo_if_needed()


def _line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
