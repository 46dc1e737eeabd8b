"""What every route promises: a guard, public ids, no change on GET, a token on POST, a closed house."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter

from assessments.models import Organisation, Role, UserSession
from portal.app import create_app
from portal.db import Database
from portal.settings import Settings
from tests import factories
from tests.fixtures_app import Visitor
from tests.promises.routes import (
    BUYER_ROLES,
    OPEN_BLUEPRINTS,
    of_the_buyer,
    of_the_supplier,
    routes,
)

SignIn = Callable[..., Visitor]
READ_ONLY = (Role.AUDITOR, Role.VIEWER)


def test_every_blueprint_has_a_guard(app: Flask) -> None:
    guards = {name for name in app.before_request_funcs if name is not None}

    assert set(app.blueprints) == guards
    assert set(app.blueprints) >= OPEN_BLUEPRINTS


def test_a_stranger_is_asked_to_sign_in_everywhere_else(app: Flask, visitor: Visitor) -> None:
    for route in of_the_buyer(app):
        answer = route.open(visitor.client)
        assert (answer.status_code, answer.location) == (302, "/sign-in/"), route
    for route in of_the_supplier(app):
        answer = route.open(visitor.client)
        assert (answer.status_code, answer.location) == (302, "/signed-out"), route


def test_a_supplier_finds_nothing_of_the_buyer(app: Flask, session: Session, as_supplier: SignIn) -> None:
    at_aoba = as_supplier(factories.supplier(session), "taro@aoba.example")

    for route in of_the_buyer(app):
        assert route.open(at_aoba.client).status_code == 404, route


def test_the_buyer_finds_no_pages_of_suppliers(app: Flask, as_buyer: SignIn) -> None:
    everybody = as_buyer(*BUYER_ROLES)

    for route in of_the_supplier(app):
        assert route.open(everybody.client).status_code == 404, route


def test_an_id_that_nobody_has_answers_404(app: Flask, as_buyer: SignIn) -> None:
    everybody = as_buyer(*BUYER_ROLES)

    for route in of_the_buyer(app):
        if any(name.endswith("id") for name in route.names):
            assert route.open(everybody.client).status_code == 404, route


def test_a_role_that_may_not_is_told_so_and_nothing_breaks(app: Flask, as_buyer: SignIn) -> None:
    for role in BUYER_ROLES:
        somebody = as_buyer(role)
        for route in of_the_buyer(app):
            if route.method == "GET" and not route.names:
                answer = route.open(somebody.client)
                assert answer.status_code in {200, 302, 403, 404}, (role, route, answer.status_code)


@pytest.mark.parametrize("role", READ_ONLY)
def test_who_only_reads_can_send_nothing(app: Flask, as_buyer: SignIn, role: Role) -> None:
    reader = as_buyer(role)

    for route in of_the_buyer(app):
        if route.method == "POST":
            assert route.open(reader.client).status_code == 403, route


def test_somebody_without_any_role_sees_nothing(app: Flask, as_buyer: SignIn) -> None:
    nobody = as_buyer()

    for route in of_the_buyer(app):
        assert route.open(nobody.client).status_code == 403, route


def test_no_row_is_named_by_its_number(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        for name, converter in rule._converters.items():
            assert not (name.endswith("id") and isinstance(converter, IntegerConverter)), rule


@pytest.mark.database
def test_a_get_cannot_write(database: Database) -> None:
    with database.reader() as reading, pytest.raises(DBAPIError):
        reading.execute(text("UPDATE organisation SET name = 'x'"))


def test_every_post_wants_a_token(settings: Settings, database: Database, buyer: Organisation) -> None:
    app = create_app(settings, database)
    client = app.test_client()

    for route in routes(app):
        if route.method == "POST":
            assert route.open(client).status_code == 400, route


def test_every_page_carries_the_headers(visitor: Visitor) -> None:
    for path in ("/", "/sign-in/", "/nothing-here", "/livez", "/privacy"):
        headers = visitor.client.get(path).headers
        assert "unsafe-inline" not in headers["Content-Security-Policy"], path
        assert headers["Cache-Control"] == "no-store", path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert headers["Referrer-Policy"] == "no-referrer", path
        assert "Strict-Transport-Security" not in headers, path


def test_over_https_cookies_are_bound_to_the_host(
    settings: Settings, database: Database, buyer: Organisation
) -> None:
    app = create_app(_over_https(settings), database)
    client = app.test_client()

    answer = client.get("/sign-in/", base_url="https://sanpo.buyer.example")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_a_foreign_host_is_refused(visitor: Visitor) -> None:
    assert visitor.client.get("/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "next_page", ["//evil.example/", "https://evil.example/", "/\\evil.example", "\\\\evil.example", ""]
)
def test_the_choice_of_language_leads_nowhere_else(visitor: Visitor, next_page: str) -> None:
    answer = visitor.post("/language", {"language": "en", "next": next_page})

    assert (answer.status_code, answer.location) == (302, "/")


def test_the_choice_of_language_stays_on_the_page(visitor: Visitor) -> None:
    answer = visitor.post("/language", {"language": "en", "next": "/privacy?a=b"})

    assert answer.location == "/privacy?a=b"
    assert visitor.get("/privacy").find("html", lang="en")


def test_a_cookie_is_worth_nothing_after_sign_out(session: Session, as_buyer: SignIn) -> None:
    somebody = as_buyer(Role.ADMIN)
    cookie = somebody.client.get_cookie("sanpo")
    assert cookie is not None
    somebody.get("/admin/")

    somebody.post("/sign-in/out")
    somebody.client.set_cookie("sanpo", cookie.value)

    assert somebody.client.get("/admin/").status_code == 302
    assert session.scalars(select(UserSession.ended_at)).one() is not None


def _over_https(settings: Settings) -> Settings:
    host = "sanpo.buyer.example"
    return replace(settings, public_url=f"https://{host}", trusted_hosts=(host,))
