"""The tables of the first release. It made them by itself; tests/released/ has what it left."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Nothing: no database is older."""
