"""The form of a SECURITY ACTION declaration, filled by the supplier itself or by a reader of the buyer."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField, URLField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import DataRequired, Optional, ValidationError

from assessments import declarations
from assessments.declarations import NotADeclarationId, NotAWebAddress, Told
from assessments.models import SecurityActionDeclaration
from portal import clock, filters

STARS = (("0", _l("まだ宣言していません")), ("1", _l("★を宣言")), ("2", _l("★★を宣言")))
NONE = "0"


class DeclarationForm(FlaskForm):
    """What was declared, and where the policy is published."""

    star = RadioField(
        _l("宣言の段階"),
        choices=[SelectChoice(value, words) for value, words in STARS],
        validators=[DataRequired(_l("どれか一つお選びください。"))],
    )
    declaration_id = StringField(_l("自己宣言ID"))
    declared_on = DateField(_l("宣言した日"), [Optional()])
    policy_url = URLField(_l("基本方針を公開しているページのアドレス"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a day where a star is declared: a field left empty is not asked by itself."""
        is_valid = bool(super().validate(extra_validators))
        if self.star.data in {None, NONE} or self.declared_on.data or self.declared_on.errors:
            return is_valid
        self.declared_on.errors = [_l("宣言した日を選んでください。")]
        return False

    def validate_declaration_id(self, field: StringField) -> None:
        """Refuse what has not the form of an ID."""
        try:
            declarations.declaration_id(field.data or "")
        except NotADeclarationId as refused:
            raise ValidationError(
                _l("自己宣言IDは、4か5で始まる11桁の数字です。お手元にないときは空欄でかまいません。")
            ) from refused

    def validate_declared_on(self, field: DateField) -> None:
        """Refuse a day that is still to come."""
        if field.data is not None and field.data > clock.today(str(filters.zone())):
            raise ValidationError(_l("今日までの日付を選んでください。"))

    def validate_policy_url(self, field: URLField) -> None:
        """Refuse what is no address of a page."""
        try:
            declarations.web_address(field.data or "")
        except NotAWebAddress as refused:
            raise ValidationError(
                _l("https:// で始まるアドレスをお書きください（例：https://www.example.co.jp/policy）。")
            ) from refused

    def told(self) -> Told:
        """Give what was typed; the form has been found valid."""
        return Told(
            star=int(self.star.data or NONE),
            declaration_id=self.declaration_id.data or "",
            declared_on=self.declared_on.data,
            policy_url=self.policy_url.data or "",
        )


def declaration_form(current: SecurityActionDeclaration | None) -> DeclarationForm:
    """Give the form as sent, else filled with what was told last."""
    kept = current or SecurityActionDeclaration(star=0, declaration_id="", policy_url="")
    return DeclarationForm(
        data={
            "star": str(kept.star),
            "declaration_id": kept.declaration_id,
            "declared_on": kept.declared_on,
            "policy_url": kept.policy_url,
        }
    )
