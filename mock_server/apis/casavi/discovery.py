"""Where the OpenID provider's endpoints are, and what it says about itself."""

from __future__ import annotations

from mock_server.apis.casavi.openid_logins import SCOPES
from mock_server.dispatch import Call, Reply
from mock_server.signing import ALGORITHM

_FOLDER = "/api/v1/openid"
AUTHORIZE = f"{_FOLDER}/authorize"
TOKEN = f"{_FOLDER}/token"
USERINFO = f"{_FOLDER}/userinfo"
JWKS = f"{_FOLDER}/jwks"
LOGOUT = f"{_FOLDER}/logout"
REVOKE = f"{_FOLDER}/revoke"

PUBLIC_AUTH_METHODS = ("none",)
CONFIDENTIAL_AUTH_METHODS = ("client_secret_basic", "client_secret_post")
CHALLENGE_METHODS = ("S256",)
RESPONSE_MODES = QUERY, FORM_POST = ("query", "form_post")


def get_openid_configuration(call: Call) -> Reply:
    """casavi document: all information about the OpenID provider; the issuer is the URL that was asked."""
    return Reply(200, _metadata(call.origin))


def _metadata(issuer: str) -> dict[str, object]:
    """The discovery document (OpenID Connect Discovery 1.0, section 3) of the provider at that URL."""
    auth_methods = [*PUBLIC_AUTH_METHODS, *CONFIDENTIAL_AUTH_METHODS]
    profile = ["name", "given_name", "family_name", "email"]
    return {
        "issuer": issuer,
        "authorization_endpoint": issuer + AUTHORIZE,
        "token_endpoint": issuer + TOKEN,
        "userinfo_endpoint": issuer + USERINFO,
        "jwks_uri": issuer + JWKS,
        "end_session_endpoint": issuer + LOGOUT,
        "revocation_endpoint": issuer + REVOKE,
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": auth_methods,
        "revocation_endpoint_auth_methods_supported": auth_methods,
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid", *profile],
        "code_challenge_methods_supported": list(CHALLENGE_METHODS),
        # Without a word, clients may think that it is.
        "request_uri_parameter_supported": False,
    }
