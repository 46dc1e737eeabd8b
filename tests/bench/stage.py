"""An installation with a demo to measure on: its application, and clients that are signed in."""

from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessments.demo import cast
from assessments.demo.build import build
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    CampaignState,
    Invitation,
    Membership,
    Message,
    MessageState,
    Organisation,
    Role,
    Side,
    User,
)
from assessments.tokens import Keys
from portal import clock, schema, sessions
from portal.app import create_app
from portal.db import Database
from portal.settings import Settings

KEYS = Keys(current=b"a secret of the bench, long enough to be one")


def settings(folder: Path, url: str | None = None) -> Settings:
    """Settings of one machine in a folder of its own, with a database there or at an address."""
    return Settings(
        data_dir=folder,
        database_url=url or f"sqlite:///{folder / 'sanpo.db'}",
        broker_url="memory://",
        mail_url="",
        mail_from="Sanpo <sanpo@buyer.example>",
        public_url="http://localhost",
        host="127.0.0.1",
        port=8000,
        keys=KEYS,
        trusted_hosts=("localhost",),
    )


def with_demo(folder: Path, suppliers: int, url: str | None = None) -> tuple[Flask, Database]:
    """Make an installation with a demo of so many suppliers, on SQLite unless an address is given."""
    folder.mkdir(parents=True)
    facts = settings(folder, url)
    database = Database(facts.database_url)
    schema.migrate(database)
    demo(database, suppliers, KEYS)
    database.dispose()  # as when `sanpo demo` ends: what is written moves out of the write-ahead log
    app = create_app(facts, database)
    # The first stage compiles the templates, as the first process of an installation does once for all.
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder.parent))
    app.config["WTF_CSRF_ENABLED"] = False
    return app, database


def demo(database: Database, suppliers: int, keys: Keys) -> None:
    """Load a demo of so many suppliers."""
    passwords = dict.fromkeys(cast.addresses(), "only for this bench, long enough")
    with database.writer() as session:
        for _step in build(
            session, count=suppliers, seed=2026, keys=keys, passwords=passwords, now=clock.now()
        ):
            session.commit()


def as_if_real(session: Session) -> None:
    """Make the demo's buyer a real one, whose mail leaves; what waited before is taken back."""
    session.execute(update(Organisation).values(is_demo=False))
    session.execute(
        update(Message)
        .where(Message.state != MessageState.SENT)
        .values(state=MessageState.CANCELLED, lease_until=None)
    )


def as_buyer(app: Flask, database: Database, role: Role) -> FlaskClient:
    """Give a client signed in with a role."""
    return _client(app, secret_of_buyer(database, role))


def as_supplier(app: Flask, database: Database) -> tuple[FlaskClient, str]:
    """Give a client signed in as a supplier that is answering, and its assessment's public id."""
    secret, assessment = secret_of_supplier(database)
    return _client(app, secret), assessment


def secret_of_buyer(database: Database, role: Role) -> str:
    """Open a session for whoever holds a role, and give its secret."""
    with database.writer.begin() as session:
        user = session.scalars(select(User).join(User.memberships).where(Membership.role == role)).first()
        assert user is not None
        return sessions.open_(session, user, side=Side.BUYER, supplier_id=None, now=clock.now())


def secret_of_supplier(database: Database) -> tuple[str, str]:
    """Open a session for a supplier that is answering; gives its secret and the assessment's public id."""
    with database.writer.begin() as session:
        assessment = session.scalars(
            select(Assessment)
            .join(Campaign)
            .where(Assessment.state == AssessmentState.IN_PROGRESS, Campaign.state == CampaignState.OPEN)
        ).first()
        assert assessment is not None
        user = session.scalars(
            select(User)
            .join(Invitation, Invitation.email == User.email)
            .where(Invitation.assessment_id == assessment.id)
        ).one()
        of = assessment.supplier_id
        secret = sessions.open_(session, user, side=Side.SUPPLIER, supplier_id=of, now=clock.now())
        return secret, assessment.public_id


def _client(app: Flask, secret: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie("sanpo", secret)
    return client
