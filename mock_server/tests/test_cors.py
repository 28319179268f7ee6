"""CORS: which pages may ask, and that they can read every answer, those of refusals included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mock_server import BootError, Config, MockServer
from mock_server.config import LOCAL_ORIGINS
from mock_server.cors import Origins
from mock_server.tests.client import Mock

LOCAL = (
    "http://localhost:3000",
    "https://localhost",
    "http://127.0.0.1:8080",
    "http://[::1]:5173",
    "http://app.localhost:8100",
    "https://a.b-c.localhost",
    "http://tauri.localhost",
    "capacitor://localhost",
    "ionic://localhost",
    "tauri://localhost",
)
FOREIGN = (
    "https://example.org",
    "http://localhost.example.org",
    "http://127.0.0.1.example.org",
    "http://127.0.0.2",
    "http://evil-localhost",
    "http://.localhost",
    "http://localhost:3000@example.org",
    "http://localhost:123456",
    "http://localhost/",
    "http://LOCALHOST:3000",
    "file://localhost",
    "capacitor://localhost:1",
    "evil://localhost",
    "x://localhost",
    "http://[::2]",
    "null",
    "x",
    "",
)
ALLOWING = "Access-Control-Allow-Origin"


def _allowing(mock: Mock, method: str, path: str, origin: str, **options: Any) -> tuple[int, str | None]:
    response = mock(method, path, headers={"Origin": origin}, **options)
    assert ("Access-Control-Allow-Credentials" in response.headers) == (ALLOWING in response.headers)
    return response.status_code, response.headers.get(ALLOWING)


def test_pages_of_this_machine_and_of_hybrid_apps_may_ask_and_others_may_not() -> None:
    origins = Origins(LOCAL_ORIGINS)
    assert [origin for origin in LOCAL if origin not in origins] == []
    assert [origin for origin in FOREIGN if origin in origins] == []


@pytest.mark.parametrize(
    ("given", "good", "bad"),
    [
        (
            "https://app.example",
            ["https://app.example"],
            ["http://app.example", "https://app.example:8443", "https://x.app.example"],
        ),
        ("https://app.example:8443", ["https://app.example:8443"], ["https://app.example", "https://app.example:84431"]),
        ("app.example", ["https://app.example", "http://app.example:81"], ["https://appxexample", "ftp://app.example"]),
        ("*.app.example", ["https://a.b.app.example:1"], ["https://app.example", "https://xapp.example"]),
        ("https://*.app.example", ["https://a.app.example"], ["http://a.app.example", "https://a.app.example:1"]),
        ("HTTPS://App.Example", ["https://app.example"], ["HTTPS://App.Example"]),
        ("192.168.1.5:5173", ["http://192.168.1.5:5173"], ["http://192.168.1.5", "http://192.168.1.50:5173"]),
        ("http://[fd00::1]:3000", ["http://[fd00::1]:3000"], ["http://[fd00::2]:3000"]),
        ("null", ["null"], ["http://null"]),
    ],
)
def test_an_origin_is_given_as_browsers_send_it_or_without_its_scheme(given: str, good: list[str], bad: list[str]) -> None:
    origins = Origins([given])
    assert [origin for origin in good if origin not in origins] == []
    assert [origin for origin in (*bad, "http://localhost:3000") if origin in origins] == []


@pytest.mark.parametrize(
    "given", ["*", "", "https://", "https://app.example/", "a b", "https://*", "http://a:port", "*.*.example"]
)
def test_what_is_no_origin_is_told_at_the_start(given: str, start: Callable[..., Mock]) -> None:
    with pytest.raises(BootError, match="is no origin"):
        start(cors_origins=(given,))


def test_given_origins_stand_instead_of_the_default(start: Callable[..., Mock]) -> None:
    mock = start(cors_origins=("https://app.example", "*.localhost"))
    for origin, allowed in (("https://app.example", True), ("http://a.localhost:1", True), ("http://localhost:3000", False)):
        assert _allowing(mock, "GET", "/api/communities", origin)[1] == (origin if allowed else None)


REFUSALS: tuple[tuple[int, str, str, dict[str, Any]], ...] = (
    (404, "GET", "/nowhere", {}),
    (404, "GET", "/__mock/nowhere", {}),
    (405, "PATCH", "/api/communities", {}),
    (400, "GET", "/_s/bad name/api/communities", {}),
    (400, "GET", "/api/communities", {"environ_overrides": {"HTTP_X_MOCK_SESSION": ".."}}),
    (401, "GET", "/api/communities", {}),
    (413, "POST", "/api/v1/openid/users", {"data": bytes(1_100_000), "content_type": "application/json"}),
    (400, "PUT", "/__mock/scenario", {"data": b"{"}),
    (400, "POST", "/api/v1/openid/users", {"data": b"{", "content_type": "application/json"}),
    (400, "POST", "/api/v1/openid/token", {"data": {"grant_type": "x"}}),
    (403, "GET", "/__mock/credentials", {"environ_overrides": {"HTTP_HOST": "evil.example"}}),
)


@pytest.mark.parametrize(("status", "method", "path", "options"), REFUSALS)
def test_a_page_reads_what_was_refused_and_why(mock: Mock, status: int, method: str, path: str, options: dict[str, Any]) -> None:
    assert _allowing(mock, method, path, LOCAL[0], **options) == (status, LOCAL[0])


def _raw(app: MockServer, **environ: str | None) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer to a GET whose environment is changed; None takes a key away."""
    asked = {**EnvironBuilder("/api/communities").get_environ(), "HTTP_ORIGIN": LOCAL[0], **environ}
    _, status, headers = run_wsgi_app(app.wsgi_app, {key: value for key, value in asked.items() if value is not None})
    return int(status[:3]), dict(headers)


