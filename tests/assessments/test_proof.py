"""Evidence and confirmations: what counts on which day, and how judging raises 3 to 4 and to 5."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessments import confirmations, evidence, questionnaires
from assessments.confirmations import Scope
from assessments.models import (
    Assessment,
    AssessmentResult,
    AuditEvent,
    Confirmation,
    Evidence,
    RecordIsFixed,
    Supplier,
    User,
)
from assessments.proof_content import certificates
from assessments.questionnaire_content import Content
from tests import factories, supply_chain
from tests.factories import NOW

pytestmark = pytest.mark.database
TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)
YEAR = timedelta(days=365)


@dataclass
class Cast:
    """青葉鋳造, who does everything and said so on 2026-11-21."""

    aoba: Supplier
    assessment: Assessment
    content: Content
    by: User

    @property
    def essential(self) -> list[str]:
        """The essential questions of the cyber axis."""
        return [one.key for one in self.content.scored if one.essential and one.axis == "cyber"]


@pytest.fixture
def cast(session: Session) -> Cast:
    campaign, aoba = factories.campaign(session), factories.supplier(session)
    assessment = factories.assessment(session, campaign, aoba)
    content = questionnaires.published(session, campaign.version_id).content
    supply_chain.submit(session, assessment, supply_chain.say(content))
    return Cast(aoba, assessment, content, factories.user(session))


def given(
    session: Session, cast: Cast, *, keys: list[str] | None = None, now: datetime = NOW, **changes: Any
) -> Evidence:
    """A reference of the supplier's, dated today, behind the essential questions of the cyber axis."""
    document = evidence.Document("更新の履歴の画面", "担当の田中がお見せします", "", TODAY, None)
    return evidence.give(
        session,
        cast.assessment,
        replace(document, **changes),
        keys=cast.essential if keys is None else keys,
        now=now,
        by=cast.by,
    )


def accepted(session: Session, cast: Cast, one: Evidence, *, now: datetime = NOW, **changes: Any) -> None:
    """Accept a reference as the first who judges it."""
    evidence.accept(session, one, **{"seen": 0, "valid_until": None, "now": now, "by": cast.by} | changes)


def scope(cast: Cast, **changes: Any) -> Scope:
    """The essential questions of the cyber axis, for a year from today."""
    usual = Scope(cast.assessment.version_id, frozenset(cast.essential), TODAY, TODAY + YEAR, "2026年度 訪問")
    return replace(usual, **changes)


def confirmed(session: Session, cast: Cast, **changes: Any) -> Confirmation:
    """A visit of the buyer's."""
    return confirmations.record_visit(session, cast.aoba, scope(cast, **changes), now=NOW, by=cast.by)


def level(session: Session, cast: Cast, axis: str = "cyber") -> int:
    """The level of the current result."""
    return int(current(session, cast).levels[axis])


def current(session: Session, cast: Cast) -> AssessmentResult:
    """The current result."""
    return session.get_one(AssessmentResult, cast.assessment.current_result_id)


def test_a_word_alone_goes_to_3_evidence_to_4_and_a_confirmation_to_5(session: Session, cast: Cast) -> None:
    assert level(session, cast) == 3

    accepted(session, cast, given(session, cast))
    assert (level(session, cast), level(session, cast, "secrets")) == (4, 3)

    confirmed(session, cast)
    assert (level(session, cast), level(session, cast, "secrets")) == (5, 3)


def test_every_essential_question_wants_its_proof(session: Session, cast: Cast) -> None:
    *most, last = cast.essential

    accepted(session, cast, given(session, cast, keys=most))
    assert level(session, cast) == 3

    accepted(session, cast, given(session, cast, keys=[last]))
    assert level(session, cast) == 4

    confirmed(session, cast, keys=frozenset(most))
    assert level(session, cast) == 4


def test_proof_without_an_essential_question_done_raises_nothing(session: Session) -> None:
    campaign, aoba = factories.campaign(session), factories.supplier(session)
    assessment = factories.assessment(session, campaign, aoba)
    content = questionnaires.published(session, campaign.version_id).content
    supply_chain.submit(session, assessment, supply_chain.say(content, "partial"))
    cast = Cast(aoba, assessment, content, factories.user(session))

    confirmed(session, cast, keys=frozenset(one.key for one in content.scored))

    assert level(session, cast) == 2


def test_judging_makes_a_new_result_and_leaves_the_old(session: Session, cast: Cast) -> None:
    before = current(session, cast)

    accepted(session, cast, given(session, cast))

    after = current(session, cast)
    assert (before.judgement, after.judgement) == (1, 2)
    assert (before.levels["cyber"], after.levels["cyber"]) == (3, 4)
    assert (before.codes, before.submission_id) == (after.codes, after.submission_id)


