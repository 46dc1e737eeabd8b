"""Scoring what was submitted: the one bridge between published content and the arithmetic of `scoring`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session, object_session

from assessments import constants, proof, questionnaires
from assessments.constants import SHIPPED, Constants
from assessments.models import Assessment, AssessmentResult, Submission
from assessments.questionnaire_content import Content, QuestionContent, scoring_facts
from scoring import maturity
from scoring.model import Rubric, rubric_of
from scoring.scale import AnswerCode, Codes, code_of, unpack_answers, unpack_assurance


class NotAnswered(Exception):
    """A question that was asked has no answer: a draft is not scored. Its argument is the question's key."""


class ForeignResult(Exception):
    """A result was to be read with the content of another scoring."""


def rubric(content: Content, chosen: Constants = SHIPPED) -> Rubric:
    """Give the scored questions and the model as `scoring` knows them; position i is `content.scored[i]`.

    `chosen` are the buyer's own constants in the model.
    """
    key = (content.scoring_checksum, chosen.checksum)
    found = _rubrics.get(key)
    if found is None:
        facts = [scoring_facts(question) for question in content.scored]
        found = rubric_of(chosen.model(content.model), facts, content.model["lenses"])
        _rubrics[key] = found
    return found


def rubric_behind(content: Content, result: AssessmentResult) -> Rubric:
    """Give the rubric a result was scored by, the constants of its day in it. Raises ForeignResult."""
    _same_scoring(content, result)
    if not result.constants_checksum:
        return rubric(content)
    session = object_session(result)
    if session is None:
        raise ForeignResult(result.public_id)
    return rubric(content, constants.of(session, result.constants_checksum))


def vector(content: Content, answers: Mapping[str, str], axes: Iterable[str]) -> Codes:
    """Give the int8 codes of one assessment, a position a scored question, from answer words by key.

    Questions outside `axes` are NOT_ASKED whatever stands for them. Raises NotAnswered, UnknownName.
    """
    asked = frozenset(axes)
    return np.array([_code(question, answers, asked) for question in content.scored], dtype=np.int8)


def score(session: Session, submission: Submission, *, now: datetime) -> AssessmentResult:
    """Score one submission and make its result the assessment's current one."""
    return score_all(session, [submission], now=now)[0]


def score_all(
    session: Session, submissions: Sequence[Submission], *, now: datetime
) -> list[AssessmentResult]:
    """Score submissions in one go, in their order; each result becomes its assessment's current one.

    By the constants that hold now. A submission scored before gets the next judgement, by the version it was
    scored with last. At most a few hundred at a time. Raises NotAnswered.
    """
    chosen = constants.current(session)
    wanted = [submission.assessment_id for submission in submissions]
    found = session.scalars(select(Assessment).where(Assessment.id.in_(wanted)))
    assessments = {assessment.id: assessment for assessment in found}
    judged = _judgements(session, [submission.id for submission in submissions])

    def version_of(submission: Submission) -> int:
        _last, version = judged.get(submission.id, NEVER_SCORED)
        return version or assessments[submission.assessment_id].version_id

    made: dict[int, AssessmentResult] = {}
    for version_id, group in groupby(sorted(submissions, key=version_of), key=version_of):
        content = questionnaires.published(session, version_id).content
        for result in _snapshots(session, content, chosen, version_id, list(group), now=now):
            result.judgement = judged.get(result.submission_id, NEVER_SCORED)[0] + 1
            made[result.submission_id] = result
    results = [made[submission.id] for submission in submissions]
    session.add_all(results)
    session.flush()
    for result in results:
        assessments[result.assessment_id].current_result_id = result.id
    session.flush()
    return results


def codes_of(result: AssessmentResult) -> Codes:
    """Give the packed answers of a result as int8 codes."""
    codes: Codes = unpack_answers([result.codes], questions=len(result.codes))[0]
    return codes


def answers_of(content: Content, result: AssessmentResult) -> dict[str, str]:
    """Give the answer words of a result by question key, the asked ones only. Raises ForeignResult."""
    _same_scoring(content, result)
    codes = codes_of(result).tolist()
    return {
        question.key: AnswerCode(code).word
        for question, code in zip(content.scored, codes, strict=True)
        if code != AnswerCode.NOT_ASKED
    }


def summary(content: Content, result: AssessmentResult) -> maturity.Summary:
    """Give points, levels and counts by set, and the official score with its band. Raises ForeignResult."""
    codes, assurance = _unpacked(content, result)
    return maturity.summary(maturity.score(rubric_behind(content, result), [codes], [assurance]))


def explanation(content: Content, result: AssessmentResult, set_name: str) -> maturity.Explanation:
    """Give what holds a set at its level; positions are those of `content.scored`.

    Raises ForeignResult, UnknownName.
    """
    codes, assurance = _unpacked(content, result)
    return maturity.explain(rubric_behind(content, result), codes, assurance, set_name)


