"""The form of a contact note, and the words of its channels."""

from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from assessments.contact_notes import Told
from assessments.folding import cleaned
from assessments.models import ContactNote, NoteChannel

CHANNELS = {
    NoteChannel.PHONE: _l("電話"),
    NoteChannel.MAIL: _l("メール"),
    NoteChannel.VISIT: _l("訪問"),
}
LONGEST_TEXT, LONGEST_PERSON = 2_000, 100
TOO_LONG = _l("%(max)d文字までで入力してください。")


class ContactNoteForm(FlaskForm):
    """What was said, and when to get in touch again."""

    happened_on = DateField(_l("連絡した日"), [InputRequired(_l("日付を選んでください。"))])
    channel = RadioField(
        _l("方法"),
        [InputRequired(_l("どれか一つお選びください。"))],
        choices=[SelectChoice(channel.value, words) for channel, words in CHANNELS.items()],
    )
    person = StringField(
        _l("お相手（任意）"),
        [Length(max=LONGEST_PERSON, message=TOO_LONG)],
        filters=[lambda typed: cleaned(typed or "")],
    )
    text = TextAreaField(
        _l("話した内容"),
        [DataRequired(_l("入力してください。")), Length(max=LONGEST_TEXT, message=TOO_LONG)],
        filters=[lambda typed: (typed or "").strip()],
    )
    next_on = DateField(_l("次に連絡する日（任意）"), [Optional()])
    today: date

    def validate_happened_on(self, field: DateField) -> None:
        """Refuse a day that is still to come."""
        if field.data is not None and field.data > self.today:
            raise ValidationError(_l("今日までの日付を選んでください。"))

    def validate_next_on(self, field: DateField) -> None:
        """Refuse a day before the contact itself."""
        if field.data is not None and self.happened_on.data and field.data < self.happened_on.data:
            raise ValidationError(_l("連絡した日以降の日付を選んでください。"))

    def told(self) -> Told:
        """Give what was typed; the form has been found valid."""
        return Told(
            happened_on=self.happened_on.data or self.today,
            channel=NoteChannel(self.channel.data),
            text=self.text.data or "",
            person=self.person.data or "",
            next_on=self.next_on.data,
        )


def note_form(today: date, *, like: ContactNote | None = None) -> ContactNoteForm:
    """Give the form as sent, else for a telephone call of today, or filled with a note."""
    form = ContactNoteForm(obj=like, data={"happened_on": today, "channel": NoteChannel.PHONE.value})
    form.today = today
    return form
