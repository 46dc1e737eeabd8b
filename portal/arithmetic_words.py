"""Sentences beside the arithmetic of a result: why a level is what it is, and what leads to the next."""

from flask_babel import gettext as _
from flask_babel import ngettext

from assessments.arithmetic import SetArithmetic
from assessments.questionnaire_content import QuestionContent
from portal import filters

DONE, CONFIRMED, VERIFIED = 3, 4, 5


def question(one: QuestionContent) -> str:
    """Name a question, with its number where it is one of the 25."""
    name = filters.text(one.name)
    return f"No.{one.official_item} {name}" if one.official_item else name


def verdict(one: SetArithmetic) -> str:
    """Say why the level is what it is."""
    if one.level is None:
        return str(_("数える質問がないため、点もレベルもありません。"))
    if one.level >= DONE:
        return _reached(one)
    if one.is_advanced:
        return _held(one)
    if one.level == 1:
        return str(_("%(half)s点†に届いていないため、レベル1です。", half=one.half_way))
    return str(
        _("%(half)s点†以上、%(done)s点†未満のため、レベル2です。", half=one.half_way, done=one.advanced)
    )


def way_on(one: SetArithmetic) -> str:
    """Say what leads to the next level; the questions themselves stand below."""
    if one.next_level is None:
        return "" if one.essential else _no_higher(one)
    if one.next_level > DONE:
        return _proof_wanted(one)
    if one.missing:
        return _points_wanted(one)
    said: str = ngettext(
        "次の%(num)d問が「実施している」になると、レベル%(level)sです。",
        "次の%(num)d問が「実施している」になると、レベル%(level)sです。",
        len(one.lightest),
        level=one.next_level,
    )
    return said


def proof(assurance: str) -> str:
    """Say how an answer is known."""
    names: dict[str, str] = {
        "attested": _("自己申告"),
        "evidenced": _("証跡を確認済み"),
        "verified": _("第三者が確認済み"),
    }
    return names.get(assurance, filters.NOTHING)


def _reached(one: SetArithmetic) -> str:
    if one.level == VERIFIED:
        return str(
            _(
                "%(done)s点†以上で、要となる質問†のすべてを第三者が確認済みのため、レベル5です。",
                done=one.advanced,
            )
        )
    if one.level == CONFIRMED:
        return str(
            _(
                "%(done)s点†以上で、要となる質問†のすべてについて証跡を確認済みのため、レベル4です。",
                done=one.advanced,
            )
        )
    if not one.essential:
        return str(_("%(done)s点†以上のため、レベル3です。", done=one.advanced))
    return str(
        _(
            "%(done)s点†以上で、要となる質問†がすべて「実施している」のため、レベル3です。",
            done=one.advanced,
        )
    )


def _held(one: SetArithmetic) -> str:
    said: str = ngettext(
        "点は%(done)s点†に届いていますが、要となる質問†のうち%(num)d問がまだ「実施している」ではないため、レベル2です。",
        "点は%(done)s点†に届いていますが、要となる質問†のうち%(num)d問がまだ「実施している」ではないため、レベル2です。",
        one.unmet,
        done=one.advanced,
    )
    return said


def _points_wanted(one: SetArithmetic) -> str:
    points = ngettext(
        "レベル%(level)sまで、合計であと%(num)d点です。",
        "レベル%(level)sまで、合計であと%(num)d点です。",
        one.missing,
        level=one.next_level,
    )
    questions = ngettext(
        "次の%(num)d問が「実施している」になると届きます。",
        "次の%(num)d問が「実施している」になると届きます。",
        len(one.lightest),
    )
    return f"{points}{filters.gap()}{questions}"


def _proof_wanted(one: SetArithmetic) -> str:
    if one.next_level == VERIFIED:
        verified: str = ngettext(
            "レベル5は、次の%(num)d問を第三者が確認すると届きます。",
            "レベル5は、次の%(num)d問を第三者が確認すると届きます。",
            len(one.holding),
        )
        return verified
    confirmed: str = ngettext(
        "レベル4は、次の%(num)d問の証跡を確認すると届きます。",
        "レベル4は、次の%(num)d問の証跡を確認すると届きます。",
        len(one.holding),
    )
    return confirmed


def _no_higher(one: SetArithmetic) -> str:
    if one.level is None:
        return ""
    return str(_("要となる質問がないため、レベル3がいちばん上です。"))
