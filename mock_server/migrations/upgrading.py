"""Alembic, which takes tables from one revision to the next."""

from __future__ import annotations

import os
from pathlib import Path

from alembic.command import upgrade as run
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.engine import Connection

_FOLDER = Path(__file__).parent
# Where there are revisions.
VERSIONS = [_FOLDER / "versions"]


def config() -> Config:
    """What Alembic has to know besides the connection."""
    found = Config()
    for name, value in (("script_location", _FOLDER), ("version_locations", os.pathsep.join(map(str, VERSIONS)))):
        found.set_main_option(name, str(value).replace("%", "%%"))
    found.set_main_option("path_separator", "os")
    return found


def upgrade(connection: Connection) -> bool:
    """Take the tables to the newest revision, inside the caller's transaction; False if theirs is not known here."""
    known = config()
    known.attributes["connection"] = connection
    try:
        run(known, "head")
    except CommandError:
        return False
    return True
