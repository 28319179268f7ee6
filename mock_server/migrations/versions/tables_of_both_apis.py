"""A database has the tables of both APIs, whichever are served; a revision marks it, no longer a fingerprint."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_CODE_POINTS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    # The first release made none of these where it served casavi alone.
    if not sa.inspect(op.get_bind()).has_table("lin_users"):
        _make_linagora()
    op.drop_table("mock_server_tables")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _CODE_POINTS, nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _table(name: str, key: list[str], *items: sa.schema.SchemaItem) -> None:
    keys = ["session", *key]
    op.create_table(name, *map(_text, keys), *items, sa.PrimaryKeyConstraint(*keys))


def _make_linagora() -> None:
    community = ["session", "community_id"], ["lin_communities.session", "lin_communities.id"]

    def in_community() -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(*community, ondelete="CASCADE")

    _table("lin_domains", ["id"], _text("name"))
    names = (_text("name"), _text("email"), _text("password", nullable=True), _text("firstname"), _text("lastname"))
    more = (_text("job_title", nullable=True), _text("avatar", nullable=True), _text("created_at"), _text("search"))
    _table("lin_users", ["id"], *names, *more)
    administrator = sa.Column("administrator", sa.Boolean, nullable=False)
    _table("lin_user_domains", ["user_id", "domain_id"], administrator, _text("joined_at"))
    op.create_index("lin_user_domains_domain", "lin_user_domains", ["session", "domain_id"])
    titles = (_number("rank"), _text("title"), _text("title_folded"), _text("description", nullable=True), _text("type"))
    changed = sa.Column("avatar_changed", sa.BigInteger, nullable=True)
    made = (_text("creator"), _text("avatar", nullable=True), changed, _text("created_at"), _text("activity_uuid"))
    _table("lin_communities", ["id"], *titles, *made)
    op.create_index("lin_communities_title", "lin_communities", ["session", "title"])
    unique = sa.UniqueConstraint("session", "domain_id", "unique_title", name="lin_title_per_domain")
    positions = (_number("position"), _text("unique_title", nullable=True))
    _table("lin_community_domains", ["community_id", "domain_id"], *positions, unique, in_community())
    _table("lin_members", ["community_id", "user_id"], _number("rank"), _text("joined_at"), in_community())
    op.create_index("lin_members_rank", "lin_members", ["session", "community_id", "rank"])
    _table("lin_membership_requests", ["community_id", "user_id"], _number("rank"), _text("requested_at"), in_community())
    files = (_number("original_id"), _number("small_id"))
    _table("lin_images", ["id"], _text("community_id"), _text("mimetype"), *files, in_community())
