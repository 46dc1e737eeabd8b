"""Who changes band when a constant moves by a fifth: the same as working every supplier out anew."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import Session

from assessments.chain import loading
from assessments.chain.picture import Picture, Wanted, drawn, view
from assessments.chain.rows import Chain
from assessments.chain.sensitivity import DAYS, MONTHS, Swing, swings
from assessments.counting import first_day, start
from scoring import maturity, risk
from scoring.model import Model
from tests import factories, rescored, supply_chain
from tests.factories import NOW

pytestmark = pytest.mark.database


def test_every_swing_agrees_with_working_each_supplier_out_anew(session: Session) -> None:
    grown = supply_chain.grow(session, 60)
    chain = loading.load(session)
    assert chain is not None

    for wanted in (Wanted(), Wanted(unit=grown.units[1].public_id), Wanted(tier=1)):
        picture = view(chain, wanted, now=NOW)
        found = [one for one in swings(session, picture, now=NOW) if one.constant != MONTHS]
        assert found
        for swing in found:
            before, after = (bands(picture, model) for model in (chain.rubric.model, moved(chain, swing)))
            changed = {place for place in range(len(picture)) if before[place] != after[place]}
            assert set(swing.places) == changed, swing
            assert [before[place] for place in swing.places] == list(swing.bands_was)
            assert [after[place] for place in swing.places] == list(swing.bands_become)
            assert swing.higher + swing.lower == len(swing.places)


def test_the_bands_before_are_those_of_the_picture(session: Session) -> None:
    supply_chain.grow(session, 60)
    chain = loading.load(session)
    assert chain is not None
    # As results of another version have it: levels that the newest one's questions would not give.
    levels = np.where(chain.scored.levels > 0, 3, 0).astype(np.int8)
    chain = replace(chain, scored=replace(chain.scored, levels=levels), pictures={})
    picture = view(chain, Wanted(), now=NOW)
    names, priorities = chain.rubric.model.band_names, picture.priorities

    found = [one for one in swings(session, picture, now=NOW) if one.constant != MONTHS]

    assert found
    for swing in found:
        assert list(swing.bands_was) == [names[priorities.band[place]] for place in swing.places], swing


def test_months_moved_by_a_fifth_name_whose_result_comes_or_goes(session: Session) -> None:
    supply_chain.grow(session, 60)
    chain = loading.load(session)
    assert chain is not None
    # Two thirds of the results were submitted between 19 and 24 months ago, or between 24 and 29.
    ages = np.resize([1, 21, 27], len(chain.scored))
    days = [first_day(NOW, int(age), chain.zone) for age in ages]
    submitted = np.array([start(day, chain.zone).timestamp() for day in days], dtype=np.int64)
    chain = replace(chain, scored=replace(chain.scored, submitted=submitted), pictures={})
    picture = view(chain, Wanted(), now=NOW)

    found = {one.becomes: one for one in swings(session, picture, now=NOW) if one.constant == MONTHS}

    assert set(found) == {19, 29}
    for months, swing in found.items():
        other = drawn(chain, Wanted(), first_day(NOW, months, chain.zone))
        before, after = bands(picture, chain.rubric.model), bands(other, chain.rubric.model)
        assert set(swing.places) == {place for place in range(len(picture)) if before[place] != after[place]}
        assert [before[place] for place in swing.places] == list(swing.bands_was)
        assert [after[place] for place in swing.places] == list(swing.bands_become)
    # A result that no longer counts leaves level 0, whose priority is never lower.
    assert found[19].lower == 0


def test_days_of_evidence_moved_by_a_fifth_name_whose_proof_comes_or_goes(session: Session) -> None:
    for one, days in ((factories.supplier(session), 320), (factories.stranger(session), 200)):
        factories.relationship(session, one, confidentiality=1, continuity=1, connectivity=5)
        rescored.proven(session, rescored.answered(session, one, wanting=0), days=days)
    chain = loading.load(session)
    assert chain is not None
    picture = view(chain, Wanted(), now=NOW)

    [found] = [one for one in swings(session, picture, now=NOW) if one.constant == DAYS]

    assert (found.was, found.becomes) == (365, 292)
    assert [chain.suppliers.names[picture.suppliers[place]] for place in found.places] == ["株式会社青葉鋳造"]
    # Level 4 leaves 5 x 40 %, level 3 leaves 5 x 70 %.
    assert (found.bands_was, found.bands_become) == (("moderate",), ("high",))


def test_in_one_campaign_months_change_nobody(session: Session) -> None:
    supply_chain.grow(session, 60)
    chain = loading.load(session)
    assert chain is not None
    wanted = Wanted(campaign=chain.campaigns[0].public_id)

    assert all(one.constant != MONTHS for one in swings(session, view(chain, wanted, now=NOW), now=NOW))


def test_without_exposures_nobody_changes(session: Session) -> None:
    supply_chain.grow(session, 20)
    chain = loading.load(session)
    assert chain is not None

    assert swings(session, view(chain, Wanted(owner="nobody"), now=NOW), now=NOW) == ()


def moved(chain: Chain, swing: Swing) -> Model:
    """The model with a constant where the swing moves it."""
    numbers = list(getattr(chain.rubric.model, swing.constant))
    numbers[swing.place] = swing.becomes
    became: dict[str, Any] = {swing.constant: tuple(numbers)}
    changed: Model = replace(chain.rubric.model, **became)
    return changed


def bands(picture: Picture, model: Model) -> list[str | None]:
    """The band of each supplier's highest relationship within the filter, one at a time."""
    chain = picture.chain
    rubric = replace(chain.rubric, model=model)
    found: list[str | None] = []
    for place, row in enumerate(picture.suppliers.tolist()):
        result = int(picture.result[place])
        levels = np.zeros((1, len(rubric.sets)), dtype=np.int8)
        if result >= 0:
            scored = chain.scored
            levels = maturity.score(rubric, scored.codes[[result]], scored.assurance[[result]]).level
        own = [
            one for one in np.flatnonzero(chain.relationships.supplier == row).tolist() if _fits(picture, one)
        ]
        exposures = chain.relationships.exposures[own]
        priorities = risk.prioritise(rubric, exposures, np.repeat(levels, len(own), axis=0))
        graded = priorities.band[priorities.is_graded]
        found.append(model.band_names[int(graded.max())] if len(graded) else None)
    return found


def _fits(picture: Picture, relationship: int) -> bool:
    between, wanted = picture.chain.relationships, picture.wanted
    units = {one.public_id: one.id for one in picture.chain.units}
    in_unit = not wanted.unit or between.unit[relationship] == units[wanted.unit]
    return bool(in_unit and (wanted.tier is None or between.tier[relationship] == wanted.tier))
