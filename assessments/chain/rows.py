"""What the chain is made of: one frozen dataclass of arrays a kind of row; no database here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from assessments.constants import Constants
from assessments.models import AssessmentState, CampaignState
from assessments.questionnaire_content import Content
from scoring.model import Rubric
from scoring.scale import Codes

Rows: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
Words: TypeAlias = NDArray[np.str_]

NOBODY = 0
NO_ROW = -1
STATES = tuple(AssessmentState)


@dataclass(frozen=True, slots=True)
class Named:
    """Something a person may filter by: its row id, its public id, its name."""

    id: int
    public_id: str
    name: str


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """A campaign as the picture needs it; the newest stands first in `Chain.campaigns`."""

    id: int
    public_id: str
    name: str
    state: CampaignState
    due_on: date


@dataclass(frozen=True, eq=False)
class Suppliers:
    """The register, a row a supplier, in rising order of id; "" and -1 where something is not known."""

    ids: Rows
    public_ids: tuple[str, ...]
    names: tuple[str, ...]
    codes: tuple[str, ...]
    industries: Words
    prefectures: Words
    employees: Rows

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Relationships:
    """What units have with suppliers; a supplier with none has one row with unit 0 and nothing in it.

    `supplier` is a row of Suppliers, `exposures` are 0 where not set, `owner` and `tier` 0 where not known;
    `star` is the one decided in place of the reckoned one, 0 for none.
    """

    supplier: Rows
    unit: Rows
    owner: Rows
    tier: Rows
    exposures: Codes
    spend: Rows
    star: Codes


@dataclass(frozen=True, eq=False)
class Asked:
    """Assessments, a row each; `state` is a place in STATES."""

    supplier: Rows
    campaign: Rows
    state: Rows
    is_opened: Mask
    is_started: Mask


@dataclass(frozen=True, eq=False)
class Scored:
    """The current results of assessments, oldest submission first; columns are those of the chain's rubric.

    `submitted` is in seconds since 1970. `reasons` hold places in the content's list from 1, `supports` a bit
    a support. What an older version asked in other words is not asked here.
    """

    ids: Rows
    supplier: Rows
    campaign: Rows
    submitted: Rows
    codes: Codes
    assurance: Codes
    reasons: Codes
    supports: NDArray[np.uint16]
    levels: Codes
    is_self_declared: Mask

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Chain:
    """Everything at one moment, read by the newest version that anybody answered.

    `constants` are those that hold now, and stand in the rubric's model; `zone` is that of the buyer's days.
    `pictures` holds the last looks at it, filled by `picture.view`.
    """

    key: tuple[object, ...]
    content: Content
    constants: Constants
    zone: ZoneInfo
    rubric: Rubric
    campaigns: tuple[CampaignFacts, ...]
    units: tuple[Named, ...]
    owners: tuple[Named, ...]
    suppliers: Suppliers
    relationships: Relationships
    asked: Asked
    scored: Scored
    pictures: dict[Any, Any] = field(default_factory=dict)

    @property
    def months_current(self) -> int:
        """For how many months after its submission a result counts."""
        return int(self.constants.applied(self.content.model)["months_current"])

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """The row of a supplier by its public id."""
        return {public_id: row for row, public_id in enumerate(self.suppliers.public_ids)}

    @cached_property
    def tiers(self) -> tuple[int, ...]:
        """The tiers that occur, the nearest first."""
        return tuple(int(tier) for tier in np.unique(self.relationships.tier) if tier)

    @cached_property
    def industries(self) -> tuple[str, ...]:
        """The industries that occur, by letter."""
        return tuple(str(code) for code in np.unique(self.suppliers.industries) if code)

    @cached_property
    def prefectures(self) -> tuple[str, ...]:
        """The prefectures that occur, by their two digits."""
        return tuple(str(code) for code in np.unique(self.suppliers.prefectures) if code)
