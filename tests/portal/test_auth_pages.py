"""Signing in and out, and setting a password by a one-time link."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from assessments import passwords, users
from assessments.models import Organisation, Role, SignInTry, User, UserSession
from portal import clock
from tests import factories
from tests.factories import NOW
from tests.fixtures_app import KEYS, Visitor

PASSWORD = "裏庭の柿の木には雀が三羽とまっている"
HASHED = passwords.hashed(PASSWORD)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ANOTHER = "縁側で猫が二匹ひるねをしています"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def test_password_and_code_open_the_house(session: Session, visitor: Visitor) -> None:
    _person(session)

    answer = _sign_in(visitor)

    assert (answer.status_code, answer.location) == (302, "/")
    assert visitor.client.get("/").location == "/admin/"
    assert "佐藤 恵子" in visitor.get("/admin/").get_text()


def test_the_cookie_is_a_secret_that_the_database_does_not_hold(session: Session, visitor: Visitor) -> None:
    _person(session)

    cookie = _sign_in(visitor).headers.getlist("Set-Cookie")[0]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    secret = cookie.split("=", 1)[1].split(";")[0]
    assert secret not in session.scalars(select(UserSession.token_hash)).one()


def test_the_page_asked_for_opens_after_the_sign_in(session: Session, visitor: Visitor) -> None:
    _person(session)
    visitor.client.get("/admin/trail?action=user.signed_in", headers={"Accept": "text/html"})

    assert _sign_in(visitor).location == "/admin/trail?action=user.signed_in"


def test_signing_in_again_ends_the_session_before(session: Session, visitor: Visitor) -> None:
    _person(session, totp_secret=None)
    _make_demo(session)
    _sign_in(visitor)

    _sign_in(visitor)

    ended = session.scalars(select(UserSession.ended_at).order_by(UserSession.id)).all()
    assert ended == [NOW, None]


def test_what_is_wrong_is_said_without_telling_which(session: Session, visitor: Visitor) -> None:
    _person(session)

    wrong_password = _sign_in(visitor, password="something else altogether")
    nobody = _sign_in(visitor, email="nobody@buyer.example")

    for answer in (wrong_password, nobody):
        assert answer.status_code == 422
        assert "メールアドレス、パスワード、6桁の数字のどれかが違います。" in answer.text


def test_the_address_typed_stays_and_the_password_does_not(session: Session, visitor: Visitor) -> None:
    _person(session)

    page = _soup(_sign_in(visitor, password="something else altogether"))

    assert _value(page, "email") == "sato@buyer.example"
    assert not _value(page, "password")


def test_an_empty_form_says_what_is_missing_at_the_field(visitor: Visitor) -> None:
    page = _soup(visitor.post("/sign-in/"))

    assert "メールアドレスを入力してください。" in _words(page, "email-error")
    assert "パスワードを入力してください。" in _words(page, "password-error")
    assert page.select_one("#email[aria-invalid=true]")


def test_too_many_tries_are_asked_to_wait(session: Session, visitor: Visitor) -> None:
    _person(session)
    for _number in range(10):
        _sign_in(visitor, password="something else altogether")

    answer = _sign_in(visitor)

    assert answer.status_code == 422
    assert "5分ほど待ってから" in answer.text
    assert session.scalar(select(func.count()).select_from(SignInTry)) == 20


def test_the_code_of_the_app_works_once(session: Session, visitor: Visitor) -> None:
    _person(session)
    _sign_in(visitor)
    visitor.post("/sign-in/out")

    assert _sign_in(visitor).status_code == 422


def test_a_suspended_person_stays_outside(session: Session, visitor: Visitor) -> None:
    _person(session, suspended_at=NOW)

    assert _sign_in(visitor).status_code == 422


def test_the_demo_asks_for_no_code_and_says_so(session: Session, visitor: Visitor) -> None:
    _person(session, totp_secret=None)
    _make_demo(session)

    page = visitor.get("/sign-in/")

    assert page.find(id="digits") is None
    assert "デモ環境です" in page.get_text()
    assert visitor.post("/sign-in/", _sign_in_form(digits="")).status_code == 302


def test_half_an_hour_idle_ends_the_session(
    session: Session, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _person(session)
    _sign_in(visitor)

    _later(monkeypatch, timedelta(minutes=31))

    assert visitor.client.get("/admin/").location == "/sign-in/"


def test_use_keeps_a_session_alive_but_not_beyond_twelve_hours(
    session: Session, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _person(session)
    _sign_in(visitor)

    for quarter in range(1, 48):
        _later(monkeypatch, timedelta(minutes=15 * quarter))
        assert visitor.client.get("/admin/trail").status_code == 200, quarter
    _later(monkeypatch, timedelta(hours=12, minutes=5))

    assert visitor.client.get("/admin/trail").location == "/sign-in/"


def test_a_form_sent_too_late_is_answered_with_words(
    session: Session, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _person(session)
    _sign_in(visitor)
    _later(monkeypatch, timedelta(minutes=31))

    visitor.post("/admin/", {"name": "東都"})

    assert "サインインの時間が切れました" in visitor.get("/sign-in/").get_text()


def test_signing_out_leads_to_the_front_page(as_buyer: Callable[..., Visitor]) -> None:
    somebody = as_buyer(Role.ADMIN)

    answer = somebody.post("/sign-in/out")

    assert (answer.status_code, answer.location) == (302, "/")
    assert somebody.client.get_cookie("sanpo") is None
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_signing_out_twice_does_no_harm(visitor: Visitor) -> None:
    assert visitor.post("/sign-in/out").location == "/"


def test_a_link_sets_password_and_authenticator(session: Session, visitor: Visitor) -> None:
    path = _link(session, _newcomer(session))
    offered = _offered(visitor, path)

    answer = visitor.post(path, _enrolment_form(pyotp.TOTP(offered).at(NOW)))

    assert (answer.status_code, answer.location) == (302, "/sign-in/")
    assert "パスワードを設定しました" in visitor.get("/sign-in/").get_text()


def test_the_new_password_signs_in_with_the_next_code(
    session: Session, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _link(session, _newcomer(session))
    offered = _offered(visitor, path)
    visitor.post(path, _enrolment_form(pyotp.TOTP(offered).at(NOW)))
    _later(monkeypatch, timedelta(seconds=30))

    form = _sign_in_form(
        email="newcomer@buyer.example", password=ANOTHER, digits=pyotp.TOTP(offered).at(clock.now())
    )

    assert visitor.post("/sign-in/", form).status_code == 302


def test_looking_at_the_link_uses_nothing_up(session: Session, visitor: Visitor) -> None:
    path = _link(session, _newcomer(session))

    assert _offered(visitor, path) == _offered(visitor, path)


def test_a_used_link_is_dead(session: Session, visitor: Visitor) -> None:
    path = _link(session, _newcomer(session))
    offered = _offered(visitor, path)
    visitor.post(path, _enrolment_form(pyotp.TOTP(offered).at(NOW)))

    assert "新しいリンクを送ってもらってください" in visitor.get(path, status=404).get_text()
    assert visitor.post(path, _enrolment_form("000000")).status_code == 404


def test_an_old_or_invented_link_is_dead(
    session: Session, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _link(session, _newcomer(session))
    invented = path.rsplit("/", 1)[0] + "/合言葉"

    assert visitor.client.get(invented).status_code == 404
    assert visitor.client.get(f"/sign-in/enrol/{'0' * 20}/{'a' * 43}").status_code == 404
    _later(monkeypatch, timedelta(days=3, seconds=1))
    assert visitor.client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("password", "again", "field", "words"),
    [
        ("みじかい", "みじかい", "password", "15文字以上にしてください"),
        ("password-password-1", "password-password-1", "password", "よく使われる並び"),
        ("newcomer to the house", "newcomer to the house", "password", "お名前・メールアドレス・会社名"),
        (ANOTHER, ANOTHER + "。", "again", "2つのパスワードが違っています"),
        (ANOTHER, "", "again", "もう一度入力してください"),
        ("", "", "password", "パスワードを入力してください"),
    ],
)
def test_a_password_that_will_not_do_is_refused_at_its_field(
    session: Session, visitor: Visitor, password: str, again: str, field: str, words: str
) -> None:
    path = _link(session, _newcomer(session))
    offered = _offered(visitor, path)
    form = {"password": password, "again": again, "digits": pyotp.TOTP(offered).at(NOW)}

    answer = visitor.post(path, form)

    assert answer.status_code == 422
    assert words in _words(_soup(answer), f"{field}-error")


def test_a_wrong_code_of_the_app_is_refused_at_its_field(session: Session, visitor: Visitor) -> None:
    person = _newcomer(session)
    path = _link(session, person)

    answer = visitor.post(path, _enrolment_form("000000"))

    assert answer.status_code == 422
    assert "最新の6桁" in _words(_soup(answer), "digits-error")
    session.refresh(person)
    assert person.password_hash is None


def test_a_new_password_ends_every_open_session(
    session: Session, visitor: Visitor, as_buyer: Callable[..., Visitor]
) -> None:
    person = _newcomer(session)
    elsewhere = as_buyer(user=person)
    path = _link(session, person)
    offered = _offered(visitor, path)

    visitor.post(path, _enrolment_form(pyotp.TOTP(offered).at(NOW)))

    assert elsewhere.client.get("/admin/").status_code == 302


def test_the_demo_sets_a_password_without_an_app(session: Session, visitor: Visitor) -> None:
    path = _link(session, _newcomer(session))
    _make_demo(session)

    assert visitor.get(path).find("code") is None
    assert visitor.post(path, _enrolment_form("")).status_code == 302


def _person(session: Session, **changes: Any) -> User:
    facts: dict[str, Any] = {
        "email": "sato@buyer.example",
        "password_hash": HASHED,
        "totp_secret": SECRET,
        **changes,
    }
    made = factories.user(session, Role.ADMIN, **facts)
    session.commit()
    return made


def _newcomer(session: Session) -> User:
    made = factories.user(session, Role.ADMIN, email="newcomer@buyer.example", name="新谷 舞")
    session.commit()
    return made


def _link(session: Session, user: User) -> str:
    users.open_link(session, user, now=clock.now(), by="operator")
    session.commit()
    return users.enrolment_path(KEYS, user)


def _make_demo(session: Session) -> None:
    session.scalars(select(Organisation)).one().is_demo = True
    session.commit()


def _sign_in(visitor: Visitor, email: str = "sato@buyer.example", password: str = PASSWORD) -> TestResponse:
    return visitor.post("/sign-in/", _sign_in_form(email=email, password=password))


def _sign_in_form(
    *, email: str = "sato@buyer.example", password: str = PASSWORD, digits: str | None = None
) -> dict[str, str]:
    code = pyotp.TOTP(SECRET).at(clock.now()) if digits is None else digits
    return {"email": email, "password": password, "digits": code}


def _enrolment_form(digits: str) -> dict[str, str]:
    return {"password": ANOTHER, "again": ANOTHER, "digits": digits}


def _later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    then: datetime = NOW + by
    monkeypatch.setattr(clock, "now", lambda: then)


def _soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def _offered(visitor: Visitor, path: str) -> str:
    return visitor.get(path).select("code")[0].get_text().replace(" ", "")


def _words(page: BeautifulSoup, name: str) -> str:
    return page.select(f"#{name}")[0].get_text()


def _value(page: BeautifulSoup, field: str) -> str:
    return str(page.select(f"#{field}")[0].get("value") or "")


def test_who_has_no_name_yet_can_sign_out_all_the_same(
    session: Session, as_buyer: Callable[..., Visitor]
) -> None:
    nameless = factories.user(session, Role.PROCUREMENT, name="")

    page = as_buyer(user=nameless).get("/procurement/campaigns")

    assert "サインアウト" in page.get_text()
    assert nameless.email in page.get_text()
