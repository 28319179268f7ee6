"""Two documents: which operations stay, go, come and move, and what changes in their requests and answers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

from contract_tests.contract.fitting import PARAMETER
from contract_tests.contract.operations import METHODS
from contract_tests.specdiff.answers import answers
from contract_tests.specdiff.change import Change, Effect, Json, Place
from contract_tests.specdiff.point import Nodes
from contract_tests.specdiff.requests import body, parameters
from contract_tests.specdiff.schema import Document
from contract_tests.specdiff.security import security

INHERITED = ("security", "servers")  # from the path or the document, unless an operation has its own


@dataclass(frozen=True, eq=False)
class Endpoint:
    """A method at a path, and its node with what the path and the document add."""

    method: str
    path: str
    node: dict[str, Json]

    @property
    def shape(self) -> tuple[str, str]:
        """The same whatever the parameters in the path are called."""
        return self.method, PARAMETER.sub("{}", self.path)

    @property
    def id(self) -> str:
        return str(self.node.get("operationId", ""))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def differences(old: Document, new: Document) -> list[Change]:
    """All changes, each once, in the order of the documents. Raises SpecError."""
    return list(dict.fromkeys(_differences(old, new)))


def _differences(old: Document, new: Document) -> Iterator[Change]:
    before, after = list(_endpoints(old)), list(_endpoints(new))
    pairs = list(_pairs(before, after))
    for one, other in pairs:
        yield from _operation(old, new, one, other)
    for one in before:
        if one not in [stays for stays, _ in pairs]:
            yield Change(Place(one.id or f"{one}"), "operation gone", Effect.NARROWER, old=f"{one}")
    for one in after:
        if one not in [stays for _, stays in pairs]:
            yield Change(Place(one.id or f"{one}"), "operation new", Effect.WIDER, new=f"{one}")
    yield from Nodes((old, new), old.root, new.root, Place("")).differing("webhooks")


def _endpoints(document: Document) -> Iterator[Endpoint]:
    for path, found in document.root.get("paths", {}).items():
        item = document.followed(found)
        for method in METHODS:
            if method in item:
                given = {key: node[key] for key in INHERITED for node in (document.root, item) if key in node}
                listed = [*item.get("parameters", []), *item[method].get("parameters", [])]
                yield Endpoint(method.upper(), path, {**given, **item[method], "parameters": listed})


def _pairs(before: list[Endpoint], after: list[Endpoint]) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Each operation with what has become of it: the one at its place, or else the one with its id."""
    old, new = [*before], [*after]
    for key in (attrgetter("shape"), attrgetter("id")):
        for one in [*old]:
            for other in [other for other in new if key(one) and key(one) == key(other)][:1]:
                yield one, other
                old.remove(one)
                new.remove(other)


def _operation(old: Document, new: Document, one: Endpoint, other: Endpoint) -> Iterator[Change]:
    both = Nodes((old, new), one.node, other.node, Place(other.id or f"{other}"))
    if one.shape != other.shape:
        yield both.change("path", Effect.OTHER, f"{one}", f"{other}")
    if one.id != other.id:
        yield both.change("operationId", Effect.UNCLEAR, one.id or None, other.id or None)
    yield from both.said()
    yield from security(both)
    yield from _renamed(one, other, both)
    yield from body(both)
    yield from answers(both)
    yield from both.differing("callbacks", "servers")


def _renamed(one: Endpoint, other: Endpoint, both: Nodes) -> Iterator[Change]:
    """The parameters; what only has another name in the same path is no other one, but clients may be made from its name."""
    old, new = PARAMETER.findall(one.path), PARAMETER.findall(other.path)
    names = dict(zip(old, new, strict=False)) if one.shape == other.shape else {}
    for name in [name for name in names if name != names[name]]:
        yield replace(
            both.change("path parameter", Effect.UNCLEAR, name, names[name]), place=replace(both.place, part=("path", name))
        )
    listed = [both.documents[0].followed(node) for node in both.old["parameters"]]
    renamed = [node | {"name": names.get(node["name"], node["name"])} if node["in"] == "path" else node for node in listed]
    yield from parameters(replace(both, old={**both.old, "parameters": renamed}))
