"""How the invented firms answer: by quotas over a ranked latent factor, so that the rates come out exact."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assessments import benchmarks
from assessments.content_files import read_yaml
from assessments.demo.firms import Firm
from assessments.demo.quotas import Ranks, deal, shares
from assessments.questionnaire_content import Content, QuestionContent

WORDS = ("implemented", "partial", "planned", "unknown", "not_planned")
MEDIUM, LARGE = 101, 1000
BY_SIZE = "size"
Words = NDArray[np.str_]


@cache
def rules() -> Mapping[str, Any]:
    """The demo's own rates and shares."""
    found: Mapping[str, Any] = read_yaml("demo/answers.yaml")
    return found


def answers(
    content: Content, firms: Sequence[Firm], noise: Mapping[str, Ranks], *, shift: float = 0
) -> dict[str, Words]:
    """Give the answer words of all firms, by question key, each an array in the order of `firms`.

    `noise` has a standard normal a firm for each key; `shift` moves every rate by points.
    """
    together = rules()["together"]
    quality = np.array([firm.quality for firm in firms])
    spread = quality.std() or 1.0
    latent = together * (quality - quality.mean()) / spread
    own = (1 - together**2) ** 0.5
    return {
        question.key: _answered(question, firms, latent + own * noise[question.key], shift=shift)
        for question in content.scored
    }


def noises(content: Content, count: int, rng: np.random.Generator) -> dict[str, Ranks]:
    """Draw what is a firm's own in each question."""
    return {question.key: rng.standard_normal(count) for question in content.scored}


def a_year_before(noise: Mapping[str, Ranks], rng: np.random.Generator) -> dict[str, Ranks]:
    """Give last year's noise: mostly the same firm, a little of the day."""
    same = rules()["years_together"]
    return {
        key: same * now + (1 - same**2) ** 0.5 * rng.standard_normal(len(now)) for key, now in noise.items()
    }


def supports_shares() -> list[tuple[str, float]]:
    """Give each wanted support's share among those who met an obstacle, over all items of the survey."""
    found = benchmarks.public_answers().values()
    base = sum(one.reasons["obstacle"] for one in found)
    kinds = next(iter(found)).supports
    return [(kind, sum(one.supports[kind] for one in found) / base) for kind in kinds]


def reason_weights(question: QuestionContent) -> list[tuple[str, int]]:
    """Give how the reasons for 予定なし split for this item, or over all items where it has none."""
    found = benchmarks.public_answers()
    own = found[question.official_item].reasons if question.official_item is not None else {}
    if any(own.values()):
        return list(own.items())
    kinds = next(iter(found.values())).reasons
    return [(kind, sum(one.reasons[kind] for one in found.values())) for kind in kinds]


def _answered(question: QuestionContent, firms: Sequence[Firm], ranks: Ranks, *, shift: float) -> Words:
    words = np.empty(len(firms), dtype="U12")
    groups = np.array([_group(question, firm) for firm in firms])
    for group in sorted(set(groups)):
        members = np.flatnonzero(groups == group)
        percent = _percent(question, str(group)) + shift
        done = round(len(members) * min(max(percent, 0.0), 100.0) / 100)
        parts = [done, *shares(len(members) - done, _rest(question))]
        words[members] = np.array(WORDS)[deal(ranks[members], parts)]
    return words


def _group(question: QuestionContent, firm: Firm) -> str:
    """Whom a firm is counted with: its industry where the survey has it, else its size."""
    if question.official_item is not None:
        return firm.industry
    if firm.employees >= LARGE:
        return "large"
    return "medium" if firm.employees >= MEDIUM else "small"


def _percent(question: QuestionContent, group: str) -> float:
    if question.official_item is not None:
        rate = benchmarks.public_rate(question.official_item, group)
        return _of_the_others(question.official_item) if rate.fell_back else 100 * rate.implemented / rate.n
    rate_by_size = benchmarks.trade_secret_rates().get(question.benchmark or "")
    if rate_by_size is None or rate_by_size.comparison != BY_SIZE:
        return float(rules()["invented"][question.key])
    low, high = sum(rate_by_size.low) / 2, sum(rate_by_size.high) / 2
    middle = rate_by_size.overall_percent or (low + high) / 2
    return {"small": low, "medium": middle, "large": high}[group]


@cache
def _of_the_others(item: int) -> float:
    """The percent among respondents of industries without a row: the survey's total less its nine rows."""
    overall = benchmarks.public_rate(item)
    rows = [benchmarks.public_rate(item, segment) for segment in benchmarks.public_segments()[1:]]
    known = [row for row in rows if not row.fell_back]
    done = overall.implemented - sum(row.implemented for row in known)
    return 100 * done / (overall.n - sum(row.n for row in known))


def _rest(question: QuestionContent) -> list[float]:
    if question.official_item is None:
        return [rules()["rest"][word] for word in WORDS[1:]]
    counted = benchmarks.public_answers()[question.official_item].answers
    return [counted[word] for word in WORDS[1:]]
