"""Whatever bytes come, the answer is one of a server that is well."""

from __future__ import annotations

import io
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app

from mock_server import MockServer
from mock_server.tests.client import Mock

# PEP 3333: bytes as Latin-1.
BYTES = st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=30)
PATHS = (
    "/api/communities",
    "/api/v1/tickets/7001/comments",
    "/api/v1/uploads",
    "/__mock/journal",
    "/__mock/reset",
    "/_s/a/api/v1/units",
    "",
)
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "\xff")
HEADERS = (
    "HTTP_COOKIE",
    "HTTP_X_MOCK_SESSION",
    "HTTP_IF_NONE_MATCH",
    "HTTP_ORIGIN",
    "HTTP_CONTENT_ENCODING",
    "HTTP_PREFER",
    "CONTENT_TYPE",
)


@settings(
    max_examples=300, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # garbage changes nothing
@given(
    st.sampled_from(METHODS),
    st.tuples(st.sampled_from(PATHS), BYTES).map("".join),
    BYTES,
    st.dictionaries(st.sampled_from(HEADERS), BYTES, max_size=3),
    st.binary(max_size=30),
)
@example("GET", "/__mock/journal", "\xff=\xfe", {}, b"")
@example("GET", "/api/v1/units", "", {"HTTP_COOKIE": "a=b; \xff=;;;"}, b"")
def test_no_bytes_make_an_error_of_the_server(
    mock: Mock, method: str, path: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    assert status(mock.app, method, path, query, headers, body) < 500


def status(app: MockServer, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> int:
    environ: dict[str, Any] = create_environ(method=method)
    environ |= {"PATH_INFO": path, "QUERY_STRING": query, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    _, line, _ = run_wsgi_app(app, environ | headers)
    return int(line[:3])
