"""Nothing of the buyer's grading, and nothing of another supplier, stands on any page of a supplier."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import (
    confirmations,
    constants,
    contact_notes,
    evidence,
    outbox,
    questionnaire_content,
    stars,
)
from assessments.answers import Given
from assessments.models import Assessment, Invitation, Lane, NoteChannel, Relationship, Role, User
from assessments.questionnaire_content import QuestionContent
from portal import mail_facts, mail_render
from portal.settings import Settings
from tests import factories
from tests.answering import answer_all, content_of, invitation, invited, person, plain, submitted, token_of
from tests.factories import NOW
from tests.fixtures_app import Visitor

SPEND = 98_765_432_101
CANARIES = (
    *(
        "CANARY",
        "98765432101",
        "98,765,432,101",
        "987.7",
        "9,877",
        "inherent",
        "residual",
        "残存",
        "固有リスク",
    ),
    *("取引の重要度", "優先度", "階層", "年間取引額", "機密性", "継続性", "接続性"),
    *("効きめ", "effectiveness", "★の目安", "expected_star", "very_high", "要対応"),
)
# Every mail to a supplier but the answer to a talk, which is the supplier's own words and its reply.
MAILS = sorted(
    kind
    for path in (Path(__file__).parents[2] / "templates" / "email").glob("[a-z]*.ja.txt")
    if (kind := path.name.split(".")[0])
    not in {"consultation_opened", "declined_note", "enrolment", "test_mail", "unanswered_note"}
    and kind != "consultation_answered"
)
# What leads from a result to all that stands behind it.
RESULT_PAGES = ("/result", "/result/arithmetic", "/result/peers", "/plan")


@pytest.fixture
def aoba(session: Session) -> Assessment:
    """青葉鋳造, graded high by the buyer, with everything the buyer notes about it."""
    unit = factories.unit(session, "CANARY事業部")
    supplier = factories.supplier(session, code="CANARY-CODE")
    owner = factories.user(session, Role.PROCUREMENT, email="canary-owner@buyer.example")
    relationship = factories.relationship(
        session, supplier, business_unit_id=unit.id, owner_id=owner.id, confidentiality=5, continuity=5,
        connectivity=5, spend=SPEND, tier=7, note="CANARY-NOTE", transaction_kind="CANARY-KIND",
    )  # fmt: skip
    _decided(session, relationship, owner)
    called = contact_notes.Told(NOW.date(), NoteChannel.PHONE, "CANARY-CALL", "CANARY-PERSON", NOW.date())
    contact_notes.add(session, supplier, called, now=NOW, by=owner)
    campaign = factories.campaign(session, repeat_reason="CANARY-REPEAT", approval_note="CANARY-APPROVAL")
    made, _ = invited(session, supplier, campaign)
    stranger = factories.supplier(session, "CANARY精機株式会社", code="CANARY-2")
    theirs, _ = invited(session, stranger, campaign)
    submitted(session, theirs, lambda one: _said(one, "CANARY-COMMENT"))
    before, _ = invited(
        session, supplier, factories.campaign(session, title="昨年"), created_at=NOW - timedelta(days=400)
    )
    submitted(session, before, now=NOW - timedelta(days=370))
    _prove(session, before)
    answer_all(session, made, person(session), lambda one: _said(one, "自社のひとこと"))
    session.commit()
    return made


def _prove(session: Session, of: Assessment) -> None:
    """A reference and a confirmation, with what the buyer notes for itself."""
    by, keys = factories.user(session), frozenset({content_of(session, of).scored[0].key})
    document = evidence.Document("控えの画面", "訪問でお見せします", "CANARY-NOTED", NOW.date(), None)
    evidence.note_down(session, of, document, keys=keys, now=NOW, by=by)
    scope = confirmations.Scope(
        of.version_id, keys, NOW.date() - timedelta(days=400), NOW.date(), "工場の訪問", "CANARY-MEMO"
    )
    confirmations.record_visit(session, of.supplier, scope, now=NOW, by=by)


def _decided(session: Session, relationship: Relationship, by: User) -> None:
    """The buyer's own star and constants, with words and figures that nothing else has."""
    stars.decide(session, relationship, 4, reason="CANARY-STAR", now=NOW, by=by)
    constants.choose(
        session,
        questionnaire_content.read(factories.QUESTIONNAIRE).model,
        {"effectiveness_3": Decimal(37), "effectiveness_4": Decimal(59)},
        decided_by="CANARY-BOARD",
        decided_on=NOW.date(),
        reason="CANARY-WHY",
        today=NOW.date(),
        now=NOW,
        by=by,
    )


