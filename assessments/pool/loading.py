"""Reads the pool from the database into arrays, as of a month's start, and keeps it till it changes."""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from functools import cache
from threading import Lock
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import JSON, ColumnElement, Engine, cast, extract, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from assessments import questionnaires, reading, results
from assessments.content_files import read_yaml
from assessments.models import AssessmentResult, QuestionnaireVersion, Submission, Supplier
from assessments.pool.groups import UNKNOWN, band_places, bands, industry_places, nesting, parts
from assessments.pool.shared import Shared, Staff
from assessments.questionnaire_content import Content, QuestionContent, meaning_hash
from scoring import maturity
from scoring.release import (
    NOBODY,
    Mask,
    Nesting,
    ReleasedColumns,
    Rows,
    in_groups,
    may_share,
    release_by_column,
)
from scoring.scale import AnswerCode, Codes, unpack_answers, unpack_assurance

Kind = TypeVar("Kind", bound=np.generic)

MONTHS = 12
FEW = 500

_kept: WeakKeyDictionary[Engine, Shared] = WeakKeyDictionary()
_one_at_a_time = Lock()


class History(NamedTuple):
    """Every submission that was scored, oldest first; a column each.

    `industry` and `band` are places: those of the register when it was submitted, the size else as it says.
    """

    firm: Rows
    version: Rows
    submission: Rows
    month: Rows
    industry: Rows
    band: Rows
    codes: Sequence[bytes]
    assurance: Sequence[bytes]


class Firms(NamedTuple):
    """Some suppliers: ids in rising order, and the places of industry and size band as they are now."""

    ids: Rows
    industry: Rows
    band: Rows


def load(session: Session, *, on: date, zone: tzinfo) -> Shared | None:
    """Give the pool as of the start of the month of `on`; None before a questionnaire is published.

    From memory, at the cost of one small query, where nothing changed that was there at that time.
    """
    engine = session.get_bind().engine
    as_of = datetime(on.year, on.month, 1, tzinfo=zone)
    last = select(AssessmentResult.id).where(*_before(as_of)).order_by(AssessmentResult.id.desc()).limit(1)
    newest = select(func.max(QuestionnaireVersion.id))
    key = (as_of, *session.execute(select(last.scalar_subquery(), newest.scalar_subquery())).one())
    kept = _kept.get(engine)
    if kept is not None and kept.key == key:
        return kept
    with _one_at_a_time:
        kept = _kept.get(engine)
        if kept is None or kept.key != key:
            kept = _read(session, key, as_of=as_of)
            if kept is not None:
                _kept[engine] = kept
        return kept


@cache
def staff_key() -> str:
    """Give the key of the question about security staff, as the content names it."""
    return str(read_yaml("benchmarks/pool.yaml")["staff_question"])


def choice_of(session: Session, question: QuestionContent, submission: int) -> str | None:
    """Give the code that a submission chose for a question of the profile."""
    return session.scalar(select(_profile(session, question.key, "code")).where(Submission.id == submission))


def firms(session: Session, ids: Rows, content: Content) -> Firms:
    """Give industry and size as the register has them; the size else as the firm itself said last."""
    query = select(Supplier.id, Supplier.industry, func.coalesce(Supplier.employees, UNKNOWN))
    if len(ids) <= FEW:
        query = query.where(Supplier.id.in_(ids.tolist()))
    rows = session.execute(query.order_by(Supplier.id)).all()
    known, letters, employees = zip(*rows, strict=True) if rows else ((), (), ())
    wanted = np.searchsorted(np.array(known, dtype=np.int64), ids)
    heads = np.array(employees, dtype=np.int64)[wanted]
    unknown = ids[heads == UNKNOWN]
    if len(unknown):
        said = _stated(session, content, Submission.supplier_id, unknown)
        heads = np.array(
            [said.get(one, head) for one, head in zip(ids.tolist(), heads.tolist(), strict=True)]
        )
    return Firms(ids, industry_places(letters)[wanted], band_places(heads))


def _before(as_of: datetime) -> tuple[ColumnElement[bool], ...]:
    """The first result of each submission before a time: later ones weigh the same answers anew."""
    return (AssessmentResult.judgement == 1, AssessmentResult.submitted_at < as_of)


