"""The tables of casavi that exist so far: who can log in, and where."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table

from mock_server.store import CodePointText, metadata


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, CodePointText, primary_key=key, nullable=False)


def _number(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, Integer, primary_key=key, nullable=False, autoincrement=False)


communities = Table("cas_communities", metadata, _text("session", key=True), _number("id", key=True), _text("name"))

users = Table(
    "cas_users",
    metadata,
    _text("session", key=True),
    _number("id", key=True),
    _text("name"),
    _text("email"),
    _text("password"),
    _text("firstname"),
    _text("lastname"),
)

# A resident belongs to a community through the unit he lives in.
units = Table(
    "cas_units",
    metadata,
    _text("session", key=True),
    _number("id", key=True),
    _number("community_id"),
    _number("user_id"),
    _text("name"),
)

clients = Table(
    "cas_clients", metadata, _text("session", key=True), _text("client_id", key=True), _text("redirect_uri", key=True)
)

invite_tokens = Table("cas_invite_tokens", metadata, _text("session", key=True), _text("token", key=True))
