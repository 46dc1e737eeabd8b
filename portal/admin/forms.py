"""Forms of the administrators' pages."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from assessments import addresses
from assessments.models import Role

ROLE_NAMES = {
    Role.PROCUREMENT: _l("購買（取引先と調査）"),
    Role.RISK: _l("リスク管理（回答と優先度）"),
    Role.LEGAL: _l("法務（相談と記録）"),
    Role.AUDITOR: _l("監査（読むだけ）"),
    Role.VIEWER: _l("役員（全体像を読むだけ）"),
    Role.ADMIN: _l("管理者（利用者と設定）"),
}
REQUIRED = _l("入力してください。")
SHORT = Length(max=200, message=_l("200文字までで入力してください。"))


def choices(named: Iterable[tuple[str, str]]) -> list[Any]:
    """Give the choices of a SelectField from values and names."""
    return [SelectChoice(value, name) for value, name in named]


def _stripped(typed: str | None) -> str:
    return (typed or "").strip()


def _line(label: str, *validators: object) -> StringField:
    return StringField(label, [*validators, SHORT], filters=[_stripped])


class UserForm(FlaskForm):
    """A new user: address, name, first role, unit."""

    email = _line(_l("メールアドレス"), DataRequired(REQUIRED))
    name = _line(_l("お名前"), DataRequired(REQUIRED))
    phone = _line(_l("電話（取引先からの問い合わせ先）"))
    role = SelectField(_l("役割"), choices=choices(ROLE_NAMES.items()))
    unit = SelectField(_l("担当する事業部"))

    def validate_email(self, field: StringField) -> None:
        """Refuse what cannot be written to."""
        try:
            addresses.normalised(field.data or "")
        except addresses.NotAnAddress as error:
            raise ValidationError(
                _l("メールアドレスを1つ、半角で入力してください（例: sato@buyer.example）。")
            ) from error


class RoleForm(FlaskForm):
    """One more role for a user."""

    role = SelectField(_l("役割"), choices=choices(ROLE_NAMES.items()))
    unit = SelectField(_l("担当する事業部"))


class OrganisationForm(FlaskForm):
    """What is said of the buyer in mails and pages, and the rules it set itself."""

    name = _line(_l("会社名"), DataRequired(REQUIRED))
    name_en = _line(_l("会社名（英語）"), DataRequired(REQUIRED))
    genuine_contact = _line(_l("依頼が本物か確かめる連絡先"), DataRequired(REQUIRED))
    complaint_contact = _line(_l("取引先からの苦情・相談の受付先"), DataRequired(REQUIRED))
    privacy_contact = _line(_l("個人情報の問い合わせ先"), DataRequired(REQUIRED))
    yearly_capacity = IntegerField(
        _l("1年に対応できる取引先の数"),
        [InputRequired(REQUIRED), NumberRange(1, 100_000, _l("1から100,000の数で入力してください。"))],
        default=30,
    )
    retention_years = IntegerField(
        _l("回答を保存する年数"),
        [InputRequired(REQUIRED), NumberRange(1, 30, _l("1から30の数で入力してください。"))],
        default=5,
    )
    needs_campaign_approval = BooleanField(_l("調査の送信前に、別の担当者の確認を必要とする"), default=True)

    def facts(self) -> dict[str, Any]:
        """Give what was entered by column name."""
        return {name: value for name, value in self.data.items() if name != "csrf_token"}
