"""Logins: by a request, by a browser at an OpenID provider, by tokens that are renewed; and no secret in what goes wrong."""

import base64
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from werkzeug import Request
from werkzeug import Response as Answer

from contract_tests.actors.caller import Caller
from contract_tests.contract.masking import masked
from contract_tests.faults.servers import mock, serve
from contract_tests.profile import Login, OpenIdLogin, Principal, Profile, RequestLogin
from contract_tests.transport import logins as logins_module
from contract_tests.transport import openid_login
from contract_tests.transport.forms import Form, find_form
from contract_tests.transport.guard import Guard
from contract_tests.transport.in_process import WsgiApp
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.logins import LoginError, Logins
from contract_tests.transport.openid_login import OpenIdFlow
from contract_tests.transport.wire import Wire

BACK = "http://localhost:3000/callback"
PASSWORD = "max-secret"


TYPED = {"user": "max", "pw": PASSWORD}
LOGIN_FORM = """<form method="post" action="{}"><input type="hidden" name="csrf" value="&amp;1">
<select name="tenant"><option>none<option value="3" selected>Three</select><textarea name="note">
as it is</textarea><input name="user"><input type="password" name="pw"><input type="checkbox" name="remember">
<button name="do" value="in">In</button><button name="do" value="cancel">Cancel</button></form>"""
CONSENT_FORM = """<form method="post" action="/consent">
<input type="submit" name="accept" value="yes"><input type="submit" name="deny" value="no"></form>"""


