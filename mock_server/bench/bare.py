"""Flask with a dictionary: what Flask itself costs, without checks, rules or transactions."""

from __future__ import annotations

import base64
import itertools
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request

SEED = "MOCK_SERVER_BENCH_SEED"


def create_seeded() -> Flask:
    """From the file that the environment names."""
    return create_bare(json.loads(Path(os.environ[SEED]).read_text(encoding="utf-8")))


def create_bare(seed: Mapping[str, Any]) -> Flask:
    """seed is that of a Plan."""
    app = Flask(__name__)
    numbers = itertools.count(1)
    _serve_communities(app, seed, numbers)
    _serve_tickets(app, seed, numbers)
    return app


def _serve_communities(app: Flask, seed: Mapping[str, Any], numbers: itertools.count[int]) -> None:
    communities: dict[str, Any] = dict(seed["communities"])
    pattern = next(iter(communities.values()))
    avatar, changed = base64.b64decode(seed["avatar"]), datetime.now(UTC)

    @app.get("/api/communities")
    def list_communities() -> Response:
        domain = request.args["domain_id"]
        return jsonify([community for community in communities.values() if domain in community["domain_ids"]])

    @app.get("/api/communities/<community_id>")
    def get_community(community_id: str) -> Response:
        return jsonify(communities[community_id])

    @app.post("/api/communities")
    def create_community() -> tuple[Response, int]:
        community_id = str(next(numbers))
        made = communities[community_id] = {**pattern, **request.get_json(), "_id": community_id}
        return jsonify(made), 201

    @app.get("/api/communities/<_community_id>/avatar")
    def get_avatar(_community_id: str) -> Response:
        response = Response(avatar, mimetype="image/png")
        response.last_modified = changed
        response.make_conditional(request)
        return response


def _serve_tickets(app: Flask, seed: Mapping[str, Any], numbers: itertools.count[int]) -> None:
    tickets: dict[str, Any] = dict(seed["tickets"])
    uploads: dict[str, bytes] = {}

    @app.get("/api/v1/tickets/<ticket_id>")
    def get_ticket(ticket_id: str) -> Response:
        return jsonify(tickets[ticket_id])

    @app.get("/api/v1/communities/<_community_id>/notifications")
    def list_notifications(_community_id: str) -> Response:
        return jsonify(seed["notifications"])

    @app.post("/api/v1/tickets/<ticket_id>/comments")
    def add_comment(ticket_id: str) -> tuple[Response, int]:
        comments = tickets[ticket_id]["TicketComments"]
        comments.append({**comments[0], **request.get_json(), "id": next(numbers)})
        return jsonify(comments[-1]), 201

    @app.post("/api/v1/uploads")
    def upload() -> tuple[Response, int]:
        path = f"{next(numbers)}.bin"
        uploads[path] = request.get_data()
        return jsonify(path=path, name=request.headers["X-Filename"], fileSize=len(uploads[path])), 201
