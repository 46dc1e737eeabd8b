"""The servers that other tests rely on are real ones."""

import smtplib
from email.message import EmailMessage

import pytest
import redis
from playwright.sync_api import Page
from sqlalchemy import create_engine, text

from tests.servers import MailSink, PostgreSQL

DRAW = """character => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 48;
    const context = canvas.getContext("2d");
    context.font = "40px sans-serif";
    context.fillText(character, 4, 40);
    return canvas.toDataURL();
}"""
NO_SUCH_CHARACTER = "\U000f1234"


@pytest.mark.database
def test_a_real_postgresql_answers(postgresql_server: PostgreSQL) -> None:
    engine = create_engine(postgresql_server.url("postgres"))
    with engine.connect() as connection:
        version = connection.scalar(text("select version()"))
    engine.dispose()

    assert version is not None
    assert version.startswith("PostgreSQL 1")


@pytest.mark.database
def test_a_database_is_a_copy_of_its_template(
    postgresql_server: PostgreSQL, request: pytest.FixtureRequest
) -> None:
    template, copy = f"template_{id(request)}", f"copy_{id(request)}"
    engine = create_engine(postgresql_server.create(template))
    with engine.begin() as connection:
        connection.execute(text("create table suppliers (name text)"))
    engine.dispose()

    engine = create_engine(postgresql_server.create(copy, template=template))
    with engine.connect() as connection:
        assert connection.scalar(text("select count(*) from suppliers")) == 0
    engine.dispose()

    postgresql_server.drop(copy)
    postgresql_server.drop(template)


def test_a_real_redis_answers(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()


def test_a_mail_is_received_as_it_was_sent(mail_sink: MailSink) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@sanpo.example", "b@aoba.example", "ご協力のお願い"
    mail.set_content("青葉鋳造 髙﨑様")

    with smtplib.SMTP("127.0.0.1", mail_sink.port) as connection:
        connection.send_message(mail)

    [received] = mail_sink.mails
    assert received["Subject"] == "ご協力のお願い"
    assert received.get_content().strip() == "青葉鋳造 髙﨑様"
    assert received["X-Envelope-To"] == "b@aoba.example"


@pytest.mark.browser
@pytest.mark.parametrize("character", list("髙﨑㈱𠮷①Ⅲ鷗德あア亜"))
def test_the_browser_has_a_glyph_for_every_name(page: Page, character: str) -> None:
    page.set_content("<p>取引先</p>")

    assert page.evaluate(DRAW, character) != page.evaluate(DRAW, NO_SUCH_CHARACTER)


@pytest.mark.browser
def test_pages_are_drawn_in_the_vendored_font_alone(page: Page) -> None:
    page.set_content("<p id='name'>髙﨑㈱𠮷 Sanpo 123</p>")
    debugger = page.context.new_cdp_session(page)
    debugger.send("DOM.enable")
    debugger.send("CSS.enable")
    root = debugger.send("DOM.getDocument")["root"]["nodeId"]
    node = debugger.send("DOM.querySelector", {"nodeId": root, "selector": "#name"})["nodeId"]

    fonts = debugger.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]

    assert {font["familyName"] for font in fonts} == {"Noto Sans JP"}
