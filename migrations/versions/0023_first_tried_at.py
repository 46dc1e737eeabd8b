"""Note since when a mail has been tried under its key, which a mail server keeps only so long."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the moment; what may have arrived by now is taken as tried since it was queued."""
    op.add_column("message", sa.Column("first_tried_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE message SET first_tried_at = created_at WHERE lease_by LIKE 'keyed:%' AND attempts > 0 "
        "AND state IN ('queued', 'leased', 'sending')"
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("message", "first_tried_at")
