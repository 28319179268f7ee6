"""The command `mock-server reset-database`: deletes on purpose what the mock server has in a database."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

import mock_server.app  # noqa: F401 - it brings the tables
from mock_server.databases import make_engine, parse, reason, without_password
from mock_server.errors import BootError
from mock_server.migrations import ours, remake
from mock_server.store import metadata


def reset_database(arguments: Sequence[str]) -> int:
    """The exit status: 0 if the tables are empty now, 1 if nothing was done for want of --yes. Raises BootError."""
    options = _parser().parse_args(arguments)
    if not options.database_url:
        raise BootError("say which database with --database-url")
    name, url = f"database {without_password(options.database_url)}", parse(options.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise BootError(f"{name}: there is no such file")
    try:
        with make_engine(url, shared=True).connect() as connection:
            return _reset(connection, name, sure=options.yes)
    except DBAPIError as error:
        raise BootError(f"{name}: {reason(error)}") from error


def _parser() -> argparse.ArgumentParser:
    about = "Delete all sessions, snapshots, files and journals of a database, of whatever version; its other tables stay."
    parser = argparse.ArgumentParser("mock-server reset-database", description=about)
    given = os.environ.get("MOCK_SERVER_DATABASE_URL")
    parser.add_argument("--database-url", metavar="URL", default=given, help="SQLite file or PostgreSQL")
    parser.add_argument("--yes", action="store_true", help="do it; without, only tell what would be deleted")
    return parser


def _reset(connection: Connection, name: str, *, sure: bool) -> int:
    found = ours(connection, metadata)
    if not found:
        raise BootError(f"{name}: nothing in it is marked as the mock server's, so nothing was deleted")
    if not sure:
        print(f"{name}: --yes deletes the {len(found)} tables {', '.join(found)}, and makes them anew, empty")
        return 1
    remake(connection, metadata)
    print(f"{name}: the tables of the mock server are empty now")
    return 0
