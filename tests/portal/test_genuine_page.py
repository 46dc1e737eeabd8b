"""「この依頼は本物です」: a number from a mail tells what it belongs to, and nothing more."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessments import genuine
from assessments.models import (
    Assessment,
    AssessmentState,
    Campaign,
    CampaignState,
    Invitation,
    MessageState,
    Role,
    SignInTry,
    UserSession,
)
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import Visitor

pytestmark = pytest.mark.database
DESK = "購買部 代表 03-0000-0000"


@pytest.fixture
def assessment(session: Session) -> Assessment:
    """青葉鋳造's part, whose invitation has left the house."""
    aoba = factories.supplier(session)
    factories.contact(session, aoba, email="taro@aoba.example")
    owner = factories.user(session, Role.PROCUREMENT, name="鈴木 一郎", phone="03-0000-2000")
    factories.relationship(session, aoba, owner_id=owner.id)
    made = factories.assessment(session, factories.campaign(session), aoba)
    invitation = factories.invitation(session, made)
    factories.mail(session, invitation, state=MessageState.SENT, sent_at=NOW)
    genuine.give_numbers(session, [(made.id, aoba.id)], now=NOW)
    session.commit()
    return made


def _number(session: Session, of: Assessment) -> str:
    number = genuine.numbers(session, [of.id])[of.id]
    session.commit()
    return number


def _ask(visitor: Visitor, number: str) -> tuple[int, str]:
    answer = visitor.post("/genuine", {"number": number})
    return answer.status_code, answer.get_data(as_text=True)


def test_a_number_tells_what_was_sent_when_and_whom_to_call(
    session: Session, visitor: Visitor, assessment: Assessment
) -> None:
    assert visitor.get("/genuine").find("input", {"name": "number"})

    status, page = _ask(visitor, _number(session, assessment))

    assert status == 200
    assert "<h1>この依頼は本物です</h1>" in page
    for words in (
        "2026年度 取引先セキュリティ調査",
        "株式会社東都製作所",
        "2026年11月21日（土）",
        "鈴木 一郎",
        "03-0000-2000",
    ):
        assert words in page, words


def test_it_names_no_supplier_and_opens_nothing(
    session: Session, visitor: Visitor, assessment: Assessment
) -> None:
    _status, page = _ask(visitor, _number(session, assessment))

    invitation = session.scalars(select(Invitation)).one()
    hidden = ("青葉", "aoba", "taro", assessment.public_id, invitation.public_id, "/s/", "/supplier/")
    assert [words for words in hidden if words in page] == []
    assert session.scalar(select(func.count(UserSession.id))) == 0


def test_width_case_spaces_and_dashes_do_not_matter(
    session: Session, visitor: Visitor, assessment: Assessment
) -> None:
    number = _number(session, assessment)
    plain = number.replace("-", "")
    full = "".join(chr(ord(letter) + 0xFEE0) for letter in plain)

    for typed in (
        plain,
        plain.lower(),
        f" {number} ",
        full,
        number.replace("-", "ー"),
        number.replace("-", "―"),
    ):
        assert _ask(visitor, typed)[0] == 200, typed


@pytest.mark.parametrize("typed", ["CDFG-HJKM", "0", "％' OR 1=1"])
def test_a_wrong_number_is_answered_kindly_with_whom_to_call(
    visitor: Visitor, assessment: Assessment, typed: str
) -> None:
    status, page = _ask(visitor, typed)

    assert status == 422
    assert "見つかりませんでした" in page
    assert DESK in page


def test_an_empty_field_is_no_try(session: Session, visitor: Visitor, assessment: Assessment) -> None:
    assert _ask(visitor, " ")[0] == 422

    assert session.scalar(select(func.count(SignInTry.id))) == 0


def test_ten_wrong_numbers_from_a_place_are_enough(
    session: Session, visitor: Visitor, assessment: Assessment
) -> None:
    for _try in range(10):
        assert _ask(visitor, "CDFG-HJKM")[0] == 422

    status, page = _ask(visitor, _number(session, assessment))

    assert status == 429
    assert DESK in page
    assert "2026年度" not in page
    elsewhere = visitor.client.post(
        "/genuine", data={"number": _number(session, assessment)}, environ_base={"REMOTE_ADDR": "192.0.2.7"}
    )
    assert elsewhere.status_code == 200


def test_wrong_numbers_lock_nobody_out_of_signing_in(
    session: Session, visitor: Visitor, assessment: Assessment
) -> None:
    for _try in range(11):
        _ask(visitor, "CDFG-HJKM")

    answer = visitor.post("/sign-in/", {"email": "nobody@buyer.example", "password": "wrong wrong wrong"})
    assert answer.status_code == 422
    places = session.scalars(select(SignInTry.subject).distinct()).all()
    assert len(places) == 3, "the numbers' place, the sign-in's place, the address"


@pytest.mark.parametrize("state", [CampaignState.DRAFT, CampaignState.APPROVED, CampaignState.OPENING])
def test_a_number_of_what_was_not_sent_tells_nothing(
    session: Session, visitor: Visitor, assessment: Assessment, state: CampaignState
) -> None:
    number = _number(session, assessment)
    campaign = session.scalars(select(Campaign)).one()
    campaign.state = state
    session.commit()

    assert _ask(visitor, number)[0] == 422


def test_a_number_still_tells_after_the_answer(
    session: Session, visitor: Visitor, assessment: Assessment
) -> None:
    number = _number(session, assessment)
    assessment.state = AssessmentState.WITHDRAWN
    session.commit()

    assert _ask(visitor, number)[0] == 200


def test_a_mail_still_to_come_is_told_with_its_day(
    session: Session, visitor: Visitor, assessment: Assessment
) -> None:
    invitation = session.scalars(select(Invitation)).one()
    factories.mail(session, invitation, kind="reminder")
    session.commit()

    _status, page = _ask(visitor, _number(session, assessment))

    assert "お送りする予定です" in page


def test_a_buyer_reads_the_page_as_anybody_does(
    session: Session, assessment: Assessment, as_buyer: Callable[..., Visitor]
) -> None:
    assert _ask(as_buyer(Role.RISK), _number(session, assessment))[0] == 200