def _read(session: Session, key: tuple[object, ...], *, as_of: datetime) -> Shared | None:
    ids, history = _history(session, as_of)
    newest = session.scalar(select(func.max(QuestionnaireVersion.id)))
    if newest is None:
        return None
    lead = int(history.version.max()) if len(ids) else newest
    content = questionnaires.published(session, lead).content
    limits = {
        "firms": len(ids),
        "until": _month_number(as_of),
        "kept": int(content.model["months_current"]),
    }

    def let_out(counted: Mask, part: Rows, within: Nesting) -> ReleasedColumns:
        return release_by_column(history.firm, history.month, counted, part, within, **limits)

    part = parts(history.industry, history.band)
    codes, scores = _aligned(session, content, history)
    everything = np.ones((len(codes), 1), dtype=np.bool_)
    answers = let_out((codes != AnswerCode.NOT_ASKED) & (codes != AnswerCode.ABSENT), part, nesting())
    standings = let_out(~np.isnan(scores), part, nesting())
    staff = content.by_key.get(staff_key())
    said = _said(session, staff, history)
    by_band = np.where(history.band == UNKNOWN, bands().parts - 1, history.band)
    return Shared(
        key=key,
        as_of=as_of.date(),
        content=content,
        rubric=results.rubric(content),
        firms=ids,
        stratum=let_out(everything, part, nesting()).stratum[:, 0],
        codes=_taken(codes, answers, AnswerCode.NOT_ASKED),
        answers=answers,
        scores=_taken(scores, standings, np.nan),
        standings=standings,
        staff=_staff(staff, said, let_out(said[:, None] != NOBODY, by_band, bands())),
    )


def _history(session: Session, as_of: datetime) -> tuple[Rows, History]:
    columns = (
        AssessmentResult.supplier_id,
        AssessmentResult.version_id,
        AssessmentResult.submission_id,
        extract("epoch", AssessmentResult.submitted_at),
        AssessmentResult.codes,
        AssessmentResult.assurance,
        Submission.industry,
        func.coalesce(Submission.employees, UNKNOWN),
    )
    query = select(*columns).join(Submission, Submission.id == AssessmentResult.submission_id)
    query = query.where(*_before(as_of))
    rows = session.execute(query.order_by(AssessmentResult.submitted_at, AssessmentResult.id)).all()
    suppliers, versions, submissions, seconds, codes, assurance, letters, heads = (
        zip(*rows, strict=True) if rows else ((),) * len(columns)
    )
    ids, firm = np.unique(np.array(suppliers, dtype=np.int64), return_inverse=True)
    registered, of_version = np.array(heads, dtype=np.int64), np.array(versions, dtype=np.int64)
    of_submission = np.array(submissions, dtype=np.int64)
    history = History(
        firm=firm.astype(np.int64),
        version=of_version,
        submission=of_submission,
        month=_months(np.array(seconds, dtype=np.float64), as_of.tzinfo),
        industry=industry_places(letters),
        band=band_places(_heads(session, of_version, of_submission, registered)),
        codes=codes,
        assurance=assurance,
    )
    return ids, history


