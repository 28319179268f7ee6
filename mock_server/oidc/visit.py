"""What one OpenID request works with; Authlib calls back without it, so it is kept beside the request."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import g, request

from mock_server.arriving import clock_of
from mock_server.dispatch import Engine
from mock_server.errors import bad_request
from mock_server.sessions import arrival
from mock_server.statements import Connection


@dataclass(frozen=True, slots=True)
class Visit:
    """connection is in a write transaction of the session; issuer is the provider's URL as this client sees it."""

    session: str
    connection: Connection
    issuer: str
    now: datetime


@contextlib.contextmanager
def visiting(engine: Engine) -> Iterator[Visit]:
    """The visit of the current request; the transaction commits at the end of the block."""
    # PostgreSQL stores it in no text.
    if any("\0" in value for _, value in request.values.items(multi=True)):
        raise bad_request("no parameter may contain the NUL character")
    arrived = arrival(request.environ)
    with engine.writing(arrived.session) as connection:
        g.visit = Visit(arrived.session, connection, arrived.origin, clock_of(request.environ).now())
        yield g.visit


def current() -> Visit:
    visit: Visit = g.visit
    return visit
