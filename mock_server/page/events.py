"""The journal of a session as server-sent events."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
from flask import Response, request

from mock_server.errors import Problem
from mock_server.journal import Journal
from mock_server.streaming import STREAM

# Where the stream ends at once, this is how often a browser asks again.
_RETRY = b"retry: 1000\n\n"


def events(journal: Journal, session: str) -> Response:
    """What there is after the entry whose id is in Last-Event-ID or in the query as `since`; a server that can goes on."""
    known = request.headers.get("Last-Event-ID") or request.args.get("since", "")
    follower = journal.follow(session, int(known[:18]) if known.isascii() and known.isdecimal() else 0)

    def more() -> bytes:
        try:
            news = follower.news()
        except Problem:  # the database may be better the next time
            return b""
        cleared = b"event: cleared\ndata: {}\n\n" if news.cleared else b""
        return cleared + b"".join(b"id: %d\ndata: %b\n\n" % (entry["id"], orjson.dumps(entry)) for entry in news.entries)

    journal.flush()
    if request.method == "GET":
        request.environ.get(STREAM, []).append(more)

    def first() -> Iterator[bytes]:
        # Not as one value: it would get a Content-Length.
        yield _RETRY + more()

    return Response(first(), mimetype="text/event-stream", headers={"Cache-Control": "no-store"})
