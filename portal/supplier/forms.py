"""Forms of the supplier's pages besides the questions."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import DataRequired, Length, ValidationError

from assessments.addresses import NotAnAddress, normalised
from assessments.models import ConsultationTopic, DeclineReason

TOPICS = (
    (ConsultationTopic.COST, _l("費用")),
    (ConsultationTopic.TIMING, _l("時期・期限")),
    (ConsultationTopic.MEASURE, _l("対策の内容")),
    (ConsultationTopic.OTHER, _l("その他")),
)

REASONS = (
    (DeclineReason.ANSWERED_ELSEWHERE, _l("別の形で、すでに回答している（ほかの調査や書類など）")),
    (DeclineReason.NO_LONGER_TRADING, _l("いまは取引がない")),
    (DeclineReason.WRONG_COMPANY, _l("会社が違う・宛先をまちがえている")),
    (DeclineReason.OVERLOADED, _l("いまは手が回らない。一度話したい")),
    (DeclineReason.OTHER, _l("その他")),
)


class ColleagueForm(FlaskForm):
    """Who is asked instead, or as well."""

    name = StringField(
        _l("お名前"),
        validators=[
            DataRequired(_l("お名前を入力してください。")),
            Length(max=100, message=_l("100字以内でお書きください。")),
        ],
    )
    email = EmailField(
        _l("メールアドレス"), validators=[DataRequired(_l("メールアドレスを入力してください。"))]
    )

    def validate_email(self, field: EmailField) -> None:
        """Refuse what cannot be written to."""
        try:
            normalised(field.data or "")
        except NotAnAddress as refused:
            raise ValidationError(
                _l("メールアドレスの形をお確かめください（例：taro@example.co.jp）。")
            ) from refused


class ConsultationForm(FlaskForm):
    """What to talk about."""

    topic = RadioField(
        _l("ご相談の内容"),
        choices=[SelectChoice(topic.value, words) for topic, words in TOPICS],
        validators=[DataRequired(_l("どれか一つお選びください。"))],
    )
    message = TextAreaField(
        _l("くわしく"),
        validators=[
            DataRequired(_l("ひとことで結構ですので、お書きください。")),
            Length(max=2000, message=_l("2000字以内でお書きください。")),
        ],
    )


class DeclineForm(FlaskForm):
    """Why a supplier does not answer this time; nothing but the choice must be given."""

    reason = RadioField(
        _l("いちばん近いもの"),
        choices=[SelectChoice(reason.value, words) for reason, words in REASONS],
        validators=[DataRequired(_l("どれか一つお選びください。"))],
    )
    remark = TextAreaField(
        _l("ひとこと（なくても構いません）"),
        validators=[Length(max=2000, message=_l("2000字以内でお書きください。"))],
    )
