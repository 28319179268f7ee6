"""The broken contracts as GitHub shows them beside a change: lines that a step of a workflow prints."""

from collections.abc import Iterator
from pathlib import Path

from contract_tests.contract.masking import masked
from contract_tests.report.causes import Broken
from contract_tests.report.collected import Report
from contract_tests.report.numbers import counted

MOST = 10  # GitHub shows no more of a step


def annotations(report: Report) -> list[str]:
    """A line for each broken contract, and a warning for deviations that are overdue or no longer there."""
    broken = report.broken()
    lines = [_error(one) for one in broken[:MOST]]
    if len(broken) > MOST:
        lines.append(_line("warning", {"title": "Contract tests"}, f"and {len(broken) - MOST} more broken contracts"))
    return lines + list(_deviations(report))


def _error(one: Broken) -> str:
    properties = {"title": "Broken contract"} | _file(one.tests[0])
    found = f"found by {counted(len(one.tests), 'test')}, such as {one.tests[0]}"
    return _line("error", properties, "\n".join([one.sentence, *one.laws[:1], *one.sources[:1], found]))


def _file(test: str) -> dict[str, str]:
    """The file of a test, where it belongs to the repository that is checked out."""
    file = test.partition("::")[0]
    return {"file": file} if Path(file).is_file() and "site-packages" not in file else {}


def _deviations(report: Report) -> Iterator[str]:
    for state, title in (("overdue", "Deviations to be reviewed"), ("vanished", "Deviations that are gone: remove them")):
        found = [f"{one['what']}: {one['reason']}" for one in report.states if one["state"] == state]
        if found:
            yield _line("warning", {"title": title}, "\n".join(found))


def _line(command: str, properties: dict[str, str], text: str) -> str:
    told = ",".join(f"{name}={_property(masked(value))}" for name, value in properties.items())
    return f"::{command} {told}::{_data(masked(text))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
