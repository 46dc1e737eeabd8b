"""Words of the buyer's risk side for codes of the inner rings; never shown to a supplier."""

from flask_babel import gettext as _

from assessments import exposures
from assessments.chain.attention import Attention, FirstThing, NextStep
from assessments.chain.picture import WEAKEST
from assessments.lenses import lenses
from assessments.questionnaire_content import Content, QuestionContent
from assessments.reference import industries, prefectures
from portal import filters
from scoring.benchmark import SMALLEST_POOL


def axes(content: Content) -> list[tuple[str, str]]:
    """Give the axes a picture can be seen by, with their names; the first is the usual one."""
    return [(axis.key, filters.text(axis.title)) for axis in content.axes] + [(WEAKEST, _("最も弱い分野"))]


def set_name(content: Content, name: str) -> str:
    """Name an axis, a domain or a lens."""
    titles = {axis.key: axis.title for axis in content.axes}
    titles |= {section.key: section.title for section in content.sections}
    if name in titles:
        return filters.text(titles[name])
    if name in lenses():
        return filters.text(lenses()[name].title)
    return str(_("最も弱い分野")) if name == WEAKEST else name


def exposure(key: str) -> str:
    """Name an exposure."""
    return filters.text(exposures.exposure(key).title)


def industry(code: str | None) -> str:
    """Name an industry by its letter."""
    return next((filters.text(one.name) for one in industries() if one.code == code), filters.NOTHING)


def prefecture(code: str | None) -> str:
    """Name a prefecture by its two digits."""
    return next((filters.text(one.name) for one in prefectures() if one.code == code), filters.NOTHING)


def band(name: str | None) -> str:
    """Name a band of the priority, as in a file; pages draw it with the macro."""
    names: dict[str, str] = {
        "very_low": _("低い"),
        "low": _("やや低い"),
        "moderate": _("中くらい"),
        "high": _("高い"),
        "very_high": _("極めて高い"),
    }
    return names.get(name or "", filters.NOTHING)


def level(number: int | None) -> str:
    """Name a level with its number, as in a file; 未評価 without one."""
    return f"{number} {filters.level_words(number)}" if number else str(_("未評価"))


def state(code: str | None) -> str:
    """Name the state of an assessment, as in a file."""
    names: dict[str, str] = {
        "not_started": _("まだ回答がありません"),
        "in_progress": _("回答中"),
        "submitted": _("提出済み"),
        "returned": _("確認のお願い"),
        "accepted": _("確認済み"),
        "declined": _("辞退"),
        "withdrawn": _("依頼を取りやめ"),
        "expired": _("受付を終了"),
    }
    return names.get(code or "", filters.NOTHING)


def question(one: QuestionContent) -> str:
    """Name a question, with its number where it is one of the 25."""
    name = filters.text(one.name)
    return f"No.{one.official_item} {name}" if one.official_item else name


def withheld() -> str:
    """Why a rate is not shown to who may not read single suppliers' answers."""
    words = _(
        "値のない質問は、回答が%(count)s社に満たないか、引き算で%(count)s社未満の回答がわかるため、表示しません。",
        count=SMALLEST_POOL,
    )
    return str(words)


def next_step(one: Attention) -> str:
    """Say the next step with a supplier."""
    if one.step is NextStep.MEASURE and one.measure is not None:
        name = filters.text(one.measure.name)
        if one.measure.is_free:
            return str(_("相談：%(measure)s（費用なし）", measure=name))
        return str(_("相談：%(measure)s", measure=name))
    steps: dict[NextStep, str] = {
        NextStep.ASK: _("調査に加える"),
        NextStep.REMIND: _("回答をお願いする"),
        NextStep.AWAIT: _("確認のお返事を待つ"),
        NextStep.READ: _("回答を読む"),
        NextStep.WATCH: _("いまは見守る"),
        NextStep.MEASURE: _("対策を相談する"),
    }
    return steps[one.step]


def first_thing(first: FirstThing | None) -> str:
    """Say in one sentence what to do first."""
    if first is None:
        return str(_("まず、取引関係に重要度を設定してください。設定すると、要対応の取引先がわかります。"))
    total, count = filters.companies(first.total), filters.companies(first.count)
    if first.question is not None:
        return str(
            _(
                "まず、要対応%(total)sのうち%(count)sに共通する「%(question)s」の進め方を、一緒に相談しましょう。",
                total=total,
                count=count,
                question=question(first.question),
            )
        )
    said: dict[NextStep, str] = {
        NextStep.ASK: _("まず、要対応%(total)sのうち、まだお願いしていない%(count)sを調査に加えましょう。"),
        NextStep.REMIND: _("まず、要対応%(total)sのうち、まだ回答がない%(count)sに、ご案内をしましょう。"),
        NextStep.AWAIT: _("要対応%(total)sのうち%(count)sには確認をお願いしています。お返事を待ちましょう。"),
        NextStep.READ: _("まず、要対応%(total)sのうち、提出済みの%(count)sの回答を読みましょう。"),
        NextStep.MEASURE: _("まず、要対応%(total)sのうち%(count)sと、対策を相談しましょう。"),
        NextStep.WATCH: _("要対応%(total)sのうち%(count)sは対策が進んでいます。いまは見守りましょう。"),
    }
    return said[first.step] % {"total": total, "count": count}
