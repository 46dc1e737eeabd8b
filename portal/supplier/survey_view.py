"""The public survey beside a supplier's answers, as the macro of dots draws it."""

from dataclasses import dataclass

from flask_babel import gettext as _

from assessments.own_survey import OwnComparison, OwnPeer
from portal import filters


@dataclass(frozen=True, slots=True)
class Dot:
    """A value on the line of dots."""

    label: str
    value: float
    text: str
    n: str


@dataclass(frozen=True, slots=True)
class ShownComparison:
    """A domain's line of dots."""

    title: str
    mine: Dot
    others: tuple[Dot, ...]


def compared(one: OwnComparison) -> ShownComparison:
    """Give a domain beside the survey, as dots."""
    mine = _(
        "%(share)s（%(counted)s問のうち%(done)s問）",
        share=filters.percent(one.mine),
        counted=one.counted,
        done=one.done,
    )
    return ShownComparison(
        title=filters.text(one.title),
        mine=Dot(_("貴社"), one.mine, str(mine), ""),
        others=tuple(_peer(peer) for peer in one.peers),
    )


def _peer(peer: OwnPeer) -> Dot:
    name = filters.text(peer.segment) if peer.segment else _("調査の全体")
    if peer.left_out:
        items = "・".join(str(item) for item in peer.left_out)
        name = _("%(name)s（項目%(items)sを除く）", name=name, items=items)
    return Dot(str(name), peer.percent, filters.percent(peer.percent), filters.number(peer.n))
