"""What a login gives and for how long: one that goes on in the browser, tokens and what they say, and their end."""

import base64
import hashlib
import time

import pytest
from requests import Response

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import expect, require, same, status
from contract_tests.actors.openid_client import OpenIdClient, claims_of
from contract_tests.contract.basis import documented, inferred

FLOW = "Authentication: just follow the normal open id authorization flow using this discovery endpoint"
SOON = 60  # seconds


@pytest.fixture
def provider(casavi: Casavi) -> OpenIdClient:
    return OpenIdClient(casavi)


def _opens(casavi: Casavi, token: str, code: int = 200) -> None:
    caller = Caller("casavi", casavi.wire, "a client", {"Authorization": f"Bearer {token}"})
    expect(caller.call("listUnits"), status(code))


def _is_refused(answer: Response, what: str) -> None:
    require(
        answer.status_code in (400, 401), "token_endpoint", f"answers {answer.status_code} to {what}: {answer.content[:200]!r}"
    )
    require("access_token" not in answer.text, "token_endpoint", f"hands out a token for {what}")


@documented(f"{FLOW} (OpenID Connect Core 1.0, 3.1.2.6: prompt=none and nobody is logged in: login_required)", "casavi")
def test_nobody_is_logged_in_unasked(provider: OpenIdClient) -> None:
    back = provider.returned(provider.authorize(prompt="none"))
    shown = {name: back.get(name) for name in ("error", "state", "code")}
    same(shown, {"error": "login_required", "state": "some state", "code": None}, "authorization_endpoint", f"returns {back}")


@inferred("who has logged in in a browser is not asked again, and it is he (OpenID Connect Core 1.0, 3.1.2.1: prompt, max_age)")
def test_a_login_goes_on_in_the_browser(casavi: Casavi, provider: OpenIdClient) -> None:
    first = claims_of(provider.tokens(casavi.person("resident"))["id_token"])
    for more in ({"prompt": "none"}, {"max_age": "3600"}, {}):
        back = provider.returned(provider.authorize(**more))
        require(back.get("code"), "authorization_endpoint", f"returns {back} to who is logged in, with {more}")
        again = claims_of(provider.exchange(back["code"]).json()["id_token"])
        same(
            again["sub"],
            first["sub"],
            "token_endpoint",
            f"the ID token is about {again['sub']} where {first['sub']} is logged in",
        )
        same(again.get("auth_time"), first.get("auth_time"), "token_endpoint", "the ID token says another time of the one login")


@documented(f"{FLOW} (OpenID Connect Core 1.0, 3.1.2.1: prompt=login and max_age ask for the password again)", "casavi")
def test_a_client_may_ask_for_a_fresh_login(casavi: Casavi, provider: OpenIdClient) -> None:
    provider.code(casavi.person("resident"))
    for more in ({"prompt": "login"}, {"max_age": "0"}):
        back = provider.returned(provider.authorize(**more))
        require("code" not in back, "authorization_endpoint", f"hands out a code without a new login, with {more}")


@documented(f"{FLOW} (OpenID Connect Core 1.0, 3.1.2.1: id_token_hint names the user who is meant)", "casavi")
def test_a_hint_means_one_user(casavi: Casavi, provider: OpenIdClient) -> None:
    own = provider.tokens(casavi.person("resident"))["id_token"]
    other = provider.twin().tokens(casavi.person("neighbour"))["id_token"]
    back = provider.returned(provider.authorize(prompt="none", id_token_hint=own))
    require(back.get("code"), "authorization_endpoint", f"returns {back} to who is logged in and meant")
    back = provider.returned(provider.authorize(prompt="none", id_token_hint=other))
    require("code" not in back, "authorization_endpoint", "hands out a code of another user than the id_token_hint names")


@documented(f"{FLOW} (RFC 6749, 4.1.2.1: what is wrong with a request is told the client, with its state)", "casavi")
def test_a_client_is_told_what_is_wrong(casavi: Casavi, provider: OpenIdClient) -> None:
    back = provider.returned(provider.authorize(response_type="nonsense"))
    same(
        (back.get("error"), back.get("state")),
        ("unsupported_response_type", "some state"),
        "authorization_endpoint",
        f"returns {back} to a response_type that there is not",
    )


