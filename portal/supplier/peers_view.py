"""How a supplier stands beside its peers, in words and as dots; nothing is decided here."""

from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from assessments.benchmarks import PublicRate, TradeSecretRate
from assessments.own_peers import OwnPeers, OwnRate, OwnStanding, PeerItem, PeerSet, StaffRow
from assessments.pool.groups import Group
from assessments.questionnaire_content import QuestionContent
from portal import filters
from portal.supplier.question_view import number
from portal.supplier.survey_view import Dot


@dataclass(frozen=True, slots=True)
class ShownSet:
    """An axis or a domain: its line of dots and its words; without others where they are too few.

    The domains of an axis are its `parts`; one that is all of its axis is left out.
    """

    title: str
    words: str
    mine: Dot
    others: tuple[Dot, ...]
    parts: tuple["ShownSet", ...] = ()


@dataclass(frozen=True, slots=True)
class ShownRate:
    """A rate with the group it is of; `is_wider` where it is not of the closest group."""

    percent: str
    note: str
    is_wider: bool


@dataclass(frozen=True, slots=True)
class ShownItem:
    """A question's row."""

    name: str
    code: str
    pool: ShownRate | None
    everybody: str
    published: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownStaff:
    """A size band's row: the cells of percentages, or none."""

    name: str
    is_own: bool
    cells: tuple[str, ...]
    n: str


def standings(peers: OwnPeers) -> list[ShownSet]:
    """Give where the axes stand, each with its domains."""
    shown: list[ShownSet] = []
    for one in peers.sets:
        if one.is_axis:
            shown.append(_set(one))
        else:
            shown[-1] = replace(shown[-1], parts=(*shown[-1].parts, _set(one)))
    return shown


def domains(peers: OwnPeers) -> list[tuple[str, list[ShownItem]]]:
    """Give the questions by domain."""
    closest = bool(peers.industry and peers.size)
    return [
        (filters.text(title), [_item(one, has_closest=closest) for one in items])
        for title, items in peers.domains
    ]


def staff(peers: OwnPeers) -> list[ShownStaff]:
    """Give who looks after security, by size."""
    return [_staff(one) for one in peers.staff]


def staff_columns(peers: OwnPeers) -> list[dict[str, Any]]:
    """Give the columns of that table: a choice each, and how many firms."""
    choices = [{"label": filters.text(choice), "number": True} for choice in peers.staff_choices]
    return [{"label": _("従業員数")}, *choices, {"label": _("社数"), "number": True}]


def group_words(group: Group) -> str:
    """Name a group: 製造業・6〜20人, 製造業, or 取引先全体."""
    names = [filters.text(one.name) for one in (group.industry, group.size) if one]
    return _("・").join(names) if names else str(_("取引先全体"))


def _set(one: PeerSet) -> ShownSet:
    points = _("%(points)s点", points=filters.points(one.score))
    return ShownSet(
        title=filters.text(one.title),
        words=_standing(one.standing),
        mine=Dot(_("貴社"), one.score, str(points), ""),
        others=_quarters(one.standing) if one.standing else (),
    )


def _standing(found: OwnStanding | None) -> str:
    if found is None:
        return str(_("社数が少ないため、ほかの会社との比較は表示しません。"))
    among = _("%(group)sの%(count)s", group=group_words(found.group), count=filters.companies(found.n))
    if found.quartile == 1:
        return str(_("%(among)sの、上から4分の1あたりです。", among=among))
    if not found.questions_below:
        return str(_("%(among)sの、まんなかあたりか、それより上です。", among=among))
    return str(
        ngettext(
            "%(among)sのまんなか（中央値）まで、あと%(num)d問ほどです。",
            "%(among)sのまんなか（中央値）まで、あと%(num)d問ほどです。",
            found.questions_below,
            among=among,
        )
    )


def _quarters(found: OwnStanding) -> tuple[Dot, ...]:
    def dot(label: str, value: float, n: str = "") -> Dot:
        return Dot(label, value, str(_("%(points)s点", points=filters.points(value))), n)

    return (
        dot(_("まんなか（中央値）"), found.median, filters.number(found.n)),
        dot(_("上から4分の1の境目"), found.upper),
    )


def _item(one: PeerItem, *, has_closest: bool) -> ShownItem:
    return ShownItem(
        name=_name(one.question),
        code=one.code,
        pool=_rate(one, has_closest=has_closest),
        everybody=f"{filters.percent(one.everybody.percent)} {_of(one.everybody)}" if one.everybody else "",
        published=_published(one.survey, one.trade_secret),
    )


def _rate(one: PeerItem, *, has_closest: bool) -> ShownRate | None:
    if one.pool is None:
        return None
    return ShownRate(
        percent=filters.percent(one.pool.percent),
        note=_of(one.pool),
        is_wider=has_closest and one.pool.group.size is None,
    )


def _of(rate: OwnRate) -> str:
    return f"{group_words(rate.group)} n={filters.number(rate.n)}"


def _published(survey: PublicRate | None, trade_secret: TradeSecretRate | None) -> tuple[str, ...]:
    if survey is not None:
        name = _("全業種") if survey.segment == "overall" else _("同じ業種")
        return (f"{filters.percent(survey.percent, 1)} {name} n={filters.number(survey.n)}",)
    if trade_secret is None:
        return ()
    ends = ((trade_secret.low_group, trade_secret.low), (trade_secret.high_group, trade_secret.high))
    return tuple(
        str(_("%(group)s：%(range)s", group=filters.text(group), range=_range(found)))
        for group, found in ends
    )


def _range(ends: tuple[float, float]) -> str:
    low, high = (filters.percent(end, 1) for end in ends)
    return low if low == high else str(_("%(low)s〜%(high)s", low=low, high=high))


def _name(question: QuestionContent) -> str:
    return f"{number(question)} {filters.text(question.name)}".strip()


def _staff(one: StaffRow) -> ShownStaff:
    return ShownStaff(
        name=filters.text(one.size.name) if one.size else str(_("取引先全体")),
        is_own=one.is_own,
        cells=tuple(filters.percent(share) for share in one.percent or ()),
        n=filters.number(one.n),
    )
