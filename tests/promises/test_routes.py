"""What every route promises: a guard, typed ids, no change on GET, a token on POST, 404 to strangers."""

import re

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from assessments.models import Role, UserSession
from portal.db import Database
from portal.settings import Settings
from portal.app import create_app
from tests.fixtures_app import Visitor

OPEN_BLUEPRINTS = {"public", "auth", "entry"}
UNKNOWN_ID = "0" * 20


def test_every_blueprint_has_a_guard(app: Flask) -> None:
    guarded = {name for name in app.before_request_funcs if name is not None}

    assert set(app.blueprints) == guarded


def test_only_named_blueprints_are_open(app: Flask, visitor: Visitor) -> None:
    for rule in _rules(app):
        if rule.endpoint.split(".")[0] in OPEN_BLUEPRINTS:
            continue
        answer = visitor.client.open(_path(rule), method=_method(rule))
        assert answer.status_code == 302, rule
        assert answer.location in {"/sign-in/", "/signed-out"}, rule


def test_a_supplier_finds_nothing_of_the_buyer(app: Flask, session: Session, as_supplier: object) -> None:
    from tests import factories

    aoba = factories.supplier(session)
    at_aoba = as_supplier(aoba, "taro@aoba.example")  # type: ignore[operator]
    for rule in _rules(app):
        if rule.endpoint.split(".")[0] in {"procurement", "risk", "admin"}:
            assert at_aoba.client.open(_path(rule), method=_method(rule)).status_code == 404, rule


def test_the_buyer_finds_no_supplier_pages(app: Flask, as_buyer: object) -> None:
    everybody = as_buyer(*[role for role in Role if role not in {Role.RESPONDENT, Role.APPROVER}])  # type: ignore[operator]
    for rule in _rules(app):
        if rule.endpoint.split(".")[0] == "supplier":
            assert everybody.client.open(_path(rule), method=_method(rule)).status_code == 404, rule


def test_an_id_that_nobody_has_answers_404(app: Flask, as_buyer: object) -> None:
    everybody = as_buyer(*[role for role in Role if role not in {Role.RESPONDENT, Role.APPROVER}])  # type: ignore[operator]
    for rule in _rules(app):
        if rule.arguments and rule.endpoint.split(".")[0] in {"procurement", "risk", "admin"}:
            answer = everybody.client.open(_path(rule), method=_method(rule))
            assert answer.status_code == 404, (rule, answer.status_code)


def test_a_get_cannot_write(database: Database) -> None:
    with database.reader() as reading, pytest.raises(DBAPIError):
        reading.execute(text("UPDATE organisation SET name = 'x'"))


def test_every_post_wants_a_token(settings: Settings, database: Database, buyer: object) -> None:
    app = create_app(settings, database)
    client = app.test_client()
    for rule in _rules(app):
        if "POST" in (rule.methods or set()):
            assert client.post(_path(rule)).status_code == 400, rule


def test_every_page_carries_the_headers(app: Flask, visitor: Visitor) -> None:
    for path in ("/", "/sign-in/", "/nothing-here", "/livez"):
        headers = visitor.client.get(path).headers
        assert "unsafe-inline" not in headers["Content-Security-Policy"], path
        assert headers["Cache-Control"] == "no-store", path
        assert headers["X-Content-Type-Options"] == "nosniff", path


def test_a_foreign_host_is_refused(visitor: Visitor) -> None:
    assert visitor.client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_a_cookie_is_worth_nothing_after_sign_out(session: Session, as_buyer: object) -> None:
    somebody = as_buyer(Role.PROCUREMENT)  # type: ignore[operator]
    cookie = somebody.client.get_cookie("sanpo").value
    somebody.get("/procurement/suppliers")

    somebody.post("/sign-in/out")
    somebody.client.set_cookie("sanpo", cookie)

    assert somebody.client.get("/procurement/suppliers").status_code == 302
    assert session.scalars(select(UserSession.ended_at)).one() is not None


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def _method(rule: Rule) -> str:
    return "GET" if "GET" in (rule.methods or set()) else "POST"


def _path(rule: Rule) -> str:
    filled = re.sub(r"<int:[^>]+>", "1", rule.rule)
    return re.sub(r"<[^>]+>", UNKNOWN_ID, filled)
