"""The third schema: fingerprints of erased companies, so that no import brings them back."""

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Add the table of erased companies."""
    op.create_table(
        "erased",
        sa.Column("company", sa.Text, nullable=False),
        sa.Column("business_ids", sa.Text, nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("date", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("company", name="pk_erased"),
    )
