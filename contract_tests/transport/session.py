"""Sessions of requests that do what they are asked, and no more."""

import os
import time
from datetime import timedelta
from functools import cache
from typing import Any

import requests
from requests import PreparedRequest, Request, Response
from requests.adapters import BaseAdapter
from requests.cookies import merge_cookies
from requests.utils import get_environ_proxies

TIMEOUT = 30.0  # seconds


@cache
def _proxies(base_url: str) -> dict[str, str]:
    proxies: dict[str, str] = get_environ_proxies(base_url)  # reads the whole environment each time
    return proxies


class CleanSession(requests.Session):
    """A requests session that does what a test asks and no more: it follows no redirects, keeps no cookies and reads no .netrc.

    Proxies and REQUESTS_CA_BUNDLE of the environment apply, as everywhere with requests. The rest that requests does around a
    request, such as merging settings that there are none of, would nearly double the time that the suite spends on one.
    """

    def __init__(self, base_url: str, adapter: BaseAdapter) -> None:
        super().__init__()
        self.trust_env = False
        self.proxies.update(_proxies(base_url))
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def prepare_request(self, request: Request) -> PreparedRequest:
        merge: Any = merge_cookies  # without types
        cookies = merge(self.cookies.copy(), request.cookies or {}) if self.cookies or request.cookies else None
        headers = {name: value for name, value in {**self.headers, **(request.headers or {})}.items() if value is not None}
        prepared = _Prepared()
        prepared.prepare(
            request.method,
            request.url,
            headers,
            request.files,
            request.data,
            request.params or None,
            request.auth,
            cookies,
            None,
            request.json,
        )
        return prepared

    def merge_environment_settings(self, _url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        verify = self.verify if verify is None else verify
        return {"proxies": proxies or self.proxies, "stream": stream, "verify": verify, "cert": cert}

    def send(self, request: PreparedRequest, *, allow_redirects: bool = False, **options: Any) -> Response:
        begun = time.perf_counter()
        response = self.get_adapter(request.url or "").send(request, **{"proxies": self.proxies, "verify": self.verify} | options)
        response.elapsed = timedelta(seconds=time.perf_counter() - begun)
        return response


class _Prepared(PreparedRequest):
    def prepare_cookies(self, cookies: Any) -> None:
        if cookies:
            super().prepare_cookies(cookies)
