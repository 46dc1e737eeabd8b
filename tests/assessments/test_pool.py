"""A supplier beside its peers: rates, places and security staff, each only where it tells of nobody."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import own_peers, questionnaires
from assessments.models import Assessment, AssessmentResult, Campaign, QuestionnaireVersion
from assessments.own_peers import OwnPeers, OwnRate
from assessments.pool import loading
from assessments.questionnaire_content import build, canonical
from tests import factories, pooled

TOKYO = ZoneInfo("Asia/Tokyo")
TODAY = date(2026, 11, 21)
OCTOBER = datetime(2026, 10, 20, 3, 0, tzinfo=UTC)
SIX = ["implemented"] * 3 + ["partial"] * 3


@pytest.fixture
def campaign(session: Session) -> Campaign:
    """A round in which everybody takes part."""
    return factories.campaign(session)


def seen(session: Session, one: Assessment, *, on: date = TODAY) -> OwnPeers:
    found = own_peers.peers(session, one, on=on, zone=TOKYO)
    assert found is not None
    return found


def first_rate(session: Session, one: Assessment, *, on: date = TODAY) -> OwnRate | None:
    return seen(session, one, on=on).domains[0][1][0].pool


@pytest.mark.database
def test_six_of_an_industry_and_size_see_their_own_rate(session: Session, campaign: Campaign) -> None:
    aoba = pooled.join(session, campaign, SIX, at=OCTOBER)[0]

    found = seen(session, aoba)
    rate = found.domains[0][1][0].pool

    assert rate is not None
    assert (rate.percent, rate.n) == (50.0, 6)
    assert rate.group.industry and rate.group.industry.code == "E"
    assert rate.group.size and rate.group.size.code == "6-20"
    assert (found.firms, found.as_of, found.next_on) == (6, date(2026, 11, 1), date(2026, 12, 1))


def test_five_are_too_few_as_each_knows_its_own_answer(session: Session, campaign: Campaign) -> None:
    aoba = pooled.join(session, campaign, SIX[:5], at=OCTOBER)[0]

    found = seen(session, aoba)

    assert found.firms is None
    assert found.staff == ()
    assert all(item.pool is None for _title, items in found.domains for item in items)
    assert all(one.standing is None for one in found.sets)


def test_a_small_size_falls_back_to_the_industry_and_then_to_all(
    session: Session, campaign: Campaign
) -> None:
    aoba = pooled.join(session, campaign, SIX[:2], at=OCTOBER)[0]
    pooled.join(session, campaign, SIX, at=OCTOBER, employees=200)
    builder = pooled.join(session, campaign, SIX[:2], at=OCTOBER, industry="D")[0]
    pooled.join(session, campaign, SIX[:4], at=OCTOBER, industry="D", employees=200)

    fisher = pooled.join(session, campaign, SIX[:1], at=OCTOBER, industry="B")[0]

    rates = [first_rate(session, one) for one in (aoba, builder, fisher)]

    # Two of 6–20 people wait, beside six of another size; six builders of two sizes stand as an industry.
    groups = [
        (rate.group.industry and rate.group.industry.code, rate.group.size, rate.n) for rate in rates if rate
    ]
    assert groups == [("E", None, 6), ("D", None, 6), (None, None, 12)]


def test_who_answered_this_month_waits_for_the_next(session: Session, campaign: Campaign) -> None:
    aoba = pooled.join(session, campaign, SIX, at=datetime(2026, 10, 31, 15, 0, tzinfo=UTC))[0]
    earlier = pooled.join(
        session, campaign, SIX, at=datetime(2026, 10, 31, 14, 59, tzinfo=UTC), industry="D"
    )[0]

    # 15:00 UTC is the first of November in Tokyo.
    assert first_rate(session, earlier) is not None
    assert seen(session, aoba).firms == 6
    assert seen(session, aoba, on=date(2026, 12, 1)).firms == 12


def test_one_more_answer_moves_nothing_until_five_others_came(session: Session, campaign: Campaign) -> None:
    aoba = pooled.join(session, campaign, SIX, at=OCTOBER - timedelta(days=40))[0]
    before = seen(session, aoba, on=date(2026, 10, 1))
    pooled.join(session, campaign, ["implemented"], at=OCTOBER)
    pooled.again(session, aoba, "implemented", at=OCTOBER)

    after = seen(session, aoba)

    assert [item.pool for _title, items in after.domains for item in items] == [
        item.pool for _title, items in before.domains for item in items
    ]
    assert after.staff == before.staff


def test_of_six_firms_the_one_that_was_asked_more_does_not_show(session: Session, campaign: Campaign) -> None:
    aoba = pooled.join(session, campaign, SIX, at=OCTOBER - timedelta(days=40))[0]
    before = seen(session, aoba, on=date(2026, 10, 1))
    pooled.join(session, campaign, SIX[:5], at=OCTOBER, axes=["cyber"])
    pooled.join(session, campaign, ["implemented"], at=OCTOBER)

    after = seen(session, aoba)

    # What is asked of everybody moves; of the rest, no rate and no place tells the twelfth firm's answer.
    numbers = [{item.pool.n for item in items if item.pool} for _title, items in after.domains]
    assert numbers == [{12}] * 3 + [{6}] * 3
    places = [{one.title.ja: one.standing for one in found.sets} for found in (before, after)]
    moved = {title for title, standing in places[1].items() if standing != places[0][title]}
    content = questionnaires.published(session, campaign.version_id).content
    cyber = next(axis for axis in content.axes if axis.key == "cyber")
    assert moved <= {cyber.title.ja, *(content.section_by_key[key].title.ja for key in cyber.domains)}
    assert {one.standing.n for one in after.sets if one.standing} == {6, 12}


def test_only_the_latest_answers_of_a_supplier_count(session: Session, campaign: Campaign) -> None:
    firms = pooled.join(session, campaign, ["planned"] * 6, at=OCTOBER - timedelta(days=200))
    for firm in firms:
        pooled.again(session, firm, "implemented", at=OCTOBER)

    rate = first_rate(session, firms[0])

    assert rate is not None
    assert (rate.percent, rate.n) == (100.0, 6)


def test_a_new_judgement_of_the_same_answers_changes_nothing(session: Session, campaign: Campaign) -> None:
    firms = pooled.join(session, campaign, SIX, at=OCTOBER)
    before = first_rate(session, firms[0])
    standing = session.get_one(AssessmentResult, firms[0].current_result_id)
    facts = {
        column.key: getattr(standing, column.key)
        for column in AssessmentResult.__table__.columns
        if column.key not in {"id", "public_id", "judgement"}
    }
    session.add(AssessmentResult(**facts, judgement=2))
    session.flush()

    assert first_rate(session, firms[0]) == before


def test_answers_older_than_two_years_do_not_count(session: Session, campaign: Campaign) -> None:
    pooled.join(session, campaign, SIX, at=datetime(2024, 10, 31, 3, 0, tzinfo=UTC))
    aoba = pooled.join(session, campaign, SIX, at=OCTOBER)[0]

    assert seen(session, aoba).firms == 6
    assert seen(session, aoba, on=date(2026, 10, 31)).firms == 6


def test_a_question_that_changed_its_meaning_has_a_pool_of_its_own(
    session: Session, campaign: Campaign
) -> None:
    pooled.join(session, campaign, SIX, at=OCTOBER)
    later = factories.campaign(session, title="次の調査", version_id=reworded(session, campaign))
    aoba = pooled.join(session, later, SIX, at=OCTOBER)[0]

    items = seen(session, aoba).domains[0][1]

    counts = [item.pool.n for item in items if item.pool]
    assert counts == [6] + [12] * (len(items) - 1)


def test_an_older_version_is_compared_where_the_meaning_agrees(session: Session, campaign: Campaign) -> None:
    aoba = pooled.join(session, campaign, SIX, at=OCTOBER)[0]
    later = factories.campaign(session, title="次の調査", version_id=reworded(session, campaign))
    pooled.join(session, later, SIX, at=OCTOBER)

    items = seen(session, aoba).domains[0][1]

    assert items[0].pool is None
    assert all(item.pool and item.pool.n == 12 for item in items[1:])


def test_who_was_not_asked_or_has_no_such_thing_does_not_count(session: Session, campaign: Campaign) -> None:
    firms = pooled.join(session, campaign, SIX, at=OCTOBER)
    pooled.join(session, campaign, SIX, at=OCTOBER, axes=["cyber"])

    found = seen(session, firms[0])

    counts = [{item.pool.n for item in items if item.pool} for _title, items in found.domains]
    assert counts[0] == {12}
    assert counts[-1] == {6}


def test_a_place_is_a_quarter_and_questions_to_the_median(session: Session, campaign: Campaign) -> None:
    codes = ["implemented"] * 4 + ["partial"] * 3 + ["not_planned"]
    firms = pooled.join(session, campaign, codes, at=OCTOBER)

    best, middle, last = (seen(session, firms[row]).sets[0].standing for row in (0, 4, 7))

    assert best and middle and last
    assert (best.quartile, best.questions_below, best.n) == (1, 0, 8)
    # The median lies between 100 and 50: 75 points, so a quarter and three quarters of 25 questions away.
    assert (middle.quartile, middle.questions_below) == (3, 7)
    assert (last.quartile, last.questions_below) == (4, 19)
    assert (last.lower, last.median, last.upper) == (50.0, 75.0, 100.0)


def test_security_staff_is_counted_by_size(session: Session, campaign: Campaign) -> None:
    aoba = pooled.join(session, campaign, SIX, at=OCTOBER, staff="none")[0]
    pooled.join(session, campaign, SIX, at=OCTOBER, employees=200, staff="dedicated")
    pooled.join(session, campaign, SIX[:3], at=OCTOBER, employees=30)

    found = seen(session, aoba)

    rows = {row.size.code if row.size else "": row for row in found.staff}
    assert found.staff_own and found.staff_own.ja == "いない"
    assert (rows["6-20"].is_own, rows["6-20"].n, rows["6-20"].percent) == (True, 6, (0.0, 0.0, 100.0))
    assert rows["101-300"].percent == (100.0, 0.0, 0.0)
    # Three of 21–50 people wait: nothing of theirs stands in any row, nor in the sum.
    assert (rows["21-50"].n, rows["21-50"].percent) == (None, None)
    assert rows[""].n == 12


@pytest.mark.database
def test_a_size_the_register_does_not_know_is_the_one_the_firm_gave(
    session: Session, campaign: Campaign
) -> None:
    aoba = pooled.join(session, campaign, SIX, at=OCTOBER, employees=None, heads_said=60)[0]
    unknown = pooled.join(session, campaign, SIX, at=OCTOBER, employees=None, industry=None)[0]

    found = seen(session, aoba)

    assert found.size and found.size.ja == "51〜100人"
    assert [row.n for row in found.staff] == [None, None, None, 6, None, None, 12]
    assert seen(session, unknown).industry is None
    rate = first_rate(session, unknown)
    assert rate and rate.group.is_everything and rate.n == 12


def test_who_answered_just_now_is_placed_by_what_it_said(session: Session, campaign: Campaign) -> None:
    pooled.join(session, campaign, SIX, at=OCTOBER, employees=60)
    fresh = pooled.join(session, campaign, SIX[:1], at=factories.NOW, employees=None, heads_said=55)[0]

    rate = first_rate(session, fresh)

    assert rate and rate.group.size and rate.group.size.code == "51-100"


def test_the_rate_of_all_stands_beside_that_of_the_closest(session: Session, campaign: Campaign) -> None:
    aoba = pooled.join(session, campaign, ["implemented"] * 6, at=OCTOBER)[0]
    pooled.join(session, campaign, ["planned"] * 6, at=OCTOBER, industry="D")

    item = seen(session, aoba).domains[0][1][0]

    assert item.pool and (item.pool.percent, item.pool.n) == (100.0, 6)
    assert item.everybody and (item.everybody.percent, item.everybody.n) == (50.0, 12)


def test_item_ten_takes_no_part_in_the_comparison_with_an_industry(
    session: Session, campaign: Campaign
) -> None:
    aoba = pooled.join(session, campaign, SIX[:1], at=OCTOBER)[0]

    found = seen(session, aoba)

    people = found.survey.comparisons[1]
    assert [peer.left_out for peer in people.peers] == [(), (10,)]
    items = [item for _title, items in found.domains for item in items]
    tenth = next(item.survey for item in items if item.question.official_item == 10)
    assert tenth and (tenth.percent, tenth.segment, tenth.fell_back) == (55.8, "overall", True)


def test_nobody_sees_a_pool_before_anybody_submitted(session: Session, campaign: Campaign) -> None:
    aoba = factories.assessment(session, campaign, factories.supplier(session))

    pool = loading.load(session, on=TODAY, zone=TOKYO)

    assert pool is not None and pool.everybody is None
    assert own_peers.peers(session, aoba, on=TODAY, zone=TOKYO) is None


def test_the_pool_is_read_anew_with_the_month_alone(session: Session, campaign: Campaign) -> None:
    pooled.join(session, campaign, SIX, at=OCTOBER)
    first = loading.load(session, on=TODAY, zone=TOKYO)

    assert loading.load(session, on=TODAY + timedelta(days=1), zone=TOKYO) is first
    firm = session.scalars(select(Assessment).limit(1)).one()
    pooled.again(session, firm, "planned", at=factories.NOW)
    assert loading.load(session, on=TODAY, zone=TOKYO) is first
    assert loading.load(session, on=date(2026, 12, 1), zone=TOKYO) is not first


@pytest.mark.database
def test_a_firm_that_the_buyer_corrects_moves_no_rate(session: Session, campaign: Campaign) -> None:
    """Were it taken out of its group at once, the rate before and after would tell its answers."""
    aoba, *_, sixth = pooled.join(session, campaign, SIX + SIX[:1], at=OCTOBER)
    pooled.join(session, campaign, SIX, at=OCTOBER, industry="D")
    before = first_rate(session, aoba)
    moved = sixth.supplier
    moved.industry, moved.employees, moved.updated_at = "D", 2_000, factories.NOW
    session.flush()
    pooled.again(session, sixth, "planned", at=factories.NOW)
    pool_of_next_month = date(2026, 12, 1)

    assert before is not None and before.n == 7
    for on in (TODAY, pool_of_next_month):
        loading._kept.clear()
        assert first_rate(session, aoba, on=on) == before
        # The firm itself is shown among whom it belongs to by now.
        own = first_rate(session, sixth, on=on)
        assert own and own.group.industry and (own.group.industry.code, own.n) == ("D", 6)


@pytest.mark.database
def test_a_size_that_the_firm_corrects_moves_no_rate(session: Session, campaign: Campaign) -> None:
    earlier = OCTOBER - timedelta(days=40)
    firms = pooled.join(session, campaign, SIX + SIX[:1], at=earlier, employees=None, heads_said=12)
    before = first_rate(session, firms[0], on=date(2026, 10, 1))
    pooled.again(session, firms[6], "planned", at=OCTOBER, heads_said=900)

    assert before and before.group.size and (before.group.size.code, before.n) == ("6-20", 7)
    assert first_rate(session, firms[0]) == before


def reworded(session: Session, campaign: Campaign) -> int:
    """Publish the questionnaire with another prompt for its first scored question."""
    content = questionnaires.published(session, campaign.version_id).content
    changed = canonical(content.raw).replace(
        canonical(content.scored[0].prompt.ja), canonical("まったく別のことを伺います。")
    )
    standing = session.get_one(QuestionnaireVersion, campaign.version_id)
    made = build(json.loads(changed))
    return questionnaires._write(session, standing.questionnaire, made, now=factories.NOW).id
