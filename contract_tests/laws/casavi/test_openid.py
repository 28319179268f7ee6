"""The OpenID provider: its discovery document, and the authorization flow of an ordinary client."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from requests import Response

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi
from contract_tests.actors.expectations import expect, json_is, need, require, same, status
from contract_tests.actors.openid_client import OpenIdClient, audience, claims_of, is_refused, is_signed, object_in
from contract_tests.contract.basis import documented, inferred

FLOW = "Authentication: just follow the normal open id authorization flow using this discovery endpoint"
RACERS = 4
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth"}


@pytest.fixture
def provider(casavi: Casavi) -> OpenIdClient:
    return OpenIdClient(casavi)


def _as(casavi: Casavi, access_token: str) -> Caller:
    return Caller("casavi", casavi.wire, "a client", {"Authorization": f"Bearer {access_token}"}, known=True)


@documented(f"{FLOW} (OpenID Connect Discovery 1.0, 4.3: the issuer is where it was asked)", "casavi")
def test_the_issuer_is_where_it_was_asked(casavi: Casavi, anonymous: Caller) -> None:
    reply = expect(anonymous.call("getOpenIdConfiguration"), status(200))
    issuer = reply.json["issuer"]
    same(issuer.rstrip("/"), casavi.wire.bases["casavi"], "getOpenIdConfiguration", "names another issuer than was asked")


@inferred("getOpenIdConfiguration: all information about the casavi open id provider, which is part of the API")
def test_every_endpoint_lies_under_the_issuer(provider: OpenIdClient) -> None:
    urls = {name: url for name, url in provider.metadata.items() if name.endswith(("_endpoint", "_uri"))}
    strays = {name: url for name, url in urls.items() if not url.startswith(provider.metadata["issuer"].rstrip("/") + "/")}
    same(strays, {}, "getOpenIdConfiguration", "names endpoints that are not below its issuer")


@documented("getOpenIdConfiguration: all information about the casavi open id provider; its keys (RFC 7517)", "casavi")
def test_the_keys_are_public_rsa_keys(provider: OpenIdClient) -> None:
    keys = provider.keys()
    private = sorted({name for key in keys for name in PRIVATE & key.keys()})
    same(private, [], "jwks_uri", "shows private parts of its keys")
    require([key for key in keys if key["kty"] == "RSA" and {"n", "e"} <= key.keys()], "jwks_uri", "shows no RSA key")


@documented(FLOW, "casavi")
def test_the_flow_ends_in_a_token_that_opens_the_api(casavi: Casavi, provider: OpenIdClient, resident: Caller) -> None:
    tokens = provider.tokens(casavi.person("resident"))
    same(tokens["token_type"].lower(), "bearer", "token_endpoint", "answers another token_type")
    units = need(resident.call("listUnits"), status(200)).json
    expect(_as(casavi, tokens["access_token"]).call("listUnits"), status(200), json_is(units))


@documented(f"{FLOW} (RFC 6749, 4.1.2: the state comes back)", "casavi")
def test_the_state_comes_back(casavi: Casavi, provider: OpenIdClient) -> None:
    back = provider.returned(provider.sign_in(casavi.person("resident")))
    same(back.get("state"), "some state", "authorization_endpoint", "does not return the state")


@documented(f"{FLOW} (OpenID Connect Core 1.0, 2 and 3.1.3.7: the ID token)", "casavi")
def test_the_id_token_is_for_this_client_and_signed(casavi: Casavi, provider: OpenIdClient) -> None:
    token = provider.tokens(casavi.person("resident"))["id_token"]
    claims, now = claims_of(token), int(time.time())
    same(claims["iss"], provider.metadata["issuer"], "token_endpoint", "gives an ID token of another issuer")
    same(claims["nonce"], "some nonce", "token_endpoint", "gives an ID token with another nonce")
    client = provider.client.id
    require(client in audience(claims), "token_endpoint", "gives an ID token for others", expected=client, got=claims["aud"])
    valid = {name: claims[name] for name in ("iat", "exp")}
    require(claims["iat"] - 60 < now < claims["exp"], "token_endpoint", "gives an ID token that is not valid now", got=valid)
    require(is_signed(token, provider.keys()), "token_endpoint", "gives an ID token that no key of jwks_uri has signed")


@documented(f"{FLOW} (OpenID Connect Core 1.0, 5.3: userinfo is about who logged in)", "casavi")
def test_userinfo_is_about_who_logged_in(casavi: Casavi, provider: OpenIdClient) -> None:
    subs = []
    for role in ("resident", "neighbour"):
        tokens = provider.tokens(casavi.person(role))
        subs.append(provider.claims(tokens["access_token"])["sub"])
        same(subs[-1], claims_of(tokens["id_token"])["sub"], "userinfo_endpoint", "names another user than the ID token")
        provider = OpenIdClient(casavi)  # a new browser, in which nobody is logged in
    require(subs[0] != subs[1], "userinfo_endpoint", "names one user for two", got=subs)
    same(provider.call("userinfo").status_code, 401, "userinfo_endpoint", "does not refuse a request without a token")


@inferred("a refresh token gives new tokens, which open the API")
def test_a_refresh_token_refreshes(casavi: Casavi, provider: OpenIdClient, resident: Caller) -> None:
    answer = provider.refresh(provider.tokens(casavi.person("resident"))["refresh_token"])
    same(answer.status_code, 200, "token_endpoint", "refuses a good refresh token")
    units = need(resident.call("listUnits"), status(200)).json
    token = object_in(answer, "token_endpoint")["access_token"]
    expect(_as(casavi, token).call("listUnits"), status(200), json_is(units))


@inferred("a refresh token can be used once: a new one comes with each answer (RFC 9700, 4.14)")
def test_an_old_refresh_token_is_refused(casavi: Casavi, provider: OpenIdClient) -> None:
    first = provider.tokens(casavi.person("resident"))["refresh_token"]
    second = provider.refresh(first)
    fresh = object_in(second, "token_endpoint").get("refresh_token", first)
    require(fresh != first, "token_endpoint", "answers the old refresh token again")
    is_refused(provider.refresh(first), "a refresh token that was used")
    is_refused(provider.refresh("unknown"), "an unknown refresh token")


@documented(f"{FLOW} (RFC 6749, 4.1.2: a code must not be used more than once)", "casavi")
def test_a_code_is_good_for_one_token(casavi: Casavi, provider: OpenIdClient) -> None:
    code = provider.code(casavi.person("resident"))
    same(provider.exchange(code).status_code, 200, "token_endpoint", "refuses a good code")
    is_refused(provider.exchange(code), "a code that was used")
    is_refused(provider.exchange("unknown"), "an unknown code")


@documented(f"{FLOW} (RFC 6749, 4.1.2: a code must not be used more than once), also at the same moment", "casavi")
def test_of_simultaneous_uses_of_a_code_one_succeeds(casavi: Casavi, provider: OpenIdClient) -> None:
    code = provider.code(casavi.person("resident"))
    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda _: provider.twin().exchange(code), range(RACERS)))
    statuses = [answer.status_code for answer in answers]
    require(statuses.count(200) <= 1, "token_endpoint", f"takes a code more than once, of {RACERS} at once", got=sorted(statuses))


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
    ((name, _),) = change.items()
    is_refused(provider.exchange(provider.code(casavi.person("resident")), **change), f"a code with another {name}")


@pytest.mark.parametrize("change", [{"redirect_uri": "https://elsewhere.example/callback"}, {"client_id": "unknown"}], ids=str)
@documented(f"{FLOW} (RFC 6749, 4.1.2.1: no redirect to an address that the client has not registered)", "casavi")
def test_a_foreign_address_gets_no_redirect(provider: OpenIdClient, change: dict[str, str]) -> None:
    _gets_no_redirect(provider.authorize(**change))


def _gets_no_redirect(answer: Response) -> None:
    place = answer.headers.get("Location")
    require(not answer.is_redirect, "authorization_endpoint", "redirects to an address that is not registered", got=place)
    refused = answer.status_code >= 400
    require(refused, "authorization_endpoint", "does not refuse an address that is not registered", got=answer.status_code)


@documented(
    f"{FLOW} (OpenID Connect Core 1.0, 3.1.2.1: the address has to be exactly one that the client has registered)", "casavi"
)
def test_no_more_than_the_registered_address_gets_a_redirect(provider: OpenIdClient) -> None:
    for more in ("/elsewhere", "?to=elsewhere", ".elsewhere.example"):
        _gets_no_redirect(provider.authorize(redirect_uri=provider.redirect_uri + more))


@documented(f"{FLOW} (OpenID Connect Core 1.0, 3.1.2.3: the end-user has to be authenticated)", "casavi")
def test_a_wrong_password_gives_no_code(casavi: Casavi, provider: OpenIdClient) -> None:
    answer = provider.sign_in(casavi.person("resident"), password="not the password")
    require(answer.status_code < 500, "authorization_endpoint", "breaks on a wrong password", got=answer.status_code)
    require("code" not in provider.returned(answer), "authorization_endpoint", "gives a code for a wrong password")
    named = answer.status_code != 401 or "WWW-Authenticate" in answer.headers
    require(named, "authorization_endpoint", "answers 401 without WWW-Authenticate (RFC 9110, 15.5.2)")
