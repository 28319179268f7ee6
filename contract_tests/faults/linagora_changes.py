"""Changes that make faults of the linagora API alone."""

import json
import time
from dataclasses import replace

from contract_tests.faults.planting import Request, Response, Send


def lost_creation(asked: Request, send: Send) -> Response:
    answer = send(asked)
    if answer.status.startswith("201"):
        send(replace(asked, method="DELETE", path=f"{asked.path}/{answer.json['_id']}", body=b"", query={}))
    return answer


def clobbered(asked: Request, send: Send) -> Response:
    try:
        body = {"description": "clobbered"} | json.loads(asked.body)
    except (ValueError, TypeError):
        return send(asked)
    return send(replace(asked, body=json.dumps(body).encode()))


def stored_all_the_same(asked: Request, send: Send) -> Response:
    """An upload of a wrong size is refused, but it is kept."""
    answer = send(asked)
    if answer.status.startswith("412"):
        send(replace(asked, query=asked.query | {"size": str(len(asked.body))}))
    return answer


def breaks_on_astral(asked: Request, send: Send) -> Response:
    title = str(json.loads(asked.body).get("title", "")) if asked.body.startswith(b"{") else ""
    return Response("500 Internal Server Error", {}, b"") if any(ord(c) > 0xFFFF for c in title) else send(asked)


def racing_check(asked: Request, send: Send) -> Response:
    """Looks whether the title is taken, and creates a moment later, as code without a transaction does."""
    body = json.loads(asked.body)
    query = {"domain_id": body["domain_ids"][0], "title": body["title"]}
    taken = send(replace(asked, method="GET", query=query, body=b"")).json
    time.sleep(0.05)
    return send(asked if taken else replace(asked, query=asked.query | {"noTitleCheck": "true"}))


def case_sensitive(asked: Request, send: Send) -> Response:
    answer = send(asked)
    if "title" not in asked.query or not answer.status.startswith("200"):
        return answer
    return answer.with_json([item for item in answer.json if item["title"] == asked.query["title"]])


def always_unchanged(asked: Request, send: Send) -> Response:
    answer = send(asked)
    since = "If-Modified-Since" in asked.headers and answer.status.startswith("200")
    return Response("304 Not Modified", {}, b"") if since else answer


def never_unchanged(asked: Request, send: Send) -> Response:
    return send(replace(asked, headers={name: value for name, value in asked.headers.items() if name != "If-Modified-Since"}))


def first_word_only(query: dict[str, str]) -> dict[str, str]:
    return query | ({"search": query["search"].split()[0]} if query.get("search", "").split() else {})


def parts_match(asked: Request, send: Send) -> Response:
    """The title filter finds parts of titles."""
    wanted = asked.query.get("title", "").casefold()
    answer = send(replace(asked, query={name: value for name, value in asked.query.items() if name != "title"}))
    return (
        answer.with_json([i for i in answer.json if wanted in i["title"].casefold()])
        if answer.status.startswith("200")
        else answer
    )


def literal_search(asked: Request, send: Send) -> Response:
    """The search minds case and accents."""
    answer = send(asked)
    if not answer.status.startswith("200"):
        return answer
    words = asked.query.get("search", "").split()
    found = [p for p in answer.json if all(any(w in f for f in (p["firstname"], p["lastname"], *p["emails"])) for w in words)]
    return replace(answer.with_json(found), headers=answer.headers | {"X-Esn-Items-Count": str(len(found))})


def rejoins(asked: Request, send: Send) -> Response:
    """Who joins again joins anew."""
    send(replace(asked, method="DELETE"))
    return send(asked)


def conflicts_with_itself(asked: Request, send: Send) -> Response:
    before = send(replace(asked, method="GET", body=b""))
    same = before.status.startswith("200") and json.loads(asked.body).get("title") == before.json["title"]
    return Response("409 Conflict", {}, b"") if same else send(asked)


def description_lost(asked: Request, send: Send) -> Response:
    body = json.loads(asked.body)
    return send(replace(asked, body=json.dumps({name: value for name, value in body.items() if name != "description"}).encode()))
