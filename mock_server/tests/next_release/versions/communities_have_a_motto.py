"""Communities have a motto, at first their title."""

import os
import signal

import sqlalchemy as sa
from alembic import op

from mock_server.tests.next_release import BEFORE, DIES

revision = "next"
down_revision = BEFORE


def upgrade() -> None:
    with op.batch_alter_table("lin_communities") as communities:
        # SQLite has no statement for this: there, a new table takes the place of the old one.
        communities.alter_column("activity_uuid", existing_type=sa.Text, nullable=True)
        communities.add_column(sa.Column("motto", sa.Text, nullable=False, server_default=""))
    if DIES in os.environ:
        os.kill(os.getpid(), signal.SIGKILL)
    op.execute("UPDATE lin_communities SET motto = title")
