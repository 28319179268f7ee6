"""What HTTP brings besides the operations: unknown paths and verbs, CORS, long bodies, credentials."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mock_server.tests.client import Mock, problem
from mock_server.tests.documents import Described, operations
from mock_server.tests.mutations import originals

LOCAL = ("http://localhost:3000", "http://127.0.0.1:8080", "https://localhost", "http://[::1]:5173")
FOREIGN = (
    "https://example.org",
    "http://localhost.example.org",
    "http://127.0.0.1.example.org",
    "null",
    "http://evil-localhost",
    "x",
)
EVERY = {operation.id: operation for operation in operations()}
PROTECTED = {name: o for name, o in EVERY.items() if o.node.get("security") != []}


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/api",
        "/api/communities/",
        "//api/communities",
        "/api/communities/x/y",
        "/api/v2/units",
        "/_s/a/x",
    ],
)
def test_an_unknown_path_is_404_in_the_error_shape(mock: Mock, path: str) -> None:
    status, details = problem(mock.get(path, "alice"))
    assert status == 404
    assert "path" in details


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/communities", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("DELETE", "/api/communities", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("POST", "/api/communities/x/members/y", {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}),
        ("GET", "/api/v1/uploads", {"POST", "OPTIONS"}),
        ("POST", "/__mock/health", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/api/v1/units", {"GET", "HEAD", "OPTIONS"}),
        ("BREW", "/api/v1/units", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_verb_that_a_path_does_not_have_is_405_with_allow(mock: Mock, method: str, path: str, allowed: set[str]) -> None:
    response = mock(method, path, "alice")
    assert problem(response)[0] == 405
    assert set(response.headers["Allow"].split(", ")) == allowed


def test_head_answers_as_get_does_without_the_body(mock: Mock) -> None:
    path = f"/api/communities?domain_id={mock.domain()}"
    head, get = mock("HEAD", path, "alice"), mock.get(path, "alice")
    assert (head.status_code, head.get_data()) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.get_data()))
    assert mock("HEAD", path).status_code == 401


def test_head_of_an_operation_that_writes_is_405(mock: Mock) -> None:
    assert mock("HEAD", "/api/v1/uploads").status_code == 405


def test_options_tells_the_verbs_without_credentials(mock: Mock) -> None:
    response = mock("OPTIONS", "/api/communities")
    assert response.status_code == 200
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("origin", LOCAL)
def test_a_page_of_this_machine_may_ask_and_read(mock: Mock, origin: str) -> None:
    preflight = mock(
        "OPTIONS",
        f"/_s/{mock.session}/api/communities",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type",
        },
    )
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == origin
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Headers"] == "authorization, content-type"
    assert "Origin" in preflight.headers["Vary"]
    for path in ("/api/communities/x", "/api/communities", "/nowhere", "/__mock/health"):
        answer = mock.get(path, headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin, path
        assert "X-ESN-Items-Count" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_from_elsewhere_gets_no_leave(mock: Mock, origin: str) -> None:
    for method in ("OPTIONS", "GET"):
        response = mock(method, "/api/communities", headers={"Origin": origin, "Access-Control-Request-Method": "GET"})
        assert response.status_code < 500
        assert not [name for name, _ in response.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "origin", ["http://[::1", "http://[", "http://]/", "http://localhost:port", "\xff", "http://a:b@localhost"]
)
def test_a_malformed_origin_is_no_server_error(mock: Mock, origin: str) -> None:
    assert mock.get("/__mock/health", headers={"Origin": origin}).status_code == 200


def test_a_body_longer_than_an_operation_takes_is_413(mock: Mock) -> None:
    long = b'{"title": "' + b"x" * (1024 * 1024) + b'"}'
    status, details = problem(mock.post("/api/communities", "alice", data=long, content_type="application/json"))
    assert (status, "1048576" in details) == (413, True)
    avatar = f"{mock.create('Big')}/avatar?mimetype=image/png&size=10485761"
    status, details = problem(mock.post(avatar, "alice", data=bytes(10_485_761), content_type="image/png"))
    assert (status, "10485760" in details) == (413, True)
    assert problem(mock.put("/__mock/scenario", data=b" " * 1_100_000))[0] == 413


def test_a_body_as_long_as_an_operation_takes_is_read(mock: Mock) -> None:
    avatar = f"{mock.create('Full')}/avatar?mimetype=image/png&size=10485760"
    status, details = problem(mock.post(avatar, "alice", data=bytes(10_485_760), content_type="image/png"))
    assert (status, "the image cannot be read" in details) == (400, True), details


def _send(mock: Mock, operation: Described, person: str | None, headers: dict[str, str] | None = None) -> tuple[int, str]:
    sent = originals(operation)[0]
    path = operation.path.format(**sent.path)
    response = mock(
        operation.method.upper(),
        path,
        person,
        query_string=dict(sent.query),
        headers={**sent.headers, **(headers or {})},
        data=sent.body or None,
        content_type=sent.content_type or None,
    )
    if response.status_code >= 400:
        problem(response)
    return (response.status_code, response.headers.get("WWW-Authenticate", ""))


@pytest.mark.parametrize("name", PROTECTED)
def test_a_protected_operation_is_401_without_good_credentials(mock: Mock, name: str) -> None:
    api = PROTECTED[name].api
    other = mock.principal("alice" if api == "casavi" else "casavi:max")
    own = mock.principal("alice" if api == "linagora" else "casavi:max")
    stolen = (
        f"Basic {own['bearer']}",
        f"Bearer {other['bearer']}",
        f"Bearer {own['bearer']}0",
        f"Bearer {own['cookie']['value']}",
    )
    for header in ({}, *({"Authorization": text} for text in ("Bearer", "Bearer ", "Bearer x", "Bearer x.y", *stolen))):
        status, challenge = _send(mock, PROTECTED[name], None, header)
        assert (status, challenge) == (401, f'Bearer realm="{api}"'), header


@pytest.mark.parametrize("name", PROTECTED)
def test_a_protected_operation_takes_the_bearer_token_and_the_cookie(mock: Mock, name: str) -> None:
    api = PROTECTED[name].api
    person = mock.principal("alice" if api == "linagora" else "casavi:max")
    cookie = f"{person['cookie']['name']}={person['cookie']['value']}"
    spellings = [{"Authorization": f"{scheme} {person['bearer']}"} for scheme in ("Bearer", "bearer")]
    for header in (*spellings, {"Cookie": cookie}):
        status, _ = _send(mock, PROTECTED[name], None, header)
        assert status not in (401, 500), header


@pytest.mark.parametrize("name", EVERY)
def test_every_operation_has_its_behaviour_and_answers_its_own_example(mock: Mock, name: str) -> None:
    status, _ = _send(mock, EVERY[name], "alice" if EVERY[name].api == "linagora" else "casavi:max")
    assert status < 500


def test_the_two_apis_may_be_served_alone(start: Callable[..., Mock]) -> None:
    alone = start(apis=("casavi",))
    assert alone.get("/__mock/health").get_json()["apis"] == {"casavi": 21}
    assert problem(alone.get("/api/communities"))[0] == 404
    assert problem(alone.get("/api/v1/units"))[0] == 401


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("/api/v1/ticket", "/api/v1/tickets"),
        ("/api/v1/ticket/7001", "/api/v1/tickets/7001"),
        ("/v1/tickets", "/api/v1/tickets"),
        ("/api/communities/", "/api/communities"),
        ("/api/community/abc/members", "/api/communities/abc/members"),
        ("/__mock/rest", "/__mock/reset"),
    ],
)
def test_a_404_names_the_nearest_path(mock: Mock, asked: str, nearest: str) -> None:
    assert problem(mock.get(asked)) == (404, f"no operation has the path {asked}; the nearest is {nearest}")


@pytest.mark.parametrize("asked", ["/nowhere", "/favicon.ico", "/api/v1/" + "x" * 300])
def test_a_404_names_no_path_that_is_not_near(mock: Mock, asked: str) -> None:
    assert problem(mock.get(asked)) == (404, f"no operation has the path {asked}")
