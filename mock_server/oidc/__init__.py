"""The OpenID provider of casavi with its login page: what an app needs to log somebody in as it would at the real one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from mock_server.apis.casavi import discovery as paths
from mock_server.dispatch import Engine

if TYPE_CHECKING:
    from mock_server.oidc.endpoints import Endpoints


def make_blueprint(engine: Engine, seed: int) -> Blueprint:
    """The provider's routes; engine is casavi's."""
    blueprint = Blueprint("openid", __name__, template_folder="templates")

    @functools.cache
    def endpoints() -> Endpoints:
        # Authlib and joserfc take as long to import as all of Flask: the first OpenID request pays for them, not every start.
        from mock_server.oidc.endpoints import Endpoints

        return Endpoints(engine, seed)

    blueprint.add_url_rule(paths.AUTHORIZE, "authorize", lambda: endpoints().authorize(), methods=["GET", "POST"])
    blueprint.add_url_rule(paths.TOKEN, "token", lambda: endpoints().token(), methods=["POST"])
    blueprint.add_url_rule(paths.USERINFO, "userinfo", lambda: endpoints().userinfo(), methods=["GET", "POST"])
    blueprint.add_url_rule(paths.JWKS, "jwks", lambda: endpoints().jwks(), methods=["GET"])
    blueprint.add_url_rule(paths.LOGOUT, "logout", lambda: endpoints().logout(), methods=["GET", "POST"])
    blueprint.add_url_rule(paths.REVOKE, "revoke", lambda: endpoints().revoke(), methods=["POST"])
    blueprint.after_request(_keep_secret)
    return blueprint


def _keep_secret(response: Response) -> Response:
    """Codes and tokens stay out of caches and out of the `Referer` header."""
    response.headers["Cache-Control"] = "no-store"
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response
