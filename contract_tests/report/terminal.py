"""What a person reads in the terminal: a failure in full, and a broken contract in a few lines."""

from collections.abc import Iterable, Sequence

from contract_tests.contract.cause import cause_of
from contract_tests.contract.finding import Finding
from contract_tests.contract.masking import masked
from contract_tests.report.causes import Broken
from contract_tests.report.curl import IN_PROCESS_URL, LOCAL_MOCK, told
from contract_tests.report.numbers import counted
from contract_tests.report.sentences import sentence, value

SHOWN_SOURCES = 2


def line(finding: Finding) -> str:
    """A finding in one sentence, masked."""
    return masked(sentence(cause_of(finding), [finding]))


def failure(findings: Iterable[Finding], notes: Sequence[str] = ()) -> str:
    """What a test found: each finding in a sentence, with what was expected and what came, and the notes of a generator."""
    return "\n".join([*(_whole(one) for one in findings), *map(masked, notes)])


def _whole(finding: Finding) -> str:
    said = line(finding)
    if finding.detail and (finding.expected is not None or finding.got is not None):
        said += masked(f"\n  expected {value(finding.expected)}\n  got      {value(finding.got)}")
    return said


def requests(findings: Iterable[Finding]) -> str:
    """The requests that show the first of some findings, as curl commands."""
    steps = next((one.steps for one in findings if one.steps), ())
    in_process = any(step.url.startswith(IN_PROCESS_URL) for step in steps)
    start = (
        [f"# start the same server with mock-server --seed 0; logins are at {LOCAL_MOCK}/__mock/credentials"]
        if in_process
        else []
    )
    return "\n".join([*start, *told(steps)])


def summary(number: int, one: Broken, unit: str = "test") -> list[str]:
    """A broken contract in a few lines; `unit` is what its witnesses are."""
    more = f" and {counted(len(one.tests) - 1, f'more {unit}')}" if len(one.tests) > 1 else ""
    sources = [f"   {masked(source)}" for source in one.sources[:SHOWN_SOURCES]]
    return [f"{number}. {masked(one.sentence)}", *sources, f"   found by {one.tests[0]}{more}"]
