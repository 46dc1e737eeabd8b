"""Forms of campaigns: what it is, whom it asks, for which parts, in which words, until when."""

from datetime import date
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    Form,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from assessments import addresses, parts, placeholders
from assessments.folding import cleaned
from assessments.models import Assessment
from assessments.questionnaire_content import Content
from portal import filters

REQUIRED = _l("入力してください。")
LONGEST_TITLE, LONGEST_WORDS, LONGEST_MESSAGE, LONGEST_NAME = 100, 500, 2_000, 100


def _too_long(most: int) -> Any:
    return Length(max=most, message=_l("%(max)d文字までで入力してください。"))


def _one_line(typed: str | None) -> str:
    return cleaned(typed or "")


def _trimmed(typed: str | None) -> str:
    return (typed or "").strip()


class FactsForm(FlaskForm):
    """What a draft says of itself."""

    title = StringField(
        _l("調査の名前"), [DataRequired(REQUIRED), _too_long(LONGEST_TITLE)], filters=[_one_line]
    )
    due_on = DateField(_l("回答の期限"), [InputRequired(_l("日付を選んでください。"))])
    purpose = TextAreaField(
        _l("お願いする理由"), [DataRequired(REQUIRED), _too_long(LONGEST_WORDS)], filters=[_trimmed]
    )
    earliest: date

    @property
    def due(self) -> date:
        """The day typed; there is one once the form has been found valid."""
        return cast(date, self.due_on.data)

    def validate_due_on(self, field: DateField) -> None:
        """Refuse a day that has come already."""
        if field.data is not None and field.data < self.earliest:
            raise ValidationError(_l("明日以降の日付を選んでください。"))


class NewCampaignForm(FactsForm):
    """The same, with the questionnaire, which stays."""

    version = SelectField(_l("質問票"))


class MessageForm(FlaskForm):
    """The buyer's own words in the mail."""

    message = TextAreaField(
        _l("ひとこと（任意）"), [Optional(), _too_long(LONGEST_MESSAGE)], filters=[_trimmed]
    )

    def validate_message(self, field: TextAreaField) -> None:
        """Refuse words in braces that would stand in the mail as they are."""
        if strange := placeholders.unknown(field.data or ""):
            raise ValidationError(
                _l(
                    "%(words)s は置き換えられません。使える言葉から選ぶか、かっこを（ ）にしてください。",
                    words=" ".join(strange),
                )
            )


class RepeatReasonForm(FlaskForm):
    """Why some are asked again within twelve months."""

    reason = TextAreaField(
        _l("もう一度お願いする理由"), [DataRequired(REQUIRED), _too_long(LONGEST_WORDS)], filters=[_trimmed]
    )


class ApprovalForm(FlaskForm):
    """What the second person wants to say."""

    note = TextAreaField(_l("メモ（任意）"), [Optional(), _too_long(LONGEST_WORDS)], filters=[_trimmed])
    # Which request the person has read, by its number.
    asked = IntegerField(validators=[Optional()])


class DueDateForm(FlaskForm):
    """A later due date."""

    due_on = DateField(_l("新しい期限"), [InputRequired(_l("日付を選んでください。"))])
    earliest: date

    @property
    def due(self) -> date:
        """The day typed; there is one once the form has been found valid."""
        return cast(date, self.due_on.data)

    def validate_due_on(self, field: DateField) -> None:
        """Refuse a day that is not later."""
        if field.data is not None and field.data < self.earliest:
            raise ValidationError(_l("%(day)s以降の日付を選んでください。", day=filters.day(self.earliest)))


class PartsForm(FlaskForm):
    """The parts one supplier is asked, and why they differ from the rule's."""

    axes = SelectMultipleField(
        _l("聞く内容"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    reason = TextAreaField(_l("変える理由"), [Optional(), _too_long(LONGEST_WORDS)], filters=[_trimmed])

    @classmethod
    def of(cls, content: Content, assessment: Assessment) -> "PartsForm":
        """Give the form of one supplier; the parts that everybody is asked are not offered."""
        always = parts.always_asked(content)
        form = cls(axes=assessment.axes, reason=assessment.axes_reason)
        form.axes.choices = [
            (axis.key, filters.text(axis.title)) for axis in content.axes if axis.key not in always
        ]
        return form


class AddressForm(FlaskForm):
    """Whom to write to instead."""

    name = StringField(_l("お名前"), [DataRequired(REQUIRED), _too_long(LONGEST_NAME)], filters=[_one_line])
    department = StringField(_l("部署（任意）"), [Optional(), _too_long(LONGEST_NAME)], filters=[_one_line])
    email = StringField(_l("メールアドレス"), [DataRequired(REQUIRED)], filters=[_trimmed])
    phone = StringField(_l("電話（任意）"), [Optional(), _too_long(LONGEST_NAME)], filters=[_one_line])
    language = SelectField(
        _l("メールの言語"), choices=[SelectChoice("ja", _l("日本語")), SelectChoice("en", "English")]
    )

    def validate_email(self, field: StringField) -> None:
        """Keep the address as it is compared; refuse what cannot be written to."""
        try:
            field.data = addresses.normalised(field.data or "")
        except addresses.NotAnAddress as error:
            raise ValidationError(
                _l("メールアドレスを1つ、半角で入力してください（例: hanako@aoba.example）。")
            ) from error


class WhomForm(Form):
    """The filter by which suppliers are chosen; read from the address of the page."""

    words = StringField(_l("名前・コード"), filters=[_one_line])
    owner = SelectField(_l("担当"), validate_choice=False)
    unit = SelectField(_l("事業部"), validate_choice=False)
    industry = SelectField(_l("業種"), validate_choice=False)
    prefecture = SelectField(_l("都道府県"), validate_choice=False)
    tier = IntegerField(_l("階層"), [Optional()])
    without_exposures = BooleanField(_l("重要度が未設定"))


class RowsForm(Form):
    """The filter of a campaign's suppliers; read from the address of the page."""

    words = StringField(_l("名前・コード"), filters=[_one_line])
    situation = SelectField(_l("状況"), validate_choice=False)
    owner = SelectField(_l("担当"), validate_choice=False)
    unit = SelectField(_l("事業部"), validate_choice=False)
