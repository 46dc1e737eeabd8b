"""Administrators: settings, users, questionnaires, the local mailbox; who may not; what is refused."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from assessments import questionnaires
from assessments.models import (
    AuditEvent,
    Membership,
    Message,
    Organisation,
    QuestionnaireVersion,
    Role,
    User,
)
from assessments.questionnaire_content import read
from portal.db import Database
from tests import factories
from tests.answering import counted_queries
from tests.factories import NOW, QUESTIONNAIRE
from tests.fixtures_app import Visitor

SignIn = Callable[..., Visitor]
PAGES = ("/admin/", "/admin/users", "/admin/users/new", "/admin/questionnaires", "/admin/mailbox")
SETTINGS = {
    "name": "株式会社東都製作所",
    "name_en": "Toto Seisakusho Co., Ltd.",
    "genuine_contact": "購買部 代表 03-0000-0000",
    "complaint_contact": "取引先相談窓口 03-0000-0002",
    "privacy_contact": "個人情報相談窓口 03-0000-0001",
    "yearly_capacity": "45",
    "retention_years": "7",
}
NEWCOMER = {
    "email": "ito@buyer.example",
    "name": "伊藤 学",
    "phone": "03-0000-1234",
    "role": "procurement",
    "unit": "",
}


@pytest.fixture
def admin(as_buyer: SignIn) -> Visitor:
    return as_buyer(Role.ADMIN)


@pytest.mark.parametrize("path", PAGES)
def test_an_administrator_opens_every_page(admin: Visitor, path: str) -> None:
    page = admin.get(path)

    assert [link.get_text() for link in page.select(".subnav [aria-current=page]")]


def test_settings_are_kept_and_noted(session: Session, admin: Visitor) -> None:
    answer = admin.post("/admin/", SETTINGS)

    organisation = _organisation(session)
    assert answer.status_code == 302
    assert (organisation.yearly_capacity, organisation.retention_years) == (45, 7)
    assert organisation.needs_campaign_approval is False
    line = session.scalars(select(AuditEvent)).one()
    assert line.details == {"fields": ["yearly_capacity", "retention_years"]}


def test_the_first_settings_make_the_organisation(session: Session, admin: Visitor) -> None:
    session.delete(_organisation(session))
    session.commit()

    page = admin.get("/admin/")
    admin.post("/admin/", SETTINGS | {"needs_campaign_approval": "y"})

    assert "はじめに、会社の情報を入力してください" in page.get_text()
    assert page.select("#needs_campaign_approval[checked]")
    assert _organisation(session).name == "株式会社東都製作所"


def test_a_user_is_added_and_gets_a_link(session: Session, admin: Visitor) -> None:
    unit = factories.unit(session)
    unit_id = unit.public_id
    session.commit()

    answer = admin.post("/admin/users/new", NEWCOMER | {"unit": unit_id})

    user = _user(session, "ito@buyer.example")
    assert answer.location == f"/admin/users/{user.public_id}"
    assert (user.name, user.phone) == ("伊藤 学", "03-0000-1234")
    assert [(row.role, row.business_unit_id) for row in user.memberships] == [(Role.PROCUREMENT, unit.id)]
    mail = session.scalars(select(Message)).one()
    assert (mail.kind, mail.to_email, mail.lane) == ("enrolment", "ito@buyer.example", 0)
    assert "メールを送ります" in admin.get(str(answer.location)).get_text()


def test_somebody_known_gets_the_role_and_no_mail(session: Session, admin: Visitor) -> None:
    known = factories.user(session, Role.RISK, email="ito@buyer.example", password_hash="kept")
    session.commit()

    answer = admin.post("/admin/users/new", NEWCOMER)

    session.refresh(known)
    assert (known.name, known.phone) == ("佐藤 恵子", "03-0000-1000")
    assert {row.role for row in known.memberships} == {Role.RISK, Role.PROCUREMENT}
    assert session.scalars(select(Message)).all() == []
    assert "すでに登録されている方です" in admin.get(str(answer.location)).get_text()


def test_the_list_says_role_unit_and_state(session: Session, admin: Visitor) -> None:
    unit = factories.unit(session)
    factories.user(session, Role.PROCUREMENT, unit=unit, name="伊藤 学", password_hash="kept")
    factories.user(session, Role.RISK, name="上田 誠", suspended_at=NOW)
    session.commit()

    rows = {row.select("th")[0].get_text(strip=True): row.get_text(" ", strip=True) for row in _rows(admin)}

    assert "購買（取引先と調査） 精密機器事業部" in rows["伊藤 学"]
    assert "利用中" in rows["伊藤 学"]
    assert "利用停止" in rows["上田 誠"]
    assert "パスワード未設定" in rows["佐藤 恵子"]


def test_people_of_suppliers_are_not_in_the_list(
    session: Session, admin: Visitor, as_supplier: SignIn
) -> None:
    as_supplier(factories.supplier(session), "taro@aoba.example")
    taro = _user(session, "taro@aoba.example")

    assert "taro@aoba.example" not in admin.get("/admin/users").get_text()
    admin.get(f"/admin/users/{taro.public_id}", status=404)


def test_roles_are_given_and_taken(session: Session, admin: Visitor) -> None:
    other = factories.user(session, Role.RISK)
    role = _first_role(session, other)

    admin.post(f"/admin/users/{other.public_id}/roles", {"role": "legal", "unit": ""})
    admin.post(f"{role}/revoke")

    roles = session.scalars(select(Membership.role).where(Membership.user_id == other.id)).all()
    assert roles == [Role.LEGAL]


def test_a_role_taken_ends_the_person_s_sessions(session: Session, admin: Visitor, as_buyer: SignIn) -> None:
    other = factories.user(session, Role.ADMIN)
    elsewhere = as_buyer(user=other)

    admin.post(f"{_first_role(session, other)}/revoke")

    assert elsewhere.client.get("/admin/").location == "/sign-in/"


def test_who_lost_the_last_role_is_no_longer_a_user(session: Session, admin: Visitor) -> None:
    other = factories.user(session, Role.RISK, name="上田 誠")

    answer = admin.post(f"{_first_role(session, other)}/revoke")

    assert answer.location == "/admin/users"
    assert "上田 誠" not in admin.get("/admin/users").get_text()


def test_an_administrator_may_step_back_beside_another(session: Session, as_buyer: SignIn) -> None:
    factories.user(session, Role.ADMIN)
    me = factories.user(session, Role.ADMIN, Role.RISK)
    mine = as_buyer(user=me)

    answer = mine.post(f"{_first_role(session, me)}/revoke")

    assert answer.location == "/"
    assert mine.client.get("/admin/users").status_code == 403


def test_suspending_shuts_out_at_once_and_can_be_undone(
    session: Session, admin: Visitor, as_buyer: SignIn
) -> None:
    other = factories.user(session, Role.ADMIN, Role.RISK)
    elsewhere = as_buyer(user=other)
    page = f"/admin/users/{other.public_id}"

    admin.post(f"{page}/suspend")
    assert elsewhere.client.get("/admin/").location == "/sign-in/"
    assert "利用停止" in admin.get(page).get_text()
    admin.post(f"{page}/resume")

    assert "利用停止" not in admin.get(page).get_text()


def test_a_new_link_is_sent_each_time_it_is_asked_for(session: Session, admin: Visitor) -> None:
    other = factories.user(session, Role.RISK, password_hash="kept")
    session.commit()

    for _time in range(2):
        admin.post(f"/admin/users/{other.public_id}/link")

    assert [mail.facts for mail in session.scalars(select(Message))] == [{"enrolment": 1}, {"enrolment": 2}]


def test_the_shipped_questionnaire_is_published_once(session: Session, admin: Visitor) -> None:
    assert "この内容で公開する" in admin.get("/admin/questionnaires").get_text()

    for _time in range(2):
        admin.post(f"/admin/questionnaires/{QUESTIONNAIRE}/publish")

    page = admin.get("/admin/questionnaires").get_text()
    assert "同じ内容は、すでに公開されています" in page
    assert "この内容で公開する" not in page
    assert len(session.scalars(select(QuestionnaireVersion)).all()) == 1
    assert session.scalars(select(AuditEvent.action)).all() == ["questionnaire.published"]


def test_the_title_of_a_version_is_shown_in_the_page_s_language(session: Session, admin: Visitor) -> None:
    questionnaires.publish(session, QUESTIONNAIRE, now=NOW)
    session.commit()
    admin.client.set_cookie("sanpo_language", "en")

    assert read(QUESTIONNAIRE).title.en in admin.get("/admin/questionnaires").get_text()


def test_an_unknown_questionnaire_cannot_be_published(admin: Visitor) -> None:
    assert admin.post("/admin/questionnaires/another/publish").status_code == 404


@pytest.mark.parametrize("role", [Role.PROCUREMENT, Role.RISK, Role.LEGAL, Role.VIEWER])
def test_nobody_else_opens_these_pages(as_buyer: SignIn, role: Role) -> None:
    somebody = as_buyer(role)

    for path in (*PAGES, "/admin/trail", "/admin/trail/check"):
        assert somebody.client.get(path).status_code == 403, path


def test_an_auditor_sees_only_the_trail(as_buyer: SignIn) -> None:
    auditor = as_buyer(Role.AUDITOR)

    assert auditor.client.get("/admin/").location == "/admin/trail"
    auditor.get("/admin/trail")
    auditor.get("/admin/trail/check")
    for path in PAGES[1:]:
        assert auditor.client.get(path).status_code == 403, path
    assert auditor.post("/admin/", SETTINGS).status_code == 403


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "  ", "入力してください。"),
        ("name_en", "", "入力してください。"),
        ("privacy_contact", "長" * 201, "200文字まで"),
        ("yearly_capacity", "0", "1から100,000の数"),
        ("yearly_capacity", "たくさん", "数"),
        ("retention_years", "31", "1から30の数"),
    ],
)
def test_a_setting_that_will_not_do_is_refused_at_its_field(
    session: Session, admin: Visitor, field: str, typed: str, words: str
) -> None:
    answer = admin.post("/admin/", SETTINGS | {"genuine_contact": "新しい代表番号", field: typed})

    page = _soup(answer)
    assert answer.status_code == 422
    assert words in _words(page, f"{field}-error")
    assert _value(page, "genuine_contact") == "新しい代表番号", "nothing typed is lost"
    assert _organisation(session).genuine_contact == "購買部 代表 03-0000-0000"


def test_full_width_digits_are_numbers(session: Session, admin: Visitor) -> None:
    admin.post("/admin/", SETTINGS | {"yearly_capacity": "５０"})

    assert _organisation(session).yearly_capacity == 50


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("email", "", "入力してください。"),
        ("email", "ito", "メールアドレスを1つ"),
        ("email", "ito@buyer.example; sato@buyer.example", "メールアドレスを1つ"),
        ("name", "　", "入力してください。"),
        ("role", "king", "選"),
        ("role", "respondent", "選"),
        ("unit", "0" * 20, "選"),
    ],
)
def test_a_user_that_will_not_do_is_refused_at_the_field(
    session: Session, admin: Visitor, field: str, typed: str, words: str
) -> None:
    answer = admin.post("/admin/users/new", NEWCOMER | {field: typed})

    page = _soup(answer)
    assert answer.status_code == 422
    assert words in _words(page, f"{field}-error")
    assert _value(page, "phone") == "03-0000-1234", "nothing typed is lost"
    assert session.scalars(select(Message)).all() == []


def test_the_last_administrator_is_kept(session: Session, as_buyer: SignIn) -> None:
    me = factories.user(session, Role.ADMIN)
    mine = as_buyer(user=me)

    answer = mine.post(f"{_first_role(session, me)}/revoke")

    assert answer.status_code == 409
    assert "最後の管理者は外せません" in answer.text
    mine.get("/admin/users")


def test_nobody_suspends_themselves(session: Session, as_buyer: SignIn) -> None:
    factories.user(session, Role.ADMIN)
    me = factories.user(session, Role.ADMIN)
    mine = as_buyer(user=me)

    answer = mine.post(f"/admin/users/{me.public_id}/suspend")

    assert answer.status_code == 409
    assert "ご自身の利用は止められません" in answer.text
    assert not mine.get(f"/admin/users/{me.public_id}").select("form[action$=suspend]")


def test_a_role_is_taken_only_from_the_person_who_holds_it(session: Session, admin: Visitor) -> None:
    one, other = factories.user(session, Role.RISK), factories.user(session, Role.LEGAL)
    theirs = _first_role(session, other).rsplit("/", 1)[1]

    answer = admin.post(f"/admin/users/{one.public_id}/roles/{theirs}/revoke")

    assert answer.status_code == 404


def test_the_users_page_asks_the_database_no_more_for_many(
    session: Session, admin: Visitor, database: Database
) -> None:
    for number in range(30):
        factories.user(session, Role.RISK, Role.LEGAL, unit=factories.unit(session, f"事業部{number}"))
    session.commit()

    with counted_queries(database.read_engine) as statements:
        admin.get("/admin/users")

    assert len(statements) == 5, statements


def _organisation(session: Session) -> Organisation:
    session.expire_all()
    return session.scalars(select(Organisation)).one()


def _first_role(session: Session, of: User) -> str:
    """The path of the first role somebody holds; leaves the database free for the application."""
    membership = session.scalars(select(Membership).where(Membership.user_id == of.id).limit(1)).one()
    session.commit()
    return f"/admin/users/{of.public_id}/roles/{membership.public_id}"


def _user(session: Session, email: str) -> User:
    return session.scalars(select(User).where(User.email == email)).one()


def _rows(visitor: Visitor) -> list[Tag]:
    return list(visitor.get("/admin/users").select("tbody tr"))


def _soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def _words(page: BeautifulSoup, name: str) -> str:
    return page.select(f"#{name}")[0].get_text()


def _value(page: BeautifulSoup, field: str) -> str:
    return str(page.select(f"#{field}")[0].get("value") or "")
