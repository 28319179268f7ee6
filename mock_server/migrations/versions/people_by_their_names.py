"""An index for the people of linagora in the order of their names, so that a page of thousands is found without sorting them."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("lin_users_names", "lin_users", ["session", "lastname", "firstname", "id"])
