"""What other servers are given, as files: a state to start from, and both specs as one document."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_server.bench.workloads import AVATAR, UPLOAD, Plan
from mock_server.config import API_NAMES, data_folder, parse_yaml

# json-server has collections by name, and their elements by `id`.
_ROUTES = {
    "/api/communities\\?domain_id=:domain": "/communities",
    "/api/communities": "/communities",
    "/api/communities/:id": "/communities/:id",
    "/api/v1/tickets/:id": "/tickets/:id",
    "/api/v1/tickets/:id/comments": "/tickets/:id/comments",
    "/api/v1/communities/:id/notifications": "/notifications",
}


@dataclass(frozen=True, slots=True)
class Files:
    """seed is that of the Plan, spec an OpenAPI document with all operations; collections and routes are for json-server, which
    serves no other bytes than JSON."""

    seed: Path
    spec: Path
    collections: Path
    routes: Path
    not_in_collections: Collection[str] = (AVATAR, UPLOAD)


def write(plan: Plan, folder: Path) -> Files:
    files = Files(folder / "seed.json", folder / "spec.json", folder / "collections.json", folder / "routes.json")
    contents = {files.seed: plan.seed, files.spec: _merged_spec(), files.collections: _collections(plan), files.routes: _ROUTES}
    for file, content in contents.items():
        file.write_text(json.dumps(content, default=str), encoding="utf-8")
    return files


def _collections(plan: Plan) -> dict[str, Any]:
    return {
        "communities": [{**community, "id": key} for key, community in plan.seed["communities"].items()],
        "tickets": list(plan.seed["tickets"].values()),
        "notifications": plan.seed["notifications"]["rows"],
        "comments": [],
    }


def _merged_spec() -> dict[str, Any]:
    """Both specs as one document; no path is in both, and security schemes of one name are the same. References are replaced by
    what they name: openapi-backend loses schemas that are named twice."""
    documents = [parse_yaml((data_folder("specs") / f"{name}.yaml").read_bytes()) for name in API_NAMES]
    merged: dict[str, Any] = {**documents[0], "paths": {}, "components": {"securitySchemes": {}}}
    for document in documents:
        merged["paths"] |= _inlined(document["paths"], document)
        merged["components"]["securitySchemes"] |= document["components"]["securitySchemes"]
    return merged


def _inlined(node: Any, document: Any) -> Any:
    if isinstance(node, list):
        return [_inlined(element, document) for element in node]
    if not isinstance(node, dict):
        return node
    found = {key: _inlined(value, document) for key, value in node.items() if key != "$ref"}
    if "$ref" in node:
        named = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            named = named[part]
        found = _inlined(named, document) | found
    return found
