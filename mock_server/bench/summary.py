"""What the turns of a comparison come to: medians, spread and ratios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from mock_server.bench.comparison import Comparison, Turn


@dataclass(frozen=True, slots=True)
class Line:
    """One server at one workload. rate: median of answers a second; low, high: the least and the greatest; ratio: median of the
    ratios to the base in the same round, None where that took no part; cpu: median of microseconds for an answer; statuses:
    what was answered."""

    workload: str
    server: str
    rate: float
    low: float
    high: float
    ratio: float | None
    cpu: float
    statuses: tuple[int, ...]


def base_of(comparison: Comparison) -> str:
    """The server that the others are compared with: Flask, or the first one where that is not there."""
    servers = [turn.server for turn in comparison.turns]
    return "flask" if "flask" in servers else servers[0]


def summarize(comparison: Comparison) -> list[Line]:
    """In the order of the turns."""
    base = base_of(comparison) if comparison.turns else ""
    turns: dict[tuple[str, str], list[Turn]] = {}
    for turn in comparison.turns:
        turns.setdefault((turn.workload, turn.server), []).append(turn)
    return [_line(own, turns.get((workload, base), [])) for (workload, _), own in turns.items()]


def _line(own: Sequence[Turn], base: Sequence[Turn]) -> Line:
    rates = [turn.rate for turn in own]
    beside = {turn.round: turn.rate for turn in base}
    ratios = [turn.rate / beside[turn.round] for turn in own if turn.round in beside]
    statuses = tuple(sorted({status for turn in own for status in turn.statuses}))
    ratio = median(ratios) if ratios else None
    cpu = median(turn.cpu for turn in own)
    return Line(own[0].workload, own[0].server, median(rates), min(rates), max(rates), ratio, cpu, statuses)
