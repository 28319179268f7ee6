"""Who can log in, with a request of each that works."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from mock_server.spec import Api


def with_samples(api: Api, known: Mapping[str, Any]) -> dict[str, Any]:
    """The credentials of one API; each person has as `sample` the path and query of a first GET, and nothing else is changed."""
    return {**known, "principals": [{**person, "sample": _sample(api, person)} for person in known["principals"]]}


def curl(url: str, bearer: str) -> str:
    return f"curl -i -H {shlex.quote(f'Authorization: Bearer {bearer}')} {shlex.quote(url)}"


def _sample(api: Api, person: Mapping[str, Any]) -> str:
    """The first GET that needs no more than the ids of the person's own domains or communities."""
    for operation in api.operations:
        needed = [parameter.name for parameter in operation.parameters if parameter.required]
        mine = {name: person[f"{name}s"][0] for name in needed if person.get(f"{name}s")}
        if operation.method == "GET" and operation.security and len(mine) == len(needed) and not operation.path_parameters:
            return f"{operation.path}?{urlencode(mine)}" if mine else operation.path
    return ""