def test_what_changes_nothing_makes_no_new_result(session: Session, cast: Cast) -> None:
    before = current(session, cast)

    made = given(session, cast)
    evidence.refuse(session, made, seen=0, reason="日付が読み取れませんでした。", now=NOW, by=cast.by)

    assert current(session, cast) is before


def test_a_refusal_after_an_acceptance_takes_the_level_back(session: Session, cast: Cast) -> None:
    made = given(session, cast)
    accepted(session, cast, made)

    evidence.refuse(session, made, seen=1, reason="別の会社の画面でした。", now=NOW, by=cast.by)

    assert level(session, cast) == 3
    assert [one.verdict for one in made.judgements] == ["accepted", "refused"]


def test_a_refusal_wants_a_reason(session: Session, cast: Cast) -> None:
    with pytest.raises(evidence.ReasonWanted):
        evidence.refuse(session, given(session, cast), seen=0, reason="  ", now=NOW, by=cast.by)


def test_nobody_judges_what_somebody_judged_meanwhile(session: Session, cast: Cast) -> None:
    made = given(session, cast)
    accepted(session, cast, made)

    with pytest.raises(evidence.AlreadyJudged):
        accepted(session, cast, made)
    with pytest.raises(evidence.AlreadyJudged):
        evidence.take_back(session, made, now=NOW, by=cast.by)


def test_what_was_taken_back_cannot_be_judged(session: Session, cast: Cast) -> None:
    made = given(session, cast)
    evidence.take_back(session, made, now=NOW, by=cast.by)

    for seen in (0, 1):
        with pytest.raises(evidence.AlreadyJudged):
            accepted(session, cast, made, seen=seen)


def test_evidence_is_365_days_older_than_the_submission_at_most(session: Session, cast: Cast) -> None:
    accepted(session, cast, given(session, cast, dated_on=TODAY - YEAR))
    assert level(session, cast) == 4

    older = given(session, cast, dated_on=TODAY - YEAR - DAY)
    with pytest.raises(evidence.TooOld) as refused:
        accepted(session, cast, older)
    assert refused.value.args == (TODAY - YEAR,)


def test_evidence_may_be_dated_after_the_submission_up_to_its_judgement(session: Session, cast: Cast) -> None:
    later = NOW + timedelta(days=30)

    accepted(session, cast, given(session, cast, dated_on=later.date(), now=later), now=later)

    assert level(session, cast) == 4


def test_evidence_is_dated_today_at_the_latest(session: Session, cast: Cast) -> None:
    with pytest.raises(evidence.DatedInTheFuture):
        given(session, cast, dated_on=TODAY + DAY)


def test_the_day_is_the_buyers(session: Session, cast: Cast) -> None:
    factories.organisation(session)
    in_the_evening = NOW.replace(hour=15, minute=30)

    made = given(session, cast, dated_on=TODAY + DAY, now=in_the_evening)

    assert made.dated_on == TODAY + DAY


def test_evidence_is_valid_on_the_day_it_is_accepted(session: Session, cast: Cast) -> None:
    accepted(session, cast, given(session, cast, valid_until=TODAY))
    assert level(session, cast) == 4

    gone = given(session, cast, dated_on=TODAY - DAY, valid_until=TODAY - DAY)
    with pytest.raises(evidence.NotValidAnyMore):
        accepted(session, cast, gone)
    with pytest.raises(evidence.NotValidAnyMore):
        accepted(session, cast, given(session, cast), valid_until=TODAY - DAY)
    with pytest.raises(evidence.NotValidAnyMore):
        given(session, cast, valid_until=TODAY - DAY)


@pytest.mark.parametrize(
    ("submitted", "valid_until", "expected"),
    [
        (TODAY + YEAR, None, 4),
        (TODAY + YEAR + DAY, None, 3),
        (TODAY + YEAR, TODAY + YEAR, 4),
        (TODAY + YEAR, TODAY + YEAR - DAY, 3),
    ],
)
def test_evidence_carries_over_while_it_is_young_and_valid(
    session: Session, cast: Cast, submitted: date, valid_until: date | None, expected: int
) -> None:
    accepted(session, cast, given(session, cast), valid_until=valid_until)

    assert level(session, again(session, cast, submitted)) == expected


def test_evidence_says_nothing_of_what_was_submitted_before(session: Session, cast: Cast) -> None:
    earlier = again(session, cast, TODAY - timedelta(days=100))

    accepted(session, cast, given(session, cast))

    assert (level(session, cast), level(session, earlier)) == (4, 3)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "expected"),
    [
        (TODAY, TODAY, 5),
        (TODAY + DAY, TODAY + YEAR, 3),
        (TODAY - YEAR, TODAY - DAY, 3),
    ],
)
def test_a_confirmation_is_in_force_on_the_day_of_the_submission(
    session: Session, cast: Cast, starts_on: date, ends_on: date, expected: int
) -> None:
    confirmed(session, cast, starts_on=starts_on, ends_on=ends_on)

    assert level(session, cast) == expected


