"""How a campaign runs over time: when it starts, in which waves, whom it reminds, who agreed to what."""

import enum
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, PrivateText, state_type
from assessments.models.campaign import Campaign
from assessments.models.party import User


class StepKind(enum.StrEnum):
    """承認依頼, 承認, 差し戻し, 予約, 予約の取りやめ, 予約どおりに送れず, 送信, 一時停止, 再開."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"
    NOT_STARTED = "not_started"
    OPENED = "opened"
    PAUSED = "paused"
    RESUMED = "resumed"


class CampaignCourse(Base):
    """What a campaign does by itself; a campaign without one sends at once and reminds nobody.

    `per_day` are suppliers a business day. Reminders, counted in business days: the first after
    `first_after`, then every `then_every`, at most `at_most`, the last notice `final_before` the due date.
    `follows_id` is the campaign of the year before.
    """

    __tablename__ = "campaign_course"
    __table_args__ = (
        UniqueConstraint("campaign_id"),
        # One draft a year follows a campaign, however many schedules look.
        UniqueConstraint("follows_id"),
        CheckConstraint("per_day >= 1", name="per_day_from_1"),
        CheckConstraint("first_after >= 1 AND then_every >= 1 AND at_most >= 1", name="reminders_from_1"),
        CheckConstraint("final_before >= 1", name="final_from_1"),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    starts_at: Mapped[datetime | None]
    scheduled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    paused_at: Mapped[datetime | None]
    per_day: Mapped[int | None]
    reminds: Mapped[bool] = mapped_column(default=False)
    first_after: Mapped[int]
    then_every: Mapped[int]
    at_most: Mapped[int]
    final_before: Mapped[int | None]
    tells_owner: Mapped[bool] = mapped_column(default=False)
    is_yearly: Mapped[bool] = mapped_column(default=False)
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))

    campaign: Mapped[Campaign] = relationship(foreign_keys=[campaign_id])
    follows: Mapped[Campaign | None] = relationship(foreign_keys=[follows_id])


class CampaignStep(Base):
    """One step of a campaign on its way, by whom and in which words; without a person it was the schedule."""

    __tablename__ = "campaign_step"
    __table_args__ = (Index("ix_campaign_step_campaign_id", "campaign_id"),)
    __append_only__ = True

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[StepKind] = mapped_column(state_type(StepKind, name="kind"))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    remark: Mapped[str] = mapped_column(PrivateText, default="")
    starts_at: Mapped[datetime | None]

    by: Mapped[User | None] = relationship()


class OfficeHours(Base):
    """When the buyer works. `breaks` are the company's own: [first day, last day] as YYYY-MM-DD."""

    __tablename__ = "office_hours"
    __table_args__ = (
        UniqueConstraint("organisation_id"),
        CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    opens_at: Mapped[time]
    closes_at: Mapped[time]
    rests_at_new_year: Mapped[bool] = mapped_column(default=True)
    breaks: Mapped[list[Any]] = mapped_column(JSON, default=list)

    def spans(self) -> tuple[tuple[date, date], ...]:
        """Give the company's own breaks as days."""
        return tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in self.breaks)
