"""Changes that make faults of linagora alone."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from contract_tests.faults import changes as f
from contract_tests.faults.memory import COUNT, undone
from contract_tests.faults.planting import Send, WsgiRequest, WsgiResponse

Json = dict[str, Any]


def racing_check(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """Looks whether the title is taken, and creates a moment later, as code without a transaction does."""
    new = asked.properties
    if not new.get("domain_ids") or not isinstance(new.get("title"), str):
        return send(asked)
    listed = send(replace(asked, method="GET", query={"domain_id": new["domain_ids"][0], "title": new["title"]}, body=b""))
    time.sleep(0.05)
    return send(asked if not listed.ok or listed.json else replace(asked, query=asked.query | {"noTitleCheck": "true"}))


def conflicts_with_itself(asked: WsgiRequest, send: Send) -> WsgiResponse:
    before = send(replace(asked, method="GET", body=b""))
    same = before.ok and asked.properties.get("title") == before.json["title"]
    return WsgiResponse("409 Conflict", {}) if same else send(asked)


def title_minds_case(asked: WsgiRequest, send: Send) -> WsgiResponse:
    answer = send(asked)
    if "title" not in asked.query or not answer.ok:
        return answer
    return answer.with_json([item for item in answer.json if item["title"] == asked.query["title"]])


def title_finds_parts(asked: WsgiRequest, send: Send) -> WsgiResponse:
    wanted = asked.query.get("title", "").casefold()
    answer = send(replace(asked, query={name: value for name, value in asked.query.items() if name != "title"}))
    return answer.with_json([item for item in answer.json if wanted in item["title"].casefold()]) if answer.ok else answer


@f.in_json
def foreign_one(items: list[Json]) -> list[Json]:
    """One more, of another domain."""
    return items + [item | {"_id": "0" * 24, "domain_ids": ["another"]} for item in items[-1:]]


def rejoins(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """Whoever joins again joins anew."""
    send(replace(asked, method="DELETE"))
    return send(asked)


@f.requests
@f.body
def without_the_second(new: Json) -> Json:
    """Of two new members, one is forgotten."""
    members = new.get("newMembers")
    return new | {"newMembers": members[:1]} if isinstance(members, list) and members else new


def only_new_members(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """Whoever is not among the new members is none."""
    new = asked.properties
    if not new.get("newMembers"):
        return send(asked)
    listed = send(replace(asked, method="GET", path=f"{asked.path}/members", query={}, body=b""))
    ids = [one["user"]["_id"] for one in listed.json] if listed.ok else []
    gone = [user for user in ids[1:] if user not in new["newMembers"]]
    return send(f.body(lambda sent: sent | {"deleteMembers": [*sent.get("deleteMembers", ()), *gone]})(asked))


def undone_with_two(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """An update of two things is lost."""
    return undone(asked, send) if len(asked.properties) > 1 else send(asked)


def undone_again(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """The first picture stays for ever."""
    there = send(replace(asked, method="GET", query={}, body=b"")).status.startswith("200")
    return undone(asked, send) if there else send(asked)


@partial(f.done_anyway, "412")
def stored_anyway(asked: WsgiRequest) -> WsgiRequest:
    """An upload of a wrong size is refused, and kept."""
    return replace(asked, query=asked.query | {"size": str(len(asked.body))})


def always_unchanged(asked: WsgiRequest, send: Send) -> WsgiResponse:
    answer = send(asked)
    unchanged = "If-Modified-Since" in asked.headers and answer.status.startswith("200")
    return WsgiResponse("304 Not Modified", {}) if unchanged else answer


def unchanged_for_any_date(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """A date that is none counts too."""
    since = asked.headers.get("If-Modified-Since", "")
    answer = send(asked)
    odd = since and not since.endswith("GMT") and answer.status.startswith("200")
    return WsgiResponse("304 Not Modified", {}) if odd else answer


@f.requests
@f.query
def first_word(sent: dict[str, str]) -> dict[str, str]:
    return sent | ({"search": sent["search"].split()[0]} if sent.get("search", "").split() else {})


def literal_search(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """The search minds case and accents."""
    answer, words = send(asked), asked.query.get("search", "").split()
    if not answer.ok:
        return answer
    found = [p for p in answer.json if all(any(w in f for f in (p["firstname"], p["lastname"], *p["emails"])) for w in words)]
    return answer.with_json(found).with_header(COUNT, str(len(found)))


without_case = f.in_json(lambda items: sorted(items, key=lambda item: str(item["title"]).casefold()))
emptied = f.requests(f.body(lambda sent: {"description": ""} | sent))
id_renamed = f.in_each(lambda item: {"id" if name == "_id" else name: value for name, value in item.items()})
asked_now = f.in_json(lambda item: item | {"membershipRequest": datetime.now(UTC).isoformat()})
total_of_page = f.answers(lambda answer: answer.with_header(COUNT, str(len(answer.json))))
astral_title = f.refused(lambda asked: any(map(f.is_astral, str(asked.properties.get("title", "")))), f.ERROR)
long_ago = f.with_header("Last-Modified", "Wed, 18 Dec 2013 14:51:51 GMT")
in_future = f.with_header("Last-Modified", "Fri, 01 Jan 2038 00:00:00 GMT")
