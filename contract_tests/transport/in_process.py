"""An app in this process in the place of a server."""

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from werkzeug.test import run_wsgi_app

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiAdapter(HTTPAdapter):
    """Lets requests talk to a WSGI app in this process as if it were a server."""

    def __init__(self, app: WsgiApp) -> None:
        super().__init__()
        self.app = app

    def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Response:
        chunks, status, headers = run_wsgi_app(self.app, _environ(request), buffered=True)
        code, _, reason = status.partition(" ")
        body = b"".join(chunks)
        raw = HTTPResponse(
            io.BytesIO(body),
            HTTPHeaderDict(headers.to_wsgi_list()),
            int(code),
            reason=reason,
            preload_content=False,
            enforce_content_length=False,  # a body where none may be is for the tests to judge
            request_method=request.method,
        )
        response = self.build_response(request, raw)
        if not headers.get("Content-Encoding"):  # which has to be undone, as for an answer that came over a socket
            vars(response).update(_content=body, _content_consumed=True)  # as requests does once it has read it
        return response


def _environ(request: PreparedRequest) -> dict[str, Any]:
    # Not by EnvironBuilder of werkzeug, which replaces what is encoded in a path and is no UTF-8.
    url = urlsplit(request.url or "")
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1"),
        "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": url.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = text
    return environ
