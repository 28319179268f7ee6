"""Thousands of requests, right and wrong, made from the examples in the specs by changing one thing at a time."""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mock_server.tests.documents import Described, examples, operations, resolve

NUMBERS_AS_TEXT = ("0", "1", "-1", "+1", " 1", "1 ", "01", "-0", "1.0", "1e2", "0x10", "1_0", "٣", "NaN", "9" * 30, "9" * 5000)
WORDS = ("", " ", "x", "true", "false", "True", "yes", "on", "null", "[]", "{}", "a,b", "../..", "é", "😀" * 60, "\u2028")
ODD = ("\x00", "a\x00b", "a\n", "\n", "a\tb", "\x7f", "a b", "a" * 64, "a" * 65, "z" * 11_000)
LEAP_SECOND = "2016-12-31T23:59:60Z"
DATES = (
    *("2024-05-01", "2024-05-01T00:00:00Z", "2024-05-01T00:00:00", "2024-05-01T00:00:00+02:00", "2024-05-01t00:00:00.5z"),
    *("2024-02-30T00:00:00Z", "2024-05-01T25:00:00Z"),
    *("2024-05-01 00:00:00Z", "2024-05-01T00:00:00+0200", "20240501T000000Z"),
)
EMAILS = ("a@b.example", "ä@b.example", "@", "a@", "@b", "a b@c.example", "a@b@c.example", "a" * 250 + "@b.example")
TEXTS = (*NUMBERS_AS_TEXT, *WORDS, *ODD, *DATES)
JSON_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.0, 1.5, -0.0, 2**31, 2**53, 2**53 + 2, -(2**53) - 2, 2**64, 10**30),
    *(1e308, [], {}),
    *([[]], [None], ["a"], ["a", "a"], ["a\n"], ["\x00"], {"a": 1}, {"1": "x"}, {"1\n": "x"}, {"1": None}, "\ud800"),
    *WORDS,
    *ODD,
    *EMAILS,
)
BODIES = (
    *(b"", b" ", b"{", b"}", b"null", b"true", b"0", b'""', b"[]", b"{}", b"[{}]", b"\xff", b"a=b", b"<a/>", b'{"":0}'),
    *(b"[" * 3000, b"NaN", b"Infinity", b"1e999", b"-", b"\xef\xbb\xbf{}", b"// {}\n{}", b"{'a': 1}", b'{"a":1,}'),
)
CONTENT_TYPES = (
    *("", "application/json", "application/JSON", "application/json; charset=utf-8", "application/json;charset=utf-8"),
    *("application/json; charset", "application/problem+json", "application/jsonp", "text/json", "text/plain", "*/*"),
    *("image/png", "image/jpeg", "application/octet-stream", "multipart/form-data", "application/x-www-form-urlencoded", "json"),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as texts and bytes; change says what was done to the example it came from."""

    operation: Described
    path: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    content_type: str
    body: bytes
    change: str

    @property
    def kind(self) -> str:
        """Where the change is: path, query, header or body."""
        word = self.change.split()[0]
        return word if word in ("path", "query", "header") else "body"

    def with_text(self, location: str, name: str, text: str) -> Sent:
        change = f"{location} {name} = {text[:80]!r}"
        if location == "query":
            query = (*(pair for pair in self.query if pair[0] != name), (name, text))
            return replace(self, query=query, change=change)
        if location == "path":
            return replace(self, path={**self.path, name: text}, change=change)
        return replace(self, headers={**self.headers, name: text}, change=change)

    def with_json(self, value: Any, change: str) -> Sent:
        return replace(self, body=json.dumps(value).encode(), change=change)


def as_text(value: Any) -> str:
    """A parameter's value as it stands in a URL or header."""
    return value if isinstance(value, str) else json.dumps(value)


def carries(location: str, text: str) -> bool:
    """Whether HTTP can carry the text there: a path has no empty segment, a header no control or wide character."""
    if location == "path":
        return text != "" and "/" not in text
    return location != "header" or (text.isascii() and text.isprintable() and text == text.strip() and text != "")


def originals(operation: Described) -> list[Sent]:
    """One valid request for each example of the body, or one where there is no body."""
    values = {(p["in"], p["name"]): as_text(p["example"]) for p in operation.parameters}
    texts = {place: {n: v for (where, n), v in values.items() if where == place} for place in ("path", "query", "header")}
    bodies: list[tuple[str, bytes]] = [("", b"")]
    if operation.content:
        bodies = [
            (media_type, json.dumps(value).encode() if media_type == "application/json" else as_text(value).encode())
            for media_type, media in operation.content.items()
            for value in examples(media, operation.api) or ["raw bytes"]
        ]
    return [
        Sent(operation, texts["path"], tuple(texts["query"].items()), texts["header"], content_type, body, "nothing")
        for content_type, body in bodies
    ]


def mutants(seed: int, most_of_a_place: int) -> Iterator[Sent]:
    """All originals, and of each place in them at most so many changes, chosen by the seed."""
    chance = random.Random(seed)
    for operation in operations():
        yield from originals(operation)
        first = originals(operation)[0]
        for place in (*_parameter_places(first), *_body_places(operation)):
            yield from chance.sample(place, min(len(place), most_of_a_place))


def _parameter_places(original: Sent) -> Iterator[list[Sent]]:
    for parameter in original.operation.parameters:
        location, name = parameter["in"], parameter["name"]
        texts = {*TEXTS, *(as_text(v) for v in _edges(original.operation.api, parameter["schema"]))}
        yield [original.with_text(location, name, text) for text in sorted(texts) if carries(location, text)]
        if location == "query":
            rest = tuple(pair for pair in original.query if pair[0] != name)
            text = as_text(parameter["example"])
            yield [
                *(original.with_text("query", name, rare) for rare in ("", "True", LEAP_SECOND)),
                replace(original, query=rest, change=f"query without {name}"),
                replace(original, query=(*rest, (name, text), (name, text)), change=f"query {name} twice"),
                replace(original, query=(*original.query, ("unknown", "1")), change="query with an unknown parameter"),
            ]
        if location == "header":
            yield [replace(original, headers={}, change=f"header {name} is missing")]


def _body_places(operation: Described) -> Iterator[list[Sent]]:
    if not operation.content:
        return
    for original in originals(operation):
        yield [replace(original, content_type=c, change=f"content type {c!r}") for c in CONTENT_TYPES]
        yield [replace(original, body=body, change=f"body {body[:40]!r}") for body in BODIES]
        if original.content_type == "application/json":
            texts = {encoding: original.body.decode().encode(encoding) for encoding in ("utf-8-sig", "utf-16", "utf-32-le")}
            yield [replace(original, body=body, change=f"body in {encoding}") for encoding, body in texts.items()]
            yield from _json_places(original)


def _json_places(original: Sent) -> Iterator[list[Sent]]:
    operation = original.operation
    body = json.loads(original.body)
    schema = operation.content["application/json"]["schema"]
    properties = resolve(operation.api, schema).get("properties", {})
    pointers = dict.fromkeys([*_pointers(body), *((name,) for name in properties)])
    yield [original.with_json({**body, "unknown": 1}, "an unknown property")]
    for pointer in pointers:
        edges = _edges(operation.api, properties.get(pointer[0], {})) if len(pointer) == 1 else []
        yield [original.with_json(put(body, pointer, v), f"{pointer} = {str(v)[:60]!r}") for v in (*JSON_VALUES, *edges)]
        # Places of their own, so that no sample leaves them out.
        yield [original.with_json(put(body, pointer, v), f"{pointer} = {v}") for v in (math.nan, math.inf)]
        yield [original.with_json(put(body, pointer, None, delete=True), f"no {pointer}")]


def _pointers(value: Any, pointer: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*pointer, key)
        yield from _pointers(item, (*pointer, key))


def put(body: Any, pointer: tuple[Any, ...], value: Any, *, delete: bool = False) -> Any:
    """A copy of body with another value at the place, or without it."""
    changed = copy.deepcopy(body)
    target = changed
    for key in pointer[:-1]:
        target = target[key]
    if not delete:
        target[pointer[-1]] = value
    elif isinstance(target, list) or pointer[-1] in target:
        del target[pointer[-1]]
    return changed


def _edges(api: str, schema: Mapping[str, Any]) -> list[Any]:
    """Values just inside and just outside of what the schema's keywords allow."""
    schema = resolve(api, schema)
    schema = {**(resolve(api, schema["allOf"][0]) if "allOf" in schema else {}), **schema}
    found: list[Any] = [*schema.get("enum", []), *(str(v).upper() for v in schema.get("enum", []))]
    for keyword in ("minimum", "maximum"):
        if keyword in schema:
            found += [schema[keyword] - 1, schema[keyword], schema[keyword] + 1]
    for length in {schema.get("minLength", 1), schema.get("maxLength", 64)}:
        found += [letter * (length + more) for letter in ("a", "é", "1") for more in (-1, 0, 1)]
    if "maxItems" in schema:
        found += [[f"id{i}" for i in range(schema["maxItems"] + more)] for more in (0, 1)]
    return found