class Counting(HTTPAdapter):
    """Counts the requests by method and path."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        self.seen[f"{request.method} {request.path_url.partition('?')[0]}"] += 1
        return super().send(request, *args, **options)


def app(answer: Callable[[Request], Answer]) -> WsgiApp:
    """A WSGI app of one function."""
    return Request.application(answer)


def profile(login: Login | None, url: str, name: str = "max", **more: Any) -> Profile:
    return Profile((Principal("casavi", name, "101", ("1",), login=login, **more),), base_urls={"casavi": url})


def page(body: str | bytes, kind: str = "text/html") -> Response:
    response = Response()
    response.url, response._content = "http://localhost/login", body.encode() if isinstance(body, str) else body  # noqa: SLF001
    response.headers["Content-Type"] = kind
    return response


def log_in(login: Login, url: str) -> Principal:
    """Somebody who has logged in."""
    return Logins(profile(login, url), HTTPAdapter()).admitted().principals[0]


def failure(login: Login, url: str = "http://127.0.0.1:9") -> str:
    """Why somebody cannot log in."""
    with pytest.raises(LoginError) as error:
        log_in(login, url)
    assert "Traceback" not in str(error.value)
    assert PASSWORD not in str(error.value)
    return str(error.value)


def code_login(url: str, **changes: Any) -> OpenIdLogin:
    fields = {"client_id": "casavi-web", "issuer": url, "redirect_uri": BACK, "scope": "openid profile email offline_access"}
    return OpenIdLogin("authorization_code", **(fields | {"username": "max@lindenhof.example", "password": PASSWORD} | changes))


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


def is_let_in(url: str, headers: dict[str, str]) -> bool:
    return requests.get(f"{url}/api/v1/communities/1/activities", headers=headers, timeout=5).status_code == 200


# By one request


def test_a_token_is_taken_from_the_body() -> None:
    def answer(request: Request) -> Answer:
        known = request.method == "PUT" and request.json == {"user": "max", "password": PASSWORD}
        return Answer(json.dumps({"data": [{"access/token": "the-token-of-max"}]}), 200 if known else 401)

    login = RequestLogin("/login", "PUT", json={"user": "max", "password": PASSWORD}, bearer="/data/0/access~1token")
    with serve(app(answer)) as url:
        person = log_in(login, url)
    assert person.headers == {"Authorization": "Bearer the-token-of-max"}
    assert "the-token-of-max" not in masked("GET / with the-token-of-max")


@pytest.mark.parametrize("place", ["/login", "/welcome"])
def test_a_cookie_is_taken_from_any_answer_on_the_way(place: str) -> None:
    def answer(request: Request) -> Answer:
        response = Answer("", 200)
        if request.path == "/login" and request.form["password"] == PASSWORD:
            response = Answer("", 302, {"Location": "/welcome"})
        if request.path == place:
            response.set_cookie("sid", "s%3Athe-cookie-of-max")
        return response

    with serve(app(answer)) as url:
        person = log_in(RequestLogin("/login", form={"user": "max", "password": PASSWORD}, cookie="sid"), url)
    assert person.headers == {"Cookie": "sid=s%3Athe-cookie-of-max"}


def test_a_form_is_sent_with_the_hidden_token_of_its_page() -> None:
    def answer(request: Request) -> Answer:
        if request.method == "GET":
            return Answer(LOGIN_FORM.format(""), 200, {"Set-Cookie": "pair=&1", "Content-Type": "text/html"})
        good = request.form["csrf"] == request.cookies["pair"] and {**request.form, **TYPED} == request.form.to_dict()
        return Answer("", 200 if good else 403, {"Set-Cookie": "sid=the-cookie-of-max"})

    with serve(app(answer)) as url:
        assert log_in(RequestLogin("/login", form=TYPED, cookie="sid"), url).cookie == ("sid", "the-cookie-of-max")


@pytest.mark.parametrize("page", [Answer("", 405), Answer(b"\xff\x00<form>"), Answer(CONSENT_FORM), Answer("[" * 9000)])
def test_a_form_that_no_page_shows_is_sent_as_it_is(page: Answer) -> None:
    sent: list[dict[str, str]] = []

    def answer(request: Request) -> Answer:
        if request.method == "GET":
            return page
        sent.append(request.form.to_dict())
        return Answer("", 200, {"Set-Cookie": "sid=the-cookie-of-max"})

    with serve(app(answer)) as url:
        log_in(RequestLogin("/login", form=TYPED, cookie="sid"), url)
    assert sent == [TYPED]


@pytest.mark.parametrize("place", ["http://[", "/caf\xe9", "http://localhost:port/", "//", "\x01"])
def test_a_redirect_to_what_is_no_place_is_none(place: str) -> None:
    def answer(_: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("302 Found", [("Location", place), ("Content-Length", "0")])
        return []

    with serve(answer) as url:
        assert "sets no cookie sid" in failure(RequestLogin("/login", cookie="sid"), url)


def test_a_redirect_to_another_host_is_not_followed() -> None:
    cookie = app(lambda _: Answer("", 200, {"Set-Cookie": "sid=foreign"}))
    with serve(cookie) as other, serve(app(lambda _: Answer("", 302, {"Location": f"{other}/"}))) as url:
        assert "answers 302 and sets no cookie sid" in failure(RequestLogin("/login", cookie="sid"), url)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, "{}", "answers 401"),
        (200, '{"token": ""}', "answers 200 and has no /token in its answer"),
        (200, "[]", "answers 200 and has no /token in its answer"),
        (200, "<html>", "answers 200 and has no /token in its answer"),
    ],
)
def test_what_a_login_lacks_is_one_line_with_the_name(status: int, body: str, words: str) -> None:
    with serve(app(lambda _: Answer(body, status))) as url:
        told = failure(RequestLogin("/login?key=hidden", json={"password": PASSWORD}, bearer="/token"), url)
    assert told == f"max: the login at {url}/login {words}"


def test_everybody_who_cannot_log_in_is_told() -> None:
    login = RequestLogin("/login", bearer="/token")
    people = tuple(Principal("casavi", name, "1", ("1",), login=login) for name in ("max", "erika"))
    people += (Principal("casavi", "fixed", "1", ("1",), bearer="t"),)
    with serve(app(lambda _: Answer("", 503))) as url, pytest.raises(LoginError) as error:
        Logins(Profile(people, base_urls={"casavi": url}), HTTPAdapter()).admitted()
    assert str(error.value).splitlines() == [f"{name}: the login at {url}/login answers 503" for name in ("max", "erika")]


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    assert failure(RequestLogin("/login", bearer="/token")).startswith("max: http://127.0.0.1:9 refuses the connection")


# Forms


@pytest.mark.parametrize(
    ("controls", "entries"),
    [
        ('<input name="a" value="1"><input name="b"><input value="2">', {"a": "1", "b": ""}),
        ('<input name="a" disabled><input name="b" readonly value="1">', {"b": "1"}),
        ('<fieldset disabled><legend><input name="a"></legend><input name="b"><select name="c"></select></fieldset>', {"a": ""}),
        ('<input type="checkbox" name="a" checked><input type="checkbox" name="b">', {"a": "on"}),
        ('<input type="checkbox" name="a" value="" checked><input type="checkbox" name="b" value="2">', {"a": ""}),
        ('<input type="radio" name="a" value="1" checked><input type="radio" name="a" value="2">', {"a": "1"}),
        ('<select name="a"><option value="1">One<option> Two  of  it </select>', {"a": "1"}),
        ('<select name="a"><option disabled value="1">One<option> Two  of  it </select>', {"a": "Two of it"}),
        ('<select name="a" size="3"><option>1</select><select name="b"></select>', {}),
        ('<select name="a" multiple><option selected>1<option>2<option selected>3</select>', [("a", "1"), ("a", "3")]),
        ("<textarea name='a'>\n\n&lt;b>\n</textarea><textarea name='b'></textarea>", {"a": "\n<b>\n", "b": ""}),
        ('<button type="button" name="a"></button><input type="reset" name="b"><button name="c" value="3"></button>', {"c": "3"}),
        ('<input type="submit" name="a" disabled><input type="submit" name="b" value="2"><button name="c"></button>', {"b": "2"}),
        ('<input type="image" name="a"><input type="submit" name="b">', {"a.x": "0", "a.y": "0"}),
        ('<datalist><input name="a"></datalist></form><form><input name="b"></form><input name="c" form="f">', {"c": ""}),
    ],
)  # fmt: skip
def test_the_controls_of_a_form_that_are_sent(controls: str, entries: Any) -> None:
    form = find_form(page(f'<form id="f">{controls}</form>'))
    assert form is not None
    assert list(form.entries) == list(entries.items() if isinstance(entries, dict) else entries)


def test_what_lies_outside_of_a_form_is_not_its() -> None:
    assert find_form(page('<input name="a"><form></form><input name="b"><input name="c" form="d">')) == Form(
        "http://localhost/login"
    )


def test_a_button_may_say_where_its_form_goes() -> None:
    form = find_form(page('<base href="/b/"><form action="a"><button formaction="c" formmethod="post">C</button></form>'))
    assert form == Form("http://localhost/b/c", "POST")


def test_who_logs_in_is_typed_into_the_field_before_the_password() -> None:
    form = find_form(
        page('<form></form><form><input name="tenant"><input type="email" name="m"><input type="password" name="p">')
    )
    assert form is not None
    assert form.filled("max", PASSWORD) == [("tenant", ""), ("m", "max"), ("p", PASSWORD)]


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=latin-1", "text/html; charset=nonsense", "\xff", ""])
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"<form action='http://['>", b"<" * 9000, b"<form>" * 9000, "<form name=é>".encode("latin-1")]
)
def test_no_page_is_too_odd_to_be_looked_at(body: bytes, kind: str) -> None:
    form = find_form(page(body, kind))
    assert form is None or form.entries == ()


# By OpenID, at the mock's provider


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with serve(mock()) as url:
        yield url


def test_the_code_flow_goes_through_the_providers_login_form(provider: str) -> None:
    person = log_in(code_login(provider), provider)
    assert is_let_in(provider, person.headers)


def test_endpoints_may_be_named_where_there_is_no_discovery(provider: str) -> None:
    told = requests.get(f"{provider}/.well-known/openid-configuration", timeout=5).json()
    places = {"authorization_url": told["authorization_endpoint"], "token_url": told["token_endpoint"]}
    person = log_in(code_login(provider, issuer=None, **places), provider)
    assert is_let_in(provider, person.headers)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "wrong-one"}, "asks for the password again: name or password are wrong"),
        ({"client_id": "nobody"}, "answers 400 where a login form is expected"),
        ({"scope": "no such scope"}, "refuses the login: invalid_scope"),
    ],
)
def test_a_login_that_the_provider_refuses_says_why(changes: dict[str, str], words: str, provider: str) -> None:
    assert words in failure(code_login(provider, **changes), provider)


def test_an_issuer_without_discovery_is_named() -> None:
    with serve(app(lambda _: Answer("", 404))) as url:
        told = failure(code_login(url), url)
    assert told == f"max: there is no discovery document at {url}/.well-known/openid-configuration (404); is the issuer right?"


def test_a_refresh_token_that_is_no_good_says_so(provider: str) -> None:
    login = OpenIdLogin("refresh_token", "casavi-web", issuer=provider, refresh_token="never-given-out")
    assert failure(login, provider).endswith("says invalid_grant")


def test_a_refresh_token_alone_logs_in(provider: str) -> None:
    token = OpenIdFlow(code_login(provider), HTTPAdapter()).log_in().refresh_token
    assert token is not None
    person = log_in(OpenIdLogin("refresh_token", "casavi-web", issuer=provider, refresh_token=token), provider)
    assert is_let_in(provider, person.headers)


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


# By OpenID, at providers that do what the mock does not


@pytest.mark.parametrize("grant", ["client_credentials", "password"])
def test_grants_without_a_browser_ask_the_token_endpoint_alone(grant: str) -> None:
    asked: list[dict[str, Any]] = []

    def answer(request: Request) -> Answer:
        asked.append({"by": request.headers.get("Authorization", "")} | request.form.to_dict())
        return Answer(json.dumps({"access_token": "a-token-for-max", "token_type": "Bearer", "expires_in": 60}))

    typed = {"username": "max", "password": PASSWORD} if grant == "password" else {}
    with serve(app(answer)) as url:
        login = OpenIdLogin(grant, "app", token_url=f"{url}/token", client_secret="hidden-secret", scope="api", **typed)
        assert log_in(login, url).bearer == "a-token-for-max"
    by = base64.b64encode(b"app:hidden-secret").decode()
    assert asked == [{"by": f"Basic {by}", "grant_type": grant, "scope": "api"} | typed]
    assert by not in masked(f"Authorization: Basic {by}")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("[]", "answers no tokens"),
        ('"text"', "answers no tokens"),
        ("3", "answers no tokens"),
        ("null", "answers no tokens"),
        ("{}", "answers no tokens"),
        ('{"access_token": 3}', "answers no tokens"),
        ("<html>", "answers no tokens"),
        ('{"access_token": "t", "expires_in": "soon"}', "answers no tokens"),
        ('{"error": "slow_down"}', "says slow_down"),
        ('{"error": null}', "says oauth_error"),
    ],
)
def test_what_a_token_endpoint_should_not_answer_is_one_line(body: str, words: str) -> None:
    with serve(app(lambda _: Answer(body))) as url:
        login = OpenIdLogin("client_credentials", "app", token_url=f"{url}/token", client_secret="hidden-secret")
        assert failure(login, url) == f"max: the token endpoint {url}/token {words}"


@pytest.mark.parametrize("lifetime", ["null", "true", '"3600"'])
def test_a_lifetime_that_nobody_understands_is_none(lifetime: str) -> None:
    body = f'{{"access_token": "odd-lifetime", "token_type": "Bearer", "expires_in": {lifetime}}}'
    with serve(app(lambda _: Answer(body))) as url:
        login = OpenIdLogin("client_credentials", "app", token_url=f"{url}/token", client_secret="hidden-secret")
        assert log_in(login, url).bearer == "odd-lifetime"


def with_consent(url: Callable[[], str], action: str = "/login", forever: bool = False) -> WsgiApp:
    """A provider that needs its cookie, shows a page to consent after the login, and has its forms go to `action`."""

    def answer(request: Request) -> Answer:
        match request.path:
            case "/.well-known/openid-configuration":
                places = {"authorization_endpoint": f"{url()}/authorize", "token_endpoint": f"{url()}/token"}
                return Answer(json.dumps(places | {"token_endpoint_auth_methods_supported": ["client_secret_post"]}))
            case "/authorize":
                state = request.args["state"]
                return Answer(LOGIN_FORM.format(action), 200, {"Set-Cookie": f"state={state}", "Content-Type": "text/html"})
            case "/login":
                good = request.form.to_dict() == {"csrf": "&1", "tenant": "3", "note": "as it is", **TYPED, "do": "in"}
                return Answer(CONSENT_FORM if good else "no", 200 if good else 403)
            case "/consent" if forever:
                return Answer(CONSENT_FORM)
            case "/consent":
                good = request.form.to_dict() == {"accept": "yes"}
                back = f"{BACK}?code=the-code&state={request.cookies['state']}" if good else BACK
                return Answer("", 303, {"Location": back})
        good = request.form["code"] == "the-code" and request.form["client_secret"] == "hidden-secret"
        return Answer(json.dumps({"access_token": "consented-token", "token_type": "Bearer"} if good else {}))

    return app(answer)


def consent_login(url: str) -> OpenIdLogin:
    return code_login(url, client_id="app", client_secret="hidden-secret", username="max")


def test_the_browser_consents_and_keeps_cookies() -> None:
    place: list[str] = []
    with serve(with_consent(lambda: place[0])) as url:
        place.append(url)
        assert log_in(consent_login(url), url).bearer == "consented-token"


def test_nothing_is_typed_into_a_form_that_goes_elsewhere() -> None:
    place: list[str] = []
    typed: list[bytes] = []

    def steal(request: Request) -> Answer:
        typed.append(request.data)
        return Answer("")

    with serve(app(steal)) as thief, serve(with_consent(lambda: place[0], action=f"{thief}/login")) as url:
        place.append(url)
        assert f"the login form goes to {thief}, which is not the provider" in failure(consent_login(url), url)
    assert not typed


def test_pages_without_an_end_are_left() -> None:
    place: list[str] = []
    with serve(with_consent(lambda: place[0], forever=True)) as url:
        place.append(url)
        assert "shows more than 6 pages" in failure(consent_login(url), url)


def test_a_page_without_a_form_is_named(provider: str) -> None:
    with serve(app(lambda _: Answer("<p>Loading</p>"))) as url:
        told = failure(code_login(url, issuer=None, authorization_url=f"{url}/authorize", token_url=f"{url}/token"), url)
    assert told == f"max: {url}/authorize has no form; does the login page need JavaScript?"


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
