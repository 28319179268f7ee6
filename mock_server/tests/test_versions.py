"""A database that outlives its server may meet another version of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from mock_server import Config, create_app
from mock_server.errors import BootError


def test_a_database_of_the_same_version_is_taken_again(tmp_path: Path) -> None:
    config = Config(database_url=f"sqlite:///{tmp_path}/state.db")
    for _ in range(2):
        create_app(config).close()


@pytest.mark.parametrize(
    "change",
    ["UPDATE mock_server_tables SET fingerprint = 'old'", "DROP TABLE mock_server_tables"],
    ids=["other tables", "tables from before they were marked"],
)
def test_a_database_of_another_version_is_refused_and_left_as_it_is(tmp_path: Path, change: str) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    create_app(Config(database_url=url)).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(change))
        before = connection.execute(text("SELECT count(*) FROM cas_tickets")).scalar()
    with pytest.raises(BootError, match="another version"):
        create_app(Config(database_url=url))
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM cas_tickets")).scalar() == before
    engine.dispose()
