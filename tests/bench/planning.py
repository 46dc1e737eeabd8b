"""What a plan costs from the database to its page, and a support plan from the chain to its stored result."""

from collections.abc import Iterator
from functools import partial

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from assessments.models import Assessment, AssessmentResult, Membership, Role, Supplier, User
from assessments.support import runs
from assessments.support.runs import Asked
from assessments.support_content import support_content
from portal import clock, tasks
from portal.db import Database
from portal.settings import Settings
from tests.bench import stage
from tests.bench.measuring import Cost, cost, line

RUNS = 30
A_FIRM_YEN = 50_000


def lines(app: Flask, database: Database, settings: Settings, suppliers: int) -> Iterator[str]:
    """Give the lines of one supplier's plan, and of the support plan over all."""
    client = stage.as_buyer(app, database, Role.RISK)
    address = f"/risk/suppliers/{_weakest(database)}/plan"
    for name, asked in (
        ("next level", ""),
        ("level 3", "?goal=level&level=3"),
        ("300,000 yen", "?goal=budget&budget=300000"),
    ):
        work = partial(_open, client, f"{address}{asked}")
        yield line(f"page of a supplier's plan, {name}", cost(work, runs=RUNS), goal="≤ 200 ms")
    took = _support(database, settings, budget=suppliers * A_FIRM_YEN)
    yield line(f"support plan and its curve, {suppliers:,}", took, goal="≤ 120 s for 10,000")


def _open(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (answer.status_code, address)


def _weakest(database: Database) -> str:
    """The supplier whose current result has most questions nobody there can answer."""
    query = (
        select(Supplier.public_id)
        .join(Assessment, Assessment.supplier_id == Supplier.id)
        .join(AssessmentResult, AssessmentResult.id == Assessment.current_result_id)
        .order_by(AssessmentResult.unknown_count.desc())
        .limit(1)
    )
    with database.reader() as session:
        return session.scalars(query).one()


def _support(database: Database, settings: Settings, *, budget: int) -> Cost:
    with database.writer.begin() as session:
        by = session.scalars(select(User).join(User.memberships).where(Membership.role == Role.RISK)).first()
        assert by is not None
        asked = Asked(budget, support_content().day_yen, without_subscription=False, unit_ids=None)
        job_id = runs.request(session, asked, now=clock.now(), by=by)[1].id
    return cost(partial(tasks.run, database, settings, job_id), runs=1, warm=0)
