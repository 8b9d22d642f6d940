"""The first schema: companies, flows, and the history of their changes."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Make the tables of an empty database."""
    op.create_table(
        "dataset",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dataset"),
        sa.CheckConstraint("id = 1", name="ck_dataset_one_row"),
    )
    op.execute("INSERT INTO dataset (id, version) VALUES (1, 0)")
    op.create_table(
        "companies",
        _text("id"),
        _text("name"),
        _text("business_id"),
        _text("nace"),
        _text("nace_edition"),
        _text("municipality"),
        sa.Column("employees", sa.Double),
        sa.Column("x", sa.Double, nullable=False),
        sa.Column("y", sa.Double, nullable=False),
        _text("precision"),
        _text("source"),
        _text("status"),
        _text("corrected"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("sole_trader", sa.Boolean, nullable=False),
        _text("contact"),
        sa.PrimaryKeyConstraint("id", name="pk_companies"),
    )
    op.create_table(
        "flows",
        _text("id"),
        _text("company_id"),
        _text("direction"),
        _text("ewc"),
        _text("material"),
        sa.Column("tonnes_low", sa.Double),
        sa.Column("tonnes", sa.Double),
        sa.Column("tonnes_high", sa.Double),
        _text("continuity"),
        _text("basis"),
        _text("source"),
        _text("note"),
        _text("status"),
        _text("corrected"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flows"),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name="fk_flows_company_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_flows_company_id", "flows", ["company_id"])
    _history()


def _history() -> None:
    op.create_table(
        "batches",
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        _text("who"),
        _text("kind"),
        _text("title"),
        sa.Column("companies", sa.Integer, nullable=False),
        sa.Column("flows", sa.Integer, nullable=False),
        sa.Column("undoes", sa.Integer),
        sa.PrimaryKeyConstraint("version", name="pk_batches"),
    )
    op.create_table(
        "changes",
        sa.Column("version", sa.Integer, nullable=False),
        _text("entity"),
        _text("row_id"),
        _text("company_id"),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.PrimaryKeyConstraint("version", "entity", "row_id", name="pk_changes"),
        sa.ForeignKeyConstraint(["version"], ["batches.version"], name="fk_changes_version"),
    )
    op.create_index("ix_changes_row_id", "changes", ["row_id"])
    op.create_index("ix_changes_company_id", "changes", ["company_id"])


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False)