def explanations(content: Content, result: AssessmentResult) -> dict[str, maturity.Explanation]:
    """Give the explanations of all sets by name, in the rubric's order. Raises ForeignResult."""
    codes, assurance = _unpacked(content, result)
    return maturity.explain_all(rubric_behind(content, result), codes, assurance)


def reproduced(session: Session, result: AssessmentResult) -> dict[str, Any]:
    """Reckon a result anew from what was submitted, by its own version and constants; facts by column.

    Its assurance is taken as it was judged then. Equal to the row to the last bit, whatever holds today.
    """
    content = questionnaires.published(session, result.version_id).content
    said = json.loads(
        session.scalars(
            select(Submission.content).where(
                Submission.id == result.submission_id, Submission.supplier_id == result.supplier_id
            )
        ).one()
    )
    codes = _submitted(content, said)
    proven = unpack_assurance([result.assurance], questions=len(result.assurance))
    scores = maturity.score(rubric_behind(content, result), [codes], proven)
    return {
        "codes": codes.tobytes(),
        "assurance": result.assurance,
        "reasons": _reasons(content, said["answers"]),
        "supports": _supports(content, said["answers"]),
        **scored_facts(maturity.summary(scores)),
    }


_rubrics: dict[tuple[str, str], Rubric] = {}


# The judgement and the version of a submission without a result.
NEVER_SCORED = (0, 0)


def _code(question: QuestionContent, answers: Mapping[str, str], asked: frozenset[str]) -> AnswerCode:
    if question.axis not in asked:
        return AnswerCode.NOT_ASKED
    word = answers.get(question.key)
    if word is None:
        raise NotAnswered(question.key)
    return code_of(word)


def _judgements(session: Session, submission_ids: list[int]) -> dict[int, tuple[int, int]]:
    """The last judgement of each submission and the version it was by: scoring anew only goes forward."""
    last = func.max(AssessmentResult.judgement), func.max(AssessmentResult.version_id)
    found = (
        select(AssessmentResult.submission_id, *last)
        .where(AssessmentResult.submission_id.in_(submission_ids))
        .group_by(AssessmentResult.submission_id)
    )
    return {submission: (judgement, version) for submission, judgement, version in session.execute(found)}


def _snapshots(
    session: Session,
    content: Content,
    chosen: Constants,
    version_id: int,
    submissions: list[Submission],
    *,
    now: datetime,
) -> list[AssessmentResult]:
    spoken = [json.loads(submission.content) for submission in submissions]
    codes = np.stack([_submitted(content, said) for said in spoken])
    assurance = proof.of_submissions(
        session, content, submissions, codes, days=proof.evidence_days(content, chosen)
    )
    scores = maturity.score(rubric(content, chosen), codes, assurance)
    return [
        AssessmentResult(
            submission_id=submission.id,
            assessment_id=submission.assessment_id,
            supplier_id=submission.supplier_id,
            version_id=version_id,
            model=content.model["id"],
            scoring_checksum=content.scoring_checksum,
            constants_checksum=chosen.checksum,
            codes=codes[row].tobytes(),
            assurance=assurance[row].tobytes(),
            reasons=_reasons(content, spoken[row]["answers"]),
            supports=_supports(content, spoken[row]["answers"]),
            submitted_at=submission.submitted_at,
            scored_at=now,
            **scored_facts(maturity.summary(scores, row)),
        )
        for row, submission in enumerate(submissions)
    ]


def _submitted(content: Content, said: Mapping[str, Any]) -> Codes:
    words = {key: answer["code"] for key, answer in said["answers"].items()}
    return vector(content, words, said["axes"])


def _reasons(content: Content, answers: Mapping[str, Any]) -> bytes:
    place = {choice.code: number for number, choice in enumerate(content.reasons, start=1)}
    given = [answers.get(question.key, {}).get("reason") for question in content.scored]
    return np.array([place.get(reason, 0) for reason in given], dtype=np.int8).tobytes()


def _supports(content: Content, answers: Mapping[str, Any]) -> bytes:
    bit = {choice.code: 1 << place for place, choice in enumerate(content.supports)}
    wanted = [answers.get(question.key, {}).get("supports") or () for question in content.scored]
    masks = [sum(bit.get(code, 0) for code in set(codes)) for codes in wanted]
    return np.array(masks, dtype="<u2").tobytes()


def scored_facts(found: maturity.Summary) -> dict[str, Any]:
    """Give what a snapshot keeps of a summary, by column."""
    return {
        "levels": {name: one.level for name, one in found.sets.items()},
        "scores": {name: one.score for name, one in found.sets.items()},
        "official_score": found.official_score,
        "unknown_count": found.unknown,
        "absent_count": found.absent,
    }


def _unpacked(content: Content, result: AssessmentResult) -> tuple[Codes, Codes]:
    _same_scoring(content, result)
    assurance = unpack_assurance([result.assurance], questions=len(result.assurance))[0]
    return codes_of(result), assurance


def _same_scoring(content: Content, result: AssessmentResult) -> None:
    if content.scoring_checksum != result.scoring_checksum:
        raise ForeignResult(result.public_id)