@pytest.mark.parametrize("change", [{"code_challenge": ""}, {"code_challenge_method": "plain"}], ids=str)
@inferred("code_challenge_methods_supported is S256: a client without a secret has to send a challenge (RFC 9700, 2.1.1)")
def test_a_public_client_needs_a_challenge(casavi: Casavi, provider: OpenIdClient, change: dict[str, str]) -> None:
    if provider.metadata.get("code_challenge_methods_supported") != ["S256"]:  # who allows more promises less
        pytest.skip("the provider does not announce PKCE with S256 alone")
    provider.code(casavi.person("resident"))  # so that nothing but the challenge is wrong
    back = provider.returned(provider.authorize(**change))
    require("code" not in back, "authorization_endpoint", f"hands out a code with {change}")


@documented(f"{FLOW} (OpenID Connect Core 1.0, 2 and 3.1.3.6: the claims of the ID token)", "casavi")
def test_the_id_token_belongs_to_the_access_token(casavi: Casavi, provider: OpenIdClient) -> None:
    tokens = provider.tokens(casavi.person("resident"), max_age="3600")
    claims = claims_of(tokens["id_token"])
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    hashed = base64.urlsafe_b64encode(half).decode().rstrip("=")
    same(claims.get("at_hash", hashed), hashed, "token_endpoint", "the ID token was made for another access token")
    require(
        abs(claims["auth_time"] - time.time()) < SOON,
        "token_endpoint",
        f"the ID token says {claims['auth_time']} where somebody just logged in",
    )
    require(isinstance(tokens.get("expires_in", 1), int), "token_endpoint", f"answers expires_in {tokens['expires_in']!r}")


@documented(f"{FLOW} (RFC 6749, 5.1: Cache-Control: no-store where there are tokens)", "casavi")
def test_tokens_stay_out_of_caches(casavi: Casavi, provider: OpenIdClient) -> None:
    answer = provider.exchange(provider.code(casavi.person("resident")))
    require("no-store" in answer.headers.get("Cache-Control", ""), "token_endpoint", "lets caches keep its answer")


def _told(provider: OpenIdClient, tokens: Json, name: str) -> list[object]:
    """A claim as the ID token has it, and as the userinfo endpoint does."""
    return [claims_of(tokens["id_token"]).get(name), provider.about(tokens["access_token"]).json().get(name)]


@inferred("scopes_supported: profile tells the name, email the address, and openid alone neither (OpenID Connect Core 1.0, 5.4)")
def test_a_client_learns_what_its_scope_says(casavi: Casavi, provider: OpenIdClient) -> None:
    person = casavi.person("resident")
    tokens = provider.tokens(person, scope="openid email")
    assert _told(provider, tokens, "email") == [person.email] * 2, f"the scope email tells {_told(provider, tokens, 'email')}"
    assert _told(provider, tokens, "name") == [None] * 2, "the scope openid email tells the name"
    author = casavi.open_ticket(casavi["resident"])["CreatedBy"]
    other = provider.twin()
    tokens = other.tokens(person, scope="openid profile")
    unannounced = claims_of(tokens["id_token"]).keys() - set(
        other.metadata.get("claims_supported", claims_of(tokens["id_token"]))
    )
    require(not unannounced, "getOpenIdConfiguration", f"claims_supported lacks {unannounced}, which the ID token has")
    for claim, name in (("given_name", "firstName"), ("family_name", "lastName")):
        assert _told(other, tokens, claim) == [author[name]] * 2, (
            f"the scope profile tells {_told(other, tokens, claim)}, {author}"
        )
    assert _told(other, tokens, "email") == [None] * 2, "the scope openid profile tells the e-mail address"