def test_a_confirmation_counts_for_later_submissions_until_it_ends(session: Session, cast: Cast) -> None:
    confirmed(session, cast)

    assert level(session, again(session, cast, TODAY + YEAR)) == 5
    assert level(session, again(session, cast, TODAY + YEAR + DAY)) == 3


def test_a_withdrawn_confirmation_counts_no_longer(session: Session, cast: Cast) -> None:
    made = confirmed(session, cast)

    confirmations.withdraw(session, made, reason="別の事業所の証明書でした。", now=NOW, by=cast.by)

    assert level(session, cast) == 3
    assert current(session, cast).judgement == 3
    with pytest.raises(confirmations.AlreadyWithdrawn):
        confirmations.withdraw(session, made, reason="もう一度", now=NOW, by=cast.by)


def test_a_withdrawal_wants_a_reason(session: Session, cast: Cast) -> None:
    with pytest.raises(confirmations.WithdrawalWantsAReason):
        confirmations.withdraw(session, confirmed(session, cast), reason="", now=NOW, by=cast.by)


def test_a_certificate_is_recorded_with_what_the_content_knows(session: Session, cast: Cast) -> None:
    kind = next(one for one in certificates().kinds if set(cast.essential) <= set(one.covers))

    made = confirmations.record_certificate(
        session,
        cast.aoba,
        scope(cast, keys=frozenset(kind.covers)),
        certificate=kind.key,
        now=NOW,
        by=cast.by,
    )

    assert (made.kind, level(session, cast)) == ("certificate", 5)
    assert len(made.questions) == len(kind.covers)


def test_what_a_confirmation_says_must_hold_together(session: Session, cast: Cast) -> None:
    with pytest.raises(confirmations.NothingConfirmed):
        confirmed(session, cast, keys=frozenset())
    with pytest.raises(confirmations.NothingConfirmed):
        confirmed(session, cast, keys=frozenset({"nothing"}))
    with pytest.raises(confirmations.EndsBeforeItStarts):
        confirmed(session, cast, ends_on=TODAY - DAY)


def test_evidence_stands_behind_what_is_done_alone(session: Session) -> None:
    campaign, aoba = factories.campaign(session), factories.supplier(session)
    assessment = factories.assessment(session, campaign, aoba)
    content = questionnaires.published(session, campaign.version_id).content
    cast = Cast(aoba, assessment, content, factories.user(session))
    with pytest.raises(evidence.NothingSubmitted):
        given(session, cast)

    supply_chain.submit(session, assessment, supply_chain.say(content, "partial"))

    with pytest.raises(evidence.BesideTheAnswers):
        given(session, cast, keys=[content.scored[0].key])
    with pytest.raises(evidence.BesideTheAnswers):
        given(session, cast, keys=[])


def test_a_strangers_proof_does_not_count(session: Session, cast: Cast) -> None:
    stranger = factories.stranger(session)
    theirs = factories.assessment(session, cast.assessment.campaign, stranger)
    supply_chain.submit(session, theirs, supply_chain.say(cast.content))
    umeda = Cast(stranger, theirs, cast.content, cast.by)

    accepted(session, cast, given(session, cast))
    confirmed(session, cast)

    assert level(session, umeda) == 3


def test_a_question_that_means_something_else_now_is_not_proven(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(session, cast, given(session, cast))
    monkeypatch.setattr("assessments.proof._kept", {})
    monkeypatch.setattr("assessments.proof.meaning_hash", lambda one: f"other {one.position}")

    assert level(session, again(session, cast, TODAY + DAY)) == 3


def test_every_act_is_in_the_trail_without_words_of_the_person(session: Session, cast: Cast) -> None:
    made = given(session, cast)
    accepted(session, cast, made)
    confirmations.withdraw(session, confirmed(session, cast), reason="秘密の理由", now=NOW, by=cast.by)

    lines = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).all()
    assert [line.action for line in lines[-4:]] == [
        "evidence.given",
        "evidence.accepted",
        "confirmation.recorded",
        "confirmation.withdrawn",
    ]
    assert "秘密" not in str([line.details for line in lines])


def test_what_was_recorded_is_never_edited(session: Session, cast: Cast) -> None:
    made = given(session, cast)
    made.title = "別の題"

    with pytest.raises(RecordIsFixed):
        session.flush()


def again(session: Session, cast: Cast, on: date) -> Cast:
    """The same answers submitted on another day, in a campaign of its own."""
    campaign = factories.campaign(session, title=f"{on} の調査")
    assessment = factories.assessment(session, campaign, cast.aoba)
    at = NOW.replace(year=on.year, month=on.month, day=on.day)
    supply_chain.submit(session, assessment, supply_chain.say(cast.content), at=at)
    return Cast(cast.aoba, assessment, cast.content, cast.by)
