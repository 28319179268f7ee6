"""The tables of a database: made where there are none, brought up to date where a release has left them, else refused.

All of it is one transaction, in both databases. So whoever is killed in the middle leaves what was there before.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from sqlalchemy import Column, MetaData, String, Table, insert, inspect, select, text
from sqlalchemy.engine import Connection

from mock_server.databases import without_password
from mock_server.errors import BootError

log = logging.getLogger("mock_server")

# The newest revision in versions/: the one that the tables in the code have.
HEAD = "0003"
# The shape of this one is Alembic's.
revision = Table("mock_server_revision", MetaData(), Column("version_num", String(32), primary_key=True))

# How the first release marked its databases, and the marks: of both APIs, and of casavi alone.
_FIRST_MARK = text("SELECT fingerprint FROM mock_server_tables")
_FIRST = {
    "84e055d7f4626f7ac19b5f28060b18f296838658c27bae9ed860bf2cabe50fff": "0001",
    "8737e0644c08ca39bcd815e1b58ff8c80d9a10d1a32763a21ecac8f0d0cf4879": "0001",
}
_OUR_PREFIXES = ("cas_", "lin_", "mock_server_")


def prepare(connection: Connection, metadata: MetaData) -> None:
    """Give the database the tables of metadata. Raises BootError where they are of a newer version, or of another program."""
    with _alone(connection):
        found = _revision(connection)
        if found == HEAD:
            return
        if set(inspect(connection).get_table_names()).isdisjoint(metadata.tables):
            _make(connection, metadata)
        elif found is None or not _upgraded(connection, found):
            raise BootError(
                f"{_name(connection)}: its tables are of another version of the mock server, or of another program;"
                " use another database, or delete this one with mock-server reset-database"
            )


def ours(connection: Connection, metadata: MetaData) -> list[str]:
    """The tables of any version of the mock server in the database; none where it does not bear our mark."""
    present = inspect(connection).get_table_names()
    if revision.name not in present and "mock_server_tables" not in present:
        return []
    return [name for name in sorted(present) if name in metadata.tables or name.startswith(_OUR_PREFIXES)]


def remake(connection: Connection, metadata: MetaData) -> None:
    """Drop our tables and make them anew, empty."""
    with _alone(connection):
        # What a newer version has may refer to what this one knows.
        cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
        for name in ours(connection, metadata):
            connection.execute(text(f"DROP TABLE {name}{cascade}"))
        _make(connection, metadata)


def _make(connection: Connection, metadata: MetaData) -> None:
    metadata.create_all(connection, checkfirst=False)
    revision.create(connection)
    connection.execute(insert(revision), {"version_num": HEAD})


def _revision(connection: Connection) -> str | None:
    """Of the tables that there are; None where there are none, or foreign ones."""
    present = inspect(connection).get_table_names()
    if revision.name in present:
        return connection.execute(select(revision.c.version_num)).scalar()
    return _FIRST.get(connection.execute(_FIRST_MARK).scalar() or "") if "mock_server_tables" in present else None


def _upgraded(connection: Connection, found: str) -> bool:
    """Whether there was a way from that revision to ours."""
    logging.getLogger("alembic").setLevel(logging.WARNING)  # that it loads its parts is nothing to a user
    # Here, since Alembic takes a third of a start to import, which few starts need.
    from mock_server.migrations.upgrading import upgrade

    if not inspect(connection).has_table(revision.name):
        revision.create(connection)
        connection.execute(insert(revision), {"version_num": found})
    if not upgrade(connection):
        return False
    if connection.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise BootError(f"{_name(connection)}: its tables are left as they are, because rows of the new ones would refer to none")
    log.info("%s: its tables were brought from revision %s to %s", _name(connection), found, HEAD)
    return True


@contextlib.contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """A transaction in which nobody else makes or changes tables; it commits at the end of the block."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # Or dropping a table, which is how SQLite changes one, would delete what refers to it. In a transaction it is too late.
        connection.execute(text("PRAGMA foreign_keys=OFF"))
    connection.execute(text("BEGIN IMMEDIATE" if sqlite else "SELECT pg_advisory_xact_lock(0)"))
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        if sqlite:
            connection.execute(text("PRAGMA foreign_keys=ON"))


def _name(connection: Connection) -> str:
    return f"database {without_password(connection.engine.url.render_as_string(hide_password=False))}"
