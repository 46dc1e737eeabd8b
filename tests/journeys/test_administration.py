"""Signing in, setting a password and administering, looked at on a desk and on a phone."""

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import passwords, users
from assessments.models import Organisation, Role, User
from portal import clock, dispatcher, mail
from portal.db import Database
from portal.dispatcher import Office
from portal.settings import Settings
from tests import answering, factories
from tests.fixtures_app import KEYS
from tests.journeys.looking import look
from tests.journeys.site import DESK, PHONE, Window, open_window, site

__all__ = ["open_window", "site"]
pytestmark = pytest.mark.browser
PASSWORD = "裏庭の柿の木には雀が三羽とまっている"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
KEIKO = "keiko.sato@buyer.example"
LONG_NAME = "アレクサンドラ・フォン・ヴァイツゼッカー＝長谷川小路"
LONG_ADDRESS = "alexandra.von.weizsaecker-hasegawakoji.procurement@toto-seisakusho-holdings.example"
LONG_UNIT = "北関東第二精密機器事業本部調達戦略推進室"
WAYS = [
    pytest.param(DESK, "ja", "light", id="desk"),
    pytest.param(PHONE, "en", "dark", id="phone"),
]


@pytest.fixture
def people(session: Session, database: Database, settings: Settings, buyer: Organisation) -> dict[str, str]:
    """Paths of an administrator, a person with long names, somebody suspended; a mail that arrived."""
    keiko = factories.user(
        session,
        Role.ADMIN,
        Role.RISK,
        email=KEIKO,
        password_hash=passwords.hashed(PASSWORD),
        totp_secret=SECRET,
    )
    unit = factories.unit(session, LONG_UNIT)
    long = factories.user(
        session,
        Role.PROCUREMENT,
        Role.LEGAL,
        Role.VIEWER,
        unit=unit,
        name=LONG_NAME,
        email=LONG_ADDRESS,
    )
    gone = factories.user(session, Role.AUDITOR, name="上田 誠", suspended_at=clock.now())
    users.invite_to_enrol(session, long, now=clock.now(), by=keiko.public_id)
    answering.invited(session)
    session.commit()
    dispatcher.deliver(Office(database, settings, mail.line(settings), "w"))
    return {
        "me": f"/admin/users/{keiko.public_id}",
        "long": f"/admin/users/{long.public_id}",
        "gone": f"/admin/users/{gone.public_id}",
        "link": users.enrolment_path(KEYS, long),
    }


@pytest.mark.parametrize(("width", "language", "theme"), WAYS)
def test_the_way_in_is_fit_to_be_seen(
    people: dict[str, str], open_window: Window, width: int, language: str, theme: str
) -> None:
    page = open_window(width=width, language=language, theme=theme)

    for name, path in {"home": "/", "privacy": "/privacy", "signed-out": "/signed-out"}.items():
        page.goto(path)
        look(page, f"way-in-{name}-{width}-{language}-{theme}")
    page.goto("/sign-in/")
    look(page, f"way-in-sign-in-{width}-{language}-{theme}")
    _sign_in(page, password="something else altogether")
    look(page, f"way-in-refused-{width}-{language}-{theme}")
    page.goto(people["link"])
    look(page, f"way-in-enrol-{width}-{language}-{theme}")
    page.fill("#password", "short")
    page.fill("#again", "shorter")
    _send(page)
    expect(page.locator("#password-error")).to_be_visible()
    look(page, f"way-in-enrol-refused-{width}-{language}-{theme}")
    page.goto(people["link"] + "x")
    look(page, f"way-in-dead-link-{width}-{language}-{theme}")


@pytest.mark.parametrize(("width", "language", "theme"), WAYS)
def test_the_administrators_pages_are_fit_to_be_seen(
    people: dict[str, str], open_window: Window, width: int, language: str, theme: str
) -> None:
    page = open_window(width=width, language=language, theme=theme)
    page.goto("/sign-in/")
    _sign_in(page)
    paths = {
        "settings": "/admin/",
        "users": "/admin/users",
        "user-new": "/admin/users/new",
        "user-me": people["me"],
        "user-long": people["long"],
        "user-gone": people["gone"],
        "questionnaires": "/admin/questionnaires",
        "mailbox": "/admin/mailbox",
        "mailbox-empty": "/admin/mailbox?to=nobody",
        "trail": "/admin/trail",
        "trail-empty": "/admin/trail?action=none",
        "trail-check": "/admin/trail/check",
    }
    for name, path in paths.items():
        page.goto(path)
        look(page, f"admin-{name}-{width}-{language}-{theme}")
    page.goto("/admin/mailbox")
    page.locator("tbody a").first.click()
    look(page, f"admin-mail-{width}-{language}-{theme}")


@pytest.mark.parametrize(("width", "language", "theme"), WAYS)
def test_refusals_are_fit_to_be_seen(
    people: dict[str, str], open_window: Window, width: int, language: str, theme: str
) -> None:
    page = open_window(width=width, language=language, theme=theme)
    page.goto("/sign-in/")
    _sign_in(page)
    page.goto("/admin/")
    page.fill("#name", " ")
    page.fill("#yearly_capacity", "0")
    _send(page)
    look(page, f"admin-settings-refused-{width}-{language}-{theme}")
    page.goto("/admin/users/new")
    page.fill("#email", "ito")
    page.fill("#name", LONG_NAME)
    _send(page)
    look(page, f"admin-user-refused-{width}-{language}-{theme}")
    page.goto(people["me"])
    page.locator("form[action$=revoke] button").first.click()
    look(page, f"admin-last-admin-{width}-{language}-{theme}")


def test_a_newcomer_comes_in_by_the_mailed_link(
    people: dict[str, str], open_window: Window, session: Session
) -> None:
    page = open_window(width=PHONE)
    page.goto(people["link"])
    secret = page.locator("code").inner_text().replace(" ", "")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.fill("#digits", pyotp.TOTP(secret).now())
    _send(page)
    expect(page.get_by_role("status")).to_contain_text("パスワードを設定しました")
    newcomer = session.scalars(select(User).where(User.email == LONG_ADDRESS)).one()
    assert newcomer.totp_last_step is not None
    newcomer.totp_last_step -= 2
    session.commit()

    _sign_in(page, email=LONG_ADDRESS, secret=secret)

    expect(page.get_by_text(LONG_NAME)).to_be_visible()


def _sign_in(page: Page, *, email: str = KEIKO, password: str = PASSWORD, secret: str = SECRET) -> None:
    page.fill("#email", email)
    page.fill("#password", password)
    page.fill("#digits", pyotp.TOTP(secret).now())
    _send(page)


def _send(page: Page) -> None:
    """Press the one button of the page's form."""
    page.locator("main button.button:not(.quiet)").first.click()
    page.wait_for_load_state()
