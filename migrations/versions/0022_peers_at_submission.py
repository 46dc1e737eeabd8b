"""Keep with each submission the industry and head count that the register had then.

Peers are counted by them: were they read from today's register, a correction would move one firm between
two groups, and tell its answers. Of what was submitted before, today's register is the best that is known.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and fill them from the register as it is."""
    op.add_column("submission", sa.Column("industry", sa.String(), nullable=True))
    op.add_column("submission", sa.Column("employees", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE submission SET"
        " industry = (SELECT industry FROM supplier WHERE supplier.id = submission.supplier_id),"
        " employees = (SELECT employees FROM supplier WHERE supplier.id = submission.supplier_id)"
    )


def downgrade() -> None:
    """Leave it to the register again."""
    with op.batch_alter_table("submission") as table:
        table.drop_column("employees")
        table.drop_column("industry")
