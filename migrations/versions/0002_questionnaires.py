"""Add published questionnaires."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _create_questionnaire()
    _create_questionnaire_version()
    _create_section()
    _create_question()
    _create_choice()


def downgrade() -> None:
    """Drop them, children first."""
    op.drop_table("choice")
    op.drop_table("question")
    op.drop_table("section")
    op.drop_table("questionnaire_version")
    op.drop_table("questionnaire")


def _create_questionnaire() -> None:
    op.create_table(
        "questionnaire",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire")),
        sa.UniqueConstraint("name", name=op.f("uq_questionnaire_name")),
    )


def _create_questionnaire_version() -> None:
    op.create_table(
        "questionnaire_version",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_checksum", sa.String(), nullable=False),
        sa.Column("scoring_checksum", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaire.id"], name=op.f("fk_questionnaire_version_questionnaire_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_version")),
        sa.UniqueConstraint("public_id", name=op.f("uq_questionnaire_version_public_id")),
        sa.UniqueConstraint(
            "questionnaire_id",
            "content_checksum",
            name=op.f("uq_questionnaire_version_questionnaire_id_content_checksum"),
        ),
    )


def _create_section() -> None:
    op.create_table(
        "section",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("axis", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_section_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section")),
        sa.UniqueConstraint("id", "version_id", name=op.f("uq_section_id_version_id")),
        sa.UniqueConstraint("version_id", "key", name=op.f("uq_section_version_id_key")),
    )


def _create_question() -> None:
    op.create_table(
        "question",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "scored",
                "number",
                "text",
                "single",
                "multiple",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("essential", sa.Boolean(), nullable=False),
        sa.Column("allows_absent", sa.Boolean(), nullable=False),
        sa.Column("official_item", sa.Integer(), nullable=True),
        sa.Column("meaning_hash", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'scored') = (weight > 0)", name=op.f("ck_question_scored_ones_have_weight")
        ),
        sa.CheckConstraint(
            "NOT (essential AND allows_absent)", name=op.f("ck_question_essential_is_never_absent")
        ),
        sa.CheckConstraint("weight BETWEEN 0 AND 3", name=op.f("ck_question_weight_0_to_3")),
        sa.ForeignKeyConstraint(
            ["section_id", "version_id"],
            ["section.id", "section.version_id"],
            name=op.f("fk_question_section_id_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_question_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("id", "version_id", name=op.f("uq_question_id_version_id")),
        sa.UniqueConstraint("version_id", "key", name=op.f("uq_question_version_id_key")),
    )


def _create_choice() -> None:
    op.create_table(
        "choice",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_choice_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choice")),
        sa.UniqueConstraint("question_id", "code", name=op.f("uq_choice_question_id_code")),
    )
