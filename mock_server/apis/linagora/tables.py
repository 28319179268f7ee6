"""The tables of linagora-rse. Times are texts as the API shows them; `rank` is the order in which rows came to be."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from mock_server.files import reference
from mock_server.store import CodePointText, metadata


def _session() -> Column[str]:
    return Column("session", CodePointText, primary_key=True)


def _id(name: str = "id") -> Column[str]:
    return Column(name, CodePointText, primary_key=True)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, CodePointText, nullable=nullable)


def _in_community() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["session", "community_id"], ["lin_communities.session", "lin_communities.id"], ondelete="CASCADE"
    )


domains = Table("lin_domains", metadata, _session(), _id(), _text("name"))

users = Table(
    "lin_users",
    metadata,
    _session(),
    _id(),
    _text("name"),
    _text("email"),
    _text("password", nullable=True),
    _text("firstname"),
    _text("lastname"),
    _text("job_title", nullable=True),
    _text("avatar", nullable=True),
    _text("created_at"),
    # First name, last name and e-mail address, folded as folding.py does.
    _text("search"),
    # The order in which they are shown to whoever invites some.
    Index("lin_users_names", "session", "lastname", "firstname", "id"),
)

user_domains = Table(
    "lin_user_domains",
    metadata,
    _session(),
    _id("user_id"),
    _id("domain_id"),
    Column("administrator", Boolean, nullable=False),
    _text("joined_at"),
    Index("lin_user_domains_domain", "session", "domain_id"),
)

communities = Table(
    "lin_communities",
    metadata,
    _session(),
    _id(),
    Column("rank", Integer, nullable=False),
    _text("title"),
    _text("title_folded"),
    _text("description", nullable=True),
    _text("type"),
    _text("creator"),
    _text("avatar", nullable=True),
    # Seconds since the epoch, as coarse as the HTTP date that it becomes.
    Column("avatar_changed", BigInteger, nullable=True),
    _text("created_at"),
    _text("activity_uuid"),
    Index("lin_communities_title", "session", "title"),
)

community_domains = Table(
    "lin_community_domains",
    metadata,
    _session(),
    _id("community_id"),
    _id("domain_id"),
    Column("position", Integer, nullable=False),
    # The title, or NULL where noTitleCheck waived the comparison: NULLs never collide.
    _text("unique_title", nullable=True),
    UniqueConstraint("session", "domain_id", "unique_title", name="lin_title_per_domain"),
    _in_community(),
)

members = Table(
    "lin_members",
    metadata,
    _session(),
    _id("community_id"),
    _id("user_id"),
    Column("rank", Integer, nullable=False),
    _text("joined_at"),
    Index("lin_members_rank", "session", "community_id", "rank"),
    _in_community(),
)

membership_requests = Table(
    "lin_membership_requests",
    metadata,
    _session(),
    _id("community_id"),
    _id("user_id"),
    Column("rank", Integer, nullable=False),
    _text("requested_at"),
    _in_community(),
)

images = Table(
    "lin_images",
    metadata,
    _session(),
    _id(),
    _text("community_id"),
    _text("mimetype"),
    reference("original_id"),
    reference("small_id"),
    _in_community(),
)
