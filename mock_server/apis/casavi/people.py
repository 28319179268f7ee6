"""Contacts as the API shows them, and addresses as they are compared."""

from __future__ import annotations

from typing import Any

from mock_server.statements import Row


def person(row: Row, prefix: str = "") -> dict[str, Any]:
    """A person in short, from the columns id, firstname, lastname, each after a prefix."""
    return {
        "id": getattr(row, f"{prefix}id"),
        "firstName": getattr(row, f"{prefix}firstname"),
        "lastName": getattr(row, f"{prefix}lastname"),
    }


def fold_address(email: str) -> str:
    """An e-mail address as it is compared: without regard to case."""
    return email.strip().casefold()
