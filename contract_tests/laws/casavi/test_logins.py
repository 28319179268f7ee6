"""What a login gives and for how long: one that goes on in the browser, tokens and what they say, and their end."""

import base64
import hashlib
import time
from collections.abc import Mapping

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import expect, require, same, status
from contract_tests.actors.openid_client import OpenIdClient, claims_of, is_refused, object_in
from contract_tests.contract.basis import documented, inferred

FLOW = "Authentication: just follow the normal open id authorization flow using this discovery endpoint"
SOON = 60  # seconds


@pytest.fixture
def provider(casavi: Casavi) -> OpenIdClient:
    return OpenIdClient(casavi)


def _opens(casavi: Casavi, token: str, code: int = 200) -> None:
    caller = Caller("casavi", casavi.wire, "a client", {"Authorization": f"Bearer {token}"})
    expect(caller.call("listUnits"), status(code))


@documented(f"{FLOW} (OpenID Connect Core 1.0, 3.1.2.6: prompt=none and nobody is logged in: login_required)", "casavi")
def test_nobody_is_logged_in_unasked(provider: OpenIdClient) -> None:
    back = provider.returned(provider.authorize(prompt="none"))
    wanted = {"error": "login_required", "state": "some state", "code": None}
    shown = {name: back.get(name) for name in wanted}
    same(shown, wanted, "authorization_endpoint", "does not tell the client that a login is required")


@inferred("a user who has logged in in a browser is not asked again (OpenID Connect Core 1.0, 3.1.2.1: prompt, max_age)")
def test_a_login_goes_on_in_the_browser(casavi: Casavi, provider: OpenIdClient) -> None:
    first = claims_of(provider.tokens(casavi.person("resident"))["id_token"])
    for more in ({"prompt": "none"}, {"max_age": "3600"}, {}):
        back = provider.returned(provider.authorize(**more))
        require("code" in back, "authorization_endpoint", f"gives no code to who is logged in, with {_said(more)}", got=back)
        again = claims_of(object_in(provider.exchange(back["code"]), "token_endpoint")["id_token"])
        same(again["sub"], first["sub"], "token_endpoint", "gives an ID token about another user than is logged in")
        same(again.get("auth_time"), first.get("auth_time"), "token_endpoint", "gives another auth_time for the same login")


def _said(parameters: Mapping[str, str]) -> str:
    return " and ".join(f"{name}={value}" for name, value in parameters.items()) or "no prompt"


@documented(f"{FLOW} (OpenID Connect Core 1.0, 3.1.2.1: prompt=login and max_age ask for the password again)", "casavi")
def test_a_client_may_ask_for_a_fresh_login(casavi: Casavi, provider: OpenIdClient) -> None:
    provider.code(casavi.person("resident"))
    for more in ({"prompt": "login"}, {"max_age": "0"}):
        back = provider.returned(provider.authorize(**more))
        require("code" not in back, "authorization_endpoint", f"gives a code without a new login, with {_said(more)}")


@documented(f"{FLOW} (OpenID Connect Core 1.0, 3.1.2.1: id_token_hint names the user who is meant)", "casavi")
def test_a_hint_means_one_user(casavi: Casavi, provider: OpenIdClient) -> None:
    own = provider.tokens(casavi.person("resident"))["id_token"]
    other = provider.twin().tokens(casavi.person("neighbour"))["id_token"]
    back = provider.returned(provider.authorize(prompt="none", id_token_hint=own))
    require("code" in back, "authorization_endpoint", "gives no code to the user whom id_token_hint names", got=back)
    back = provider.returned(provider.authorize(prompt="none", id_token_hint=other))
    require("code" not in back, "authorization_endpoint", "gives a code of another user than id_token_hint names")


@documented(f"{FLOW} (RFC 6749, 4.1.2.1: what is wrong with a request is told the client, with its state)", "casavi")
def test_a_client_is_told_what_is_wrong(casavi: Casavi, provider: OpenIdClient) -> None:
    back = provider.returned(provider.authorize(response_type="nonsense"))
    wanted = {"error": "unsupported_response_type", "state": "some state"}
    shown = {name: back.get(name) for name in wanted}
    same(shown, wanted, "authorization_endpoint", "does not tell the client that the response_type is unknown")


