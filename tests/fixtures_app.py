"""Fixtures of a database of one's own, the application on it, and a browser-like client that is signed in."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from assessments.models import Base, Membership, Organisation, Role, Side, Supplier, User
from assessments.tokens import Keys
from portal import clock, sessions
from portal.app import create_app
from portal.db import Database
from portal.settings import Settings
from tests import factories
from tests.fixtures_servers import database_kind

KEYS = Keys(current=b"a secret of the tests, long enough to be one")


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Any:
    """An empty database of the current schema, copied for each test."""
    if database_kind() == "sqlite":
        path = tmp_path_factory.mktemp("template") / "template.db"
        made = Database(f"sqlite:///{path}")
        Base.metadata.create_all(made.write_engine)
        made.dispose()
        return path
    server = request.getfixturevalue("postgresql_server")
    name = f"template_{uuid.uuid4().hex[:12]}"
    server.create(name)
    made = Database(server.url(name))
    Base.metadata.create_all(made.write_engine)
    made.dispose()
    return server, name


@pytest.fixture
def database(_template: Any, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the current schema, this test's own."""
    if isinstance(_template, Path):
        path = tmp_path / "sanpo.db"
        shutil.copy(_template, path)
        made = Database(f"sqlite:///{path}")
        yield made
        made.dispose()
        return
    server, template = _template
    name = f"test_{uuid.uuid4().hex[:12]}"
    server.create(name, template=template)
    made = Database(server.url(name))
    yield made
    made.dispose()
    server.drop(name)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session that writes; a test commits before it lets the application look."""
    with database.writer() as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    """Settings of one machine, with the local mailbox."""
    return Settings(
        data_dir=tmp_path,
        database_url=database.url,
        broker_url="memory://",
        mail_url="",
        mail_from="Sanpo <sanpo@buyer.example>",
        public_url="http://localhost",
        host="127.0.0.1",
        port=8000,
        keys=KEYS,
        trusted_hosts=("localhost",),
    )


@pytest.fixture
def buyer(session: Session) -> Organisation:
    """The buyer, already in the database."""
    made = factories.organisation(session)
    session.commit()
    return made


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """One place for the templates that tests compile."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(
    settings: Settings, database: Database, buyer: Organisation, compiled_templates: FileSystemBytecodeCache
) -> Flask:
    """The application; forms need no CSRF token here, a promise test proves that they do outside."""
    made = create_app(settings, database)
    made.jinja_env.bytecode_cache = compiled_templates
    made.config["TESTING"] = True
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@dataclass
class Visitor:
    """A client that reads pages as a person would: parsed, with one h1 that is also the title."""

    client: FlaskClient

    def get(self, path: str, status: int = 200, **arguments: Any) -> BeautifulSoup:
        """Open a page and check what every page promises."""
        answer = self.client.get(path, **arguments)
        assert answer.status_code == status, (path, answer.status_code, answer.location)
        soup = BeautifulSoup(answer.data, "html.parser")
        headings = soup.find_all("h1")
        assert len(headings) == 1, path
        assert soup.title is not None
        assert headings[0].get_text(" ", strip=True).split("\n")[0] in soup.title.get_text(" ", strip=True)
        names = [tag["id"] for tag in soup.find_all(id=True)]
        assert len(names) == len(set(names)), f"an id stands twice on {path}"
        return soup

    def post(self, path: str, form: dict[str, Any] | None = None, **arguments: Any) -> TestResponse:
        """Send a form; does not follow where it leads."""
        return self.client.post(path, data=form or {}, **arguments)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(app.test_client())


@pytest.fixture
def as_buyer(app: Flask, session: Session) -> Callable[..., Visitor]:
    """Sign in a buyer's user: `as_buyer(Role.RISK)`, or `as_buyer(user=somebody)`."""

    def sign_in(*roles: Role, user: User | None = None) -> Visitor:
        person = user or factories.user(session, *roles)
        return _signed_in(app, session, person, side=Side.BUYER, supplier_id=None)

    return sign_in


@pytest.fixture
def as_supplier(app: Flask, session: Session) -> Callable[..., Visitor]:
    """Sign in somebody at a supplier: `as_supplier(aoba, "taro@aoba.example")`."""

    def sign_in(supplier: Supplier, email: str) -> Visitor:
        person = User(email=email, name="青葉 太郎", created_at=factories.NOW)
        person.memberships = [
            Membership(role=Role.RESPONDENT, supplier_id=supplier.id, granted_at=factories.NOW)
        ]
        session.add(person)
        session.flush()
        return _signed_in(app, session, person, side=Side.SUPPLIER, supplier_id=supplier.id)

    return sign_in


def _signed_in(app: Flask, session: Session, person: User, *, side: Side, supplier_id: int | None) -> Visitor:
    secret = sessions.open_(session, person, side=side, supplier_id=supplier_id, now=clock.now())
    session.commit()
    client = app.test_client()
    client.set_cookie("sanpo", secret)
    return Visitor(client)
