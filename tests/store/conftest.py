"""The store on both databases; every test begins with an empty one."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiertokylat.store import Store, open_store
from tests.store.fault_tools import EDITOR, adding
from tests.store.postgres import Server, running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A real PostgreSQL server, one for each worker."""
    with running() as started:
        yield started


@pytest.fixture(scope="session")
def migrated(server: Server) -> str:
    """Name of a database with the newest schema, from which others are copied."""
    address = server.new_database()
    open_store(address).close()
    return server.made[-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path) -> str:
    """Address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/kiertokylat.sqlite"
    server = request.getfixturevalue("server")
    return server.new_database(request.getfixturevalue("migrated"))


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    opened = open_store(address)
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path) -> Path:
    """A database with 3 companies, closed."""
    path = tmp_path / "kiertokylat.sqlite"
    with closing(open_store(f"sqlite:///{path}")) as made:
        made.apply(adding(3), EDITOR)
    return path
