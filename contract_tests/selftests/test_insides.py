"""What is private in other libraries is imported in one place of a package for each: it is known what a new release may break."""

import ast
from collections.abc import Iterator
from pathlib import Path

import mock_server
from contract_tests import PACKAGE

ROOTS = (PACKAGE, Path(mock_server.__file__).parent)

# The library, its public modules, and where alone other modules of it may be imported.
PLACES = {
    "schemathesis": ({"schemathesis", "schemathesis.openapi"}, {"contract_tests/insides/of_schemathesis.py"}),
    "openapi_core": (
        {"openapi_core", "openapi_core.datatypes", "openapi_core.exceptions"},
        {"contract_tests/insides/of_openapi_core.py", "mock_server/tests/judges.py"},  # judge and judged share no code
    ),
    "_pytest": (set[str](), {"contract_tests/faults/runner.py"}),
    "granian": ({"granian", "granian.constants", "granian.server.embed"}, {"mock_server/server.py"}),
}


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def _private(module: str, file: str) -> bool:
    public, places = PLACES.get(module.partition(".")[0], ({module}, set[str]()))
    return module not in public and file not in places


def test_private_modules_are_imported_in_their_one_place() -> None:
    files = [(file, str(file.relative_to(root.parent))) for root in ROOTS for file in root.rglob("*.py")]
    assert [(name, module) for file, name in files for module in _imported(file) if _private(module, name)] == []


def test_each_place_is_needed() -> None:
    for public, places in PLACES.values():
        for place in places:
            file = next(found for root in ROOTS if (found := root.parent / place).exists())
            assert any(module not in public and module.partition(".")[0] in PLACES for module in _imported(file)), place
