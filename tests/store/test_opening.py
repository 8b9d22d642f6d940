"""Opening a database: its schema, its address, and what is wrong with it."""

import sqlite3
from contextlib import closing

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from kiertokylat.errors import StoreError
from kiertokylat.store import FILE, VARIABLE, open_store, schema
from kiertokylat.store.engine import connect
from kiertokylat.store.migrate import FOLDER
from tests.store.postgres import PASSWORD
from tests.store.samples import EDITOR, adding, companies, content, flows, renamed


def change(address, *statements):
    """Do something to a database behind the program's back."""
    database = connect(address, 5)
    try:
        with database.writing() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        database.engine.dispose()


def refusal(address, seconds=5.0):
    """Why a database can't be opened."""
    with pytest.raises(StoreError) as caught:
        open_store(address, seconds)
    for language in ("fi", "en"):
        assert PASSWORD not in caught.value.message(language)
    return caught.value


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing(request, tmp_path):
    """Address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/100% tyhjä.sqlite"
    return request.getfixturevalue("server").new_database()


def test_migrations_lead_to_the_schema_that_the_program_knows(nothing):
    store = open_store(nothing)
    assert store.version() == 0
    store.close()
    database = connect(nothing, 5)
    with database.reading() as connection:
        options = {"version_table": schema.VERSION_TABLE, "compare_server_default": True}
        found = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(found, schema.metadata) == []
        assert found.get_current_revision() == schema.SCHEMA
    database.engine.dispose()


def test_the_newest_migration_is_the_schema_of_the_program():
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.SCHEMA]


def test_opening_again_keeps_everything(store, address):
    store.apply(adding(companies(a="A")), EDITOR)
    again = open_store(address)
    assert content(again.snapshot()) == content(store.snapshot())
    assert again.url == store.url
    again.close()


def test_a_database_of_a_newer_program_is_left_alone(store, address):
    store.apply(adding(companies(a="A")), EDITOR)
    move = f"UPDATE {schema.VERSION_TABLE} SET version_num = "  # noqa: S608
    change(address, f"{move} '2099'")
    error = refusal(address)
    assert error.code == "newer_version"
    assert "2099" in error.message("fi")
    change(address, f"{move} '{schema.SCHEMA}'")
    again = open_store(address)
    assert again.snapshot().companies["name"].tolist() == ["A"]
    again.close()


def test_a_database_with_tables_of_somebody_else_is_left_alone(nothing):
    change(nothing, "CREATE TABLE companies (id INTEGER)", "INSERT INTO companies VALUES (7)")
    assert refusal(nothing).code == "not_ours"
    database = connect(nothing, 5)
    with database.reading() as connection:
        assert connection.scalars(text("SELECT id FROM companies")).all() == [7]
    database.engine.dispose()


def test_the_password_is_not_shown(server, migrated):
    store = open_store(server.new_database(migrated))
    assert PASSWORD not in store.url
    assert store.url.startswith("postgresql://koe:***@")
    store.close()


@pytest.mark.parametrize(
    "address",
    ["mysql://root@localhost/x", "yritykset.sqlite", "sqlite://", "sqlite:///:memory:", "http://["],
)
def test_an_address_of_another_kind_is_refused(address):
    assert refusal(address).code == "unknown_url"


def test_the_address_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, f"sqlite:///{tmp_path}/oma.sqlite")
    store = open_store()
    assert store.url == f"{tmp_path}/oma.sqlite"
    store.close()
    assert FILE.name == "kiertokylat.sqlite"


def test_a_folder_that_is_not_there(tmp_path):
    error = refusal(f"sqlite:///{tmp_path}/puuttuu/x.sqlite")
    assert error.code == "cannot_open"
    assert f"{tmp_path}/puuttuu/x.sqlite" in error.message("en")


def test_a_file_that_is_no_database(tmp_path):
    file = tmp_path / "x.sqlite"
    file.write_bytes(b"id;name\n" * 1000)
    assert refusal(f"sqlite:///{file}").code == "damaged"
    assert file.read_bytes() == b"id;name\n" * 1000


def test_a_read_only_database_can_be_read(tmp_path):
    file = tmp_path / "x.sqlite"
    writer = open_store(f"sqlite:///{file}")
    writer.apply(adding(companies(a="A")), EDITOR)
    reader = open_store(f"sqlite:///file:{file}?mode=ro&uri=true")
    assert reader.snapshot().companies["name"].tolist() == ["A"]
    with pytest.raises(StoreError) as caught:
        reader.apply(renamed(reader.snapshot(), "a", "B"), EDITOR)
    assert caught.value.code == "read_only"
    reader.close()
    writer.close()


def test_a_user_who_may_only_read(server, migrated):
    address = server.new_database(migrated)
    writer = open_store(address)
    writer.apply(adding(companies(a="A")), EDITOR)
    change(
        address,
        f"CREATE ROLE lukija LOGIN PASSWORD '{PASSWORD}'",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO lukija",
    )
    reader = open_store(address.replace("//koe:", "//lukija:"))
    assert reader.version() == 1
    with pytest.raises(StoreError) as caught:
        reader.apply(renamed(reader.snapshot(), "a", "B"), EDITOR)
    assert caught.value.code == "read_only"
    reader.close()
    writer.close()


def test_a_server_that_does_not_let_us_in(server, migrated):
    good = server.new_database(migrated)
    wrong_password = good.replace(PASSWORD, "arvaus")
    assert refusal(wrong_password).code == "unreachable"
    assert "arvaus" not in refusal(wrong_password).message("fi")
    assert refusal(server.of("ei_ole")).code == "unreachable"
    assert refusal("postgresql://koe@127.0.0.1:1/koe").code == "unreachable"


def test_the_database_itself_keeps_flows_with_their_companies(store, address):
    """Whatever the program does."""
    store.apply(adding(companies(a="A"), flows(f="a")), EDITOR)
    with pytest.raises(StoreError) as caught:
        change(address, "DELETE FROM companies")
    assert caught.value.code == "failed"
    assert store.snapshot().companies["id"].tolist() == ["a"]


def test_the_sqlite_file_is_safe_after_a_power_cut(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/x.sqlite")
    with store._read() as connection:
        modes = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    store.close()
    assert modes == ["wal", 2, 1]  # 2: FULL


def test_only_the_owner_reads_the_sqlite_file(tmp_path):
    """It holds contacts. An umask of 022 would give a new file 0644."""
    file = tmp_path / "x.sqlite"
    store = open_store(f"sqlite:///{file}")
    store.apply(adding(companies(a="A")), EDITOR)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("x.sqlite*")}
    store.close()
    assert modes == {"x.sqlite": 0o600, "x.sqlite-wal": 0o600, "x.sqlite-shm": 0o600}


def test_a_lock_of_somebody_else_is_waited_for(tmp_path):
    """Somebody's sqlite3 shell holds the file: the program waits, then says so."""
    file = tmp_path / "x.sqlite"
    store = open_store(f"sqlite:///{file}", seconds=0.1)
    with closing(sqlite3.connect(file, isolation_level=None)) as shell:
        shell.execute("BEGIN IMMEDIATE")
        shell.execute("DELETE FROM companies")
        with pytest.raises(StoreError) as caught:
            store.apply(adding(companies(a="A")), EDITOR)
        shell.execute("ROLLBACK")
    assert caught.value.code == "busy"
    assert "0.1" in caught.value.message("fi")
    assert store.apply(adding(companies(a="A")), EDITOR) == 1
    store.close()


def test_the_server_ends_a_connection_between_two_reads(server, migrated):
    address = server.new_database(migrated)
    store = open_store(address)
    assert store.version() == 0
    with psycopg.connect(server.address, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [server.made[-1]],
        )
    assert store.version() == 0  # a new connection, unnoticed
    store.close()
