"""A login at an OpenID provider, with a browser where the provider shows pages."""

import base64
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2 import OAuth2Error
from requests import Response
from requests.adapters import BaseAdapter

from contract_tests.contract.masking import learn, masked
from contract_tests.profile import OpenIdLogin
from contract_tests.transport.forms import Form, find_form
from contract_tests.transport.network import json_of, origin, redirect_of, sentence
from contract_tests.transport.request_login import MOST_REDIRECTS, Credential, LoginError, LoginSession, expiry_of
from contract_tests.transport.session import TIMEOUT

MOST_PAGES = 6


class OpenIdFlow:
    """One login at an OpenID provider, from discovery to the tokens."""

    def __init__(self, login: OpenIdLogin, adapter: BaseAdapter) -> None:
        self.login = login
        self.browser = LoginSession(login.issuer or login.token_url or "", adapter)
        told = self._discovered() if login.issuer else {}
        self.token_url = login.token_url or self._endpoint(told, "token_endpoint")
        self.authorization_url = login.authorization_url or str(told.get("authorization_endpoint", ""))
        if login.client_secret:
            pair = f"{login.client_id}:{login.client_secret}".encode()
            learn(login.client_secret, base64.b64encode(pair).decode())
        methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" in methods or "client_secret_post" not in methods
        self.session = OAuth2Session(
            login.client_id,
            login.client_secret,
            token_endpoint_auth_method=("client_secret_basic" if basic else "client_secret_post")
            if login.client_secret
            else "none",
            redirect_uri=login.redirect_uri,
            code_challenge_method="S256",
            default_timeout=TIMEOUT,
        )
        # The same way out as everything else, and nothing from .netrc.
        self.session.trust_env, self.session.adapters = False, self.browser.adapters
        self.session.proxies, self.session.verify = self.browser.proxies, self.browser.verify

    def log_in(self) -> Credential:
        login = self.login
        match login.grant:
            case "authorization_code":
                return self._by_code()
            case "refresh_token":
                return self.refresh(login.refresh_token or "")
            case "password":
                return self._tokens(grant_type="password", username=login.username, password=login.password, **self._scope)
        return self._tokens(grant_type="client_credentials", **self._scope)

    def refresh(self, refresh_token: str) -> Credential:
        got = self._tokens(grant_type="refresh_token", refresh_token=refresh_token)
        # A provider that does not rotate them says nothing of the refresh token: the old one goes on.
        return got if got.refresh_token else Credential(got.bearer, None, got.expires, refresh_token)

    @property
    def _scope(self) -> dict[str, str]:
        return {"scope": self.login.scope} if self.login.scope else {}

    def _by_code(self) -> Credential:
        verifier, scope = generate_token(48), self.login.scope or "openid"
        # OpenID Connect Core, section 11: only those who are asked for their consent get a token for when they are away.
        more = {"prompt": "consent"} if "offline_access" in scope.split() else {}
        url, state = self.session.create_authorization_url(
            self.authorization_url, code_verifier=verifier, scope=scope, nonce=generate_token(20), **more
        )
        back = self._visit(url)
        told = parse_qs(urlsplit(back).query)
        if "error" in told:
            raise LoginError(f"{origin(self.authorization_url)} refuses the login: {masked(told['error'][0])}")
        if "code" not in told:
            raise LoginError(f"{origin(self.authorization_url)} sends the browser back without a code")
        return self._tokens(authorization_response=back, state=state, code_verifier=verifier)

    def _visit(self, url: str) -> str:
        """Where the browser is sent in the end: the redirect URI, with a code or an error in it."""
        page, typed = self._landed(self.browser.ask("GET", url)), False
        for _ in range(MOST_PAGES):
            if isinstance(page, str):
                return page
            form = find_form(page)
            place = page.url.partition("?")[0]
            if page.status_code >= 400 and not (form and form.password):
                raise LoginError(f"{place} answers {page.status_code} where a login form is expected")
            if form is None:
                raise LoginError(f"{place} has no form; does the login page need JavaScript?")
            if form.password and typed:
                raise LoginError(f"{place} asks for the password again: name or password are wrong")
            typed = typed or bool(form.password)
            page = self._landed(self._submit(form))
        raise LoginError(f"{origin(url)} shows more than {MOST_PAGES} pages and does not come to an end")

    def _submit(self, form: Form) -> Response:
        trusted = {origin(url) for url in (self.login.issuer, self.authorization_url, self.token_url) if url}
        if origin(form.action) not in trusted:
            raise LoginError(
                f"the login form goes to {origin(form.action)}, which is not the provider: nothing was typed into it"
            )
        entries = form.filled(self.login.username or "", self.login.password or "")
        return self.browser.ask(form.method, form.action, **{"params" if form.method == "GET" else "data": entries})

    def _landed(self, response: Response) -> Response | str:
        """The page that redirects lead to, or the redirect URI with what it was given."""
        for _ in range(MOST_REDIRECTS):
            target = redirect_of(response)
            if target is None:
                return response
            if target.partition("?")[0] == self.login.redirect_uri or target.startswith(f"{self.login.redirect_uri}?"):
                return target
            response = self.browser.ask("GET", target)
        raise LoginError(f"{origin(response.url)} redirects in a circle")

    def _tokens(self, **parameters: Any) -> Credential:
        what = f"the token endpoint {self.token_url}"
        try:
            told = self.session.fetch_token(self.token_url, allow_redirects=False, **parameters)
        except (OAuthError, OAuth2Error) as error:
            raise LoginError(f"{what} says {masked(error.error or type(error).__name__)}") from None
        except requests.HTTPError as error:
            raise LoginError(f"{what} answers {error.response.status_code}") from None
        except requests.RequestException as error:
            is_silence = not isinstance(error, requests.JSONDecodeError)
            raise LoginError(sentence(error, self.token_url) if is_silence else f"{what} answers no tokens") from None
        except (ValueError, TypeError, AttributeError, RecursionError):  # from inside of Authlib, which trusts the other side
            raise LoginError(f"{what} answers no tokens") from None
        token = told.get("access_token") if isinstance(told, Mapping) else None
        if not isinstance(token, str) or not token:
            raise LoginError(f"{what} answers no tokens")
        next_one = told.get("refresh_token")
        refresh_token = next_one if isinstance(next_one, str) else None
        learn(token, refresh_token, str(told.get("id_token", "")))
        lifetime = told.get("expires_in")
        return Credential(token, None, time.time() + float(lifetime) if lifetime else expiry_of(token), refresh_token)

    def _discovered(self) -> dict[str, Any]:
        url = (self.login.issuer or "").rstrip("/") + "/.well-known/openid-configuration"
        response = self.browser.ask("GET", url)
        told = json_of(response) if response.status_code == 200 else None
        if not isinstance(told, dict):
            raise LoginError(f"there is no discovery document at {url} ({response.status_code}); is the issuer right?")
        return told

    def _endpoint(self, told: Mapping[str, Any], name: str) -> str:
        url = told.get(name)
        if not isinstance(url, str):
            raise LoginError(f"the discovery document of {self.login.issuer} names no {name}")
        return url
