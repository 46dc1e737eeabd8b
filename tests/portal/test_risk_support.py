"""支援の計画: asked for, reckoned in a job that can be stopped and begun again, shown, taken away."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import jobs
from assessments.models import AuditEvent, Job, JobState, Role, SupportPlan, SupportPlanResult
from assessments.support import reckoning
from portal import clock, support_work, tasks
from portal.db import Database
from portal.settings import Settings
from tests import factories, supply_chain
from tests.answering import counted_queries
from tests.fixtures_app import Visitor
from tests.supply_chain import Grown

SignIn = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Nobody runs a job in these tests but the test itself."""
    calls: list[int] = []
    monkeypatch.setattr("portal.risk.support.tasks.wake_job", calls.append)
    return calls


@pytest.fixture
def grown(session: Session) -> Grown:
    made = supply_chain.grow(session, 20)
    session.commit()
    return made


def asked(visitor: Visitor, **changes: str) -> str:
    """Ask for a plan, and give its address."""
    answer = visitor.post("/risk/support", {"budget": "50万円", "day": "20000"} | changes)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def run(session: Session, database: Database, settings: Settings) -> JobState | None:
    """Run the job that waits."""
    session.rollback()
    [job_id] = session.scalars(select(Job.id).where(Job.state == JobState.WAITING)).all()
    session.rollback()
    return tasks.run(database, settings, job_id)


def words_of(visitor: Visitor, address: str) -> str:
    return " ".join(visitor.get(address).get_text(" ", strip=True).split())


@pytest.mark.database
def test_a_budget_is_spent_where_it_does_most(
    session: Session, database: Database, settings: Settings, as_buyer: SignIn, grown: Grown, woken: list[int]
) -> None:
    sato = as_buyer(Role.RISK)

    address = asked(sato)
    waiting = words_of(sato, address)
    state = run(session, database, settings)
    page = sato.get(address)

    words = " ".join(page.get_text(" ", strip=True).split())
    assert (state, len(woken)) == (JobState.DONE, 1)
    assert "支援の計画を計算しています" in waiting
    assert "支援は、申し出るものです" in words
    assert "最適との差（最大）" in words
    assert "予算 500,000円、手間1人日 20,000円†" in words
    assert len(page.select("#support-curve table tbody tr")) == 7
    result = session.scalars(select(SupportPlanResult)).one()
    budget, spent, gain, bound = result.curve[4]
    assert (budget, spent <= budget, gain <= bound) == (500_000, True, True)
    assert (bound - gain) / bound <= 0.01


def test_more_money_never_leaves_more_open(
    session: Session, database: Database, settings: Settings, as_buyer: SignIn, grown: Grown
) -> None:
    asked(as_buyer(Role.RISK))
    run(session, database, settings)

    curve = session.scalars(select(SupportPlanResult.curve)).one()

    assert [point[0] for point in curve] == sorted(point[0] for point in curve)
    gains = [point[2] for point in curve]
    assert gains == sorted(gains)
    assert gains[0] == 0


def test_the_same_offers_stand_on_the_page_and_in_the_files(
    session: Session, database: Database, settings: Settings, as_buyer: SignIn, grown: Grown
) -> None:
    sato = as_buyer(Role.RISK)
    address = asked(sato)
    run(session, database, settings)

    rows = list(
        csv.DictReader(io.StringIO(sato.client.get(f"{address}/offers.csv").data.decode("utf-8-sig")))
    )
    words = words_of(sato, address)

    assert rows
    assert sum(int(row["1年目の費用（円、手間を含む）"]) for row in rows) <= 500_000
    assert all(row["取引先"] in words and row["対策"] in words for row in rows)
    assert all(row["同じ効果の別の方法"] and row["出典"] for row in rows)
    assert sato.client.get(f"{address}/offers.xlsx").data[:2] == b"PK"
    assert sato.client.get(f"{address}/curve.csv").data.decode("utf-8-sig").count("\r\n") == 8


def test_services_stay_out_where_they_are_not_wanted(
    session: Session, database: Database, settings: Settings, as_buyer: SignIn, grown: Grown
) -> None:
    sato = as_buyer(Role.RISK)
    address = asked(sato, budget="1億円", without_services="y")
    run(session, database, settings)

    text = sato.client.get(f"{address}/offers.csv").data.decode("utf-8-sig")

    assert text.count("\n") > 10
    assert "サービスの利用" not in {row["種類"] for row in csv.DictReader(io.StringIO(text))}


@pytest.mark.database
def test_a_stopped_plan_begins_again(
    session: Session, database: Database, settings: Settings, as_buyer: SignIn, grown: Grown, woken: list[int]
) -> None:
    sato = as_buyer(Role.RISK)
    address = asked(sato)

    sato.post(f"{address}/cancel")
    stopped = words_of(sato, address)
    left = tasks.run(database, settings, woken[0])
    sato.post(f"{address}/again")
    done = run(session, database, settings)

    assert "計算は終わっていません" in stopped
    assert (left, done, len(woken)) == (None, JobState.DONE, 2)
    assert "申し出る取引先" in words_of(sato, address)
    acts = session.scalars(select(AuditEvent.action).where(AuditEvent.object_kind == "support_plan")).all()
    assert acts == ["support_plan.requested", "support_plan.cancelled", "support_plan.requested"]


