"""What a mail was, and why it did not arrive, in words for who looks after suppliers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext

from assessments import settling
from assessments.models import Message, MessageState
from assessments.quiet import CONTACT_CHANGED

# The server's own code (RFC 3463), as in "550 5.1.1 no such user".
DETAILED = re.compile(r"\b[245]\.(\d{1,3}\.\d{1,3})\b")
BASIC = re.compile(r"^([245]\d\d)\b")
HERE = ("refused here", "not written")


@dataclass(frozen=True, slots=True)
class Answer:
    """Why mails did not arrive, what one of their servers said, and how many there are."""

    reason: str
    example: str
    count: int


def _(words: str) -> str:
    return str(gettext(words))


def kind(code: str) -> str:
    """Name a kind of mail."""
    words: dict[str, str] = {
        "advance_notice": _("事前のお知らせ"),
        "invitation": _("調査の依頼"),
        "delegated_invitation": _("担当を引き継いだ方への依頼"),
        "reminder": _("締切前のご案内"),
        "submitted_receipt": _("提出のお知らせ"),
        "accepted": _("確認済みのお知らせ"),
        "returned": _("確認のお願い"),
        "consultation_opened": _("ご相談のお知らせ"),
        "consultation_answered": _("ご相談への返事"),
        "enrolment": _("利用開始のご案内"),
        "test_mail": _("テストメール"),
        "declined_note": _("今回は回答しないとのお知らせ"),
        "unanswered_note": _("未回答の取引先のお知らせ"),
    }
    return words.get(code, _("メール"))


def why(message: Message) -> str:
    """Say why a link did not arrive; where it was kept back after its notice, that too.

    What did not fail is listed because its person is to be written to no more.
    """
    if message.state is not MessageState.FAILED:
        return _("この方が窓口から外れたか、メールアドレスが変わったため、この宛先には送りません。")
    words = reason(message.failure)
    held = _("事前のお知らせが届かなかったため、依頼は送らずに止めています。")
    return f"{held}{words}" if settling.was_held(message) else words


def reason(failure: str) -> str:
    """Say in plain words why a mail did not arrive; what the server said stands beside, see `said`."""
    if failure.startswith(HERE):
        return _("宛先かメールの内容に使えない文字があり、送れませんでした。宛先を確かめてください。")
    detailed, basic = DETAILED.search(failure), BASIC.match(failure)
    if detailed and (words := _by_detail().get(detailed[1])):
        return words
    if detailed and detailed[1].startswith("7."):
        return _("相手のメールサーバーが受け取りを断りました。迷惑メール対策の設定かもしれません。")
    return _by_code().get(basic[1] if basic else "", _otherwise(basic[1] if basic else ""))


def said(failure: str) -> str:
    """Give what the server said, where it was a server that spoke."""
    return "" if failure.startswith((*HERE, CONTACT_CHANGED)) else failure


def commonest(failures: Sequence[tuple[str, int]]) -> list[Answer]:
    """Put what mail servers answered together by its reason, the commonest first."""
    found: dict[str, Answer] = {}
    for words, count in sorted(failures, key=lambda one: -one[1]):
        first = found.setdefault(reason(words), Answer(reason(words), said(words), 0))
        found[first.reason] = replace(first, count=first.count + count)
    return sorted(found.values(), key=lambda one: -one.count)


def _otherwise(code: str) -> str:
    if code.startswith("4"):
        return _("何度か送りましたが、相手のメールサーバーが受け取りませんでした。")
    return _("相手のメールサーバーが受け取りませんでした。宛先を確かめてください。")


def _by_detail() -> dict[str, str]:
    nobody = _("この宛先は、相手のメールサーバーにありません。打ちまちがいや、退職・異動が考えられます。")
    no_domain = _("@から後ろの名前が見つかりません。打ちまちがいがないか確かめてください。")
    return {
        "1.1": nobody,
        "1.2": no_domain,
        "1.3": _("宛先の書き方が正しくありません。"),
        "1.6": _("この宛先は、もう使われていません。"),
        "1.10": no_domain,
        "2.1": _("この宛先は、いま使えなくなっています。"),
        "2.2": _full(),
        "2.3": _too_large(),
        "3.4": _too_large(),
        "4.4": no_domain,
    }


def _by_code() -> dict[str, str]:
    return {
        "422": _("宛先の書き方が正しくありません。"),
        "452": _full(),
        "501": _("宛先の書き方が正しくありません。"),
        "550": _("この宛先では受け取れないと、相手のメールサーバーが答えました。宛先を確かめてください。"),
        "551": _("この宛先は、もう使われていません。"),
        "552": _full(),
        "553": _("宛先の書き方が正しくありません。"),
        "554": _("相手のメールサーバーが受け取りを断りました。迷惑メール対策の設定かもしれません。"),
    }


def _full() -> str:
    return _("相手の受信箱がいっぱいです。電話などでお知らせするか、ほかの宛先をお使いください。")


def _too_large() -> str:
    return _("メールが大きすぎると、相手のメールサーバーが断りました。")
