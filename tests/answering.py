"""Plain functions that invite somebody at a supplier, answer and submit, as the pages do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from assessments import questionnaires, responses
from assessments.answers import Given
from assessments.inviting import PURPOSE
from assessments.models import (
    Answer,
    AnswerRevision,
    Assessment,
    Campaign,
    Invitation,
    Submission,
    Supplier,
    User,
)
from assessments.models.base import new_public_id
from assessments.questionnaire_content import Content, QuestionContent, canonical
from assessments.tokens import fingerprint, link_token
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import KEYS

EMAIL = "taro@aoba.example"
NOTICE = "2026.1"
Chooser = Callable[[QuestionContent], Given]


def invitation(session: Session, of: Assessment, email: str = EMAIL, **changes: Any) -> Invitation:
    """An invitation to an assessment."""
    public_id = new_public_id()
    facts: dict[str, Any] = {
        "public_id": public_id,
        "assessment_id": of.id,
        "supplier_id": of.supplier_id,
        "name": "青葉 太郎",
        "email": email,
        "token_hash": fingerprint(link_token(KEYS, PURPOSE, public_id, 1)),
        "created_at": NOW,
    }
    made = Invitation(**facts | changes)
    session.add(made)
    session.flush()
    return made


def token_of(invitation: Invitation) -> str:
    """The token in the link of an invitation."""
    return link_token(KEYS, PURPOSE, invitation.public_id, invitation.generation)


def invited(
    session: Session, of: Supplier | None = None, campaign: Campaign | None = None, **changes: Any
) -> tuple[Assessment, Invitation]:
    """青葉鋳造 asked in an open campaign, the first screen read, and its person invited."""
    supplier = of or factories.supplier(session)
    facts: dict[str, Any] = {"notice_version": NOTICE, "notice_seen_at": NOW}
    made = factories.assessment(session, campaign or factories.campaign(session), supplier, **facts | changes)
    return made, invitation(session, made)


def person(session: Session, email: str = EMAIL) -> User:
    """Somebody at the supplier, known by address."""
    standing = session.scalar(select(User).where(User.email == email))
    if standing:
        return standing
    made = User(email=email, name="青葉 太郎", created_at=NOW)
    session.add(made)
    session.flush()
    return made


def content_of(session: Session, of: Assessment) -> Content:
    """The questionnaire of an assessment."""
    return questionnaires.published(session, of.version_id).content


def plain(question: QuestionContent) -> Given:
    """実施している, and the first choice of everything in the profile."""
    if question.is_scored:
        return Given(code="implemented")
    values: dict[str, Any] = {
        "number": 12,
        "text": "電話とFAXで受けます",
        "single": {"code": question.choices[0].code, "other": ""} if question.choices else None,
        "multiple": {"codes": [question.choices[0].code], "other": ""} if question.choices else None,
    }
    return Given(value=values[question.kind])


def answer_all(session: Session, of: Assessment, by: User, choose: Chooser = plain) -> None:
    """Answer everything that is asked, by rows and without the pages."""
    published = questionnaires.published(session, of.version_id)
    for section in published.content.asked(of.axes):
        for question in section.questions:
            said = choose(question).as_map()
            facts: dict[str, Any] = {
                "assessment_id": of.id,
                "question_id": published.ids[question.key],
                "supplier_id": of.supplier_id,
                "revision": 1,
                "answered_at": NOW,
                "answered_by_id": by.id,
            }
            session.add(Answer(**facts, version_id=of.version_id, **said))
            session.add(AnswerRevision(**facts, content=canonical(said)))
    session.flush()


def submitted(
    session: Session, of: Assessment, choose: Chooser = plain, *, now: datetime = NOW
) -> Submission:
    """An assessment answered and submitted."""
    by = person(session)
    answer_all(session, of, by, choose)
    return responses.submit(session, of, now=now, by=by)


@contextmanager
def counted_queries(*engines: Engine) -> Iterator[list[str]]:
    """Collect the statements that these engines run meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            statements.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
