"""The results as people read them: tables in Markdown, and what has to be known beside them."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Iterator, Sequence

from mock_server.bench.comparison import CONNECTIONS, Comparison
from mock_server.bench.in_process import Cost
from mock_server.bench.memory import Memory
from mock_server.bench.processes import LOAD_CORE, SERVER_CORE
from mock_server.bench.summary import Line, base_of, summarize

# Of its core; a load generator as busy as that may itself be what is measured.
_TOO_BUSY = 0.8
_NOTHING = "-"


def machine() -> str:
    """Where the figures were taken."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def costs_text(costs: Sequence[Cost]) -> str:
    rows = [
        [cost.operation, f"{cost.cpu:,.0f}", f"{cost.low:,.0f} to {cost.high:,.0f}", f"{cost.elapsed:,.0f}", f"{cost.ratio:.2f}"]
        for cost in costs
    ]
    return _table([machine(), "CPU µs", "80 % are within", "elapsed µs", "CPU to bare Flask"], rows)


def memory_text(found: Memory) -> str:
    return f"The mock took {found.ready:.0f} MB when it was ready, and {found.after:.0f} MB after {found.requests:,} requests."


def comparison_text(found: Comparison) -> str:
    if not found.turns:
        return "\n".join(_absences(found))
    lines, base = summarize(found), base_of(found)
    footprints = [[name, f"{f.start:.1f}", f"{f.ready:.0f}", f"{f.loaded:.0f}"] for name, f in found.footprints.items()]
    parts = (
        f"{machine()}; {CONNECTIONS} connections; {_cores()}",
        _by_workload(f"answers a second, ± half the spread (to {base})", lines, _speed),
        _by_workload("CPU µs of the server for an answer", lines, lambda line: f"{line.cpu:,.0f}"),
        _table(["server", "seconds to start", "MB when ready", "MB after all but uploads"], footprints),
        "\n".join([*_absences(found), *_notes(found, lines, base)]),
    )
    return "\n\n".join(parts)


def _cores() -> str:
    if SERVER_CORE is None:
        return "servers and load generator share all cores"
    return f"each server on core {SERVER_CORE}, the load generator on core {LOAD_CORE}"


def _speed(line: Line) -> str:
    ratio = "" if line.ratio is None else f" ({line.ratio:.2f})"
    spread = "" if line.low == line.high else f" ± {(line.high - line.low) / 2 / line.rate:.0%}"
    return f"{line.rate:,.0f}{spread}{ratio}"


def _by_workload(title: str, lines: Sequence[Line], cell: Callable[[Line], str]) -> str:
    cells = {(line.workload, line.server): cell(line) for line in lines}
    servers = list(dict.fromkeys(line.server for line in lines))
    workloads = dict.fromkeys(line.workload for line in lines)
    rows = [[workload, *(cells.get((workload, server), _NOTHING) for server in servers)] for workload in workloads]
    return _table([title, *servers], rows)


def _absences(found: Comparison) -> Iterator[str]:
    for server, reason in found.skipped.items():
        yield f"{server} is not there: {reason}."
    for (workload, server), reason in found.missing.items():
        yield f"{server} took no part in {workload}: {reason}."


def _notes(found: Comparison, lines: Sequence[Line], base: str) -> Iterator[str]:
    usual = {line.workload: line.statuses for line in lines if line.server == base}
    for line in lines:
        if line.statuses != usual.get(line.workload, line.statuses):
            yield f"{line.server} answers {line.workload} with {', '.join(map(str, line.statuses))}."
    verdict = "so it may have been what was measured" if found.busiest > _TOO_BUSY else "so it held nobody back"
    yield f"The load generator needed at most {found.busiest:.0%} of its core, {verdict}."


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
