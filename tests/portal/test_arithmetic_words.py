"""The sentences beside the arithmetic: each level has its reason, and the way to the next one."""

from dataclasses import replace

import pytest
from flask import Flask

from assessments import questionnaire_content
from assessments.arithmetic import SetArithmetic, Worth
from portal import arithmetic_words, filters
from tests.factories import QUESTIONNAIRE

QUESTION = next(one for one in questionnaire_content.read(QUESTIONNAIRE).scored if one.essential)
DONE = Worth(QUESTION, "implemented", 4, 4, 2, "attested")
PARTLY = replace(DONE, code="partial", points=2)
FULL = SetArithmetic((DONE,), (), (), 8, 8, 50, 80, 3, 4, 0, (DONE,), (DONE,), ())


@pytest.mark.parametrize(
    ("one", "why", "way"),
    [
        (replace(FULL, level=5, next_level=None, holding=()), "第三者が確認済みのため、レベル5です。", ""),
        (
            replace(FULL, level=4, next_level=5),
            "証跡を確認済みのため、レベル4です。",
            "レベル5は、次の1問を第三者が",
        ),
        (FULL, "すべて「実施している」のため、レベル3です。", "レベル4は、次の1問の証跡を"),
        (
            replace(FULL, essential=(), holding=(), next_level=None),
            "80点†以上のため、レベル3です。",
            "レベル3がいちばん上",
        ),
        (
            replace(FULL, level=2, next_level=3, essential=(PARTLY,), holding=(PARTLY,), lightest=(PARTLY,)),
            "要となる質問†のうち1問がまだ「実施している」ではないため、レベル2です。",
            "次の1問が「実施している」になると、レベル3です。",
        ),
        (
            replace(FULL, points=6, level=2, next_level=3, missing=1, lightest=(PARTLY,)),
            "50点†以上、80点†未満のため、レベル2です。",
            "レベル3まで、合計であと1点です。次の1問が",
        ),
        (
            replace(FULL, points=-2, level=1, next_level=2, missing=6, lightest=(PARTLY,)),
            "50点†に届いていないため、レベル1です。",
            "レベル2まで、合計であと6点です。",
        ),
        (
            replace(FULL, counted=(), points=0, full_points=0, level=None, next_level=None, essential=()),
            "数える質問がない",
            "",
        ),
    ],
)
def test_each_level_says_why_and_what_leads_on(app: Flask, one: SetArithmetic, why: str, way: str) -> None:
    with app.test_request_context():
        assert why in arithmetic_words.verdict(one)
        assert way in arithmetic_words.way_on(one)
        assert bool(arithmetic_words.way_on(one)) == bool(way)


def test_a_score_just_below_a_threshold_never_reads_as_reaching_it() -> None:
    # 79.99…: 799 of 999 points; 80 exactly: 4 of 5; nothing below 0.
    assert filters.score(799, 999) == "79.9"
    assert filters.score(4, 5) == "80.0"
    assert filters.score(-3, 5) == "0.0"
    assert filters.score(0, 0) == filters.NOTHING
