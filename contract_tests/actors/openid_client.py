"""An ordinary OpenID client: the authorization code flow with PKCE, in a browser that fills in the login form."""

import base64
import hashlib
import json
import secrets
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import Response
from requests.cookies import RequestsCookieJar

from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import need, require, same, status
from contract_tests.contract.checks import parsed
from contract_tests.profile import Principal
from contract_tests.transport.forms import Form, find_form, keep_cookies
from contract_tests.transport.network import answering
from contract_tests.transport.session import TIMEOUT
from contract_tests.transport.wire import WireSession

MOST_REDIRECTS = 5
REFUSED = (400, 401)  # RFC 6749, 5.2


class OpenIdClient:
    """A client of the target's OpenID provider; all endpoints come from the discovery document."""

    def __init__(self, casavi: Casavi) -> None:
        self.casavi, self.client = casavi, casavi.client
        self.metadata: Json = need(casavi["anonymous"].call("getOpenIdConfiguration"), status(200)).json
        self.verifier = secrets.token_urlsafe(48)
        self._browser = WireSession(casavi.wire)
        self._browser.cookies = RequestsCookieJar()  # a login form may rely on cookies, as in any browser

    def twin(self) -> "OpenIdClient":
        """The same client in another browser, for another person or thread; it may go on with this one's codes."""
        other = OpenIdClient(self.casavi)
        other.client, other.verifier = self.client, self.verifier
        return other

    @property
    def redirect_uri(self) -> str:
        """Where the client wants its users back; the test is skipped if the profile does not say."""
        return self.client.redirect_uris[0] if self.client.redirect_uris else pytest.skip("casavi.clients has no redirect_uris")

    def call(self, endpoint: str, method: str = "GET", **options: Any) -> Response:
        """Calls an endpoint by its name in the discovery document; the test is skipped if it has none."""
        url = self.metadata.get(f"{endpoint}_endpoint")
        return self._send(method, url, **options) if url else pytest.skip(f"the provider has no {endpoint}_endpoint")

    def authorize(self, method: str = "GET", /, **changes: str) -> Response:
        """The answer to a request for a code, after redirects within the provider; `changes` are other parameters."""
        parameters = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email",
            "state": "some state",
            "nonce": "some nonce",
            "code_challenge": _encoded(hashlib.sha256(self.verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        where = "params" if method == "GET" else "data"
        return self._followed(self.call("authorization", method, **{where: parameters | changes}))

    def sign_in(self, person: Principal, password: str | None = None, **changes: str) -> Response:
        """The answer to the login form, filled in for a person; the test is skipped if the profile has no password."""
        if not person.email or not person.password:
            pytest.skip(f"the profile has no email and password for {person.name}")
        page = self.authorize(**changes)
        form = find_form(page) or Form()
        require(
            form.password, "authorization_endpoint", "shows no form that asks for a password", got=page.status_code, own=False
        )
        entries = form.filled(person.email, password or person.password)
        return self._followed(self._send("POST", form.action, data=entries))

    def code(self, person: Principal, **changes: str) -> str:
        """A code for a person who has logged in. Raises ContractError."""
        back = self.returned(self.sign_in(person, **changes))
        require("code" in back, "authorization_endpoint", "gives no code for a right password", got=sorted(back), own=False)
        return back["code"]

    def returned(self, response: Response) -> dict[str, str]:
        """What a redirect hands to the client; nothing if the answer is no redirect to it."""
        target = response.headers.get("Location", "") if response.is_redirect else ""
        return dict(parse_qsl(urlsplit(target).query)) if target.startswith(self.redirect_uri) else {}

    def exchange(self, code: str, **changes: str) -> Response:
        """The answer to a code at the token endpoint; `changes` are other parameters, an empty one is left out."""
        parameters = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        parameters |= {"client_id": self.client.id, "code_verifier": self.verifier} | changes
        return self.call("token", "POST", data={name: value for name, value in parameters.items() if value})

    def tokens(self, person: Principal, **changes: str) -> Json:
        """The tokens of a person who has logged in. Raises ContractError."""
        answer = self.exchange(self.code(person, **changes))
        same(answer.status_code, 200, "token_endpoint", "refuses a good code", own=False)
        return object_in(answer, "token_endpoint")

    def refresh(self, token: str, **changes: str) -> Response:
        """The answer to a refresh token."""
        parameters = {"grant_type": "refresh_token", "refresh_token": token, "client_id": self.client.id}
        return self.call("token", "POST", data=parameters | changes)

    def revoke(self, token: str) -> Response:
        """The answer to a request to revoke a token."""
        return self.call("revocation", "POST", data={"token": token, "client_id": self.client.id})

    def about(self, access_token: str) -> Response:
        """What the userinfo endpoint answers to an access token."""
        return self.call("userinfo", headers={"Authorization": f"Bearer {access_token}"})

    def claims(self, access_token: str) -> Json:
        """What the userinfo endpoint says of whose token it is. Raises ContractError."""
        answer = self.about(access_token)
        same(answer.status_code, 200, "userinfo_endpoint", "refuses an access token", own=False)
        return object_in(answer, "userinfo_endpoint")

    def keys(self) -> list[Json]:
        """The keys that tokens are signed with."""
        return list(object_in(self._send("GET", self.metadata["jwks_uri"]), "jwks_uri").get("keys", []))

    def _send(self, method: str, url: str, **options: Any) -> Response:
        # A provider on another host may be sound, but a profile's passwords are for the target alone.
        if not url.startswith(self.casavi.wire.bases["casavi"] + "/"):
            pytest.skip(f"the provider is not at the target: {url}")
        with answering(f"{method} {url.partition('?')[0]}"):
            response = self._browser.request(method, url, timeout=TIMEOUT, allow_redirects=False, **options)
        keep_cookies(self._browser, response)
        return response

    def _followed(self, response: Response) -> Response:
        for _ in range(MOST_REDIRECTS):
            target = urljoin(response.url, response.headers.get("Location", ""))
            if not response.is_redirect or not target.startswith(self.casavi.wire.bases["casavi"] + "/"):
                break
            response = self._send("GET", target)
        return response


def object_in(answer: Response, endpoint: str) -> Json:
    """The JSON object in an answer. Raises ContractError where there is none."""
    data = parsed(answer.content)
    require(isinstance(data, dict), endpoint, "answers no JSON object", got=answer.status_code, own=False)
    return dict(data)


def is_refused(answer: Response, what: str) -> None:
    """Raises ContractError if the token endpoint accepts something that it has to refuse."""
    require("access_token" not in answer.text, "token_endpoint", f"gives tokens for {what}")
    require(answer.status_code in REFUSED, "token_endpoint", f"does not refuse {what}", expected=REFUSED, got=answer.status_code)


def claims_of(token: str) -> Json:
    """What an ID token says, unverified; the test is skipped if it is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        pytest.skip("the ID token is no JWT")
    claims: Json = json.loads(_decoded(parts[1]))
    return claims


def audience(claims: Json) -> list[str]:
    """For which clients an ID token is, of one or several (OpenID Connect Core 1.0, 2)."""
    return claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]


def is_signed(token: str, keys: list[Json]) -> bool:
    """Whether one of the keys signed a token by RS256."""
    try:
        jwt.decode(token, KeySet.import_key_set({"keys": keys}), algorithms=["RS256"])
    except (JoseError, ValueError):
        return False
    return True


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
