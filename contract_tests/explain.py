"""What a person is told of a failure: what is broken, the law with its source, and the requests that show it; each fault once."""

from dataclasses import asdict
from typing import Any

import pytest

from contract_tests.curl import sequence
from contract_tests.findings import ContractError, Finding
from contract_tests.report import PROPERTY
from contract_tests.specs import APIS, operations
from contract_tests.wire import NoAnswerError, Wire

WIRE: pytest.StashKey[Wire] = pytest.StashKey()
_TOLD: pytest.StashKey[dict[tuple[str, str], str]] = pytest.StashKey()  # what was told already, and by which test


def explain(item: pytest.Item, error: pytest.ExceptionInfo[BaseException], report: pytest.TestReport) -> None:
    """Makes the report of a failure speak of the contract; that of an error of the suite itself stays as it is."""
    if not isinstance(error.value, AssertionError | NoAnswerError):
        return
    findings = _findings(item, error.value)
    handed: Any = dict(item.user_properties)[PROPERTY]
    handed.setdefault("findings", []).extend(asdict(finding) for finding in findings)
    told = item.config.stash.setdefault(_TOLD, {})
    known = {told[finding.key] for finding in findings if finding.key in told}
    repeated = all(finding.key in told for finding in findings)
    for finding in findings:
        told.setdefault(finding.key, item.nodeid)
    if item.config.getoption("tbstyle") == "auto":  # else somebody wants to see the code
        text = f"{findings[0]}\nThe same as in {', '.join(sorted(known))}" if repeated else None
        report.longrepr = _shown(error, text)
    if not repeated:
        report.sections += _sections(item, complete=getattr(error.value, "complete", False))


def _findings(item: pytest.Item, error: BaseException) -> tuple[Finding, ...]:
    law = item.name.partition("[")[0].removeprefix("test_")
    if isinstance(error, ContractError):
        return tuple(Finding(one.operation, law if one.check == "law" else one.check, one.text) for one in error.findings)
    text = (str(error).splitlines() or ["an assertion that says nothing"])[0]
    return (Finding(_named_in(text), law, text),)


def source(item: pytest.Item) -> str:
    """Where the law of a test stands, and in which words; nothing where the spec as a whole is the law."""
    basis = item.get_closest_marker("basis")
    return "" if basis is None else f"{basis.args[0]}: {basis.args[1]}"


def _named_in(text: str) -> str:
    """The operation whose id a message mentions first, whole; nothing if there is none."""
    known = {id_: operation for api in APIS for id_, operation in operations(api).items()}
    return next((str(known[word.strip(",:")]) for word in text.split() if word.strip(",:") in known), "")


def _shown(error: pytest.ExceptionInfo[BaseException], text: str | None) -> Any:
    if text is not None:
        error = pytest.ExceptionInfo.from_exc_info((AssertionError, AssertionError(text), error.tb))
    return error.getrepr(style="value")


def _sections(item: pytest.Item, *, complete: bool) -> list[tuple[str, str]]:
    sections = []
    if source(item):
        sections.append(("The law", f"{item.name.removeprefix('test_').replace('_', ' ')}\n{source(item)}"))
    wire = item.stash.get(WIRE, None)
    if wire is not None and wire.last and not complete:
        sections.append(("The requests, oldest first", "\n".join(sequence(wire.last, wire.names))))
    return sections
