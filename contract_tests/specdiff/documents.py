"""The documents of two sides: from files, or from what git remembers, with overlays applied, and known to be OpenAPI."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path, PurePosixPath
from textwrap import shorten
from typing import NamedTuple

from contract_tests.contract.fitting import check_valid
from contract_tests.contract.overlay import Misfit, adapted, parsed
from contract_tests.specdiff.schema import Document, Json, SpecError

SUFFIXES = (".yaml", ".yml", ".json")
LONGEST = 200  # characters of a name in a message
FOLDER = "specs"  # what a git ref alone stands for if the other side is one too


class Source(NamedTuple):
    """A file or folder: of the working tree, or as a git ref has it, and then from the top of the repository."""

    ref: str
    path: str

    def __str__(self) -> str:
        return f"{self.ref}:{self.path}" if self.ref else self.path


def documents(old: str, new: str, overlays: tuple[Sequence[Path], Sequence[Path]]) -> list[tuple[Document, Document]]:
    """The documents that two arguments name, in pairs; one that only one side has is paired with an empty one.

    Two single documents are a pair, whatever they are called. Raises SpecError and OverlayError.
    """
    before, after = (
        _prepared(source, reduce(adapted, files, dict(_read(source))))
        for source, files in zip(sources(old, new), overlays, strict=True)
    )
    if len(before) == len(after) == 1:
        return list(zip(before.values(), after.values(), strict=True))
    nothing = Document("nothing", {})
    return [(before.get(name, nothing), after.get(name, nothing)) for name in dict.fromkeys([*before, *after])]


def sources(old: str, new: str) -> tuple[Source, Source]:
    """What two arguments name: an existing file or folder, REF:PATH, or REF for the path of the other side. Raises SpecError."""
    first, second = _source(old), _source(new)
    return _whole(first, second), _whole(second, first)


def _source(argument: str) -> Source:
    if Path(argument).exists():
        return Source("", argument)
    ref, _, path = argument.partition(":")
    if path == "" and ref.endswith(SUFFIXES):
        raise SpecError(f"{argument}: there is no such file")
    return Source(ref, _from_top(path) if path.startswith("./") else path)


def _whole(source: Source, other: Source) -> Source:
    """With the path of the other one, if it has none of its own."""
    if source.path:
        return source
    path = other.path if other.ref or not other.path else _from_top(other.path)
    return source._replace(path=path or FOLDER)


def _from_top(path: str) -> str:
    relative = os.path.relpath(Path(path).resolve(), _top())
    if relative.startswith(".."):
        raise SpecError(f"{path}: is outside of the repository {_top()}")
    return PurePosixPath(*Path(relative).parts).as_posix()


def _top() -> str:
    top = _git("rev-parse", "--show-toplevel")
    if top is None:
        raise SpecError(f"{Path.cwd()}: is in no git repository; name two files, or change into one")
    return top.decode().rstrip("\n")


def _read(source: Source) -> Iterator[tuple[str, Json]]:
    """The OpenAPI documents of a side by name, which is the file's without its suffix."""
    files = dict(_from_git(source) if source.ref else _from_disk(Path(source.path)))
    for name, content in files.items():
        path = PurePosixPath(name)
        try:
            root = parsed(content, path.suffix)
        except Misfit as error:
            raise SpecError(f"{name}: {error}") from None
        if len(files) == 1 or (isinstance(root, dict) and "openapi" in root):
            yield path.stem, root


def _from_disk(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        files = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES) if path.is_dir() else [path]
        for file in files:
            yield str(file), file.read_bytes()
    except OSError as error:
        raise SpecError(f"{path}: {error.strerror}") from None


def _from_git(source: Source) -> Iterator[tuple[str, bytes]]:
    top = _top()
    if _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{source.ref}^{{commit}}", folder=top) is None:
        raise SpecError(f"{source.ref}: is no file here, and git knows no such ref; `git fetch` may bring it")
    kind = _git("cat-file", "-t", f"{source}", folder=top)
    if kind is None:
        raise SpecError(f"{source}: {source.ref} has no such file or folder")
    names = [""]
    if kind.strip() == b"tree":
        listed = _git("ls-tree", "-z", "--name-only", f"{source}", folder=top) or b""
        names = [f"/{name}" for name in listed.decode().split("\0") if name.endswith(SUFFIXES)]
    for name in names:
        yield f"{source}{name}", _git("cat-file", "blob", f"{source}{name}", folder=top) or b""


def _git(*arguments: str, folder: str = ".") -> bytes | None:
    """What git prints; None if it fails. Raises SpecError."""
    try:
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False)
    except OSError as error:
        raise SpecError(f"git cannot be started: {error.strerror}; name two files instead") from None
    return done.stdout if done.returncode == 0 else None


def _prepared(source: Source, roots: Mapping[str, Json]) -> dict[str, Document]:
    if not roots:
        raise SpecError(f"{source}: there is no OpenAPI document in it")
    for name, root in roots.items():
        _check(f"{source}" if len(roots) == 1 else f"{source}: {name}", root)
    return {name: Document(f"{source}", root) for name, root in roots.items()}


def _check(name: str, root: Json) -> None:
    outside = next((one for one in _references(root) if not one.startswith("#")), None)
    if outside is not None:
        raise SpecError(f"{name}: refers to {shorten(outside, LONGEST)}; bundle it into one document first")
    try:
        check_valid(root)
    except Misfit as misfit:
        raise SpecError(f"{name}: {misfit}") from None


def _references(node: Json) -> Iterator[str]:
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"]
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _references(one)
