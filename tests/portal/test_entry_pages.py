"""Behind a mailed link: the same words for any token, nothing on looking, a session by the code alone."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from assessments.invitations import CODE_PURPOSE
from assessments.models import (
    Assessment,
    AuditEvent,
    CampaignState,
    Invitation,
    Message,
    Role,
    SignInCode,
    User,
    UserSession,
)
from assessments.tokens import six_digits
from tests import factories
from tests.answering import invited, token_of
from tests.factories import NOW
from tests.fixtures_app import KEYS, Visitor

UNKNOWN = "x" * 43


@pytest.fixture
def mine(session: Session) -> Invitation:
    """An invitation of 青葉鋳造, whose owner is 佐藤."""
    assessment, invitation = invited(session)
    owner = factories.user(session, Role.PROCUREMENT, phone="03-1111-2222")
    factories.relationship(session, assessment.supplier, owner_id=owner.id)
    session.commit()
    return invitation


def digits_of(of: Invitation, counter: int = 1) -> str:
    return six_digits(KEYS, CODE_PURPOSE, of.public_id, counter)


def test_the_link_leads_to_a_code_and_the_code_to_the_answers(
    session: Session, visitor: Visitor, mine: Invitation
) -> None:
    address = f"/s/{token_of(mine)}"
    visitor.get(address)

    asked = visitor.post(f"{address}/code", {"to": "answers"})
    visitor.get(asked.location)
    entered = visitor.post(f"{address}/enter", {"digits": digits_of(mine), "to": "answers"})

    assessment = session.get_one(Assessment, mine.assessment_id)
    session.commit()
    assert entered.location == f"/supplier/assessments/{assessment.public_id}"
    visitor.get(entered.location)


@pytest.mark.parametrize(("to", "rest"), [("colleague", "/colleague"), ("consultation", "/consultation")])
def test_the_other_ways_on_lead_where_they_say(
    session: Session, visitor: Visitor, mine: Invitation, to: str, rest: str
) -> None:
    address = f"/s/{token_of(mine)}"

    asked = visitor.post(f"{address}/code", {"to": to})
    assert f"to={to}" in asked.location
    assert f'name="to" value="{to}"' in visitor.client.get(asked.location).text
    entered = visitor.post(f"{address}/enter", {"digits": digits_of(mine), "to": to})

    assert entered.location.endswith(rest)
    visitor.get(entered.location)


def test_looking_uses_nothing_up(session: Session, visitor: Visitor, mine: Invitation) -> None:
    for path in ("", "/consultation", "/code"):
        visitor.get(f"/s/{token_of(mine)}{path}")

    for kind in (Message, SignInCode, UserSession, AuditEvent):
        assert session.scalar(select(func.count()).select_from(kind)) == 0
    session.refresh(mine)
    assert mine.opened_at is None


@pytest.mark.parametrize("path", ["", "/consultation", "/code", "/code?to=colleague"])
def test_a_known_token_looks_like_an_unknown_one(visitor: Visitor, mine: Invitation, path: str) -> None:
    known = visitor.client.get(f"/s/{token_of(mine)}{path}")
    unknown = visitor.client.get(f"/s/{UNKNOWN}{path}")

    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(token_of(mine), UNKNOWN) == unknown.text


def test_asking_and_failing_answer_alike_for_known_and_unknown(visitor: Visitor, mine: Invitation) -> None:
    answers = []
    for token in (token_of(mine), UNKNOWN):
        asked = visitor.post(f"/s/{token}/code", {"to": "answers"})
        failed = visitor.post(f"/s/{token}/enter", {"digits": "000000", "to": "answers"})
        answers.append((asked.status_code, asked.location.replace(token, ""), failed.status_code,
                        failed.text.replace(token, "")))  # fmt: skip

    assert answers[0] == answers[1]


def test_nobody_is_named_before_a_deliberate_act(visitor: Visitor, mine: Invitation) -> None:
    page = visitor.client.get(f"/s/{token_of(mine)}").text
    named = visitor.post(f"/s/{token_of(mine)}/contact").text

    assert "佐藤" not in page and "03-1111-2222" not in page and "青葉" not in page
    assert "佐藤 恵子" in named and "03-1111-2222" in named


def test_an_unknown_token_is_told_the_same_words_with_the_general_contact(
    visitor: Visitor, mine: Invitation
) -> None:
    known = visitor.post(f"/s/{token_of(mine)}/contact")
    unknown = visitor.post(f"/s/{UNKNOWN}/contact")

    assert "佐藤" not in unknown.text
    assert "購買部 代表 03-0000-0000" in unknown.text
    sentence = "新しい宛先をお聞きして、依頼をお送りしなおします。"
    assert sentence in known.text and sentence in unknown.text
    assert known.status_code == unknown.status_code == 200


def test_a_code_does_not_work_in_another_browser(
    session: Session, visitor: Visitor, mine: Invitation
) -> None:
    address = f"/s/{token_of(mine)}"
    visitor.post(f"{address}/code")
    elsewhere = Visitor(visitor.client.application.test_client())

    answer = elsewhere.post(f"{address}/enter", {"digits": digits_of(mine)})

    assert answer.status_code == 422
    assert session.scalar(select(func.count()).select_from(UserSession)) == 0


def test_a_scanner_that_presses_every_button_gets_no_session(
    session: Session, visitor: Visitor, mine: Invitation
) -> None:
    address = f"/s/{token_of(mine)}"
    for rest in ("/code", "/contact", "/enter"):
        visitor.post(f"{address}{rest}")

    assert session.scalar(select(func.count()).select_from(UserSession)) == 0
    assert session.scalar(select(func.count()).select_from(User).where(User.email == mine.email)) == 0


@pytest.mark.parametrize("typed", ["１２３　", "12345", "abcdef", ""])
def test_what_is_no_code_is_asked_for_again(visitor: Visitor, mine: Invitation, typed: str) -> None:
    answer = visitor.post(f"/s/{token_of(mine)}/enter", {"digits": typed})

    assert answer.status_code == 422
    assert "6桁の数字を入力してください" in answer.text


def test_a_code_may_be_typed_in_full_width(visitor: Visitor, mine: Invitation) -> None:
    address = f"/s/{token_of(mine)}"
    visitor.post(f"{address}/code")
    wide = digits_of(mine).translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    assert visitor.post(f"{address}/enter", {"digits": f"{wide[:3]} {wide[3:]}"}).status_code == 302


def test_a_sixth_code_within_an_hour_is_not_sent_and_not_told(
    session: Session, visitor: Visitor, mine: Invitation
) -> None:
    answers = [visitor.post(f"/s/{token_of(mine)}/code").location for _ in range(6)]

    assert len(set(answers)) == 1
    assert session.scalar(select(func.count()).select_from(Message)) == 5


def test_the_link_of_a_closed_campaign_answers_alike_and_sends_nothing(
    session: Session, visitor: Visitor, mine: Invitation
) -> None:
    campaign = session.get_one(Assessment, mine.assessment_id).campaign
    campaign.state, campaign.closed_at = CampaignState.CLOSED, NOW
    session.commit()

    answer = visitor.post(f"/s/{token_of(mine)}/code")

    assert answer.status_code == 302
    assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_entering_ends_the_session_that_was_open_here(
    session: Session, visitor: Visitor, mine: Invitation
) -> None:
    address = f"/s/{token_of(mine)}"
    for counter in (1, 2):
        visitor.post(f"{address}/code")
        assert visitor.post(f"{address}/enter", {"digits": digits_of(mine, counter)}).status_code == 302

    ended = session.scalars(select(UserSession.ended_at).order_by(UserSession.id)).all()
    assert [moment is None for moment in ended] == [False, True]


def test_a_session_idles_away_after_twelve_hours_and_leads_back_to_the_mail(
    session: Session, visitor: Visitor, mine: Invitation
) -> None:
    address = f"/s/{token_of(mine)}"
    visitor.post(f"{address}/code")
    entered = visitor.post(f"{address}/enter", {"digits": digits_of(mine)})
    session.execute(update(UserSession).values(last_seen_at=NOW - timedelta(days=400)))
    session.commit()

    assert visitor.client.get(entered.location).location == "/signed-out"


def test_somebody_who_entered_already_goes_on_without_another_code(
    visitor: Visitor, mine: Invitation
) -> None:
    address = f"/s/{token_of(mine)}"
    visitor.post(f"{address}/code")
    visitor.post(f"{address}/enter", {"digits": digits_of(mine)})

    page = visitor.get(address)

    assert page.select_one("a[href='/supplier/']") is not None


def test_the_browsers_secret_is_out_of_reach_of_scripts(visitor: Visitor, mine: Invitation) -> None:
    answer = visitor.post(f"/s/{token_of(mine)}/code")

    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("sanpo_browser="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_no_mail_row_holds_a_code_or_token(session: Session, visitor: Visitor, mine: Invitation) -> None:
    visitor.post(f"/s/{token_of(mine)}/code")

    row = session.scalars(select(Message)).one()
    text = f"{row.send_key} {row.facts} {row.to_email}"
    assert digits_of(mine) not in text and token_of(mine) not in text
