"""The tables of casavi. Times are texts as the API shows them; columns of JSON hold what is written once and read whole."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, Index, Integer, Table

from mock_server.files import reference
from mock_server.store import CodePointText, metadata


def _text(name: str, *, key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, CodePointText, primary_key=key, nullable=nullable)


def _number(name: str, *, key: bool = False, nullable: bool = False) -> Column[int]:
    return Column(name, Integer, primary_key=key, nullable=nullable, autoincrement=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _json(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, JSON(none_as_null=True), nullable=nullable)


def _session() -> Column[str]:
    return _text("session", key=True)


def _id() -> Column[int]:
    return _number("id", key=True)


def _optional(name: str) -> Column[str]:
    return _text(name, nullable=True)


tenants = Table("cas_tenants", metadata, _session(), _id(), _text("name"))

# The manager is a contact: whoever answers the residents for the property management.
communities = Table("cas_communities", metadata, _session(), _id(), _text("name"), _number("tenant_id"), _number("manager_id"))

# Everybody whom the property management knows: residents, managers, and people who are only invited.
contacts = Table(
    "cas_contacts",
    metadata,
    _session(),
    _id(),
    _text("reference"),
    _text("firstname"),
    _text("lastname"),
    _text("email"),
    # The tenant that knows somebody who is in no community yet; who is in one is its contact.
    _number("tenant_id", nullable=True),
)

# A user is a contact who can log in; the id is the contact's. Who came by an invitation has no password here.
users = Table(
    "cas_users",
    metadata,
    _session(),
    _id(),
    _text("name"),
    # The address as it was given and as it is compared.
    _text("email"),
    _text("email_folded"),
    _optional("password"),
    _text("provider"),
    _text("sub"),
    Index("cas_users_sub", "session", "provider", "sub", unique=True),
    Index("cas_users_email", "session", "email_folded", unique=True),
)

members = Table(
    "cas_members",
    metadata,
    _session(),
    _number("user_id", key=True),
    _number("community_id", key=True),
    _flag("administrator"),
    Index("cas_members_community", "session", "community_id"),
)

units = Table("cas_units", metadata, _session(), _id(), _number("community_id"), _text("name"))

residents = Table("cas_residents", metadata, _session(), _number("user_id", key=True), _number("unit_id", key=True))

invitations = Table(
    "cas_invitations",
    metadata,
    _session(),
    _id(),
    _text("token"),
    _number("community_id"),
    _number("contact_id"),
    _number("unit_id", nullable=True),
    _text("firstname"),
    _text("lastname"),
    _text("email"),
    _flag("administrator"),
    _flag("used"),
    Index("cas_invitations_token", "session", "token", unique=True),
)

# How often a client failed at checkInviteToken, and until when it has to wait, in seconds since the epoch.
failures = Table(
    "cas_failures",
    metadata,
    _session(),
    _text("client", key=True),
    _number("tries"),
    Column("blocked_until", Double, nullable=False),
)

ticket_types = Table(
    "cas_ticket_types",
    metadata,
    _session(),
    _id(),
    _number("community_id"),
    _text("name"),
    _optional("description"),
    _json("fields"),
    Index("cas_ticket_types_community", "session", "community_id"),
)

tickets = Table(
    "cas_tickets",
    metadata,
    _session(),
    _id(),
    _number("community_id"),
    _number("type_id"),
    _number("unit_id", nullable=True),
    _number("created_by"),
    _number("assigned_to", nullable=True),
    _text("status"),
    _text("status_text"),
    _text("title"),
    _text("description_rendered"),
    _json("custom_fields"),
    _json("attachments"),
    _json("rating", nullable=True),
    Index("cas_tickets_community", "session", "community_id"),
)

ticket_comments = Table(
    "cas_ticket_comments",
    metadata,
    _session(),
    _id(),
    _number("ticket_id"),
    _number("created_by"),
    _text("text"),
    _text("created_at"),
    _json("attachments"),
    Index("cas_ticket_comments_ticket", "session", "ticket_id", "created_by"),
)

appointments = Table(
    "cas_appointments",
    metadata,
    _session(),
    _id(),
    _number("community_id"),
    _text("title"),
    _optional("description"),
    _optional("location"),
    _text("starts_at"),
    _text("ends_at"),
    _flag("all_day"),
    Index("cas_appointments_community", "session", "community_id", "starts_at"),
)

official_posts = Table(
    "cas_official_posts",
    metadata,
    _session(),
    _id(),
    _number("community_id"),
    _number("created_by"),
    _text("title"),
    _text("text"),
    _text("created_at"),
    _json("attachments"),
    Index("cas_official_posts_community", "session", "community_id", "created_at"),
)

important_contacts = Table(
    "cas_important_contacts",
    metadata,
    _session(),
    _id(),
    _number("community_id"),
    _text("name"),
    _text("category"),
    _optional("phone"),
    _optional("email"),
    _optional("address"),
    _optional("note"),
)

faq_groups = Table("cas_faq_groups", metadata, _session(), _id(), _number("community_id"), _text("name"))

faq_articles = Table(
    "cas_faq_articles",
    metadata,
    _session(),
    _id(),
    _number("community_id"),
    _number("group_id", nullable=True),
    _text("question"),
    _text("answer"),
    _number("ticket_type_id", nullable=True),
)

unread_chats = Table(
    "cas_unread_chats", metadata, _session(), _number("user_id", key=True), _number("community_id", key=True), _number("count")
)

notifications = Table(
    "cas_notifications",
    metadata,
    _session(),
    _id(),
    _number("user_id"),
    _number("community_id"),
    _text("type"),
    _text("title"),
    _text("text"),
    _text("created_at"),
    _flag("read"),
    _number("object_id", nullable=True),
    Index("cas_notifications_user", "session", "user_id", "community_id", "created_at"),
    Index("cas_notifications_latest", "session", "community_id", "created_at"),
)

activities = Table(
    "cas_activities",
    metadata,
    _session(),
    _id(),
    _number("community_id"),
    _text("type"),
    _text("title"),
    _text("text"),
    _text("created_at"),
    _number("object_id", nullable=True),
    Index("cas_activities_community", "session", "community_id", "created_at"),
)

# answer is what uploadFile answered; of a thumb, which is a file of its own, it has name and type alone.
uploads = Table(
    "cas_uploads",
    metadata,
    _session(),
    _text("path", key=True),
    _json("answer"),
    _flag("is_thumb"),
    reference("file_id"),
)

providers = Table("cas_providers", metadata, _session(), _text("key", key=True))

# OpenID clients; one without a secret is public, a native one may be at any port of loopback. Lifetime is that of its access
# tokens, in seconds.
clients = Table(
    "cas_clients",
    metadata,
    _session(),
    _text("client_id", key=True),
    _optional("secret"),
    _json("redirect_uris"),
    _json("post_logout_redirect_uris"),
    _flag("native"),
    _number("lifetime"),
)

# A login by OpenID: the code that begins it, the refresh token that goes on with it, and whether it has ended. request holds
# what the client asked for and the provider has to remember.
grants = Table(
    "cas_grants",
    metadata,
    _session(),
    _text("id", key=True),
    _number("user_id"),
    _text("client_id"),
    _text("scope"),
    _json("request"),
    Column("logged_in_at", BigInteger, nullable=False),
    _text("code"),
    _flag("code_used"),
    _optional("refresh_token"),
    _flag("ended"),
)
