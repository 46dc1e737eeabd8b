"""What the codes of the audit trail are called on a page; a code without words is shown as it is."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from assessments.audit import OPERATOR, SYSTEM
from portal.admin.forms import ROLE_NAMES

# As much of a checksum as the other pages show.
CHECK_LETTERS = 16
ACTIONS = {
    "assessment.accepted": _l("回答を確認済みに"),
    "assessment.asked_again": _l("辞退した取引先にもう一度お願い"),
    "assessment.decline_taken_back": _l("辞退を取り消し"),
    "assessment.declined": _l("今回は回答しないとのお知らせ"),
    "assessment.returned": _l("回答の確認をお願い"),
    "assessment.submitted": _l("回答を提出"),
    "campaign.approval_requested": _l("調査の確認を依頼"),
    "campaign.approved": _l("調査の送信を承認"),
    "campaign.closed": _l("調査を終了"),
    "campaign.course_set": _l("調査の送り方を変更"),
    "campaign.created": _l("調査を作成"),
    "campaign.deleted": _l("調査の下書きを削除"),
    "campaign.edited": _l("調査の内容を変更"),
    "campaign.extended": _l("回答期限を延長"),
    "campaign.invited_more": _l("取引先を追加して依頼"),
    "campaign.made_again": _l("次の年の調査の下書きを作成"),
    "campaign.not_started": _l("予約した調査を始められず"),
    "campaign.opened": _l("調査を開始"),
    "campaign.opening": _l("調査の送信を開始"),
    "campaign.parts_changed": _l("たずねる範囲を変更"),
    "campaign.paused": _l("調査の送信を一時停止"),
    "campaign.reminded": _l("締切前のご案内を送信"),
    "campaign.sent_again": _l("届かなかった依頼をまとめて再送"),
    "campaign.reopened": _l("調査を再開"),
    "campaign.resumed": _l("調査の送信を再開"),
    "campaign.scheduled": _l("調査の送信を予約"),
    "campaign.sent_back": _l("調査を作成者に戻す"),
    "campaign.suppliers_added": _l("調査に取引先を追加"),
    "campaign.suppliers_removed": _l("調査から取引先を外す"),
    "campaign.tested": _l("自分あてに試し送り"),
    "campaign.unscheduled": _l("調査の予約を取りやめ"),
    "confirmation.recorded": _l("第三者などの確認を記録"),
    "confirmation.withdrawn": _l("第三者などの確認を取り消し"),
    "consultation.answered": _l("費用の相談に回答"),
    "consultation.opened": _l("費用の相談を開始"),
    "constants.chosen": _l("計算の決めごとを変更"),
    "contact_note.added": _l("連絡メモを追加"),
    "contact_note.corrected": _l("連絡メモを書き直し"),
    "contact_note.received": _l("取引先からの返信を記録"),
    "contact.added": _l("窓口を追加"),
    "contact.edited": _l("窓口を変更"),
    "contact.restored": _l("窓口を再開"),
    "contact.retired": _l("窓口を終了"),
    "demo.loaded": _l("デモのデータを作成"),
    "evidence.accepted": _l("証跡を確認済みに"),
    "evidence.given": _l("取引先が証跡を登録"),
    "evidence.noted": _l("証跡を記録"),
    "evidence.refused": _l("証跡を確認できず"),
    "evidence.taken_back": _l("取引先が証跡を取り下げ"),
    "import.applied": _l("取引先の取り込み"),
    "import.confirmed": _l("取り込みを開始"),
    "import.discarded": _l("取り込みを取りやめ"),
    "invitation.code_asked": _l("確認コードを依頼"),
    "invitation.code_refused": _l("確認コードが不一致"),
    "invitation.delegated": _l("回答の担当を交代"),
    "invitation.entered": _l("取引先の方が入室"),
    "invitation.re_addressed": _l("依頼のあて先を変更"),
    "invitation.sent_again": _l("依頼を再送"),
    "mail.bounced": _l("届かずに戻ったメールを記録"),
    "mail.sent_again": _l("結果の分からないメールを送りなおし"),
    "mail.settled_as_delivered": _l("結果の分からないメールを届いたことに"),
    "job.cancelled": _l("処理を取りやめ"),
    "job.taken_up_again": _l("処理をもう一度開始"),
    "organisation.changed": _l("設定を変更"),
    "questionnaire.published": _l("質問票を公開"),
    "relationship.added": _l("取引関係を登録"),
    "relationship.removed": _l("取引関係を削除"),
    "relationship.set": _l("取引関係を変更"),
    "rescoring.cancelled": _l("計算のしなおしを取りやめ"),
    "rescoring.done": _l("結果を計算しなおし"),
    "rescoring.requested": _l("計算のしなおしを開始"),
    "star.decided": _l("★の目安を決定"),
    "star.taken_back": _l("★の目安の決定を取り消し"),
    "security_action.checked": _l("SECURITY ACTIONの宣言を照合"),
    "security_action.told": _l("SECURITY ACTIONの宣言を記録"),
    "supplier.created": _l("取引先を登録"),
    "supplier.updated": _l("取引先を変更"),
    "support_plan.cancelled": _l("支援の計画の計算を取りやめ"),
    "support_plan.requested": _l("支援の計画の計算を開始"),
    "user.enrolment_opened": _l("パスワード設定のリンクを発行"),
    "user.password_set": _l("パスワードを設定"),
    "user.resumed": _l("利用を再開"),
    "user.role_granted": _l("役割を追加"),
    "user.role_revoked": _l("役割を外す"),
    "user.sign_in_refused": _l("サインインできず"),
    "user.signed_in": _l("サインインした"),
    "user.suspended": _l("利用を停止"),
}
OBJECTS = {
    "assessment": _l("回答票"),
    "campaign": _l("調査"),
    "constants": _l("計算の決めごと"),
    "confirmation": _l("第三者などの確認"),
    "consultation": _l("費用の相談"),
    "evidence": _l("証跡"),
    "invitation": _l("依頼"),
    "mail": _l("メール"),
    "job": _l("処理"),
    "organisation": _l("設定"),
    "questionnaire_version": _l("質問票"),
    "relationship": _l("取引関係"),
    "rescoring": _l("計算のしなおし"),
    "security_action": _l("SECURITY ACTIONの宣言"),
    "supplier": _l("取引先"),
    "supplier_import": _l("取り込み"),
    "support_plan": _l("支援の計画"),
    "user": _l("利用者"),
}
ACTORS = {OPERATOR: _l("運用担当者（コマンド）"), SYSTEM: _l("自動")}
DETAILS = {
    "approval": _l("承認のしかた"),
    "cancelled_mails": _l("取りやめた送信"),
    "comments": _l("コメント"),
    "count": _l("件数"),
    "created": _l("新規"),
    "expired": _l("受付を終了した回答票"),
    "fields": _l("変更した欄"),
    "from": _l("変更前"),
    "invited": _l("依頼"),
    "moved": _l("レベルや点の変わった結果"),
    "number": _l("提出の回数"),
    "rescored": _l("計算しなおした結果"),
    "questions": _l("質問の数"),
    "restored": _l("バックアップから戻したため"),
    "role": _l("役割"),
    "rows": _l("行数"),
    "same_domain": _l("同じ会社のアドレス"),
    "sha256": _l("内容の照合値"),
    "star": _l("★の数"),
    "suppliers": _l("取引先の数"),
    "to": _l("変更後"),
    "topic": _l("相談の内容"),
    "unchanged": _l("変更なし"),
    "updated": _l("更新"),
}


def action(code: str) -> str:
    """Say what was done."""
    return str(ACTIONS.get(code, code))


def object_kind(code: str) -> str:
    """Say what it was done to."""
    return str(OBJECTS.get(code, code))


def actor(pseudonym: str, names: Mapping[str, str]) -> str:
    """Say who did it: by name while the user exists, else by the pseudonym itself."""
    return names.get(pseudonym) or str(ACTORS.get(pseudonym, pseudonym))


def details(facts: Mapping[str, Any]) -> str:
    """Say what is known beyond that, in one line."""
    said = (f"{DETAILS.get(name, name)}{_('：')}{_value(name, value)}" for name, value in facts.items())
    return str(_("、")).join(said)


def _value(name: str, value: Any) -> str:
    if name == "role" and value in ROLE_NAMES:
        return str(ROLE_NAMES[value])
    if isinstance(value, bool):
        return str(_("はい") if value else _("いいえ"))
    if name == "sha256":
        return str(value)[:CHECK_LETTERS]
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