def _months(seconds: NDArray[np.float64], zone: tzinfo | None) -> Rows:
    """The months, in the zone, of moments in rising order."""
    if not len(seconds):
        return np.zeros(0, dtype=np.int64)
    first, last = (_month_number(datetime.fromtimestamp(one, zone)) for one in seconds[[0, -1]].tolist())
    starts = [
        datetime(number // MONTHS, number % MONTHS + 1, 1, tzinfo=zone).timestamp()
        for number in range(first + 1, last + 1)
    ]
    found: Rows = first + np.searchsorted(starts, seconds, side="right").astype(np.int64)
    return found


def _month_number(day: date) -> int:
    return day.year * MONTHS + day.month - 1


def _heads(session: Session, version: Rows, submission: Rows, registered: Rows) -> Rows:
    """The head count of the register, and where that had none, the one that the submission gives."""
    heads, unknown = registered.copy(), registered == UNKNOWN
    for one in np.unique(version[unknown]).tolist():
        rows = np.flatnonzero(unknown & (version == one))
        content = questionnaires.published(session, one).content
        said = _stated(session, content, Submission.id, submission[rows])
        heads[rows] = [said.get(number, UNKNOWN) for number in submission[rows].tolist()]
    return heads


def _stated(
    session: Session, content: Content, column: InstrumentedAttribute[int], ids: Rows
) -> dict[int, int]:
    """The head count by that column in the newest submission that gives one."""
    counted = reading.head_count_question(content)
    found: dict[int, int] = {}
    if counted is None:
        return found
    said = _profile(session, counted.key)
    for few in _few(ids):
        query = select(column, said).where(column.in_(few), said.is_not(None))
        ordered = query.order_by(Submission.submitted_at, Submission.id)
        found.update({one: int(float(heads)) for one, heads in session.execute(ordered)})
    return found


def _aligned(session: Session, lead: Content, history: History) -> tuple[Codes, NDArray[np.float64]]:
    """All answers in the lead version's columns, and the scores of each submission by its own version."""
    rubric = results.rubric(lead)
    codes = np.full((len(history.firm), rubric.questions), AnswerCode.NOT_ASKED, dtype=np.int8)
    scores = np.full((len(history.firm), len(rubric.sets)), np.nan)
    for version in np.unique(history.version).tolist():
        own = questionnaires.published(session, version).content
        rows = np.flatnonzero(history.version == version)
        chosen, size = rows.tolist(), len(own.scored)
        answers = unpack_answers([history.codes[row] for row in chosen], questions=size)
        proof = unpack_assurance([history.assurance[row] for row in chosen], questions=size)
        scored = maturity.score(results.rubric(own), answers, proof).score
        theirs, ours = _same_questions(lead, own)
        codes[rows[:, None], ours] = answers[:, theirs]
        theirs, ours = _same_sets(lead, own)
        scores[rows[:, None], ours] = scored[:, theirs]
    return codes, scores


def _taken(values: NDArray[Kind], found: ReleasedColumns, nothing: object) -> NDArray[Kind]:
    """What is let out of the values of the submissions, by firm and column."""
    submission = found.submission
    let = submission != NOBODY
    taken = np.full(let.shape, nothing, dtype=values.dtype)
    taken[let] = np.take_along_axis(values, np.maximum(submission, 0), axis=0)[let]
    return taken


def _same_questions(lead: Content, own: Content) -> tuple[list[int], list[int]]:
    """Places in the own version and in the lead one of the questions that mean the same in both."""
    theirs = {(question.key, meaning_hash(question)): place for place, question in enumerate(own.scored)}
    shared = [
        (theirs[named], place)
        for place, question in enumerate(lead.scored)
        if (named := (question.key, meaning_hash(question))) in theirs
    ]
    return [own_place for own_place, _ in shared], [place for _, place in shared]


def _same_sets(lead: Content, own: Content) -> tuple[list[int], list[int]]:
    theirs = {named.name: place for place, named in enumerate(results.rubric(own).sets)}
    shared = [
        (theirs[named.name], place)
        for place, named in enumerate(results.rubric(lead).sets)
        if named.name in theirs
    ]
    return [own_place for own_place, _ in shared], [place for _, place in shared]


def _staff(question: QuestionContent | None, said: Rows, found: ReleasedColumns) -> Staff:
    choices = range(len(question.choices) if question else 0)
    taken = _taken(said[:, None], found, NOBODY)
    columns = [in_groups(taken == choice, found.stratum, bands()) for choice in choices]
    groups = np.hstack([np.zeros((bands().count, 0), dtype=np.int64), *columns])
    shown = may_share(groups.sum(axis=1)[:, None], bands())[:, 0]
    known = bands().parts - 1
    everything = bands().everything
    return Staff(question, groups[:known], shown[:known], groups[everything], bool(shown[everything]))


def _said(session: Session, question: QuestionContent | None, history: History) -> Rows:
    """The place of what each submission chose for a profile question; NOBODY where it meant another."""
    if question is None:
        return np.full(len(history.firm), NOBODY)
    said, meaning = _profile(session, question.key, "code"), meaning_hash(question)
    choices = {choice.code: place for place, choice in enumerate(question.choices)}
    found: dict[int, str] = {}
    for version in np.unique(history.version).tolist():
        theirs = questionnaires.published(session, version).content.by_key.get(question.key)
        if theirs is None or meaning_hash(theirs) != meaning:
            continue
        for few in _few(history.submission[history.version == version]):
            query = select(Submission.id, said).where(Submission.id.in_(few), said.is_not(None))
            found.update(dict(session.execute(query).all()))
    chosen = (choices.get(found.get(row, ""), NOBODY) for row in history.submission.tolist())
    return np.fromiter(chosen, dtype=np.int64, count=len(history.submission))


def _profile(session: Session, *path: str) -> ColumnElement[str]:
    """A part of the profile within the text of a submission, as the database itself finds it."""
    is_text = session.get_bind().dialect.name == "sqlite"
    content = type_coerce(Submission.content, JSON) if is_text else cast(Submission.content, JSON)
    found: ColumnElement[str] = content[("profile", *path)].as_string()
    return found


def _few(ids: Rows) -> list[list[int]]:
    return [ids[start : start + FEW].tolist() for start in range(0, len(ids), FEW)]
