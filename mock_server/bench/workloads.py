"""What the servers are asked for over HTTP, and the state that they start from: the mock's."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from mock_server.bench.requests import Request, ask
from mock_server.bench.story import avatar_upload
from mock_server.bench.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# In what must not be sent twice; a number of as many digits takes its place.
NUMBER = b"{number}"
AVATAR, UPLOAD = "avatar, not modified", "upload of 1 MB"
_UPLOAD_BYTES = 1_000_000
_DAY = 86400


@dataclass(frozen=True, slots=True)
class Plan:
    """workloads are named requests, in the order in which they are run: first what reads. prepare is sent to the mock before,
    forget at the end. seed is what other servers start from, as the mock answers it: communities and tickets by id, one page of
    notifications, and the avatar in Base64."""

    workloads: dict[str, Request]
    prepare: Request
    forget: Request
    seed: dict[str, Any]


def forget(session: str) -> Request:
    """Drops the session."""
    return Request("", "DELETE", f"/__mock/sessions/{session}")


def make_plan(app: WSGIApplication, session: str) -> Plan:
    """app is a mock server with the scenario `default`; the requests are for that session of any such server, for ids and
    tokens are the same in all."""
    world = World(app, session)
    alice, max_ = world.linagora("alice"), world.casavi("max")
    communities = {c["_id"]: c for c in ask(app, world.communities().environ()).value}
    community = f"/api/communities/{next(c['_id'] for c in communities.values() if c['creator'] == alice.id)}"
    avatar = avatar_upload(alice, community)
    ticket = max_.get("getTicket", "/api/v1/tickets/7001")
    notifications = max_.get("listNotifications", f"/api/v1/communities/{world.community}/notifications")
    seed = {
        "communities": communities,
        "tickets": {"7001": ask(app, ticket.environ()).value},
        "notifications": ask(app, notifications.environ()).value,
        "avatar": base64.b64encode(avatar.body).decode(),
    }
    # It will be uploaded in a moment.
    later = formatdate(time.time() + _DAY, usegmt=True)
    file = bytes(range(250)) * (_UPLOAD_BYTES // 250)
    workloads = {
        "list": world.communities(),
        "get": alice.get("getCommunity", community),
        AVATAR: alice.get("getCommunityAvatar", f"{community}/avatar", If_Modified_Since=later),
        "getTicket": ticket,
        "listNotifications": notifications,
        "create": world.new_community(f"Chess club {NUMBER.decode()}"),
        "comment": max_.send("addTicketComment", "POST", f"{ticket.path}/comments", {"text": "Is it warm again?"}),
        UPLOAD: max_.upload("uploadFile", "/api/v1/uploads", file, Content_Type="application/octet-stream", X_Filename="f.bin"),
    }
    return Plan(workloads, avatar, forget(session), seed)
