"""Whom to ask for proof: a sample with its reasons, and words to copy; nothing is sent from here."""

from flask import g, render_template
from flask_babel import gettext as _
from sqlalchemy import select

from assessments import evidence, proof_sample
from assessments.models import Evidence, Supplier
from assessments.proof_content import sample_rules
from assessments.proof_sample import Proposed
from assessments.questionnaire_content import QuestionContent
from portal import clock, db, filters
from portal.access import supplier_scope
from portal.risk import looking, words
from portal.risk.evidence import answer_readers_only
from portal.risk.routes import blueprint


@blueprint.get("/proof-sample", endpoint="proof_sample")
def sample() -> str:
    """Propose whom to ask this month."""
    answer_readers_only()
    seen = looking.see()
    if seen is None:
        return looking.nothing()
    today = clock.today(g.organisation.time_zone)
    found = proof_sample.propose(seen.picture, capacity=looking.capacity(), on=today, without=_who_waits())
    return render_template(
        "risk/proof_sample.html",
        seen=seen,
        sample=found,
        today=today,
        rules=sample_rules(),
        capacity=looking.capacity(),
        letters={one.public_id: _letter(one) for one in found.proposed},
        words=words,
    )


def _who_waits() -> list[str]:
    """Suppliers whose proof waits for a reader."""
    query = select(Supplier.public_id).where(
        supplier_scope(), Supplier.id.in_(select(Evidence.supplier_id).where(evidence.is_waiting()))
    )
    return list(db.session().scalars(query))


def _letter(one: Proposed) -> str:
    """Words for one's own mail: little is enough, a no does no harm, and nothing of the buyer's grades."""
    asked = [question for part in one.about for question in part.questions]
    lines = "\n".join(f"・{words.question(question)}：{_what_is_enough(question)}" for question in asked)
    return str(
        _(
            "%(name)s ご担当者様\n\n"
            "先日は、情報セキュリティの調査にご回答いただき、ありがとうございました。"
            "一部のお取引先に、回答の裏づけを拝見するお願いをしています。\n\n"
            "次の質問について、いまお手元にあるもので結構ですので、どこで見られるかをお知らせください。"
            "結果の画面の「証跡」からご登録いただけます。新しく書類をつくる必要はありません。\n\n"
            "%(lines)s\n\n"
            "ご用意が難しいときは、そのままお知らせください。"
            "それを理由に、お取引が不利になることはありません。費用や時期のご相談も承ります。",
            name=one.name,
            lines=lines,
        )
    )


def _what_is_enough(question: QuestionContent) -> str:
    enough = question.guidance.get("evidence")
    return filters.text(enough) if enough else str(_("様子のわかるもの"))
