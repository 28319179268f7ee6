"""Who may call: the ways to log in that an operation takes."""

from collections.abc import Iterator

from contract_tests.specdiff.change import Change, Effect, Json
from contract_tests.specdiff.point import Nodes
from contract_tests.specdiff.schema import Document, text

IDENTITY = ("type", "in", "name", "scheme")  # what a client has to know of a scheme

Login = frozenset[tuple[str, str]]  # pairs of a scheme and a scope of it, or ""; without any, everybody may call


def security(both: Nodes) -> Iterator[Change]:
    """A way to log in that asks for less than another is as good as that."""
    old, new = (_logins(document, asked) for document, asked in zip(both.documents, both.values("security"), strict=True))
    for login, names in old.items():
        if not any(other <= login for other in new):
            yield both.change("login gone", Effect.NARROWER, names, [name for names in new.values() for name in names])
    for login, names in new.items():
        if not any(other <= login for other in old):
            yield both.change("login new", Effect.WIDER, None, names)
    yield from _schemes(both)


def _logins(document: Document, asked: list[dict[str, list[str]]] | None) -> dict[Login, list[str]]:
    """The ways to log in, each with the names of its schemes."""
    found = {}
    for one in asked or [{}]:
        pairs = {(_identity(document, name), scope) for name, scopes in one.items() for scope in ("", *scopes)}
        found[frozenset(pairs)] = [" ".join([name, *scopes]) for name, scopes in one.items()]
    return found


def _scheme(document: Document, name: str) -> Json:
    return document.followed(document.root.get("components", {}).get("securitySchemes", {}).get(name, {}))


def _identity(document: Document, name: str) -> str:
    scheme = _scheme(document, name)
    return text([scheme.get(key) for key in IDENTITY] if scheme else name)


def _schemes(both: Nodes) -> Iterator[Change]:
    """Where a scheme is the same and its tokens come from another place."""
    old, new = ({name for one in asked or () for name in one} for asked in both.values("security"))
    for name in sorted(old & new):
        here = both.below(*(_scheme(document, name) for document in both.documents), part=("login", name))
        yield from here.differing("flows", "openIdConnectUrl")
