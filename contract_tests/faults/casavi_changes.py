"""Changes that make faults of casavi alone."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from contract_tests.faults import changes as f
from contract_tests.faults.planting import Change, Rewrite, Send, WsgiRequest, WsgiResponse

Json = dict[str, Any]
MOST = 10485760  # bytes of an upload
FORGED = "https://elsewhere.example"


def each_with(**properties: Any) -> Callable[[list[Json]], list[Json]]:
    return lambda items: [item | properties for item in items]


def doubled(items: list[Any]) -> list[Any]:
    return items + items


def _first_community(asked: WsgiRequest) -> WsgiRequest:
    """Whichever community is asked about, the first one is meant."""
    return replace(asked, path=re.sub(r"/communities/\d+/", "/communities/1/", asked.path))


in_first_community = f.requests(_first_community)
in_owners_community = f.requests(lambda asked: f.as_owner(_first_community(asked)))


def with_fields(change: Callable[[Json], Json]) -> Change:
    """The fields of a new ticket are stored otherwise."""
    return f.requests(_fields(change))


def _fields(change: Callable[[Json], Json]) -> Rewrite:
    return f.body(lambda sent: sent | {"fields": change(sent["fields"])} if isinstance(sent.get("fields"), dict) else sent)


last_field_lost = with_fields(lambda fields: dict(list(fields.items())[:-1]) if len(fields) > 1 else fields)
fractions_lost = with_fields(lambda fields: {k: int(v) if isinstance(v, float) else v for k, v in fields.items()})
no_is_nothing = with_fields(lambda fields: {k: v for k, v in fields.items() if v is not False})
lists_reversed = with_fields(lambda fields: {k: v[::-1] if isinstance(v, list) else v for k, v in fields.items()})


@partial(f.done_anyway, "409")
@_fields
def refused_and_stored(fields: Json) -> Json:
    """What is refused is stored, without the fields that no ticket type has."""
    return {key: value for key, value in fields.items() if len(key) < 6}


def _in_fields(change: Callable[[list[Json]], list[Json]]) -> Change:
    return f.in_each(lambda type_: type_ | {"fields": change(type_["fields"])})


of_unknown_types = f.at("items", each_with(ticketTypeId=9))
one_row_less = f.at("rowsOnPage", lambda rows: rows - 1)
of_another_contact = f.at("contact", lambda contact: contact | {"email": "x@y.example"})
userinfo_elsewhere = f.having(userinfo_endpoint=FORGED)
private_keys = f.on("/jwks", f.at("keys", each_with(d="AQAB")))
nothing_required = _in_fields(each_with(required=False))
no_options = _in_fields(each_with(options=[]))
fields_twice = _in_fields(doubled)


def without_unit(only: str) -> Change:
    """What is refused because of its unit is taken without it."""
    return f.accepted(only, f.lacking("unitId"))


@f.requests
def poor_texts(asked: WsgiRequest) -> WsgiRequest:
    """Letters beyond ASCII are lost."""
    return replace(asked, body=re.sub(rb"(\\u[0-9a-f]{4})+", b"?", asked.body))


def twice(asked: WsgiRequest, send: Send) -> WsgiResponse:
    send(asked)
    return send(asked)


def commented_on_by_the_owner(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """The author of a comment gets a notification too: somebody else comments at once."""
    answer = send(asked)
    send(f.as_owner(asked))
    return answer


def echoed_attachments(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """What is attached is shown as it was sent, whatever was uploaded."""
    answer = send(asked)
    return answer.with_json(answer.json | {"Attachments": asked.properties.get("attachments", [])}) if answer.ok else answer


@f.answers
def empty_file_refused(answer: WsgiResponse) -> WsgiResponse:
    return replace(answer, status="400 Bad Request") if answer.json["fileSize"] == 0 else answer


ten_megabytes_refused = f.refused(lambda asked: len(asked.body) >= MOST, "413 Content Too Large")
cut = f.requests(lambda asked: replace(asked, body=asked.body[:MOST]))
named = f.accepted("400", lambda asked: replace(asked, headers=asked.headers | {"X-Filename": "x"}))
marking_all = f.requests(lambda asked: replace(asked, path=re.sub(r"/notifications/\d+/read", "/notifications/read", asked.path)))
any_password = f.requests(lambda asked: replace(asked, body=asked.body.replace(b"not+the+password", b"max-secret")))
newest_not_pending = f.at("pendingUsers", lambda users: {key: user for key, user in users.items() if key != max(users, key=int)})
pending_by_other_ids = f.at("pendingUsers", lambda users: {f"{key}0": user for key, user in users.items()})
ten_unless_asked = f.requests(f.query(lambda sent: {"limit": "10"} | sent))


@f.answers
def empty_page_is_404(answer: WsgiResponse) -> WsgiResponse:
    return answer if answer.json["rows"] else replace(answer, status="404 Not Found")


def next_page(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """Pages leave a gap: beyond the first, each is the one after it, under the old number."""
    page = asked.query.get("page", "")
    if not page.isdigit() or page == "0":
        return send(asked)
    answer = send(replace(asked, query=asked.query | {"page": str(int(page) + 1)}))
    return answer.with_json(answer.json | {"page": int(page)}) if answer.ok else answer


def count_of_all(asked: WsgiRequest, send: Send) -> WsgiResponse:
    answer, whole = send(asked), send(replace(asked, query={}))
    return answer.with_json(answer.json | {"count": whole.json["count"]}) if answer.ok else answer


@f.requests
@f.query
def from_the_moment_on(sent: dict[str, str]) -> dict[str, str]:
    """What is asked for after a moment holds the moment itself."""
    after = sent.get("after", "")
    earlier = re.sub(r"\d{3}Z$", lambda found: f"{max(int(found[0][:3]) - 1, 0):03}Z", after)
    earlier = re.sub(r"T(.*)\.000Z$", r"T00:00:00.000Z", earlier) if earlier == after else earlier
    return sent | {"after": earlier} if after else sent


@f.requests
@f.query
def without_time_zones(sent: dict[str, str]) -> dict[str, str]:
    return {name: re.sub(r"[+-]\d\d:\d\d$", "Z", value) for name, value in sent.items()}


def marking_what_is_listed(asked: WsgiRequest, send: Send) -> WsgiResponse:
    answer = send(asked)
    send(replace(asked, method="PUT", path=f"{asked.path}/read", query={}))
    return answer


def marking_the_newest(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """Of all notifications, the newest alone is marked."""
    listed = send(replace(asked, method="GET", path=asked.path.removesuffix("/read"), query={"unreadOnly": "true"}))
    if not listed.ok:
        return send(asked)
    for row in listed.json["rows"][:1]:
        send(replace(asked, path=asked.path.replace("/read", f"/{row['id']}/read")))
    return WsgiResponse("204 No Content", {})


def followed_by_failures(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """A good token does not end the counting of failures."""
    answer = send(asked)
    for _ in range(2 if answer.ok else 0):
        send(replace(asked, query={"invite_token": "unknown"}))
    return answer


@partial(f.done_anyway, "404")
@f.body
def code_spent_anyway(sent: Json) -> Json:
    """A registration with an unknown client is refused, and done with a known one."""
    return sent | {"clientId": "casavi-web", "providerKey": "somekey"}


def token_of_the_owner(asked: WsgiRequest, send: Send) -> WsgiResponse:
    answer = send(asked)
    return answer.with_json(answer.json | {"oidcAccessToken": asked.owner.removeprefix("Bearer ")}) if answer.ok else answer


unsigned = f.on("/token", f.at("id_token", lambda token: f"{token[:-8]}AAAAAAAA"))
redirected = f.on("/authorize", f.succeeds_with(b"{}", "4", "302 Found", Location=f"{FORGED}/callback?code=c"))


@partial(f.answers, only="30")
def without_state(answer: WsgiResponse) -> WsgiResponse:
    return answer.with_header("Location", answer.headers["Location"].replace("state=", "stat="))