def test_so_does_one_whose_request_has_no_good_host(mock: Mock) -> None:
    for host in (None, "", "a b"):
        status, headers = _raw(mock.app, HTTP_HOST=host)
        assert (status, headers.get(ALLOWING)) == (400, LOCAL[0]), host


def _preflights() -> Iterator[tuple[str, str]]:
    for path in ("/api/communities", "/api/v1/units", "/api/v1/openid/token", "/__mock/reset", "/nowhere", "/_s/bad name/"):
        for verb in ("POST", "DELETE", "BREW"):
            yield path, verb


@pytest.mark.parametrize(("path", "verb"), list(_preflights()))
def test_a_browser_that_asks_first_may_send_anything_so_that_the_page_reads_what_is_wrong_with_it(
    mock: Mock, path: str, verb: str
) -> None:
    asked = {"Access-Control-Request-Method": verb, "Access-Control-Request-Headers": "authorization, x-mock-session"}
    response = mock("OPTIONS", path, headers={"Origin": LOCAL[0], **asked})
    assert (response.status_code, response.get_data()) == (204, b"")
    assert response.headers[ALLOWING] == LOCAL[0]
    assert response.headers["Access-Control-Allow-Methods"] == verb
    assert response.headers["Access-Control-Allow-Headers"] == "authorization, x-mock-session"


def test_who_counts_an_operation_in_the_journal_does_not_count_what_browsers_ask_first(mock: Mock) -> None:
    mock("OPTIONS", "/api/communities", headers={"Origin": LOCAL[0], "Access-Control-Request-Method": "POST"})
    [entry] = mock.journal(api="linagora")
    assert (entry["request"]["method"], entry["operationId"]) == ("OPTIONS", None)


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_from_elsewhere_gets_no_leave(mock: Mock, origin: str) -> None:
    for method in ("OPTIONS", "GET"):
        response = mock(method, "/api/communities", headers={"Origin": origin, "Access-Control-Request-Method": "GET"})
        assert response.status_code < 500
        assert not [name for name, _ in response.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("origin", [None, LOCAL[0], FOREIGN[0]])
def test_no_cache_gives_a_page_what_another_origin_asked_for(mock: Mock, origin: str | None) -> None:
    response = mock.get("/api/communities", headers={"Origin": origin} if origin else {})
    assert "Origin" in response.headers["Vary"]


def test_a_page_reads_the_headers_that_answers_have(mock: Mock) -> None:
    response = mock.get("/api/communities", headers={"Origin": LOCAL[0]})
    exposed = set(response.headers["Access-Control-Expose-Headers"].split(", "))
    assert exposed >= {"X-ESN-Items-Count", "Last-Modified", "Location", "Retry-After", "WWW-Authenticate", "Content-Disposition"}


def test_the_default_is_the_one_of_the_command() -> None:
    assert Config().cors_origins == LOCAL_ORIGINS
