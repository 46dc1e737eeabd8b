"""Forms of signing in and of setting a password."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, ValidationError

from assessments.passwords import weakness

WEAKNESSES = {
    "short": _l("15文字以上にしてください。短い文をそのまま使うと、長くて覚えやすくなります。"),
    "long": _l("256文字までにしてください。"),
    "same": _l("同じ文字のくりかえしを避けてください。"),
    "common": _l(
        "「1234567」「qwerty」「password」のような、よく使われる並びを避けてください。短い文をそのまま使えます。"
    ),
    "known": _l("お名前・メールアドレス・会社名を含まないものにしてください。"),
}


class SignInForm(FlaskForm):
    """Address, password, and the code of the authenticator app."""

    email = StringField(_l("メールアドレス"), [InputRequired(_l("メールアドレスを入力してください。"))])
    password = PasswordField(_l("パスワード"), [InputRequired(_l("パスワードを入力してください。"))])
    digits = StringField(_l("認証アプリの6桁の数字"))


class EnrolmentForm(FlaskForm):
    """A new password twice, and the first code of the authenticator app."""

    password = PasswordField(_l("新しいパスワード"), [InputRequired(_l("パスワードを入力してください。"))])
    again = PasswordField(
        _l("新しいパスワード（もう一度）"), [InputRequired(_l("もう一度入力してください。"))]
    )
    digits = StringField(_l("認証アプリの6桁の数字"))

    def __init__(self, *, known: list[str]) -> None:
        """Keep the words that the password may not hold."""
        super().__init__()
        self.known = known

    def validate_password(self, field: PasswordField) -> None:
        """Refuse what is too easy, with the way to something better."""
        reason = weakness(field.data or "", known=self.known)
        if reason is not None:
            raise ValidationError(WEAKNESSES[reason])

    def validate_again(self, field: PasswordField) -> None:
        """Refuse two that differ."""
        if field.data != self.password.data:
            raise ValidationError(_l("2つのパスワードが違っています。"))
