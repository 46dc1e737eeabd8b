"""The smallest honest form of the same work: Flask, SQLAlchemy and Jinja with nothing around them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from flask import Flask, render_template_string, request
from sqlalchemy import ForeignKey, create_engine, event, insert, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

PAGE = """<!doctype html><title>q</title><form method="post">
{% for q in questions %}<fieldset><legend>{{ q.text }}</legend>
{% for code in codes %}<label><input type="radio" name="q{{ q.id }}" value="{{ code }}"
{%- if answers.get(q.id) == code %} checked{% endif %}>{{ code }}</label>{% endfor %}</fieldset>{% endfor %}
<button>Save</button></form>"""
CODES = ("implemented", "partial", "planned", "not_planned", "unknown", "absent")
QUESTIONS, SUPPLIERS = 60, 10_000


class Base(DeclarativeBase):
    """The two or three tables of the smallest form."""


class Question(Base):
    """A question."""

    __tablename__ = "q"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


class Answer(Base):
    """An answer."""

    __tablename__ = "a"
    question_id: Mapped[int] = mapped_column(ForeignKey("q.id"), primary_key=True)
    code: Mapped[str]


class Supplier(Base):
    """A supplier."""

    __tablename__ = "s"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    code: Mapped[str]
    prefecture: Mapped[str]


def application(folder: Path) -> tuple[Callable[[], object], Callable[[], object]]:
    """Give (open the page of 60 questions, save one answer committed)."""
    engine = create_engine(f"sqlite:///{folder / 'smallest.db'}")

    @event.listens_for(engine, "connect")
    def _pragmas(connection: object, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]  # sqlite3's own connection

    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Question(id=i, text="質問の文章がここに入ります。" * 2) for i in range(QUESTIONS))
        session.add_all(Answer(question_id=i, code="partial") for i in range(QUESTIONS))
        session.commit()
    app = Flask(__name__)

    @app.get("/")
    def page() -> str:
        with Session(engine) as session:
            questions = session.scalars(select(Question)).all()
            answers = {row.question_id: row.code for row in session.scalars(select(Answer))}
            return render_template_string(PAGE, questions=questions, answers=answers, codes=CODES)

    @app.post("/")
    def save() -> str:
        with Session(engine) as session:
            session.execute(update(Answer).where(Answer.question_id == 7).values(code=request.form["code"]))
            session.commit()
        return "saved"

    client = app.test_client()
    turn = iter(range(10**9))
    return (
        lambda: client.get("/"),
        lambda: client.post("/", data={"code": CODES[next(turn) % len(CODES)]}),
    )


def heatmap() -> Callable[[], object]:
    """Give the counting of a heatmap over 10 000 suppliers on a matrix."""
    rng = np.random.default_rng(1)
    exposure, level = rng.integers(0, 6, SUPPLIERS), rng.integers(0, 6, SUPPLIERS)
    spend = rng.integers(0, 10**8, SUPPLIERS)
    return lambda: (
        np.bincount(exposure * 6 + level, minlength=36),
        np.bincount(exposure * 6 + level, weights=spend, minlength=36),
    )


def bare_insert(folder: Path) -> Callable[[], object]:
    """Give the insertion of 10 000 suppliers without a look at them."""
    engine = create_engine(f"sqlite:///{folder / 'insert.db'}")
    Base.metadata.create_all(engine)
    rows = [{"name": f"株式会社{i}", "code": f"S{i}", "prefecture": "23"} for i in range(SUPPLIERS)]

    def work() -> None:
        with Session(engine) as session:
            session.execute(insert(Supplier), rows)
            session.commit()

    return work


def bare_campaign(url: str, folder: Path) -> Callable[[], object]:
    """Give the insertion of three rows for each of 10 000 suppliers, on the same kind of database."""
    engine = create_engine(f"sqlite:///{folder / 'campaign.db'}" if url.startswith("sqlite") else url)
    Base.metadata.create_all(engine)
    rows = [{"name": f"株式会社{i}", "code": f"S{i}", "prefecture": "23"} for i in range(SUPPLIERS)]

    def work() -> None:
        with Session(engine) as session:
            for _ in range(3):
                session.execute(insert(Supplier), rows)
            session.commit()

    return work