@pytest.mark.parametrize("change", [{"code_challenge": ""}, {"code_challenge_method": "plain"}], ids=str)
@inferred("code_challenge_methods_supported is S256: a client without a secret has to send a challenge (RFC 9700, 2.1.1)")
def test_a_public_client_needs_a_challenge(casavi: Casavi, provider: OpenIdClient, change: dict[str, str]) -> None:
    if provider.metadata.get("code_challenge_methods_supported") != ["S256"]:  # who allows more promises less
        pytest.skip("the provider does not announce PKCE with S256 alone")
    provider.code(casavi.person("resident"))  # so that nothing but the challenge is wrong
    back = provider.returned(provider.authorize(**change))
    require("code" not in back, "authorization_endpoint", f"gives a code with {_said(change)}")


@documented(f"{FLOW} (OpenID Connect Core 1.0, 2 and 3.1.3.6: the claims of the ID token)", "casavi")
def test_the_id_token_belongs_to_the_access_token(casavi: Casavi, provider: OpenIdClient) -> None:
    tokens = provider.tokens(casavi.person("resident"), max_age="3600")
    claims = claims_of(tokens["id_token"])
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    hashed = base64.urlsafe_b64encode(half).decode().rstrip("=")
    same(claims.get("at_hash", hashed), hashed, "token_endpoint", "gives an ID token that belongs to another access token")
    now = int(time.time())
    fresh = abs(claims["auth_time"] - now) < SOON
    require(fresh, "token_endpoint", "gives an old auth_time for a new login", expected=now, got=claims["auth_time"])
    seconds = tokens.get("expires_in", 1)
    require(isinstance(seconds, int), "token_endpoint", "answers expires_in as something else than a number", got=seconds)


@documented(f"{FLOW} (RFC 6749, 5.1: Cache-Control: no-store where there are tokens)", "casavi")
def test_tokens_stay_out_of_caches(casavi: Casavi, provider: OpenIdClient) -> None:
    answer = provider.exchange(provider.code(casavi.person("resident")))
    control = answer.headers.get("Cache-Control")
    require("no-store" in (control or ""), "token_endpoint", "lets caches keep its tokens", expected="no-store", got=control)


def _told(provider: OpenIdClient, tokens: Json, *names: str) -> dict[str, Json]:
    """Claims as the ID token has them, and as the userinfo endpoint does."""
    sources = {"token_endpoint": claims_of(tokens["id_token"]), "userinfo_endpoint": provider.claims(tokens["access_token"])}
    return {endpoint: {name: told.get(name) for name in names} for endpoint, told in sources.items()}


@inferred("scopes_supported: profile tells the name, email the address, and openid alone neither (OpenID Connect Core 1.0, 5.4)")
def test_a_client_learns_what_its_scope_says(casavi: Casavi, provider: OpenIdClient) -> None:
    person = casavi.person("resident")
    tokens = provider.tokens(person, scope="openid email")
    for endpoint, told in _told(provider, tokens, "email", "name").items():
        same(told, {"email": person.email, "name": None}, endpoint, "tells something else than the address for the scope email")
    author, other = casavi.open_ticket(casavi["resident"])["CreatedBy"], provider.twin()
    tokens = other.tokens(person, scope="openid profile")
    wanted = {"given_name": author["firstName"], "family_name": author["lastName"], "email": None}
    for endpoint, told in _told(other, tokens, *wanted).items():
        same(told, wanted, endpoint, "tells something else than the name for the scope profile")
    claims = claims_of(tokens["id_token"]).keys()
    unannounced = sorted(claims - set(other.metadata.get("claims_supported", claims)))
    same(unannounced, [], "getOpenIdConfiguration", "lacks claims in claims_supported that the ID token has")


@documented(f"{FLOW} (RFC 6750, 3.1, and OpenID Connect Core 1.0, 5.3.3: a token that is none)", "casavi")
def test_userinfo_refuses_what_is_no_access_token(casavi: Casavi, provider: OpenIdClient) -> None:
    tokens = provider.tokens(casavi.person("resident"))
    for token in (tokens["refresh_token"], tokens["access_token"][:-8] + "AAAAAAAA", "unknown"):
        answer = provider.about(token)
        same(answer.status_code, 401, "userinfo_endpoint", "does not refuse what is no access token")
        challenge = answer.headers.get("WWW-Authenticate", "")
        require("Bearer" in challenge, "userinfo_endpoint", "refuses without WWW-Authenticate", expected="Bearer", got=challenge)


@inferred("401 without valid credentials: of the tokens of a login the access token alone opens the API")
def test_only_the_access_token_opens_the_api(casavi: Casavi, provider: OpenIdClient) -> None:
    tokens = provider.tokens(casavi.person("resident"))
    _opens(casavi, tokens["access_token"])
    for name in ("id_token", "refresh_token"):
        _opens(casavi, tokens[name], 401)


