"""A story in which each operation of both APIs is asked for once, validly: what one request makes, the next ones use."""

from __future__ import annotations

import io
from collections.abc import Generator
from typing import Any

from PIL import Image

from mock_server.bench.requests import Person, Request
from mock_server.bench.world import World

# Yields requests, and is sent what each was answered: a JSON value, None where it was none.
Story = Generator[Request, Any, None]

FILE = b"bytes of a file " * 64
_PLACES = {
    "listTicketTypes": "ticket-types",
    "listAppointments": "appointments",
    "listOfficialPosts": "official-posts",
    "listImportantContacts": "important-contacts",
    "listActivities": "activities",
    "getUnreadChatCount": "chat/unread-count",
    "getUnreadNotificationCount": "notifications/unread-count",
    "listNotifications": "notifications",
}


def tell(world: World, number: int) -> Story:
    """Stories of different numbers fit into one session, side by side too. Lists are read before anything is made."""
    yield from _reading(world)
    yield from _community(world, number)
    yield from _ticket(world.casavi("max"), world.casavi("erika"), world.community)
    yield from _newcomer(world.casavi("max"), world.community, number)


def _reading(world: World) -> Story:
    max_, community = world.casavi("max"), world.community
    yield world.communities()
    yield max_.get("getOpenIdConfiguration", "/.well-known/openid-configuration")
    yield max_.get("listUnits", "/api/v1/units")
    yield max_.get("listTickets", f"/api/v1/tickets?community_id={community}")
    yield max_.get("listFaqArticles", f"/api/v1/faq-articles?community_id={community}")
    for operation, place in _PLACES.items():
        found = yield max_.get(operation, f"/api/v1/communities/{community}/{place}")
    # The last of them are the notifications.
    path = f"/api/v1/communities/{community}/notifications"
    yield max_.send("markNotificationRead", "PUT", f"{path}/{found['rows'][0]['id']}/read")
    yield max_.send("markAllNotificationsRead", "PUT", f"{path}/read")


def _community(world: World, number: int) -> Story:
    alice, dave = world.linagora("alice"), world.linagora("dave")
    made = yield world.new_community(f"Chess club {number}")
    path = f"/api/communities/{made['_id']}"
    yield alice.get("getCommunity", path)
    yield alice.send("updateCommunity", "PUT", path, {"title": f"Chess and go {number}"})
    yield avatar_upload(alice, path)
    yield alice.get("getCommunityAvatar", f"{path}/avatar")
    yield dave.send("requestMembership", "PUT", f"{path}/membership/{dave.id}")
    yield alice.get("listMembershipRequests", f"{path}/membership")
    yield dave.send("cancelMembershipRequest", "DELETE", f"{path}/membership/{dave.id}")
    yield alice.get("listInvitablePeople", f"{path}/invitablepeople")
    yield alice.send("addMember", "PUT", f"{path}/members/{dave.id}")
    yield alice.get("listMembers", f"{path}/members")
    yield alice.get("getMember", f"{path}/members/{dave.id}")
    yield alice.send("removeMember", "DELETE", f"{path}/members/{dave.id}")
    yield alice.send("deleteCommunity", "DELETE", path)


def avatar_upload(person: Person, community: str) -> Request:
    """community is its path."""
    output = io.BytesIO()
    Image.linear_gradient("L").resize((200, 100)).save(output, "PNG")
    image = output.getvalue()
    query = f"mimetype=image/png&size={len(image)}"
    return person.upload("uploadCommunityAvatar", f"{community}/avatar?{query}", image, Content_Type="image/png")


def _ticket(asker: Person, neighbour: Person, community: int) -> Story:
    upload = yield asker.upload("uploadFile", "/api/v1/uploads", FILE, Content_Type="text/plain", X_Filename="note.txt")
    new = {"communityId": community, "ticketTypeId": 2341, "fields": {"17": "The tap drips", "18": [upload]}}
    ticket = yield asker.send("createTicket", "POST", "/api/v1/tickets", new)
    path = f"/api/v1/tickets/{ticket['id']}"
    yield neighbour.send("addTicketComment", "POST", f"{path}/comments", {"text": "Is it warm again?"})
    yield asker.get("getTicket", path)


def _newcomer(host: Person, community: int, number: int) -> Story:
    email = f"newcomer-{number}@lindenhof.example"
    invitation = {"email": email, "firstName": "Nele"}
    made = yield host.send("createInvitation", "POST", f"/api/v1/communities/{community}/invitations", invitation)
    token = made["inviteToken"]
    yield host.get("checkInviteToken", f"/api/v1/invitations/check?invite_token={token}")
    new = {"email": email, "clientId": "casavi-web", "inviteCode": token, "providerKey": "somekey"}
    yield host.send("registerUser", "POST", "/api/v1/openid/users", new)
