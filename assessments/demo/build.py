"""Builds the demo step by step; the caller commits after each step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy.orm import Session

from assessments import audit, questionnaires
from assessments.demo import cast, declared, proven, register, reviewed, rounds
from assessments.demo.answering import Words, a_year_before, answers, noises, rules
from assessments.demo.cast import Cast
from assessments.demo.firms import Firm, invent
from assessments.demo.quotas import Ranks, by_rank
from assessments.models import Consultation, ConsultationTopic
from assessments.questionnaire_content import Content
from assessments.tokens import Keys

BATCH = 500
YEARS = {"last_year": 1, "this_year": 2}


def build(
    session: Session, *, count: int, seed: int, keys: Keys, passwords: Mapping[str, str], now: datetime
) -> Iterator[str]:
    """Build a chain of `count` suppliers and two campaigns, giving a word on each step.

    `passwords` is by address for `cast.addresses()`. Raises RealSuppliers. The same seed gives the same firms
    and answers; public ids and tokens are random all the same.
    """
    cast.refuse_real_suppliers(session)
    began = now - timedelta(days=430)
    people = cast.enter(session, passwords=passwords, now=began)
    published = questionnaires.publish(session, cast.script()["questionnaire"], now=began)
    version = questionnaires.published(session, published.id)
    audit.record(
        session,
        now=now,
        actor=audit.OPERATOR,
        action="demo.loaded",
        object_kind="organisation",
        object_id="demo",
        details={"suppliers": count, "seed": seed},
    )
    yield "people"
    stage = _stage(count, seed=seed, published=version, people=people, keys=keys)
    for start in range(0, count, BATCH):
        stage = _with_suppliers(session, stage, stage.firms[start : start + BATCH], now=began)
        yield "suppliers"
    yield from _play(session, stage, seed=seed, now=now)
    proven.prove(session, version, people.reviewer, now=now)
    yield "proof"
    declared.declare(session, version, people.reviewer, seed=seed, now=now)
    yield "declarations"
    _consult(session, stage, people, now=now)
    yield "consultations"


def _stage(
    count: int, *, seed: int, published: questionnaires.Published, people: Cast, keys: Keys
) -> rounds.Stage:
    return rounds.Stage(
        published=published,
        firms=invent(count, seed=seed),
        supplier_ids=(),
        contact_ids=(),
        without_address=_without_address(count, seed=seed),
        cast=people,
        keys=keys,
    )


def _with_suppliers(
    session: Session, stage: rounds.Stage, firms: Sequence[Firm], *, now: datetime
) -> rounds.Stage:
    """Enter a batch of firms into the register, and give the stage that knows their ids."""
    supplier_ids, contact_ids = register.enter(
        session, firms, stage.cast, without_address=stage.without_address, now=now
    )
    return replace(
        stage,
        supplier_ids=(*stage.supplier_ids, *supplier_ids),
        contact_ids=(*stage.contact_ids, *contact_ids),
    )


def _play(session: Session, stage: rounds.Stage, *, seed: int, now: datetime) -> Iterator[str]:
    rng = np.random.default_rng(seed + 1)
    count, content = len(stage.firms), stage.published.content
    this_year = noises(content, count, rng)
    last_year = a_year_before(this_year, rng)
    willing = np.array([firm.quality for firm in stage.firms]) * 0.4 + rng.standard_normal(count)
    for name, noise, shift in (
        ("last_year", last_year, rules()["a_year_before"]),
        ("this_year", this_year, 0),
    ):
        ranks = willing + 0.8 * rng.standard_normal(count)
        states = rounds.states(name, stage.firms, ranks)
        campaign = rounds.open_campaign(session, name, stage, now=now)
        played = rounds.Round(name, campaign, states, _answers(content, stage.firms, noise, states, shift))
        for _done in rounds.play(session, stage, played, seed=seed + 10 * YEARS[name]):
            yield name
        reviewed.review(session, campaign, stage.cast.reviewer, now=now)
        yield name


def _answers(
    content: Content, firms: Sequence[Firm], noise: Mapping[str, Ranks], states: Sequence[str], shift: float
) -> dict[str, Words]:
    """Answer by quota among those who submit, so that their rates come out; the rest apart from them."""
    submits = np.array([state in rounds.SUBMITTED for state in states])
    merged = {question.key: np.empty(len(firms), dtype="U12") for question in content.scored}
    for group in (np.flatnonzero(submits), np.flatnonzero(~submits)):
        if not len(group):
            continue
        own = {key: values[group] for key, values in noise.items()}
        dealt = answers(content, [firms[int(i)] for i in group], own, shift=shift)
        for key, words in dealt.items():
            merged[key][group] = words
    return merged


def _without_address(count: int, *, seed: int) -> frozenset[int]:
    ranks = np.random.default_rng(seed + 2).random(count)
    percent = rules()["no_address_percent"]
    return frozenset(np.flatnonzero(by_rank(ranks, [100 - percent, percent])).tolist())


def _consult(session: Session, stage: rounds.Stage, people: Cast, *, now: datetime) -> None:
    for number, entry in enumerate(rules()["consultations"]):
        found = session.execute(reviewed.somebody_submitted().offset(number * 3).limit(1)).first()
        if found is None:
            return
        session.add(
            Consultation(
                supplier_id=found.supplier_id,
                assessment_id=found.id,
                topic=ConsultationTopic(entry["topic"]),
                message=entry["message"],
                opened_by_id=found.submitted_by_id,
                opened_at=now - timedelta(days=2 + number),
                owner_id=people.owners[number % len(people.owners)].id,
            )
        )
    session.flush()
