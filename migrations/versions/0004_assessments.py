"""Add assessments, answers, submissions and results."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _create_assessment()
    _create_answer()
    _create_answer_revision()
    _create_submission()
    _create_assessment_result()
    if op.get_bind().dialect.name != "sqlite":
        _point_at_the_newest_result()


def downgrade() -> None:
    """Drop them, children first."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_assessment_current_result", "assessment", type_="foreignkey")
    op.drop_table("assessment_result")
    op.drop_table("submission")
    op.drop_table("answer_revision")
    op.drop_table("answer")
    op.drop_table("assessment")


def _create_assessment() -> None:
    op.create_table(
        "assessment",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("axes", sa.JSON(), nullable=False),
        sa.Column("axes_reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "not_started",
                "in_progress",
                "submitted",
                "returned",
                "accepted",
                "declined",
                "withdrawn",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notice_version", sa.String(), nullable=True),
        sa.Column("notice_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("current_result_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'accepted') = (accepted_at IS NOT NULL)", name=op.f("ck_assessment_accepted_has_a_time")
        ),
        sa.CheckConstraint(
            "(state = 'not_started') <= (started_at IS NULL)",
            name=op.f("ck_assessment_not_started_has_no_time"),
        ),
        sa.CheckConstraint(
            "(state = 'returned') <= (returned_at IS NOT NULL)",
            name=op.f("ck_assessment_returned_has_a_time"),
        ),
        sa.CheckConstraint(
            "(state IN ('submitted', 'returned', 'accepted')) <= (submitted_at IS NOT NULL)",
            name=op.f("ck_assessment_submitted_has_a_time"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_assessment_campaign_id")),
        *_newest_result_inline(),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_assessment_supplier_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_assessment_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint(
            "campaign_id", "supplier_id", "scope", name=op.f("uq_assessment_campaign_id_supplier_id_scope")
        ),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_assessment_id_supplier_id")),
        sa.UniqueConstraint("id", "version_id", name=op.f("uq_assessment_id_version_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_assessment_public_id")),
    )
    op.create_index("ix_assessment_started_at", "assessment", ["started_at"], unique=False)
    op.create_index("ix_assessment_supplier_id", "assessment", ["supplier_id"], unique=False)


def _create_answer() -> None:
    op.create_table(
        "answer",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("supports", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_answer_revision_from_1")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["user_account.id"], name=op.f("fk_answer_answered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id", "supplier_id"],
            ["assessment.id", "assessment.supplier_id"],
            name=op.f("fk_answer_assessment_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id", "version_id"],
            ["assessment.id", "assessment.version_id"],
            name=op.f("fk_answer_assessment_id_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["question_id", "version_id"],
            ["question.id", "question.version_id"],
            name=op.f("fk_answer_question_id_version_id"),
        ),
        sa.PrimaryKeyConstraint("assessment_id", "question_id", name=op.f("pk_answer")),
    )


def _create_answer_revision() -> None:
    op.create_table(
        "answer_revision",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["user_account.id"], name=op.f("fk_answer_revision_answered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id", "supplier_id"],
            ["assessment.id", "assessment.supplier_id"],
            name=op.f("fk_answer_revision_assessment_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_revision_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_revision")),
        sa.UniqueConstraint(
            "assessment_id",
            "question_id",
            "revision",
            name=op.f("uq_answer_revision_assessment_id_question_id_revision"),
        ),
    )


def _create_submission() -> None:
    op.create_table(
        "submission",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id", "supplier_id"],
            ["assessment.id", "assessment.supplier_id"],
            name=op.f("fk_submission_assessment_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["user_account.id"], name=op.f("fk_submission_submitted_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("assessment_id", "number", name=op.f("uq_submission_assessment_id_number")),
        sa.UniqueConstraint("id", "assessment_id", name=op.f("uq_submission_id_assessment_id")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_submission_id_supplier_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_submission_public_id")),
    )
    op.create_index(op.f("ix_submission_supplier_id"), "submission", ["supplier_id"], unique=False)


def _create_assessment_result() -> None:
    op.create_table(
        "assessment_result",
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("judgement", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("scoring_checksum", sa.String(), nullable=False),
        sa.Column("codes", sa.LargeBinary(), nullable=False),
        sa.Column("assurance", sa.LargeBinary(), nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=False),
        sa.Column("supports", sa.LargeBinary(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("official_score", sa.Integer(), nullable=True),
        sa.Column("unknown_count", sa.Integer(), nullable=False),
        sa.Column("absent_count", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "official_score BETWEEN -25 AND 100", name=op.f("ck_assessment_result_official_score_range")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id", "supplier_id"],
            ["assessment.id", "assessment.supplier_id"],
            name=op.f("fk_assessment_result_assessment_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id", "supplier_id"],
            ["submission.id", "submission.supplier_id"],
            name=op.f("fk_assessment_result_submission_id_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_assessment_result_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_result")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_assessment_result_id_supplier_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_assessment_result_public_id")),
        sa.UniqueConstraint(
            "submission_id", "judgement", name=op.f("uq_assessment_result_submission_id_judgement")
        ),
    )
    op.create_index(
        op.f("ix_assessment_result_assessment_id"), "assessment_result", ["assessment_id"], unique=False
    )
    op.create_index(
        op.f("ix_assessment_result_supplier_id"), "assessment_result", ["supplier_id"], unique=False
    )


def _newest_result_inline() -> list[sa.ForeignKeyConstraint]:
    """SQLite takes a key to a later table but cannot add one afterwards; others the other way."""
    if op.get_bind().dialect.name != "sqlite":
        return []
    return [
        sa.ForeignKeyConstraint(
            ["current_result_id", "supplier_id"],
            ["assessment_result.id", "assessment_result.supplier_id"],
            name="fk_assessment_current_result",
        )
    ]


def _point_at_the_newest_result() -> None:
    op.create_foreign_key(
        "fk_assessment_current_result",
        "assessment",
        "assessment_result",
        ["current_result_id", "supplier_id"],
        ["id", "supplier_id"],
    )
