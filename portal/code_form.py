"""The form of a mailed code, used where a supplier comes in and where it submits."""

import unicodedata

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Regexp


def narrow(typed: str | None) -> str | None:
    """Give the digits as the code has them: full width made narrow, spaces and hyphens left out."""
    if typed is None:
        return None
    return unicodedata.normalize("NFKC", typed).replace(" ", "").replace("-", "")


class CodeForm(FlaskForm):
    """Six digits."""

    digits = StringField(
        _l("確認コード（6桁）"),
        filters=[narrow],
        validators=[
            DataRequired(_l("メールに書かれた6桁の数字を入力してください。")),
            Regexp(r"\d{6}$", message=_l("6桁の数字を入力してください。")),
        ],
    )

    def refuse(self) -> None:
        """Say that the code did not fit, unless something else was wrong with what was typed."""
        if not self.errors:
            words = _(
                "コードが合わないか、期限（10分、5回まで）を過ぎています。届いたコードをもう一度お確かめください。"
            )
            self.digits.errors = [words]
