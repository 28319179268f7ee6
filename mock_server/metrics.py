"""What GET /__mock/metrics answers, in the text that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from mock_server.counters import BOUNDS, Counted
from mock_server.version import VERSION

_LIMITS = [*(f"{bound:g}" for bound in BOUNDS), "+Inf"]
_MEANING = {
    "sessions": "Sessions that users have made.",
    "snapshots": "Snapshots of all sessions.",
    "journal_entries": "Requests in the journals of all sessions.",
    "stored_bytes": "Bytes of uploaded files.",
}


def exposition(counted: Sequence[Counted], figures: Mapping[str, int] | None, accept: str) -> tuple[bytes, str]:
    """The text and its media type, which is the one of those known that accept, the header, prefers.

    figures are what there is of each thing in _MEANING; None where the database cannot be used.
    """
    encode, media_type = choose_encoder(accept)
    return encode(_Metrics(counted, figures)), media_type


@dataclass(frozen=True, slots=True)
class _Metrics(Collector):
    counted: Sequence[Counted]
    figures: Mapping[str, int] | None

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("mock_server", "The version of the server.", {"version": VERSION})
        yield from self._requests()
        up = "Whether the database can be used."
        yield GaugeMetricFamily("mock_server_database_up", up, value=self.figures is not None)
        for name, number in (self.figures or {}).items():
            yield GaugeMetricFamily(f"mock_server_{name}", _MEANING[name], value=number)

    def _requests(self) -> Iterator[Metric]:
        labels = ("operation",)
        requests = CounterMetricFamily("mock_server_requests", "Requests that were answered.", labels=(*labels, "status"))
        errors = CounterMetricFamily("mock_server_errors", "Answers of 5xx that no fault or preference asked for.", labels=labels)
        seconds = "Seconds from the whole request to its answer, without those of faults."
        times = HistogramMetricFamily("mock_server_request_duration_seconds", seconds, labels=labels)
        for one in self.counted:
            for status, number in one.statuses.items():
                requests.add_metric((one.operation, str(status)), number)
            errors.add_metric((one.operation,), one.unasked)
            times.add_metric((one.operation,), list(zip(_LIMITS, accumulate(one.times), strict=True)), one.seconds)
        yield from (requests, errors, times)
