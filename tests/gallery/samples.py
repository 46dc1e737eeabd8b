"""Invented content for the gallery: forms, tables, a heatmap, charts, with long names and errors."""

from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag behind
from wtforms.validators import DataRequired, Length, NumberRange

from assessments.questionnaire_content import Content, QuestionContent

LONG_NAME = "一般社団法人日本南北海道東部地域精密板金加工技術協同研究開発推進機構（函館第二事業所）"
SUPPLIERS = [
    ("S-0001", "青葉鋳造株式会社", "製造業", 12, "submitted", "2026年11月20日（金）", 3),
    (
        "S-0002",
        LONG_NAME,
        "学術研究、専門・技術サービス業",
        1204,
        "in_progress",
        "2026年11月21日（土）",
        None,
    ),
    (
        "S-0003",
        "梅田精機 (UMEDA Precision Machinery and Tooling Co., Ltd.)",
        "製造業",
        48,
        "returned",
        "—",
        2,
    ),
    ("S-0004", "合同会社ひかり", "情報通信業", 3, "not_started", "—", None),
    ("S-0005", "髙﨑運輸㈱", "運輸業、郵便業", 86, "accepted", "2026年10月1日（木）", 4),
    ("S-0006", "山本塗装", "建設業", 5, "declined", "2026年9月30日（水）", 1),
]
COUNTS = [
    ("5", [9, 2, 1, 2, 0, 0], "1.2億円"),
    ("4", [12, 11, 22, 9, 2, 1], "8.4億円"),
    ("3", [21, 18, 34, 16, 3, 0], "21億円"),
    ("2", [26, 12, 38, 14, 1, 0], "9,800万円"),
    ("1", [14, 6, 20, 8, 0, 0], "5,100万円"),
    ("未設定", [4, 1, 2, 0, 0, 0], "—"),
]
LEVELS = {
    "未評価": "",
    "1": "これから",
    "2": "一部",
    "3": "実施（自己申告）",
    "4": "実施（確認済み）",
    "5": "第三者確認済み",
}
LARGEST = 38


class ExampleForm(FlaskForm):  # type: ignore[misc]
    """One field of each kind."""

    class Meta:
        csrf = False

    name = StringField("会社名", validators=[DataRequired("会社名を入力してください。"), Length(max=100)])
    email = EmailField("メール", validators=[DataRequired("メールアドレスを入力してください。")])
    employees = IntegerField(
        "従業員数", validators=[NumberRange(0, 1_000_000, "0以上の数を入力してください。")]
    )
    due = DateField("締切日")
    industry = SelectField(
        "業種",
        choices=[
            SelectChoice("E", "製造業"),
            SelectChoice("G", "情報通信業"),
            SelectChoice("H", "運輸業、郵便業"),
        ],
    )
    message = TextAreaField("ひとこと")
    kind = RadioField(
        "取引類型",
        choices=[
            SelectChoice("make", "製造委託"),
            SelectChoice("repair", "修理委託"),
            SelectChoice("info", "情報成果物作成委託"),
        ],
    )
    units = SelectMultipleField(
        "事業部",
        choices=[
            SelectChoice("a", "車体事業部"),
            SelectChoice("b", "電子事業部"),
            SelectChoice("c", "海外事業推進本部 第一営業統括部"),
        ],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
        validators=[DataRequired("事業部を1つ以上選んでください。")],
    )
    file = FileField("取引先の一覧（CSV または XLSX）")
    agree = BooleanField(
        "内容を確認しました", validators=[DataRequired("確認のうえ、チェックしてください。")]
    )


def example_form(with_errors: bool) -> ExampleForm:
    """Give the form as first shown, or after a try that left much to mend."""
    if not with_errors:
        return ExampleForm(formdata=None, data={"name": "青葉鋳造株式会社", "kind": "make"})
    form = ExampleForm(
        formdata=MultiDict({"name": "", "email": "", "employees": "-3", "industry": "E", "kind": "x"})
    )
    form.validate()
    return form


def question(source: QuestionContent, language: str) -> dict[str, Any]:
    """Give a question as the page of a domain gets it."""
    return {
        "name": f"q{source.position}",
        "number": f"No.{source.official_item}" if source.official_item else "",
        "title": source.name.in_(language),
        "prompt": source.prompt.in_(language),
        "allows_absent": source.allows_absent,
        **{name: words.in_(language) for name, words in source.guidance.items()},
    }


