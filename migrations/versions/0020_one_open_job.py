"""Let one job a kind and subject wait or run at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# Jobs are few, so the table is held for a moment only; built on the side, a second one could slip in.
ONE_OPEN = """-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX ix_job_kind_subject_id ON job (kind, subject_id)
WHERE state IN ('waiting', 'running')"""


def upgrade() -> None:
    """Cancel what was asked for twice, the one at work or else the older one stays, and make the index."""
    names = ("id", "kind", "subject_id", "lease_until", "ended_at")
    job = sa.table("job", sa.column("state", sa.String()), *(sa.column(name) for name in names))
    other = job.alias("other")
    is_first = sa.or_(
        sa.and_(other.c.state == "running", job.c.state == "waiting"),
        sa.and_(other.c.state == job.c.state, other.c.id < job.c.id),
    )
    is_second = sa.exists().where(
        other.c.kind == job.c.kind,
        other.c.subject_id == job.c.subject_id,
        other.c.state.in_(["waiting", "running"]),
        is_first,
    )
    op.execute(
        sa.update(job)
        .where(job.c.state.in_(["waiting", "running"]), is_second)
        .values({"state": "cancelled", "lease_until": sa.null(), "ended_at": sa.func.now()})
    )
    op.execute(ONE_OPEN)


def downgrade() -> None:
    """Drop the index; what was cancelled stays so."""
    op.drop_index("ix_job_kind_subject_id", table_name="job")