@pytest.mark.database
def test_a_plan_stopped_while_it_is_reckoned_keeps_nothing(
    session: Session,
    database: Database,
    settings: Settings,
    as_buyer: SignIn,
    grown: Grown,
    woken: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = asked(sato := as_buyer(Role.RISK))
    monkeypatch.setattr(support_work, "SECONDS_BETWEEN", 0.0)
    reckon = reckoning.reckon

    def stopped_meanwhile(*facts: Any, **tellers: Any) -> object:
        assert sato.post(f"{address}/cancel").status_code == 302
        return reckon(*facts, **tellers)

    monkeypatch.setattr(reckoning, "reckon", stopped_meanwhile)

    state = tasks.run(database, settings, woken[0])

    assert state is JobState.CANCELLED
    assert session.scalars(select(SupportPlanResult)).all() == []


@pytest.mark.database
def test_a_plan_whose_worker_died_is_reckoned_by_the_next(
    session: Session, database: Database, settings: Settings, as_buyer: SignIn, grown: Grown, woken: list[int]
) -> None:
    asked(as_buyer(Role.RISK))
    with database.writer.begin() as other:
        jobs.claim(other, woken[0], now=clock.now())
        jobs.release_all(other)

    assert tasks.run(database, settings, woken[0]) is JobState.DONE
    assert tasks.run(database, settings, woken[0]) is None
    assert len(session.scalars(select(SupportPlanResult)).all()) == 1


def test_what_is_done_is_not_begun_again(
    session: Session, database: Database, settings: Settings, as_buyer: SignIn, grown: Grown
) -> None:
    sato = as_buyer(Role.RISK)
    address = asked(sato)
    run(session, database, settings)

    assert sato.post(f"{address}/again").status_code == 409
    assert sato.post(f"{address}/cancel").status_code == 409


@pytest.mark.parametrize(
    ("form", "field", "message"),
    [
        ({"budget": "", "day": "20000"}, "budget", "金額を入力してください"),
        ({"budget": "-1", "day": "20000"}, "budget", "0以上の数で"),
        ({"budget": "たくさん", "day": "20000"}, "budget", "円の金額を数字で"),
        ({"budget": "100", "day": "x"}, "day", "円の金額を数字で"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(
    session: Session, as_buyer: SignIn, form: dict[str, str], field: str, message: str
) -> None:
    answer = as_buyer(Role.RISK).post("/risk/support", form)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert message in answer.text
    assert session.scalars(select(SupportPlan)).all() == []


def test_who_only_looks_sees_the_curve_but_no_supplier(
    session: Session, database: Database, settings: Settings, as_buyer: SignIn, grown: Grown
) -> None:
    address = asked(as_buyer(Role.RISK))
    run(session, database, settings)
    viewer = as_buyer(Role.VIEWER)

    words = words_of(viewer, address)

    assert "予算と、残る不足" in words
    assert "株式会社サンプル" not in words
    assert viewer.client.get(f"{address}/offers.csv").status_code == 403
    assert viewer.post("/risk/support", {"budget": "1", "day": "1"}).status_code == 403


def test_a_unit_s_people_plan_for_their_own_and_find_no_other_plan(
    session: Session, database: Database, settings: Settings, as_buyer: SignIn, grown: Grown
) -> None:
    whole = asked(as_buyer(Role.RISK))
    run(session, database, settings)
    ours = as_buyer(user=factories.user(session, Role.RISK, unit=grown.units[1]))

    ours.get(whole, 404)
    own = asked(ours)
    run(session, database, settings)

    assert whole.rsplit("/", 1)[-1] not in ours.client.get("/risk/support").text
    everybody, mine = session.scalars(select(SupportPlanResult).order_by(SupportPlanResult.id)).all()
    assert 0 < len(mine.supplier_ids) < len(everybody.supplier_ids)
    assert "申し出る取引先" in words_of(ours, own)


def test_nobody_to_support_is_said_honestly(
    session: Session, database: Database, settings: Settings, as_buyer: SignIn
) -> None:
    factories.campaign(session)
    session.commit()
    sato = as_buyer(Role.RISK)
    address = asked(sato)

    assert run(session, database, settings) is JobState.DONE
    assert "申し出る対策はありません" in words_of(sato, address)


def test_the_page_runs_a_fixed_number_of_queries(
    session: Session, database: Database, settings: Settings, as_buyer: SignIn, grown: Grown
) -> None:
    sato = as_buyer(Role.RISK)
    address = asked(sato)
    run(session, database, settings)
    sato.get(address)

    with counted_queries(database.read_engine) as statements:
        sato.get(address)

    assert len(statements) == 7, "\n".join(statements)
