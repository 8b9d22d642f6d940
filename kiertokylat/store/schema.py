"""The tables of the database, as the newest migration leaves them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

from kiertokylat import tables

# The newest migration, and the table in which a database says which one it has reached.
SCHEMA = "3"
VERSION_TABLE = "kiertokylat_schema"

# Every constraint has a name, so that a later migration can speak of it on both databases.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# One row. Its version grows with every change; on PostgreSQL, writers queue for its lock.
dataset = Table(
    "dataset",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True),
    Column("version", Integer, nullable=False),
)

_TYPES = {"float64": Double, "int64": Integer, "bool": Boolean}


def _columns(schema: object) -> list[Column]:
    """The columns of a table's contract; only a number that nobody knows is NULL."""
    return [
        Column(name, _TYPES.get(str(column.dtype), Text)(), nullable=column.nullable)
        for name, column in schema.columns.items()  # type: ignore[attr-defined]
        if name not in ("id", "company_id")
    ]


companies = Table(
    "companies",
    metadata,
    Column("id", Text, primary_key=True),
    *_columns(tables.STORED_COMPANIES),
)
flows = Table(
    "flows",
    metadata,
    Column("id", Text, primary_key=True),
    # Looked at when a transaction ends, so that the order of its statements does not matter.
    Column(
        "company_id",
        Text,
        ForeignKey("companies.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
        index=True,
    ),
    *_columns(tables.STORED_FLOWS),
)

# One row for every version: who made it, when and how.
batches = Table(
    "batches",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("time", DateTime(timezone=True), nullable=False),  # UTC
    Column("who", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("companies", Integer, nullable=False),  # rows that it wrote or removed
    Column("flows", Integer, nullable=False),
    Column("undoes", Integer),  # the version that it takes back
)
# One row for every row that a version changed: JSON of all its columns, NULL where there is none.
changes = Table(
    "changes",
    metadata,
    Column("version", Integer, ForeignKey("batches.version"), primary_key=True),
    Column("entity", Text, primary_key=True),  # companies, flows
    Column("row_id", Text, primary_key=True),
    Column("company_id", Text, nullable=False),  # whose it was before, else whose it became
    Column("before", Text),
    Column("after", Text),
    Index("ix_changes_row_id", "row_id"),
    Index("ix_changes_company_id", "company_id"),
)

# One row for every company that was erased on request. It names nobody (`kiertokylat.erasures`).
erased = Table(
    "erased",
    metadata,
    Column("company", Text, primary_key=True),  # fingerprint of its id
    Column("business_ids", Text, nullable=False),  # fingerprints, a space between
    Column("salt", Text, nullable=False),
    Column("date", Text, nullable=False),  # ISO
)

# --- workshops: written by `rooms` and `commitments`, not by plans; no history is kept ---
# Ids are text made by the program: rows move between databases, whose counters would not follow.
workshops = Table(
    "workshops",
    metadata,
    Column("id", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("municipalities", Text, nullable=False),  # codes, a space between
    Column("date", Text, nullable=False),  # ISO
    Column("moderated", Boolean, nullable=False),  # posts wait until they are accepted
    Column("open", Boolean, nullable=False),
    Column("step", Text, nullable=False),
    Column("candidate", Text, nullable=False),  # key of the one that is shown, or empty
    Column("created", DateTime(timezone=True), nullable=False),  # UTC
    # Grows with everything that is written of the workshop; its writers queue for this row.
    Column("pulse", Integer, nullable=False),
    Index("ix_workshops_code", "code", unique=True),
)
# One row a phone. Only a hash of its token is kept; `number` is what others know it by.
participants = Table(
    "participants",
    metadata,
    Column("workshop", Text, ForeignKey("workshops.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1, as they joined
    Column("token", Text, nullable=False),  # SHA-256, hexadecimal
    Column("joined", DateTime(timezone=True), nullable=False),
    Index("ix_participants_token", "token", unique=True),
)
posts = Table(
    "posts",
    metadata,
    Column("id", Text, primary_key=True),  # made by the phone: sent twice, it is still one post
    Column("workshop", Text, ForeignKey("workshops.id"), nullable=False, index=True),
    Column("participant", Integer, nullable=False),  # number; 0: written down by the facilitator
    Column("direction", Text, nullable=False),
    Column("material", Text, nullable=False),  # key, or empty
    Column("tonnes_low", Double),  # t/a
    Column("tonnes", Double),
    Column("tonnes_high", Double),
    Column("amount", Text, nullable=False),  # as it was said
    Column("municipality", Text, nullable=False),  # code, or empty
    Column("note", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)
votes = Table(
    "votes",
    metadata,
    Column("workshop", Text, ForeignKey("workshops.id"), primary_key=True),
    Column("participant", Integer, primary_key=True, autoincrement=False),
    Column("candidate", Text, primary_key=True),
    Column("vote", Text, nullable=False),
)
commitments = Table(
    "commitments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workshop", Text, ForeignKey("workshops.id"), index=True),  # NULL: made elsewhere
    Column("candidate", Text, nullable=False),  # key, or empty: a free idea
    Column("idea", Text, nullable=False),
    Column("companies", Text, nullable=False),
    Column("next_step", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("due", Text, nullable=False),  # ISO, or empty
    Column("stage", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("updated", DateTime(timezone=True), nullable=False),
    Column("revision", Integer, nullable=False),  # grows by one with every edit
)

# The tables that a plan writes, by the name that the package gives them.
ENTITIES = {"companies": companies, "flows": flows}