@documented(f"{FLOW} (RFC 6750, 3.1, and OpenID Connect Core 1.0, 5.3.3: a token that is none)", "casavi")
def test_userinfo_refuses_what_is_no_access_token(casavi: Casavi, provider: OpenIdClient) -> None:
    tokens = provider.tokens(casavi.person("resident"))
    for token in (tokens["refresh_token"], tokens["access_token"][:-8] + "AAAAAAAA", "unknown"):
        answer = provider.about(token)
        same(answer.status_code, 401, "userinfo_endpoint", f"answers {answer.status_code} to what is no access token")
        require("Bearer" in answer.headers.get("WWW-Authenticate", ""), "userinfo_endpoint", "401 without WWW-Authenticate")


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
    _is_refused(provider.exchange(provider.code(casavi.person("resident")), client_id=others[0]), "the code of another client")
    token = provider.twin().tokens(casavi.person("resident"))["refresh_token"]
    _is_refused(provider.refresh(token, client_id=others[0]), "the refresh token of another client")
    same(provider.refresh(token).status_code, 200, "token_endpoint", "refuses a refresh token that another client tried")


@inferred("what was stolen ends the login: a code or a refresh token that comes again (RFC 6749, 4.1.2, and RFC 9700, 4.14.2)")
def test_a_second_use_ends_the_login(casavi: Casavi, provider: OpenIdClient) -> None:
    code = provider.code(casavi.person("resident"))
    first = provider.exchange(code).json()
    second = provider.refresh(first["refresh_token"]).json()
    _is_refused(provider.refresh(first["refresh_token"]), "a refresh token that was used")
    _is_refused(provider.refresh(second["refresh_token"]), "a refresh token whose forerunner was used twice")
    _is_refused(provider.exchange(code), "a code that was used")
    _opens(casavi, first["access_token"], 401)


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
@inferred("revocation_endpoint: a login ends with either of its tokens, and an unknown token is no error (RFC 7009, 2.1 and 2.2)")
def test_a_revoked_token_is_good_no_more(casavi: Casavi, provider: OpenIdClient, name: str) -> None:
    tokens, others = provider.tokens(casavi.person("resident")), provider.twin().tokens(casavi.person("resident"))
    for token in ("unknown", tokens[name], tokens[name]):
        answer = provider.revoke(token)
        same(answer.status_code, 200, "revocation_endpoint", f"answers {answer.status_code}: {answer.content[:200]!r}")
    _is_refused(provider.refresh(tokens["refresh_token"]), "a refresh token that was revoked")
    _opens(casavi, tokens["access_token"], 401)
    _opens(casavi, others["access_token"])
    same(provider.refresh(others["refresh_token"]).status_code, 200, "revocation_endpoint", "ended another login of the user")


@pytest.mark.parametrize("method", ["GET", "POST"])
@inferred("end_session_endpoint: who logs out is logged in in the browser no more (OpenID Connect RP-Initiated Logout 1.0, 2)")
def test_who_logs_out_is_logged_out(casavi: Casavi, provider: OpenIdClient, method: str) -> None:
    tokens, other = provider.tokens(casavi.person("resident")), provider.twin()
    other.code(casavi.person("resident"))
    answer = provider.call(
        "end_session", method, **{"params" if method == "GET" else "data": {"id_token_hint": tokens["id_token"]}}
    )
    require(answer.status_code < 400, "end_session_endpoint", f"answers {answer.status_code}: {answer.content[:200]!r}")
    back = provider.returned(provider.authorize(prompt="none"))
    same(back.get("error"), "login_required", "authorization_endpoint", f"returns {sorted(back)} to who has logged out")
    require(provider.returned(other.authorize(prompt="none")).get("code"), "end_session_endpoint", "logged another browser out")


@documented(f"{FLOW} (OpenID Connect Core 1.0, 3.1.2.1 and 5.3.1: these endpoints take GET and POST)", "casavi")
def test_endpoints_take_get_and_post(casavi: Casavi, provider: OpenIdClient) -> None:
    tokens = provider.tokens(casavi.person("resident"))
    told = provider.about(tokens["access_token"]).json()
    login = {"Authorization": f"Bearer {tokens['access_token']}"}
    posted = provider.call("userinfo", "POST", headers=login)
    same((posted.status_code, posted.json()), (200, told), "userinfo_endpoint", f"answers {posted.status_code} to a POST")
    back = provider.returned(provider.authorize("POST"))
    require(back.get("code"), "authorization_endpoint", f"returns {back} to a POST of who is logged in")
