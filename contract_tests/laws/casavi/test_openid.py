"""The OpenID provider: its discovery document, and the authorization flow of an ordinary client."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from requests import Response

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi
from contract_tests.actors.expectations import expect, json_is, require, same, status
from contract_tests.actors.openid_client import OpenIdClient, claims_of, is_signed
from contract_tests.contract.basis import documented, inferred

FLOW = "Authentication: just follow the normal open id authorization flow using this discovery endpoint"
REFUSED = (400, 401)
RACERS = 4
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth"}


@pytest.fixture
def provider(casavi: Casavi) -> OpenIdClient:
    return OpenIdClient(casavi)


def _as(casavi: Casavi, access_token: str) -> Caller:
    return Caller("casavi", casavi.wire, "a client", {"Authorization": f"Bearer {access_token}"}, known=True)


def _is_refused(answer: Response, what: str) -> None:
    require(answer.status_code in REFUSED, "token_endpoint", f"answers {answer.status_code} to {what}: {answer.content[:200]!r}")
    require("access_token" not in answer.text, "token_endpoint", f"hands out a token for {what}")


@documented(f"{FLOW} (OpenID Connect Discovery 1.0, 4.3: the issuer is where it was asked)", "casavi")
def test_the_issuer_is_where_it_was_asked(casavi: Casavi, anonymous: Caller) -> None:
    reply = expect(anonymous.call("getOpenIdConfiguration"), status(200))
    issuer = reply.json["issuer"]
    same(issuer.rstrip("/"), casavi.wire.bases["casavi"], "getOpenIdConfiguration", f"names the issuer {issuer}")


@inferred("getOpenIdConfiguration: all information about the casavi open id provider, which is part of the API")
def test_every_endpoint_lies_under_the_issuer(provider: OpenIdClient) -> None:
    urls = {name: url for name, url in provider.metadata.items() if name.endswith(("_endpoint", "_uri"))}
    strays = {name: url for name, url in urls.items() if not url.startswith(provider.metadata["issuer"].rstrip("/") + "/")}
    require(not strays, "getOpenIdConfiguration", f"names endpoints elsewhere: {strays}")


@documented("getOpenIdConfiguration: all information about the casavi open id provider; its keys (RFC 7517)", "casavi")
def test_the_keys_are_public_rsa_keys(provider: OpenIdClient) -> None:
    keys = provider.keys()
    require(keys, "getOpenIdConfiguration", "no key at jwks_uri")
    for key in keys:
        require(not PRIVATE & key.keys(), "getOpenIdConfiguration", f"jwks_uri shows the private parts {PRIVATE & key.keys()}")
    require([key for key in keys if key["kty"] == "RSA" and {"n", "e"} <= key.keys()], "getOpenIdConfiguration", "no RSA key")


@documented(FLOW, "casavi")
def test_the_flow_ends_in_a_token_that_opens_the_api(casavi: Casavi, provider: OpenIdClient, resident: Caller) -> None:
    tokens = provider.tokens(casavi.person("resident"))
    same(tokens["token_type"].lower(), "bearer", "token_endpoint", f"answers the token_type {tokens['token_type']}")
    units = expect(resident.call("listUnits"), status(200)).json
    expect(_as(casavi, tokens["access_token"]).call("listUnits"), status(200), json_is(units))


@documented(f"{FLOW} (RFC 6749, 4.1.2: the state comes back)", "casavi")
def test_the_state_comes_back(casavi: Casavi, provider: OpenIdClient) -> None:
    back = provider.returned(provider.sign_in(casavi.person("resident")))
    same(back.get("state"), "some state", "authorization_endpoint", f"returns {sorted(back)}, the state {back.get('state')!r}")


@documented(f"{FLOW} (OpenID Connect Core 1.0, 2 and 3.1.3.7: the ID token)", "casavi")
def test_the_id_token_is_for_this_client_and_signed(casavi: Casavi, provider: OpenIdClient) -> None:
    token = provider.tokens(casavi.person("resident"))["id_token"]
    claims = claims_of(token)
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    same(
        (claims["iss"], claims["nonce"]),
        (provider.metadata["issuer"], "some nonce"),
        "token_endpoint",
        f"the ID token says {claims}",
    )
    require(provider.client.id in audience, "token_endpoint", f"the ID token is for {audience}")
    require(claims["iat"] - 60 < time.time() < claims["exp"], "token_endpoint", f"the ID token is not valid now: {claims}")
    require(is_signed(token, provider.keys()), "token_endpoint", "the ID token is not signed with a key of jwks_uri")


@documented(f"{FLOW} (OpenID Connect Core 1.0, 5.3: userinfo is about who logged in)", "casavi")
def test_userinfo_is_about_who_logged_in(casavi: Casavi, provider: OpenIdClient) -> None:
    subs = []
    for role in ("resident", "neighbour"):
        tokens = provider.tokens(casavi.person(role))
        answer = provider.call("userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
        same(answer.status_code, 200, "userinfo_endpoint", f"answers {answer.status_code} to {role}")
        same(answer.json()["sub"], claims_of(tokens["id_token"])["sub"], "userinfo_endpoint", "and ID token name different users")
        subs.append(answer.json()["sub"])
        provider = OpenIdClient(casavi)  # a new browser, in which nobody is logged in
    require(subs[0] != subs[1], "userinfo_endpoint", f"names {subs} for two users")
    nobody = provider.call("userinfo").status_code
    same(nobody, 401, "userinfo_endpoint", f"answers {nobody} without a token")


@inferred("a refresh token gives new tokens, which open the API")
def test_a_refresh_token_refreshes(casavi: Casavi, provider: OpenIdClient, resident: Caller) -> None:
    answer = provider.refresh(provider.tokens(casavi.person("resident"))["refresh_token"])
    same(answer.status_code, 200, "token_endpoint", f"answers {answer.status_code} to a refresh token: {answer.content[:200]!r}")
    units = expect(resident.call("listUnits"), status(200)).json
    expect(_as(casavi, answer.json()["access_token"]).call("listUnits"), status(200), json_is(units))


@inferred("a refresh token can be used once: a new one comes with each answer (RFC 9700, 4.14)")
def test_an_old_refresh_token_is_refused(casavi: Casavi, provider: OpenIdClient) -> None:
    first = provider.tokens(casavi.person("resident"))["refresh_token"]
    second = provider.refresh(first)
    require(second.json().get("refresh_token", first) != first, "token_endpoint", "answers the old refresh token")
    _is_refused(provider.refresh(first), "a refresh token that was used")
    _is_refused(provider.refresh("unknown"), "an unknown refresh token")


@documented(f"{FLOW} (RFC 6749, 4.1.2: a code must not be used more than once)", "casavi")
def test_a_code_is_good_for_one_token(casavi: Casavi, provider: OpenIdClient) -> None:
    code = provider.code(casavi.person("resident"))
    same(provider.exchange(code).status_code, 200, "token_endpoint", "refuses a good code")
    _is_refused(provider.exchange(code), "a code that was used")
    _is_refused(provider.exchange("unknown"), "an unknown code")


@documented(f"{FLOW} (RFC 6749, 4.1.2: a code must not be used more than once), also at the same moment", "casavi")
def test_of_simultaneous_uses_of_a_code_one_succeeds(casavi: Casavi, provider: OpenIdClient) -> None:
    code = provider.code(casavi.person("resident"))
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda _: provider.twin().exchange(code), range(RACERS)))
    statuses = sorted(answer.status_code for answer in answers)
    require(statuses.count(200) <= 1, "token_endpoint", f"{RACERS} at once with one code, answered {statuses}")


@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": "somebody-elses-verifier-which-is-long-enough-for-the-rules"},
        {"code_verifier": ""},
        {"redirect_uri": "https://elsewhere.example/callback"},
        {"client_id": "unknown"},
    ],
    ids=str,
)
@documented(f"{FLOW} (RFC 7636, 4.6, and RFC 6749, 4.1.3: a code is for the client and the request that asked for it)", "casavi")
def test_a_code_is_good_for_who_asked(casavi: Casavi, provider: OpenIdClient, change: dict[str, str]) -> None:
    if "S256" not in provider.metadata.get("code_challenge_methods_supported", []):
        pytest.skip("the provider does not announce PKCE")
    _is_refused(provider.exchange(provider.code(casavi.person("resident")), **change), f"a good code with {change}")


@pytest.mark.parametrize("change", [{"redirect_uri": "https://elsewhere.example/callback"}, {"client_id": "unknown"}], ids=str)
@documented(f"{FLOW} (RFC 6749, 4.1.2.1: no redirect to an address that the client has not registered)", "casavi")
def test_a_foreign_address_gets_no_redirect(provider: OpenIdClient, change: dict[str, str]) -> None:
    answer = provider.authorize(**change)
    require(not answer.is_redirect, "authorization_endpoint", f"redirects to {answer.headers.get('Location')} with {change}")
    require(answer.status_code >= 400, "authorization_endpoint", f"answers {answer.status_code} with {change}")


@documented(
    f"{FLOW} (OpenID Connect Core 1.0, 3.1.2.1: the address has to be exactly one that the client has registered)", "casavi"
)
def test_no_more_than_the_registered_address_gets_a_redirect(provider: OpenIdClient) -> None:
    for more in ("/elsewhere", "?to=elsewhere", ".elsewhere.example"):
        answer = provider.authorize(redirect_uri=provider.redirect_uri + more)
        require(not answer.is_redirect, "authorization_endpoint", f"redirects to {answer.headers.get('Location')}")
        require(
            answer.status_code >= 400, "authorization_endpoint", f"answers {answer.status_code} with {more} added to the address"
        )


@documented(f"{FLOW} (OpenID Connect Core 1.0, 3.1.2.3: the end-user has to be authenticated)", "casavi")
def test_a_wrong_password_gives_no_code(casavi: Casavi, provider: OpenIdClient) -> None:
    answer = provider.sign_in(casavi.person("resident"), password="not the password")
    require(answer.status_code < 500, "authorization_endpoint", f"answers {answer.status_code} to a wrong password")
    require("code" not in provider.returned(answer), "authorization_endpoint", "hands out a code for a wrong password")
    if answer.status_code == 401:
        require("WWW-Authenticate" in answer.headers, "authorization_endpoint", "401 without WWW-Authenticate (RFC 9110, 15.5.2)")