def _said(question: QuestionContent, comment: str) -> Given:
    if not question.is_scored:
        return plain(question)
    return Given("not_planned", "obstacle", ("subsidy",), comment)


def test_no_page_of_a_supplier_holds_anything_of_the_buyers(
    session: Session, as_supplier: Callable[..., Visitor], aoba: Assessment
) -> None:
    taro = as_supplier_of(as_supplier, session, aoba)

    seen = crawl(taro, "/supplier/")
    assert taro.post(f"/supplier/assessments/{aoba.public_id}/submit").status_code == 302
    seen |= crawl(taro, "/supplier/")

    assert len(seen) > 20, sorted(seen)
    mine = f"/supplier/assessments/{aoba.public_id}"
    assert {mine + rest for rest in RESULT_PAGES} <= set(seen), sorted(seen)
    assert any(path.endswith("/download") for path in seen)
    found = {(path, word) for path, text in seen.items() for word in CANARIES if word in text}
    assert not found


def test_no_page_behind_a_link_does_either(session: Session, visitor: Visitor, aoba: Assessment) -> None:
    mine = session.scalars(select(Invitation).where(Invitation.assessment_id == aoba.id)).one()
    session.commit()
    address = f"/s/{token_of(mine)}"

    pages = [visitor.client.get(address).text, visitor.client.get(f"{address}/code").text]
    pages += [visitor.post(f"{address}/contact").text, visitor.post(f"{address}/enter").text]

    assert not [word for word in CANARIES for page in pages if word in page]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_mail_to_a_supplier_does_either(
    session: Session, settings: Settings, aoba: Assessment, language: str
) -> None:
    mine = session.scalars(select(Invitation).where(Invitation.assessment_id == aoba.id)).one()
    texts = [_mail(session, settings, mine, kind, language) for kind in MAILS]

    assert len(texts) > 4
    assert not [
        (kind, word) for kind, text in zip(MAILS, texts, strict=True) for word in CANARIES if word in text
    ]


def _mail(session: Session, settings: Settings, to: Invitation, kind: str, language: str) -> str:
    message = outbox.queue(
        session,
        kind=kind,
        send_key=f"{kind}:{language}",
        lane=Lane.NOTICE,
        to_email=to.email,
        language=language,
        now=NOW,
        invitation_id=to.id,
        user_id=None,
        campaign_id=session.get_one(Assessment, to.assessment_id).campaign_id,
        facts={"counter": 1},
    )
    _facts, mail = mail_render.write(mail_facts.gather(session, [message.id]), message.id, settings, now=NOW)
    return f"{mail.subject}\n{mail.text}\n{mail.html}"


def as_supplier_of(as_supplier: Callable[..., Visitor], session: Session, aoba: Assessment) -> Visitor:
    """Sign in whoever was asked; the user stands already."""
    invitation(session, aoba, "hanako@aoba.example")
    return as_supplier(aoba.supplier, "hanako@aoba.example")


def crawl(visitor: Visitor, start: str) -> dict[str, str]:
    """Open a page and all that it leads to, and give the texts by path."""
    seen: dict[str, str] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop().split("#")[0]
        if path in seen or not path.startswith("/supplier/"):
            continue
        answer = visitor.client.get(path)
        if answer.status_code in {301, 302}:
            waiting.append(answer.location)
            seen[path] = ""
            continue
        assert answer.status_code == 200, path
        seen[path] = answer.text
        waiting += links_of(answer.text) if "html" in answer.content_type else []
    return seen


def links_of(text: str) -> list[str]:
    """Give where a page's links lead."""
    return [str(link["href"]) for link in BeautifulSoup(text, "html.parser").select("a[href]")]
