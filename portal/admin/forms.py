"""Forms of the administrators' pages."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, ValidationError

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


class UserForm(FlaskForm):
    """A new user: address, name, first role, unit."""

    email = StringField(_l("メールアドレス"), [InputRequired(REQUIRED)])
    name = StringField(_l("お名前"), [InputRequired(REQUIRED)])
    phone = StringField(_l("電話（取引先からの問い合わせ先）"))
    role = SelectField(_l("役割"), choices=[(role.value, name) for role, name in ROLE_NAMES.items()])
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

    role = SelectField(_l("役割"), choices=[(role.value, name) for role, name in ROLE_NAMES.items()])
    unit = SelectField(_l("担当する事業部"))


class OrganisationForm(FlaskForm):
    """What is said of the buyer in mails and pages, and the rules it set itself."""

    name = StringField(_l("会社名"), [InputRequired(REQUIRED)])
    name_en = StringField(_l("会社名（英語）"), [InputRequired(REQUIRED)])
    genuine_contact = StringField(_l("依頼が本物か確かめる連絡先"), [InputRequired(REQUIRED)])
    privacy_contact = StringField(_l("個人情報の問い合わせ先"), [InputRequired(REQUIRED)])
    complaint_contact = StringField(_l("取引先からの苦情・相談の受付先"), [InputRequired(REQUIRED)])
    yearly_capacity = IntegerField(
        _l("1年に対応できる取引先の数"),
        [InputRequired(REQUIRED), NumberRange(1, 100_000, _l("1から100,000の数で入力してください。"))],
    )
    retention_years = IntegerField(
        _l("回答を保存する年数"),
        [InputRequired(REQUIRED), NumberRange(1, 30, _l("1から30の数で入力してください。"))],
    )
    needs_campaign_approval = BooleanField(_l("調査の送信前に、別の担当者の確認を必要とする"))
