"""Tokens that expire: each is renewed in time, once, and where nobody knows when, after a 401."""

import base64
import json
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from werkzeug import Request
from werkzeug import Response as Answer

from contract_tests.actors.caller import Caller
from contract_tests.faults.servers import serve
from contract_tests.profile import OpenIdLogin, RequestLogin
from contract_tests.selftests.login_attempts import (
    app,
    code_login,
    is_let_in,
    profile,
)
from contract_tests.transport import logins as logins_module
from contract_tests.transport import openid_login
from contract_tests.transport.guard import Guard
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.logins import LoginError, Logins
from contract_tests.transport.wire import Wire


class Counting(HTTPAdapter):
    """Counts the requests by method and path."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        self.seen[f"{request.method} {request.path_url.partition('?')[0]}"] += 1
        return super().send(request, *args, **options)


class Clock:
    """The time as logins see it, which may be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (logins_module, openid_login):
        monkeypatch.setattr(module, "time", clock)
    return clock


def test_a_token_is_renewed_before_it_expires_and_refresh_tokens_may_rotate(provider: str, clock: Clock) -> None:
    adapter = Counting()
    logins = Logins(profile(code_login(provider), provider), adapter)
    first = "".join(logins.admitted().principals[0].headers.values())
    assert logins.fresh(first) == first
    seen = {first}
    for _ in range(3):
        clock.ahead += 3500  # of the hour that a token lives
        assert logins.fresh(first) in seen
        clock.ahead += 90
        value = logins.fresh(first)
        seen.add(value)
        assert is_let_in(provider, {"Authorization": value})
    assert logins.fresh(value) == value
    assert len(seen) == 4
    assert [count for what, count in adapter.seen.items() if what.startswith("POST") and "authorize" in what] == [1]


def test_a_token_is_renewed_once_for_all_threads(provider: str, clock: Clock) -> None:
    adapter = Counting()
    logins = Logins(profile(code_login(provider), provider), adapter)
    value = "".join(logins.admitted().principals[0].headers.values())
    clock.ahead += 3590
    before = adapter.seen.total()
    with ThreadPoolExecutor(8) as pool:
        values = set(pool.map(logins.fresh, [value] * 8))
    assert len(values - {value}) == len(values) == 1
    assert adapter.seen.total() - before <= 2  # the discovery document and the token endpoint


def test_who_has_no_refresh_token_logs_in_again(tmp_path: Path) -> None:
    tokens = iter(["first-token", "second-token"])

    def answer(_: Request) -> Answer:
        return Answer(json.dumps({"token": next(tokens)}))

    with serve(app(answer)) as url, pytest.MonkeyPatch.context() as patch:
        logins = Logins(profile(RequestLogin("/login", bearer="/token"), url), HTTPAdapter())
        logins.admitted()
        assert logins.renew("Bearer first-token") is None, "a login so young is not the reason of a 401"
        patch.setattr(logins_module, "SETTLED", 0.0)
        assert logins.renew("Bearer first-token") == "Bearer second-token"
        assert logins.renew("Bearer first-token") == "Bearer second-token", "somebody else was faster"
        assert logins.renew("Bearer second-token") is None, "the server has no more"
    assert logins.renew("Bearer of somebody else") is None
    assert logins.fresh("Bearer of somebody else") == "Bearer of somebody else"


def test_a_json_web_token_says_itself_when_it_expires(clock: Clock) -> None:
    def answer(_: Request) -> Answer:
        claims = base64.urlsafe_b64encode(json.dumps({"exp": clock.time() + 200, "n": next(numbers)}).encode()).decode()
        return Answer(json.dumps({"token": f"head.{claims.rstrip('=')}.signature"}))

    numbers = iter(range(9))
    with serve(app(answer)) as url:
        logins = Logins(profile(RequestLogin("/login", bearer="/token"), url), HTTPAdapter())
        value = "".join(logins.admitted().principals[0].headers.values())
        assert logins.fresh(value) == value
        clock.ahead += 171
        assert logins.fresh(value) != value


def test_a_renewal_that_fails_is_not_tried_with_each_request(clock: Clock) -> None:
    adapter, fails = Counting(), iter([False, True, True])
    body = json.dumps({"access_token": "soon-over", "expires_in": 40, "token_type": "Bearer"})
    with serve(app(lambda _: Answer("{}", 503) if next(fails) else Answer(body))) as url:
        login = OpenIdLogin("client_credentials", "app", token_url=f"{url}/token", client_secret="hidden-secret")
        logins = Logins(profile(login, url), adapter)
        logins.admitted()
        clock.ahead += 30
        for _ in range(3):
            with pytest.raises(LoginError, match=r"max: the token endpoint http://\S+ answers 503"):
                logins.fresh("Bearer soon-over")
    assert adapter.seen["POST /token"] == 2


def test_a_401_is_asked_again_with_a_new_login() -> None:
    """Where nobody knows when a token expires, a 401 after a while is its end."""

    class Renewing:
        def fresh(self, value: str) -> str:
            return value

        def renew(self, value: str) -> str | None:
            return "Bearer new" if value == "Bearer old" else None

    seen: list[str] = []

    def server(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.append(environ.get("HTTP_AUTHORIZATION", ""))
        start_response("200 OK" if seen[-1] == "Bearer new" else "401 Unauthorized", [("Content-Length", "0")])
        return [b""]

    with serve(server) as url:
        wire = Wire({"linagora": url}, HTTPAdapter(), Guard("read-only", ()), Ledger(), logins=Renewing())
        for value, status in (("Bearer old", 200), ("Bearer fixed", 401)):
            caller = Caller("linagora", wire, "alice", {"Authorization": value})
            assert caller.call("listCommunities").status == status
    assert seen == ["Bearer old", "Bearer new", "Bearer fixed"]
    assert wire.names["Bearer new"] == "alice"
