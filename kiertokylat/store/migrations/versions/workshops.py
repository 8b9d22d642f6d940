"""The second schema: workshops, what their participants say, and commitments."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Add the tables of workshops and commitments."""
    _workshops()
    _said()
    op.create_table(
        "commitments",
        _text("id"),
        sa.Column("workshop", sa.Text),
        _text("candidate"),
        _text("idea"),
        _text("companies"),
        _text("next_step"),
        _text("who"),
        _text("due"),
        _text("stage"),
        _text("note"),
        _time("created"),
        _time("updated"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_commitments"),
        _of_workshop("commitments"),
    )
    op.create_index("ix_commitments_workshop", "commitments", ["workshop"])


def _workshops() -> None:
    op.create_table(
        "workshops",
        _text("id"),
        _text("code"),
        _text("name"),
        _text("place"),
        _text("municipalities"),
        _text("date"),
        sa.Column("moderated", sa.Boolean, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        _text("step"),
        _text("candidate"),
        _time("created"),
        sa.Column("pulse", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workshops"),
    )
    op.create_index("ix_workshops_code", "workshops", ["code"], unique=True)
    op.create_table(
        "participants",
        _text("workshop"),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        _text("token"),
        _time("joined"),
        sa.PrimaryKeyConstraint("workshop", "number", name="pk_participants"),
        _of_workshop("participants"),
    )
    op.create_index("ix_participants_token", "participants", ["token"], unique=True)


def _said() -> None:
    op.create_table(
        "posts",
        _text("id"),
        _text("workshop"),
        sa.Column("participant", sa.Integer, nullable=False),
        _text("direction"),
        _text("material"),
        sa.Column("tonnes_low", sa.Double),
        sa.Column("tonnes", sa.Double),
        sa.Column("tonnes_high", sa.Double),
        _text("amount"),
        _text("municipality"),
        _text("note"),
        _text("state"),
        _time("created"),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        _of_workshop("posts"),
    )
    op.create_index("ix_posts_workshop", "posts", ["workshop"])
    op.create_table(
        "votes",
        _text("workshop"),
        sa.Column("participant", sa.Integer, autoincrement=False, nullable=False),
        _text("candidate"),
        _text("vote"),
        sa.PrimaryKeyConstraint("workshop", "participant", "candidate", name="pk_votes"),
        _of_workshop("votes"),
    )


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False)


def _time(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _of_workshop(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["workshop"], ["workshops.id"], name=f"fk_{table}_workshop")
