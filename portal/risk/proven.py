"""Which answers of a supplier rest on more than its word, as its page for the buyer shows it."""

from dataclasses import dataclass

from assessments.chain.detail import Standing
from assessments.questionnaire_content import QuestionContent
from scoring.scale import AnswerCode, Assurance, unpack_answers, unpack_assurance


@dataclass(frozen=True, slots=True)
class Proven:
    """The implemented answers by what stands behind them, and how many rest on the word alone."""

    verified: tuple[QuestionContent, ...]
    evidenced: tuple[QuestionContent, ...]
    attested: int


def proven(standing: Standing) -> Proven:
    """Sort the implemented answers of a result by their assurance."""
    result, scored = standing.result, standing.published.content.scored
    codes = unpack_answers([result.codes], questions=len(scored))[0].tolist()
    assurance = unpack_assurance([result.assurance], questions=len(scored))[0].tolist()
    done = [
        (question, proof)
        for question, code, proof in zip(scored, codes, assurance, strict=True)
        if code == AnswerCode.IMPLEMENTED
    ]
    return Proven(
        verified=tuple(question for question, proof in done if proof == Assurance.VERIFIED),
        evidenced=tuple(question for question, proof in done if proof == Assurance.EVIDENCED),
        attested=sum(proof == Assurance.ATTESTED for _question, proof in done),
    )
