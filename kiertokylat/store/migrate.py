"""Bring a database to the schema of this program."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from kiertokylat.errors import StoreError
from kiertokylat.store import schema

FOLDER = Path(__file__).parent / "migrations"


def is_current(connection: Connection, place: str) -> bool:
    """Whether the database has the schema of this program; only looks.

    Raises
    ------
    StoreError
        `not_ours`: it holds tables of the same names that this program did not make.
    """
    return _reached(connection, place) == schema.SCHEMA


def migrate(connection: Connection, place: str) -> None:
    """Make or upgrade the tables, inside the connection's transaction.

    Parameters
    ----------
    connection
        From `Database.migrating`.
    place
        The database as it is shown to people.

    Raises
    ------
    StoreError
        `newer_version`: a later program has made the database. `not_ours`, as above.
    """
    reached = _reached(connection, place)
    if reached == schema.SCHEMA:  # another session was first
        return
    # Imported here because few starts need it, and it takes a moment.
    from alembic.config import Config  # noqa: PLC0415
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    # Alembic reads its options as a .ini file does: a percent sign in the path is doubled.
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    if reached is not None and reached not in known:
        raise StoreError("newer_version", place=place, schema=reached, known=schema.SCHEMA)
    environment = EnvironmentContext(
        config, scripts, fn=lambda current, _: scripts._upgrade_revs("head", current)
    )
    with environment:
        environment.configure(connection=connection, version_table=schema.VERSION_TABLE)
        environment.run_migrations()


def _reached(connection: Connection, place: str) -> str | None:
    """The schema version that the database has; None for a new one."""
    present = set(inspect(connection).get_table_names())
    if schema.VERSION_TABLE in present:
        query = text(f"SELECT version_num FROM {schema.VERSION_TABLE}")  # noqa: S608
        return str(connection.execute(query).scalar_one())
    if present & set(schema.metadata.tables):
        raise StoreError("not_ours", place=place)
    return None
