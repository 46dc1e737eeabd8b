"""What a demo supplier says in full: reasons, supports, comments and the profile around its answer codes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from assessments.answers import Given
from assessments.demo.answering import Words, reason_weights, rules, supports_shares
from assessments.demo.firms import Firm
from assessments.questionnaire_content import Content, QuestionContent

NOT_DONE = frozenset({"planned", "not_planned"})
NOTHING_WANTED = "none_wanted"


def given(
    content: Content,
    firm: Firm,
    row: int,
    words: Mapping[str, Words],
    axes: list[str],
    rng: np.random.Generator,
) -> dict[str, Given]:
    """Give all that one firm says, by question key: the profile the demo has rules for, then its answers."""
    rated = rules()["profile"].items()
    profile = {content.by_key[key].key: Given(value=_value(rule, firm, rng)) for key, rule in rated}
    scored = {
        question.key: _answer(question, str(words[question.key][row]), rng)
        for question in content.scored
        if question.axis in axes
    }
    return profile | scored


def _answer(question: QuestionContent, code: str, rng: np.random.Generator) -> Given:
    reason = _weighted(rng, reason_weights(question)) if code == "not_planned" else None
    supports = _supports(rng) if code in NOT_DONE else []
    return Given(code=code, reason=reason, supports=tuple(supports), comment=_comment(code, rng))


def _supports(rng: np.random.Generator) -> list[str]:
    wanted = [kind for kind, share in supports_shares() if kind != NOTHING_WANTED and rng.random() < share]
    return wanted or [NOTHING_WANTED]


def _comment(code: str, rng: np.random.Generator) -> str:
    if rng.integers(0, rules()["comment_every"]):
        return ""
    offered: list[str] = rules()["comments"][code]
    return offered[int(rng.integers(0, len(offered)))]


def _value(rule: Mapping[str, Any], firm: Firm, rng: np.random.Generator) -> Any:
    if "fact" in rule:
        return getattr(firm, rule["fact"])
    if "numbers" in rule:
        return _weighted(rng, list(rule["numbers"].items()))
    if "codes" in rule:
        return {"code": _weighted(rng, list(rule["codes"].items())), "other": ""}
    chosen = [code for code, percent in rule["several"].items() if rng.random() * 100 < percent]
    return {"codes": chosen or ([rule["otherwise"]] if "otherwise" in rule else []), "other": ""}


def _weighted(rng: np.random.Generator, options: list[tuple[Any, Any]]) -> Any:
    weights = np.array([weight for _, weight in options], dtype=float)
    return options[int(rng.choice(len(options), p=weights / weights.sum()))][0]
