"""What every page of a supplier starts from: its own assessment, with the promises read first."""

from dataclasses import dataclass

from flask import g, redirect, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from assessments import questionnaires
from assessments.fairness import fairness
from assessments.models import Assessment
from assessments.own_view import may_answer
from assessments.questionnaire_content import Content
from assessments.questionnaires import Published
from assessments.responses import AlreadySubmitted, HasDeclined, Incomplete, NoLongerOpen, NoticeFirst
from portal import db
from portal.access import load_assessment
from portal.errors import say

say(
    AlreadySubmitted,
    _l(
        "この回答はすでに提出されています。直したいところがあるときは、担当の者にお知らせください。確認のお願いとしてお戻しできます。"
    ),
)
say(NoLongerOpen, _l("この調査は受付を終えています。続きが必要なときは、担当の者にお知らせください。"))
say(
    HasDeclined,
    _l(
        "「今回は回答しない」とのお知らせをいただいています。回答するときは、回答の一覧の「やはり回答する」を押してください。"
    ),
)
say(
    NoticeFirst,
    _l("先に「はじめに、お約束」の画面をお読みください。回答の一覧を開くと、その画面が表示されます。"),
)
say(Incomplete, _l("まだ回答のない質問があります。確認の画面で、残っている質問をご覧ください。"))


@dataclass(frozen=True, slots=True)
class Own:
    """The assessment of a request with its published questionnaire."""

    assessment: Assessment
    published: Published

    @property
    def content(self) -> Content:
        """The questionnaire."""
        return self.published.content

    @property
    def public_id(self) -> str:
        """The assessment's id in addresses."""
        return self.assessment.public_id

    @property
    def has_seen_notice(self) -> bool:
        """True where the promises as they stand now were read."""
        return self.assessment.notice_version == fairness().version

    @property
    def is_open(self) -> bool:
        """True while answers may be changed."""
        return may_answer(self.assessment)


def load(public_id: str) -> Own:
    """Give the actor's own assessment; 404 otherwise."""
    assessment = load_assessment(db.session(), public_id)
    return Own(assessment, questionnaires.published(db.session(), assessment.version_id))


def to_notice(own: Own) -> Response:
    """Lead to the first screen."""
    return redirect(url_for("supplier.notice", public_id=own.public_id))


def desk() -> str:
    """Give the buyer's general contact, for where no owner is named."""
    return g.organisation.genuine_contact if g.organisation else ""
