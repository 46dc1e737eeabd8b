"""How far the answers of a campaign are, and what the suppliers say stands in the way and would help."""

from dataclasses import dataclass

import numpy as np

from assessments.chain.picture import Picture, campaign_id
from assessments.chain.rows import STATES, CampaignFacts, Mask
from assessments.models import AssessmentState
from scoring.scale import AnswerCode

NOT_DONE = (AnswerCode.PLANNED, AnswerCode.NOT_PLANNED)
EVER_SUBMITTED = (AssessmentState.SUBMITTED, AssessmentState.RETURNED, AssessmentState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Funnel:
    """Suppliers of a campaign within the filter, each step part of the one before it."""

    campaign: CampaignFacts
    asked: int
    opened: int
    started: int
    submitted: int
    returned: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Share:
    """How often something was chosen: `count` times among `total`."""

    code: str
    count: int
    total: int

    @property
    def percent(self) -> float | None:
        """0 to 100, None of nothing."""
        return 100 * self.count / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What stands beside the answers 予定なし and 予定あり, counted by answer and by supplier.

    `reasons` count answers 予定なし that give one; `supports` count suppliers that named it at least once
    among `asking`, those that named any.
    """

    reasons: tuple[Share, ...]
    supports: tuple[Share, ...]
    not_planned: int
    asking: int


def funnel(picture: Picture) -> Funnel | None:
    """Give how far the chosen campaign is, else the newest; None before there is one."""
    chain = picture.chain
    wanted = picture.wanted.campaign
    chosen = next((one for one in chain.campaigns if wanted in ("", one.public_id)), None)
    if chosen is None:
        return None
    asked, within = chain.asked, np.zeros(len(chain.suppliers), dtype=np.bool_)
    within[picture.suppliers] = True
    is_theirs = (asked.campaign == campaign_id(chain, chosen.public_id)) & within[asked.supplier]
    is_theirs &= ~_is_in(asked.state, AssessmentState.WITHDRAWN)
    is_submitted = _is_in(asked.state, *EVER_SUBMITTED)
    is_started = asked.is_started | is_submitted

    def count(holds: Mask) -> int:
        return int(np.count_nonzero(holds & is_theirs))

    return Funnel(
        campaign=chosen,
        asked=count(np.ones_like(is_theirs)),
        opened=count(asked.is_opened | is_started),
        started=count(is_started),
        submitted=count(is_submitted),
        returned=count(_is_in(asked.state, AssessmentState.RETURNED)),
        accepted=count(_is_in(asked.state, AssessmentState.ACCEPTED)),
    )


def wishes(picture: Picture) -> Wishes:
    """Give the reasons for 予定なし and the supports wanted, in the order of the content's lists."""
    found: Wishes | None = picture.worked_out.get("wishes")
    if found is None:
        found = picture.worked_out["wishes"] = _wishes(picture)
    return found


def _wishes(picture: Picture) -> Wishes:
    chain, rows = picture.chain, picture.result[picture.has_result]
    codes, content = chain.scored.codes[rows], chain.content
    is_not_planned = codes == AnswerCode.NOT_PLANNED
    given = np.bincount(chain.scored.reasons[rows][is_not_planned], minlength=len(content.reasons) + 1)
    is_not_done = np.isin(codes, NOT_DONE)
    wanted = np.where(is_not_done, chain.scored.supports[rows], 0)
    any_of = np.bitwise_or.reduce(wanted, axis=1) if len(rows) else np.zeros(0, dtype=np.uint16)
    with_reason, asking = int(given[1:].sum()), int(np.count_nonzero(any_of))
    return Wishes(
        reasons=tuple(
            Share(choice.code, int(given[place]), with_reason)
            for place, choice in enumerate(content.reasons, start=1)
        ),
        supports=tuple(
            Share(choice.code, int(np.count_nonzero(any_of & np.uint16(1 << place))), asking)
            for place, choice in enumerate(content.supports)
        ),
        not_planned=int(np.count_nonzero(is_not_planned)),
        asking=asking,
    )


def _is_in(states: np.ndarray[tuple[int], np.dtype[np.int64]], *named: AssessmentState) -> Mask:
    found: Mask = np.isin(states, [STATES.index(state) for state in named])
    return found
