"""Real values for generated requests, so that they get beyond a 404."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class RealValues:
    """Real values for generated requests: parameters by name, body properties by name, and a raw body by media type.

    `always` are properties that go into a body that lacks them too, `never` those that are left out of it. `prefix` is what a
    title has to begin with.
    """

    parameters: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    images: dict[str, bytes] = field(default_factory=dict)
    always: dict[str, Any] = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    prefix: str = ""