@documented(f"{FLOW} (RFC 6749, 4.1.3 and 6: codes and refresh tokens are bound to the client)", "casavi")
def test_another_client_cannot_go_on_with_a_login(casavi: Casavi, provider: OpenIdClient) -> None:
    others = [client.id for client in casavi.profile.clients if client.id != provider.client.id]
    if not others:  # an invented one would be refused as unknown, which says nothing of whose code it is
        pytest.skip("the profile has no second client in casavi.clients")
    is_refused(provider.exchange(provider.code(casavi.person("resident")), client_id=others[0]), "the code of another client")
    token = provider.twin().tokens(casavi.person("resident"))["refresh_token"]
    is_refused(provider.refresh(token, client_id=others[0]), "the refresh token of another client")
    same(provider.refresh(token).status_code, 200, "token_endpoint", "refuses a refresh token after another client tried it")


@inferred("what was stolen ends the login: a code or a refresh token that comes again (RFC 6749, 4.1.2, and RFC 9700, 4.14.2)")
def test_a_second_use_ends_the_login(casavi: Casavi, provider: OpenIdClient) -> None:
    code = provider.code(casavi.person("resident"))
    first = object_in(provider.exchange(code), "token_endpoint")
    second = object_in(provider.refresh(first["refresh_token"]), "token_endpoint")
    is_refused(provider.refresh(first["refresh_token"]), "a refresh token that was used")
    is_refused(provider.refresh(second["refresh_token"]), "a refresh token after the one before it came twice")
    is_refused(provider.exchange(code), "a code that was used")
    _opens(casavi, first["access_token"], 401)


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
@inferred("revocation_endpoint: a login ends with either of its tokens, and an unknown token is no error (RFC 7009, 2.1 and 2.2)")
def test_a_revoked_token_is_good_no_more(casavi: Casavi, provider: OpenIdClient, name: str) -> None:
    tokens, others = provider.tokens(casavi.person("resident")), provider.twin().tokens(casavi.person("resident"))
    for token, what in (("unknown", "an unknown token"), (tokens[name], "a token"), (tokens[name], "a revoked token")):
        same(provider.revoke(token).status_code, 200, "revocation_endpoint", f"refuses to revoke {what}")
    is_refused(provider.refresh(tokens["refresh_token"]), "a refresh token that was revoked")
    _opens(casavi, tokens["access_token"], 401)
    _opens(casavi, others["access_token"])
    same(provider.refresh(others["refresh_token"]).status_code, 200, "revocation_endpoint", "ends another login of the user")


@pytest.mark.parametrize("method", ["GET", "POST"])
@inferred("end_session_endpoint: who logs out is no longer logged in in the browser (OpenID Connect RP-Initiated Logout 1.0, 2)")
def test_who_logs_out_is_logged_out(casavi: Casavi, provider: OpenIdClient, method: str) -> None:
    tokens, other = provider.tokens(casavi.person("resident")), provider.twin()
    other.code(casavi.person("resident"))
    where = "params" if method == "GET" else "data"
    status_code = provider.call("end_session", method, **{where: {"id_token_hint": tokens["id_token"]}}).status_code
    require(status_code < 400, "end_session_endpoint", "refuses to log somebody out", expected="a success", got=status_code)
    back = provider.returned(provider.authorize(prompt="none"))
    same(back.get("error"), "login_required", "authorization_endpoint", "takes somebody for logged in who has logged out")
    back = provider.returned(other.authorize(prompt="none"))
    require("code" in back, "end_session_endpoint", "logs the user out of another browser too", got=back)


@documented(f"{FLOW} (OpenID Connect Core 1.0, 3.1.2.1 and 5.3.1: these endpoints take GET and POST)", "casavi")
def test_endpoints_take_get_and_post(casavi: Casavi, provider: OpenIdClient) -> None:
    token = provider.tokens(casavi.person("resident"))["access_token"]
    posted = provider.call("userinfo", "POST", headers={"Authorization": f"Bearer {token}"})
    same(posted.status_code, 200, "userinfo_endpoint", "refuses a POST")
    same(object_in(posted, "userinfo_endpoint"), provider.claims(token), "userinfo_endpoint", "answers a POST differently")
    back = provider.returned(provider.authorize("POST"))
    require("code" in back, "authorization_endpoint", "gives no code to who is logged in and sends a POST", got=back)