def choices(content: Content, language: str) -> dict[str, list[dict[str, str]]]:
    """Give the answers, reasons and supports as the macro wants them."""
    return {
        "answers": [{"code": one.code, "label": one.short.in_(language)} for one in content.answers],
        "reasons": [{"code": one.code, "label": one.label.in_(language)} for one in content.reasons],
        "supports": [{"code": one.code, "label": one.label.in_(language)} for one in content.supports],
    }


def heatmap() -> dict[str, Any]:
    """Give a heatmap with one selected cell, empty cells, and bands in one row."""
    return {
        "caption": "取引の重要度とレベルごとの社数",
        "row_title": "取引の重要度",
        "column_title": "サイバーのレベル",
        "columns": [{"label": label, "note": note} for label, note in LEVELS.items()],
        "rows": [_row(*row) for row in COUNTS],
        "legend": [
            {"step": 0, "label": "0"},
            {"step": 1, "label": "1–4"},
            {"step": 3, "label": "5–12"},
            {"step": 5, "label": "13–21"},
            {"step": 7, "label": "22–29"},
            {"step": 9, "label": "30–38社"},
        ],
    }


def _row(label: str, counts: list[int], spend: str) -> dict[str, Any]:
    return {
        "label": label,
        "note": f"取引額 {spend}",
        "cells": [_cell(label, column, count) for column, count in enumerate(counts)],
    }


def _cell(row: str, column: int, count: int) -> dict[str, Any]:
    return {
        "text": str(count),
        "note": "自己申告のみ" if column == 3 and count else "",
        "url": f"/heatmap?row={row}&column={column}" if count else None,
        "step": -(-count * 9 // LARGEST),
        "band": "very_high" if row == "5" and column == 0 else None,
        "selected": (row, column) == ("4", 1),
        "title": f"重要度{row}・レベル{list(LEVELS)[column]}：{count}社",
    }


def rates() -> dict[str, Any]:
    """Give a bar chart of rates beside a survey, with its table."""
    names = ["アップデート", "ウイルス対策", "パスワード", "共有設定", "脅威の情報"]
    ours, survey = [82, 91, 48, 63, 37], [78.1, 93.4, 55.2, 60.3, 41.9]
    return {
        "figure": {
            "data": [
                {"type": "bar", "orientation": "h", "name": "当社の取引先", "y": names, "x": ours},
                {"type": "bar", "orientation": "h", "name": "調査（2025年）", "y": names, "x": survey},
            ],
            "layout": {"barmode": "group", "xaxis": {"range": [0, 100], "ticksuffix": "%"}},
        },
        "columns": [
            {"label": "項目"},
            {"label": "当社の取引先", "number": True},
            {"label": "調査（2025年）", "number": True},
        ],
        "rows": [[name, f"{a}%", f"{b}%"] for name, a, b in zip(names, ours, survey, strict=True)],
    }


def bands(score: int | None) -> list[dict[str, Any]]:
    """Give the four bands of the score bar, the one of this score marked."""
    return [
        {"start": start, "end": end, "label": label, "current": score is not None and start <= score < end}
        for start, end, label in STEPS_OF_THE_SCORE
    ]


FUNNEL = [
    {"label": "依頼", "count": 300, "text": "300社", "url": "/tables"},
    {"label": "届いた", "count": 298, "text": "298社"},
    {"label": "開いた", "count": 260, "text": "260社"},
    {"label": "回答中", "count": 46, "text": "46社", "url": "/tables"},
    {"label": "提出", "count": 214, "text": "214社", "url": "/tables"},
]
STEPS_OF_THE_SCORE = [(-25, 50, "49点以下"), (50, 70, "50〜69点"), (70, 99, "70〜99点"), (99, 100, "100点")]
COLUMNS = [
    {"label": "", "select": True},
    {"label": "取引先", "url": "?sort=name", "sorted": "ascending"},
    {"label": "業種", "url": "?sort=industry"},
    {"label": "従業員数", "number": True, "url": "?sort=employees"},
    {"label": "状態"},
    {"label": "レベル"},
    {"label": "最後の動き", "url": "?sort=last"},
]
PAGE = {
    "first": 51,
    "last": 100,
    "total": "1,204",
    "previous_url": "?page=1",
    "next_url": "?page=3",
    "links": [
        {"label": "1", "url": "?page=1"},
        {"label": "2", "url": "?page=2", "current": True},
        {"label": "3", "url": "?page=3"},
        {"label": "…", "url": None},
        {"label": "25", "url": "?page=25"},
    ],
}
