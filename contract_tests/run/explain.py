"""What a test found, as findings; and how it ends: each cause is told by the test that meets it first."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from contract_tests.actors.caller import Answer
from contract_tests.contract.cause import cause_of, settled
from contract_tests.contract.finding import ContractError, Finding, Kind, told_by
from contract_tests.contract.masking import masked
from contract_tests.contract.operations import api_of
from contract_tests.contract.second_judge import disagreements
from contract_tests.report.outcome import written
from contract_tests.report.terminal import failure, line, requests
from contract_tests.run.plan import Plan
from contract_tests.transport.cleanup import LeftBehindError
from contract_tests.transport.ledger import LedgerError
from contract_tests.transport.network import NoAnswerError
from contract_tests.transport.wire import Wire

WIRE: pytest.StashKey[Wire] = pytest.StashKey()
HANDED: pytest.StashKey[dict[str, Any]] = pytest.StashKey()  # what a test hands over to the report, as plain data
NOT_JUDGED = "not judged"
# What a law meets that takes a part of an answer which is not there.
STUMBLES = (KeyError, IndexError, TypeError, AttributeError, ValueError)
UNREADABLE = frozenset({Kind.SCHEMA, Kind.BODY, Kind.CONTENT_TYPE, Kind.HEADER})


def finish(item: pytest.Item, plan: Plan) -> None:
    """Ends a test that held but met broken answers: where nobody has told their cause yet, it does. Raises ContractError."""
    found = _complete(item, _kept(item))
    if any(_is_news(plan, one) for one in found):
        raise ContractError(found, own=False)
    _hand_over(item, map(plan.deviations.mark, found))


def explain(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException], report: pytest.TestReport, plan: Plan) -> None:
    """Makes the report of a failure speak of the contract; that of an error of the suite itself stays as it is.

    A failure whose findings are all known at the target becomes an expected one. One that only meets again what another test
    has told, and is not about it, could not be judged.
    """
    if isinstance(excinfo.value, LeftBehindError | LedgerError):  # no contract is broken, but the run is not what it should be
        report.longrepr = str(excinfo.value)
    found, own = _findings(item, excinfo.value)
    marked = [plan.deviations.mark(one) for one in _complete(item, found)]
    _hand_over(item, marked)
    new = [one for one in marked if not one.known]
    if not marked:
        return
    if not new:
        report.outcome, report.wasxfail = "skipped", f"known: {'; '.join(dict.fromkeys(one.known for one in marked))}"
    elif own or any(_is_news(plan, one) for one in new):
        _tell(item, excinfo, report, plan, new)
    else:
        _set_aside(item, report, f"{NOT_JUDGED} because of: {line(new[0])}")


def _set_aside(item: pytest.Item, report: pytest.TestReport, reason: str) -> None:
    report.outcome = "skipped"
    report.longrepr = str(item.path), (item.location[1] or 0) + 1, f"Skipped: {reason}"
    item.stash[HANDED].update(ending=NOT_JUDGED, reason=reason)


def _is_news(plan: Plan, finding: Finding) -> bool:
    return cause_of(finding) not in plan.told and not plan.deviations.mark(finding).known


def _tell(
    item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException], report: pytest.TestReport, plan: Plan, new: list[Finding]
) -> None:
    before = list(dict.fromkeys(plan.told[cause_of(one)] for one in new if cause_of(one) in plan.told))
    repeated = all(cause_of(one) in plan.told for one in new)
    for one in new:
        plan.told.setdefault(cause_of(one), item.nodeid)
    if item.config.getoption("tbstyle") == "auto":  # else somebody wants to see the code
        text = f"{line(new[0])}\nThe same as in {', '.join(before)}" if repeated else failure(new, _notes(excinfo.value))
        told = AssertionError(text)
        report.longrepr = pytest.ExceptionInfo.from_exc_info((AssertionError, told, excinfo.tb)).getrepr(style="value")
    elif isinstance(excinfo.value, ContractError):
        excinfo.value.args = (failure(new),)
        report.longrepr = item.repr_failure(excinfo)
    if not repeated:
        report.sections += _sections(item, new)


def _sections(item: pytest.Item, findings: list[Finding]) -> list[tuple[str, str]]:
    sections = []
    if source(item):
        sections.append(("The law", f"{law_of(item).replace('_', ' ')}\n{source(item)}"))
    shown = requests(findings)
    return [*sections, ("The requests, oldest first", shown)] if shown else sections


def _notes(error: BaseException) -> list[str]:
    """What Hypothesis adds: with which values."""
    return [note for one in _leaves(error) for note in getattr(one, "__notes__", ())]


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The error, or those that Hypothesis found at once."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error


def _findings(item: pytest.Item, error: BaseException) -> tuple[list[Finding], bool]:
    """What a test found, and whether that is what it is about; nothing for an error of the suite."""
    found, own = list[Finding](), False
    for one in _leaves(error):
        told, is_own = _of(item, one)
        found, own = found + told, own or is_own
    return (found + _kept(item), own) if found else ([], False)


def _of(item: pytest.Item, error: BaseException) -> tuple[list[Finding], bool]:
    if isinstance(error, ContractError):
        return list(told_by(error.findings, source=source(item)) if error.own else error.findings), error.own
    if isinstance(error, NoAnswerError):
        return [error.finding], False
    if isinstance(error, AssertionError | pytest.fail.Exception):
        text = (str(error).splitlines() or ["an assertion that says nothing"])[0]
        return [Finding("", "", Kind.BEHAVIOUR, detail=text, source=source(item))], True
    return (_stumbled_over(item) if isinstance(error, STUMBLES) else []), False


def _stumbled_over(item: pytest.Item) -> list[Finding]:
    """Why an answer could not be read, of a law that took a part of it which is not there; nothing if all were in order."""
    wire = item.stash.get(WIRE, None)
    if wire is None:
        return []
    kept = [one for one in wire.kept.values() if one.kind in UNREADABLE]
    return kept or [one for answer in list(wire.last)[-1:] for one in _inferred_of(wire, answer)]


def _inferred_of(wire: Wire, response: Any) -> tuple[Finding, ...]:
    """What is wrong with an answer by our own reading, at a target that is held to the documents alone."""
    operation = wire.operation_of(response.request)
    if operation is None:
        return ()
    return Answer(response, operation, "", wire).witnessed(disagreements(operation, (), response, inferred=True))


def _hand_over(item: pytest.Item, findings: Iterable[Finding]) -> None:
    item.stash[HANDED].setdefault("findings", []).append(written(findings))


def _kept(item: pytest.Item) -> list[Finding]:
    """The findings that did not end the test; whoever takes them tells them."""
    if WIRE not in item.stash:
        return []
    kept = list(item.stash[WIRE].kept.values())
    item.stash[WIRE].kept.clear()
    return kept


def _complete(item: pytest.Item, findings: Iterable[Finding]) -> list[Finding]:
    """Findings with the law of the test, and with what led there where that is not known yet; each cause once."""
    wire = item.stash.get(WIRE, None)
    by_answer: dict[Any, list[Finding]] = {}
    for one in told_by(findings, law=law_of(item)):
        placed = _placed(wire, one)
        by_answer.setdefault(placed.steps[-1:] or placed, []).append(placed)
    whole = [one for many in by_answer.values() for one in settled(many)]
    return list({cause_of(one): one for one in reversed(whole)}.values())[::-1]


def _placed(wire: Wire | None, finding: Finding) -> Finding:
    """The finding with its API and the steps to the answer that showed it: the last one of its operation."""
    api = finding.api or api_of(finding.operation)
    if finding.steps or wire is None or not wire.last:
        return replace(finding, api=api)
    last = next((one for one in reversed(wire.last) if _is_of(wire, one, finding.operation)), wire.last[-1])
    whole = wire.witnessed([finding], last)[0]
    return replace(whole, api=api or whole.steps[-1].api, flaw=finding.flaw)


def _is_of(wire: Wire, response: Any, operation: str) -> bool:
    reached = wire.operation_of(response.request)
    return reached is not None and reached.id == operation


def law_of(item: pytest.Item) -> str:
    """The name of the law that a test is about, as deviations name it."""
    return item.name.partition("[")[0].removeprefix("test_")


def source(item: pytest.Item) -> str:
    """Where the law of a test stands, and in which words; nothing where the spec as a whole is the law."""
    basis = item.get_closest_marker("basis")
    return "" if basis is None else f"{basis.args[0]}: {basis.args[1]}"


def mask(report: pytest.TestReport) -> None:
    """Leaves out of the report of a test what lets somebody in, wherever it stands."""
    text = report.longreprtext
    if text and masked(text) != text:
        report.longrepr = masked(text)
    if isinstance(report.longrepr, tuple):
        file, number, reason = report.longrepr
        report.longrepr = file, number, masked(reason)
    report.sections = [(title, masked(text)) for title, text in report.sections]
