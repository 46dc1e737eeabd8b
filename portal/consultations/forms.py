"""The form of an answer to a talk."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

LONGEST_ANSWER = 4_000


class AnswerForm(FlaskForm):
    """What the buyer answers."""

    answer = TextAreaField(
        _l("お返事"),
        [
            DataRequired(_l("お返事を入力してください。")),
            Length(max=LONGEST_ANSWER, message=_l("%(max)d文字までで入力してください。")),
        ],
    )
