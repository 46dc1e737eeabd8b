"""The chain as arrays: the same numbers as by hand, each supplier once, fresh after every change."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from assessments import questionnaires, suppliers
from assessments.chain import loading
from assessments.chain.attention import NextStep, attend, first_thing
from assessments.chain.listing import has_too_many_stars, lines
from assessments.chain.picture import WEAKEST, Picture, Wanted, view
from assessments.chain.rows import Chain, Rows
from assessments.models import AssessmentState, Campaign, CampaignState, Supplier
from assessments.suppliers import RelationshipFacts
from tests import factories, supply_chain
from tests.factories import NOW

pytestmark = pytest.mark.database


@dataclass
class Cast:
    """A campaign, and suppliers that answered well, badly and not at all."""

    campaign: Campaign
    good: Supplier
    bad: Supplier
    silent: Supplier


@pytest.fixture
def cast(session: Session) -> Cast:
    campaign = factories.campaign(session)
    good, bad, silent = (
        factories.supplier(session, name) for name in ("株式会社青葉鋳造", "若葉工業", "朝日商会")
    )
    for one, codes in ((good, "implemented"), (bad, "not_planned"), (silent, None)):
        factories.relationship(session, one)
        assessment = factories.assessment(session, campaign, one)
        if codes:
            content = questionnaires.published(session, campaign.version_id).content
            supply_chain.submit(session, assessment, supply_chain.say(content, default=codes))
    return Cast(campaign, good, bad, silent)


def test_the_numbers_agree_with_those_worked_out_by_hand(session: Session, cast: Cast) -> None:
    picture = look(session)

    # Exposures 3, 2, 2: level 3 leaves 70 % of 3, level 1 and no result leave all of it.
    assert residuals(picture) == {"株式会社青葉鋳造": 210, "若葉工業": 300, "朝日商会": 300}
    assert picture.priorities.inherent.tolist() == [3, 3, 3]
    assert [line.band for line in lines(picture, [0, 1, 2], axis="cyber")] == ["moderate", "high", "high"]
    assert picture.level("cyber").tolist() == [3, 1, 0]
    assert picture.level("executive").tolist() == [3, 1, 0]


def test_a_supplier_counts_once_at_its_highest_priority_with_its_spend_summed(
    session: Session, cast: Cast
) -> None:
    unit = factories.unit(session)
    factories.relationship(session, cast.good, business_unit_id=unit.id, confidentiality=5, spend=3_000_000)

    grid = look(session).heat("cyber")

    assert grid.count.sum() == 3
    assert grid.count[5, 3] == 1
    assert grid.spend[5, 3] == 15_000_000
    assert grid.count[3].tolist() == [1, 1, 0, 0, 0, 0]


def test_within_a_unit_only_its_own_relationships_count(session: Session, cast: Cast) -> None:
    unit = factories.unit(session)
    factories.relationship(session, cast.good, business_unit_id=unit.id, confidentiality=5, spend=3_000_000)

    limited = look(session, Wanted(units=frozenset({unit.id})))
    filtered = look(session, Wanted(unit=unit.public_id))

    for picture in (limited, filtered):
        assert names(picture) == ["株式会社青葉鋳造"]
        assert picture.spend.tolist() == [3_000_000]


def test_a_relationship_without_grades_has_its_own_row(session: Session, cast: Cast) -> None:
    ungraded = factories.supplier(session, "未設定商事")
    factories.relationship(session, ungraded, connectivity=None)
    factories.supplier(session, "取引関係なし商事")

    picture = look(session)

    assert picture.heat("cyber").count[0].tolist() == [2, 0, 0, 0, 0, 0]
    assert names(picture, picture.foremost(capacity=9)) == ["朝日商会", "若葉工業", "株式会社青葉鋳造"]
    assert names(picture, picture.by_priority)[3:] == ["未設定商事", "取引関係なし商事"]
    assert lines(picture, [3], axis="cyber")[0].residual is None


def test_a_campaign_shows_those_it_asks_by_what_they_answered_in_it(session: Session, cast: Cast) -> None:
    later = factories.campaign(session, title="次の調査", opened_at=NOW)
    factories.assessment(session, later, cast.good)

    picture = look(session, Wanted(campaign=later.public_id))

    assert names(picture) == ["株式会社青葉鋳造"]
    assert not picture.has_result.any()


def test_the_newest_submission_counts_for_twenty_four_months(session: Session, cast: Cast) -> None:
    assert view(chain(session), Wanted(), now=NOW + timedelta(days=729)).has_result.sum() == 2
    assert view(chain(session), Wanted(), now=NOW + timedelta(days=732)).has_result.sum() == 0


def test_a_returned_assessment_keeps_its_result(session: Session, cast: Cast) -> None:
    assessment = factories.assessment(session, factories.campaign(session, title="もう一つ"), cast.silent)
    content = questionnaires.published(session, assessment.version_id).content
    supply_chain.submit(session, assessment, supply_chain.say(content), at=NOW)
    assessment.state, assessment.returned_at = AssessmentState.RETURNED, NOW
    session.flush()

    assert look(session).has_result.all()


def test_levels_are_compared_with_the_campaign_before(session: Session, cast: Cast) -> None:
    before = factories.campaign(session, title="前回", state=CampaignState.CLOSED, closed_at=NOW)
    content = questionnaires.published(session, before.version_id).content
    for one, codes in ((cast.good, "not_planned"), (cast.bad, "implemented")):
        assessment = factories.assessment(session, before, one)
        said = supply_chain.say(content, default=codes)
        supply_chain.submit(session, assessment, said, at=NOW - timedelta(days=365))

    figures = look(session).figures("cyber", capacity=30)

    assert (figures.better, figures.worse) == (1, 1)
    assert (figures.suppliers, figures.answered, figures.unassessed) == (3, 2, 1)
    assert figures.self_declared == 2
    assert figures.attention == 3


def test_the_weakest_axis_is_the_lowest_one(session: Session, cast: Cast) -> None:
    content = chain(session).content
    worst = [question.axis == "secrets" for question in content.scored]
    codes = ["not_planned" if is_worst else "implemented" for is_worst in worst]
    assessment = factories.assessment(session, factories.campaign(session, title="もう一つ"), cast.silent)
    supply_chain.submit(session, assessment, supply_chain.say(content, *codes))

    picture = look(session)

    assert picture.level("cyber").tolist() == [3, 1, 3]
    assert picture.level(WEAKEST).tolist() == [3, 1, 1]


def test_an_axis_that_was_not_asked_is_told_apart(session: Session, cast: Cast) -> None:
    assessment = factories.assessment(
        session, factories.campaign(session, title="もう一つ"), cast.silent, axes=["cyber"]
    )
    supply_chain.submit(session, assessment, supply_chain.say(chain(session).content))

    grid = look(session).heat("secrets")

    assert grid.not_asked == 1
    assert look(session).heat("cyber").not_asked == 0


def test_what_to_do_is_cut_at_the_capacity_and_names_what_holds(session: Session, cast: Cast) -> None:
    picture = look(session)

    found = attend(picture, capacity=2)

    by_name = {one.name: one for one in attend(picture, capacity=9)}
    assert len(found) == 2
    assert by_name["朝日商会"].step is NextStep.REMIND
    assert by_name["朝日商会"].holding is None
    held = by_name["若葉工業"]
    assert held.step is NextStep.MEASURE
    assert held.holding is not None
    assert held.holding.essential
    assert held.measure is not None
    assert held.measure.is_free
    assert held.exposure == "confidentiality"


def test_the_first_thing_is_what_most_of_them_need(session: Session, cast: Cast) -> None:
    for number in range(3):
        factories.relationship(session, factories.supplier(session, f"未回答{number}"))

    first = first_thing(attend(look(session), capacity=30))

    assert first is not None
    assert (first.step, first.count, first.total) == (NextStep.ASK, 3, 6)
    assert first_thing([]) is None


def test_a_cell_holds_the_suppliers_that_the_grid_counts(session: Session) -> None:
    supply_chain.grow(session, 80)
    picture = look(session)

    for axis in ("cyber", "secrets", WEAKEST):
        grid = picture.heat(axis)
        for inherent in range(6):
            for level in range(6):
                inside = picture.cell(axis, inherent=inherent, level=level)
                assert len(inside) == grid.count[inherent, level]
                assert picture.spend[inside].sum() == grid.spend[inherent, level]
    assert sorted(picture.cell("cyber", inherent=None, level=None).tolist()) == list(range(80))


def test_four_stars_for_more_than_the_share_are_too_many(session: Session, cast: Cast) -> None:
    assert not has_too_many_stars(look(session))

    factories.relationship(session, cast.good, business_unit_id=factories.unit(session).id, confidentiality=4)

    assert has_too_many_stars(look(session))


def test_a_kept_chain_costs_one_query(session: Session, cast: Cast) -> None:
    kept = chain(session)
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *told: statements.append(told[2]))

    assert chain(session) is kept
    assert len(statements) == 1


def test_every_change_makes_it_fresh(session: Session, cast: Cast) -> None:
    seen = [chain(session)]
    user = factories.user(session)
    by = user.public_id
    relationship = cast.good.relationships[0]
    facts = RelationshipFacts(confidentiality=5, continuity=5, connectivity=5)

    suppliers.set_relationship(session, cast.good, relationship, facts, now=NOW, by=by)
    session.flush()
    seen.append(chain(session))
    factories.supplier(session, "新しい取引先")
    seen.append(chain(session))

    assert seen[0] is not seen[1]
    assert seen[1] is not seen[2]
    assert seen[2].relationships.exposures.max() == 5


def test_without_a_questionnaire_there_is_no_chain(session: Session) -> None:
    assert loading.load(session) is None


def test_without_suppliers_everything_is_empty(session: Session) -> None:
    factories.version(session)

    picture = look(session)

    assert len(picture) == 0
    assert picture.heat("cyber").count.sum() == 0
    assert picture.figures("cyber", capacity=30).attention == 0
    assert attend(picture, capacity=30) == ()


def chain(session: Session) -> Chain:
    session.flush()
    found = loading.load(session)
    assert found is not None
    return found


def look(session: Session, wanted: Wanted | None = None) -> Picture:
    return view(chain(session), wanted or Wanted(), now=NOW)


def names(picture: Picture, places: Rows | None = None) -> list[str]:
    rows = picture.suppliers if places is None else picture.suppliers[places]
    return [picture.chain.suppliers.names[row] for row in rows.tolist()]


def residuals(picture: Picture) -> dict[str, int]:
    return dict(zip(names(picture), picture.priorities.residual.tolist(), strict=True))
