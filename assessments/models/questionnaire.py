"""Published content: a questionnaire, its versions, sections, questions and choices. Rows never change."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assessments.models.base import Base, public_id_column, state_type


class QuestionKind(enum.StrEnum):
    """How a question is answered; only `scored` ones count."""

    SCORED = "scored"
    NUMBER = "number"
    TEXT = "text"
    SINGLE = "single"
    MULTIPLE = "multiple"


class Questionnaire(Base):
    """A questionnaire by name, over all its versions."""

    __tablename__ = "questionnaire"
    __table_args__ = (UniqueConstraint("name"),)

    name: Mapped[str]


class QuestionnaireVersion(Base):
    """One published version; `content` is the canonical JSON behind both checksums."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (UniqueConstraint("questionnaire_id", "content_checksum"),)
    __append_only__ = True

    public_id: Mapped[str] = public_id_column()
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    version: Mapped[str]
    title: Mapped[str]
    model: Mapped[str]
    content: Mapped[str] = mapped_column(Text, deferred=True)
    content_checksum: Mapped[str]
    scoring_checksum: Mapped[str]
    published_at: Mapped[datetime]

    questionnaire: Mapped[Questionnaire] = relationship()


class Section(Base):
    """A page of the questionnaire: the profile, or one domain of an axis."""

    __tablename__ = "section"
    __table_args__ = (UniqueConstraint("version_id", "key"), UniqueConstraint("id", "version_id"))
    __append_only__ = True

    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    key: Mapped[str]
    position: Mapped[int]
    axis: Mapped[str | None]


class Question(Base):
    """One question of a version; texts are in the version's content."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("version_id", "key"),
        UniqueConstraint("id", "version_id"),
        ForeignKeyConstraint(["section_id", "version_id"], ["section.id", "section.version_id"]),
        CheckConstraint("weight BETWEEN 0 AND 3", name="weight_0_to_3"),
        CheckConstraint("(kind = 'scored') = (weight > 0)", name="scored_ones_have_weight"),
        CheckConstraint("NOT (essential AND allows_absent)", name="essential_is_never_absent"),
    )
    __append_only__ = True

    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    section_id: Mapped[int]
    key: Mapped[str]
    position: Mapped[int]
    kind: Mapped[QuestionKind] = mapped_column(state_type(QuestionKind, name="kind"))
    weight: Mapped[int] = mapped_column(default=0)
    essential: Mapped[bool] = mapped_column(default=False)
    allows_absent: Mapped[bool] = mapped_column(default=False)
    official_item: Mapped[int | None]
    meaning_hash: Mapped[str]

    choices: Mapped[list["Choice"]] = relationship(order_by="Choice.position")


class Choice(Base):
    """A choice that a question offers, in its order."""

    __tablename__ = "choice"
    __table_args__ = (UniqueConstraint("question_id", "code"),)
    __append_only__ = True

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    code: Mapped[str]
    position: Mapped[int]
