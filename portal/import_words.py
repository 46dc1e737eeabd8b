"""What stands in the way of a row or a file, in words a person can act on."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from assessments.imports.columns import column, columns
from assessments.models import RowOutcome, SupplierImportRow
from portal import filters

ROWS: Mapping[str, Any] = {
    "name_missing": _l("会社名を入力してください。"),
    "unreadable_letters": _l(
        "読み取れない文字があります。「CSV UTF-8」で保存しなおすか、この文字を入力しなおしてください。"
    ),
    "too_long": _l("長すぎます。%(letters)s文字までにしてください。"),
    "sheet_error": _l("表計算のエラー（%(typed)s）が入っています。値を入力しなおしてください。"),
    "uncalculated": _l(
        "数式の結果がファイルに入っていません。Excelで開いて保存しなおすか、値だけを貼り付けてください。"
    ),
    "exponent": _l(
        "数字が %(typed)s の形に変わっています。列の書式を「文字列」にして、数字を入力しなおしてください。"
    ),
    "exponent_typed": _l("数字が %(typed)s の形になっています。もとの数字を入力しなおしてください。"),
    "corporate_number_letters": _l("法人番号は13桁の数字です。数字だけを入力してください。"),
    "corporate_number_length": _l(
        "法人番号は13桁です（いまは%(digits)s桁）。先頭の数字が抜けていないか確認してください。"
    ),
    "corporate_number_check_digit": _l(
        "法人番号の検査用の数字（いちばん左の桁）が合いません。どこか1文字違っていないか確認してください。"
    ),
    "email_form": _l("メールアドレスの形になっていません（例: info@aoba.example）。"),
    "email_several": _l("メールアドレスは1つのセルに1つだけ入力してください。二人目は行を分けてください。"),
    "phone": _l("電話番号は数字とハイフンで入力してください（例: 052-000-0000）。"),
    "negative": _l("0以上の数で入力してください。"),
    "not_a_number": _l("数字で入力してください（例: 120）。"),
    "not_an_amount": _l("円の金額を数字で入力してください（例: 12000000、1,200万円、3億円）。"),
    "not_whole": _l("整数で入力してください。"),
    "too_high": _l("数が大きすぎます。単位を確認してください。"),
    "exposure": _l("1から5の数字で入力してください。"),
    "tier": _l("階層は1から9の数字で入力してください（直接の取引先が1）。"),
    "language": _l("ja（日本語）か en（英語）で入力してください。"),
    "country": _l("国の名前か、2文字の記号（JP、US など）で入力してください。"),
    "industry": _l("日本標準産業分類の大分類の記号（A〜T）か、その名前で入力してください。"),
    "prefecture": _l("都道府県の名前か、2桁の番号で入力してください。"),
    "transaction_kind": _l("取引類型は、製造委託・売買など、説明のシートにある名前で入力してください。"),
    "contradicts_row": _l("同じ取引先の%(row)s行目と違う値です。どちらかにそろえてください。"),
    "unit_out_of_reach": _l("担当していない事業部です。担当の事業部か、全社の購買担当者に依頼してください。"),
    "whole_out_of_reach": _l("空欄は全社の取引になります。担当している事業部の名前を入力してください。"),
    "supplier_of_other_unit": _l(
        "ほかの事業部の取引先として登録されているようです。全社の購買担当者に確認してください。"
    ),
    "leader_left_out": _l("同じ取引先の%(row)s行目を取り込まなかったため、この行も取り込んでいません。"),
    "undecided": _l(
        "登録済みの取引先と同じかどうかが決まっていません。取引先コードを入力すると決められます。"
    ),
    "lost_zero": _l("先頭の0が消えていないか確認してください。"),
    "invoice_number": _l("適格請求書の登録番号とみて、Tを除いて読み取りました。"),
    "question_mark": _l("「?」が入っています。文字コードの変換で消えた文字がないか確認してください。"),
    "repeats_row": _l("%(row)s行目と同じ内容です。"),
    "new_unit": _l("新しい事業部として登録します。"),
    "owner_unknown": _l("利用者に見つからないため、名前だけを登録します。"),
    "owner_several": _l(
        "同じ名前の利用者が複数いるため、名前だけを登録します。メールアドレスで入力すると決められます。"
    ),
    "name_changes": _l("登録済みの会社名「%(before)s」から変わります。"),
    "contact_retired": _l("この方は「外した窓口」に入っているため、変更しません。"),
}
FILES: Mapping[str, Any] = {
    "too_large": _l("ファイルが大きすぎます。%(megabytes)s MBまでにしてください。"),
    "empty": _l("ファイルが空です。"),
    "old_or_locked": _l(
        "パスワード付き、または古い形式（.xls）のようです。パスワードを外し、.xlsx で保存しなおしてください。"
    ),
    "no_text": _l(
        "CSVまたはExcel（.xlsx）のファイルとして読み取れません。「CSV UTF-8」で保存しなおしてください。"
    ),
    "unknown_encoding": _l("文字コードがわかりません。「CSV UTF-8」で保存しなおしてください。"),
    "broken_csv": _l("CSVの形が崩れていて読み取れません。表計算ソフトで開き、保存しなおしてください。"),
    "broken_workbook": _l(
        "Excelのファイルとして開けません。表計算ソフトで開き、.xlsx で保存しなおしてください。"
    ),
    "workbook_too_heavy": _l(
        "このExcelのファイルは中身が大きすぎて読み取れません。必要な列だけをCSVで保存しなおしてください。"
    ),
    "too_many_rows": _l("行が多すぎます。%(rows)s行までに分けてください。"),
    "too_many_columns": _l("列が多すぎます。%(columns)s列までにしてください。"),
    "no_headings": _l("「会社名」の列が見つかりません。1行目に列の名前があるか確認してください。"),
    "no_rows": _l("列の名前はありますが、取引先の行がありません。"),
}


def row_words(told: Mapping[str, Any]) -> str:
    """Give the words of an error or remark at a cell."""
    return str(ROWS[told["reason"]]) % told


def file_words(reason: str, facts: Mapping[str, Any]) -> str:
    """Give the words for a file that cannot be read."""
    shown = {
        name: filters.number(value) if isinstance(value, int) else value for name, value in facts.items()
    }
    return str(FILES[reason]) % shown


def heading(key: str) -> str:
    """Give the heading of a column in the page's language."""
    return filters.text(column(key).name)


def reasons(row: SupplierImportRow) -> str:
    """Give in one line why a row was left out, column by column."""
    if row.outcome is RowOutcome.CANDIDATE:
        return row_words({"reason": "undecided"})
    return " / ".join(
        _("%(column)s：%(words)s", column=heading(one.key), words=row_words(row.errors[one.key]))
        for one in columns()
        if one.key in row.errors
    )
