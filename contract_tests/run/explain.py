"""What a person is told of a failure: what is broken, the law with its source, and the requests that show it; each fault once."""

from collections.abc import Iterable
from typing import Any

import pytest

from contract_tests.contract.finding import ContractError, Finding
from contract_tests.contract.masking import masked
from contract_tests.contract.operations import APIS, operations
from contract_tests.profile.deviations import Deviations
from contract_tests.report.curl import sequence
from contract_tests.transport.cleanup import LeftBehindError
from contract_tests.transport.ledger import LedgerError
from contract_tests.transport.wire import NoAnswerError, Wire

WIRE: pytest.StashKey[Wire] = pytest.StashKey()
NO_ANSWER = "no answer"  # the check of a request that nobody answered
HANDED: pytest.StashKey[dict[str, Any]] = pytest.StashKey()  # what a test hands over to the report, as plain data
_TOLD: pytest.StashKey[dict[tuple[str, str], str]] = pytest.StashKey()  # what was told already, and by which test


def raise_kept(item: pytest.Item, deviations: Deviations) -> None:
    """Fails a test that has met broken answers and came to its end all the same, unless they are known. Raises ContractError."""
    kept = _kept(item)
    findings = dict.fromkeys(finding for error in kept for finding in error.findings)
    if not deviations.cover(findings):
        raise ContractError("\n\n".join(map(str, kept)), findings)
    _hand_over(item, map(deviations.mark, findings))


def explain(
    item: pytest.Item, error: pytest.ExceptionInfo[BaseException], report: pytest.TestReport, deviations: Deviations
) -> None:
    """Makes the report of a failure speak of the contract; that of an error of the suite itself stays as it is.

    A failure whose findings are all known at the target becomes an expected one.
    """
    if isinstance(error.value, LeftBehindError | LedgerError):  # no contract is broken, but the run is not what it should be
        report.longrepr = str(error.value)
    if not isinstance(error.value, AssertionError | NoAnswerError):
        return
    findings = [deviations.mark(finding) for finding in _findings(item, error.value)]
    handed = _hand_over(item, findings)
    new = [finding for finding in findings if not finding.known]
    if not new:
        report.outcome, report.wasxfail = "skipped", f"known: {'; '.join(dict.fromkeys(one.known for one in findings))}"
        return
    told = item.config.stash.setdefault(_TOLD, {})
    known = {told[finding.key] for finding in new if finding.key in told}
    repeated = all(finding.key in told for finding in new)
    for finding in new:
        told.setdefault(finding.key, item.nodeid)
    if item.config.getoption("tbstyle") == "auto":  # else somebody wants to see the code
        text = f"{new[0]}\nThe same as in {', '.join(sorted(known))}" if repeated else None
        report.longrepr = _shown(error, text)
    if not repeated:
        handed["curl"] = _requests(item, error.value)
        report.sections += _sections(item, [] if getattr(error.value, "complete", False) else handed["curl"])


def _hand_over(item: pytest.Item, findings: Iterable[Finding]) -> dict[str, Any]:
    handed = item.stash[HANDED]
    handed.setdefault("findings", []).extend(map(_plain, findings))
    return handed


def _plain(finding: Finding) -> dict[str, Any]:
    plain = finding.plain | {"text": masked(finding.text)}
    return plain | ({"curl": [masked(finding.requests)]} if finding.requests else {})


def _kept(item: pytest.Item) -> list[ContractError]:
    """The broken answers that did not end the test; whoever takes them tells them."""
    if WIRE not in item.stash:
        return []
    kept = list(item.stash[WIRE].broken.values())
    item.stash[WIRE].broken.clear()
    return kept


def _findings(item: pytest.Item, error: BaseException) -> Iterable[Finding]:
    law = law_of(item)
    raised = [error] if isinstance(error, ContractError) else []
    found = [finding for one in (*raised, *_kept(item)) for finding in one.findings]
    named = [Finding(one.operation, law, one.text, one.status, one.pointer) if one.check == "law" else one for one in found]
    if isinstance(error, NoAnswerError):
        named.insert(0, Finding("", NO_ANSWER, error.why))
    elif not raised:
        text = (str(error).splitlines() or ["an assertion that says nothing"])[0]
        named.insert(0, Finding(_named_in(text), law, text))
    return dict.fromkeys(named)


def law_of(item: pytest.Item) -> str:
    """The name of the law that a test is about, as deviations name it."""
    return item.name.partition("[")[0].removeprefix("test_")


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


def _requests(item: pytest.Item, error: BaseException) -> list[str]:
    """The requests that lead to a failure; one that shows them itself needs no others."""
    wire = item.stash.get(WIRE, None)
    if getattr(error, "complete", False):
        return [masked(str(error))]
    return [] if wire is None else sequence(wire.last, wire.names)


def _sections(item: pytest.Item, requests: list[str]) -> list[tuple[str, str]]:
    sections = []
    if source(item):
        sections.append(("The law", f"{law_of(item).replace('_', ' ')}\n{source(item)}"))
    if requests:
        sections.append(("The requests, oldest first", "\n".join(requests)))
    return sections


def mask(report: pytest.TestReport) -> None:
    """Leaves out of the report of a test what lets somebody in, wherever it stands."""
    text = report.longreprtext
    if text and masked(text) != text:
        report.longrepr = masked(text)
    if isinstance(report.longrepr, tuple):
        file, line, reason = report.longrepr
        report.longrepr = file, line, masked(reason)
    report.sections = [(title, masked(text)) for title, text in report.sections]
