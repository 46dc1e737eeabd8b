"""Where to act first: the foremost suppliers, what holds each of them, and the next step with each."""

import enum
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assessments import suggestions
from assessments.chain.picture import Picture
from assessments.chain.rows import NO_ROW, STATES, Chain, Rows
from assessments.measures import Measure
from assessments.models import AssessmentState, CampaignState
from assessments.questionnaire_content import QuestionContent
from scoring import maturity
from scoring.model import EXPOSURES
from scoring.scale import Level

WAITING = frozenset({AssessmentState.NOT_STARTED, AssessmentState.IN_PROGRESS})


class NextStep(enum.StrEnum):
    """調査に加える, 回答のご案内, 確認を待つ, 対策の相談, 回答を読む, 今は様子を見る."""

    ASK = "ask"
    REMIND = "remind"
    AWAIT = "await"
    MEASURE = "measure"
    READ = "read"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Attention:
    """One supplier to act on; `place` is its place in the picture, `residual` in hundredths.

    `exposure` and `set_name` say where the residual comes from, `holding` which question holds that set: none
    without a result, and none where everything is done and only proof is wanting.
    """

    place: int
    public_id: str
    name: str
    code: str
    inherent: int
    residual: int
    band: str
    exposure: str
    set_name: str | None
    holding: QuestionContent | None
    step: NextStep
    measure: Measure | None


@dataclass(frozen=True, slots=True)
class FirstThing:
    """What to do first: for `count` of `total` of those to act on, the same `step`, on the same question."""

    total: int
    count: int
    step: NextStep
    question: QuestionContent | None


def attend(picture: Picture, *, capacity: int) -> tuple[Attention, ...]:
    """Give those to act on first, foremost first, as many as the team can handle in a year."""
    found: tuple[Attention, ...] | None = picture.worked_out.get(("attention", capacity))
    if found is None:
        found = looked_at(picture, picture.foremost(capacity=capacity).tolist())
        picture.worked_out["attention", capacity] = found
    return found


def looked_at(picture: Picture, places: Sequence[int]) -> tuple[Attention, ...]:
    """Give the same facts about any suppliers of a picture that have a priority."""
    states = newest_states(picture.chain)
    return tuple(_attention(picture, place, states) for place in places)


def first_thing(found: Sequence[Attention]) -> FirstThing | None:
    """Give the step that most of those to act on share; None where there is nobody."""
    if not found:
        return None
    steps = Counter((one.step, one.holding.key if one.holding else "") for one in found)
    (step, key), count = steps.most_common(1)[0]
    question = next((one.holding for one in found if one.holding and one.holding.key == key), None)
    return FirstThing(total=len(found), count=count, step=step, question=question)


def newest_states(chain: Chain) -> Rows:
    """The state (a place in STATES) of each supplier's newest assessment in an open campaign, else NO_ROW."""
    is_open = {one.id for one in chain.campaigns if one.state is not CampaignState.CLOSED}
    chosen = np.isin(chain.asked.campaign, list(is_open))
    states = np.full(len(chain.suppliers), NO_ROW)
    states[chain.asked.supplier[chosen]] = chain.asked.state[chosen]
    return states


def _attention(picture: Picture, place: int, states: Rows) -> Attention:
    chain, row = picture.chain, int(picture.suppliers[place])
    priorities = picture.priorities
    exposure = EXPOSURES[int(priorities.exposure_residual[place].argmax())]
    set_name, holding = _holding(picture, place, exposure)
    number = int(states[row])
    state = None if number == NO_ROW else STATES[number]
    measure = suggestions.first_for(holding) if holding else None
    return Attention(
        place=place,
        public_id=chain.suppliers.public_ids[row],
        name=chain.suppliers.names[row],
        code=chain.suppliers.codes[row],
        inherent=int(priorities.inherent[place]),
        residual=int(priorities.residual[place]),
        band=chain.rubric.model.band_names[int(priorities.band[place])],
        exposure=exposure,
        set_name=set_name,
        holding=holding,
        step=_step(bool(picture.has_result[place]), state, measure),
        measure=measure,
    )


def _holding(picture: Picture, place: int, exposure: str) -> tuple[str | None, QuestionContent | None]:
    """The lowest set that answers for the exposure, and the first question to implement that holds it."""
    chain, result = picture.chain, int(picture.result[place])
    if result == NO_ROW:
        return None, None
    names = chain.rubric.model.answers_for[EXPOSURES.index(exposure)]
    levels = picture.levels[place, list(chain.rubric.columns(names))].tolist()
    known = [(level, name) for level, name in zip(levels, names, strict=True) if level]
    if not known:
        return None, None
    set_name = min(known, key=lambda one: one[0])[1]
    scored = chain.scored
    found = maturity.explain(chain.rubric, scored.codes[result], scored.assurance[result], set_name)
    is_done = found.level is not None and found.level >= Level.DONE
    wanting = () if is_done else found.essential or found.lightest
    return set_name, chain.content.scored[wanting[0]] if wanting else None


def _step(has_result: bool, state: AssessmentState | None, measure: Measure | None) -> NextStep:
    if not has_result:
        return NextStep.REMIND if state in WAITING else NextStep.ASK
    if state is AssessmentState.RETURNED:
        return NextStep.AWAIT
    if measure is not None:
        return NextStep.MEASURE
    return NextStep.READ if state is AssessmentState.SUBMITTED else NextStep.WATCH
