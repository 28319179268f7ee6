"""What a release leaves in a database: `python -m mock_server.tests.releases VERSION` keeps it as SQL for later ones' tests.

It is run once, by the code of the release. It needs MOCK_SERVER_TEST_POSTGRES and the pg_dump of that server's version.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text

from mock_server import Config, create_app
from mock_server.tests.client import Mock
from mock_server.tests.pictures import picture

RELEASED = Path(__file__).parent / "released"
POSTGRES = "MOCK_SERVER_TEST_POSTGRES"
UPLOADED = bytes(range(256))
AVATAR = picture("PNG", (60, 30))
STOPPED_AT = "2030-01-31T12:00:00Z"
FAULT = {"name": "down", "operation": "getCommunity", "status": 503, "times": 5}


def use(mock: Mock) -> None:
    """What users do to a server before it is replaced by a newer one, in two sessions."""
    mock.create("Kept by default")
    team = mock.beside("team")
    assert team.put("/__mock/scenario", json={"name": "empty"}).status_code == 204
    upload = {"X-Filename": "all.bin", "Content-Type": "application/octet-stream"}
    path = team.post("/api/v1/uploads", "casavi:max", data=UPLOADED, headers=upload).get_json()["path"]
    # Where the bytes are is told by the community: ids of files are random.
    community = team.create("Before the snapshot", description=path)
    sent = {"query_string": {"mimetype": "image/png", "size": len(AVATAR)}, "data": AVATAR, "content_type": "image/png"}
    assert team.post(f"{community}/avatar", "alice", **sent).status_code == 200
    assert team.put("/__mock/snapshots/kept").status_code == 204
    assert team.put(community, "alice", json={"title": "After the snapshot"}).status_code == 200
    assert team.put("/__mock/clock", json={"now": STOPPED_AT, "frozen": True}).status_code == 200
    assert team.post("/__mock/faults", json=FAULT).status_code < 300


def _fill(database_url: str) -> None:
    app = create_app(Config(database_url=database_url, scenario="empty"))
    use(Mock(app))
    app.close()


def sqlite_script() -> str:
    with tempfile.TemporaryDirectory() as folder:
        _fill(f"sqlite:///{folder}/state.db")
        connection = sqlite3.connect(f"{folder}/state.db")
        script = "\n".join(connection.iterdump())
        connection.close()
    return script + "\n"


def postgresql_script(server: str) -> str:
    """Without what is of that server alone, and without the name of the schema: it may be run in any."""
    url, name = make_url(server).set(drivername="postgresql+psycopg"), f"release_{uuid.uuid4().hex}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
        try:
            _fill(url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False))
            where = url.set(drivername="postgresql").render_as_string(hide_password=False)
            dumped = subprocess.run(
                ["pg_dump", "--inserts", "--no-owner", "--no-privileges", "--no-comments", f"--schema={name}", where],
                check=True, capture_output=True, text=True,
            ).stdout  # fmt: skip
        finally:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    of_the_server = ("--", "SET ", "SELECT pg_catalog.set_config", "\\", "CREATE SCHEMA ")
    lines = (line for line in dumped.splitlines() if line and not line.startswith(of_the_server))
    return "\n".join(lines).replace(f"{name}.", "") + "\n"


def main() -> None:
    version = sys.argv[1]
    (RELEASED / f"{version}-sqlite.sql").write_text(sqlite_script(), encoding="utf-8")
    (RELEASED / f"{version}-postgresql.sql").write_text(postgresql_script(os.environ[POSTGRES]), encoding="utf-8")


if __name__ == "__main__":
    main()
