"""The mock's own request validation against openapi-core, an independent judge: the same verdict on thousands of requests."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.tests.documents import operations
from mock_server.tests.judges import Verdict, mock_verdict, openapi_core_verdict
from mock_server.tests.mutations import Sent, carries, mutants, originals, put

SEED = 20240501
LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
NOT_FINITE = re.compile(rb"\b(NaN|Infinity)\b")


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the judges differ and the mock is right; applies(sent, mock, core) recognises it."""

    name: str
    reason: str
    applies: Callable[[Sent, Verdict, Verdict], bool]


KNOWN = (
    Difference(
        "repeated parameter",
        "none of them is a list; openapi-core reads the first value, the mock does not guess which one is meant",
        lambda sent, mock, core: core.accepts and "times" in mock.reason and " is given " in mock.reason,
    ),
    Difference(
        "integers as Python reads them",
        "openapi-core takes what int() takes: blanks, a plus sign, underscores, other scripts' digits; JSON knows none of these",
        lambda sent, mock, core: core.accepts and mock.reason.endswith("is not of type integer"),
    ),
    Difference(
        "yes, on and 1 for true",
        "openapi-core takes many words for a boolean; JSON knows true and false",
        lambda sent, mock, core: core.accepts and mock.reason.endswith("is not of type boolean"),
    ),
    Difference(
        "a newline before the end of a pattern",
        "`$` matches before a last newline in Python's regular expressions, not in those of JSON Schema (ECMA 262)",
        lambda sent, mock, core: core.accepts and '\\n" does not match' in mock.reason,
    ),
    Difference(
        "e-mail addresses",
        "openapi-core's format `email` asks for an @ and nothing else",
        lambda sent, mock, core: core.accepts and mock.reason.endswith('is not a "email"'),
    ),
    Difference(
        "half a character",
        "Python reads a lone surrogate; it is no Unicode text and could be stored nowhere",
        lambda sent, mock, core: core.accepts and _no_json(mock) and LONE_SURROGATE.search(sent.body) is not None,
    ),
    Difference(
        "numbers that JSON does not know",
        "Python's parser reads NaN and Infinity",
        lambda sent, mock, core: core.accepts and _no_json(mock) and NOT_FINITE.search(sent.body) is not None,
    ),
    Difference(
        "JSON that is not UTF-8",
        "Python guesses UTF-16 and UTF-32 and skips a byte order mark; RFC 8259 8.1 has UTF-8 without one",
        lambda sent, mock, core: core.accepts and _no_json(mock) and sent.change.startswith("body in utf-"),
    ),
    Difference(
        "a leap second",
        "RFC 3339 5.7 allows :60 at the end of a day in UTC; openapi-core tries Python's datetime, which has none",
        lambda sent, mock, core: mock.accepts and "is not a 'date-time'" in core.reason and ":59:60" in sent.change,
    ),
    Difference(
        "an empty text",
        "openapi-core refuses an empty query parameter whatever its schema; the deprecated `allowEmptyValue` says nothing here",
        lambda sent, mock, core: mock.accepts and "EmptyQueryParameterValue" in core.reason,
    ),
    Difference(
        "raw bytes without a media type",
        "RFC 9110 8.3 lets a sender leave Content-Type out, and `*/*` takes anything; openapi-core wants a slash in it",
        lambda sent, mock, core: mock.accepts and "MediaTypeNotFound" in core.reason and "/" not in sent.content_type,
    ),
    Difference(
        "an empty file",
        "a file may have no bytes, and its media type tells that it is there; openapi-core takes no bytes for no body",
        lambda sent, mock, core: mock.accepts and "MissingRequiredRequestBody" in core.reason and not sent.body,
    ),
    Difference(
        "a media type parameter without a value",
        "openapi-core breaks down on it",
        lambda sent, mock, core: core.crashed and sent.content_type.endswith("; charset"),
    ),
    Difference(
        "deep nesting",
        "both refuse it, openapi-core by a RecursionError",
        lambda sent, mock, core: core.crashed and not mock.accepts and "RecursionError" in core.reason,
    ),
)


def _no_json(verdict: Verdict) -> bool:
    return verdict.reason.startswith("the request body cannot be read as JSON")


def explanations(sent: Sent, mock: Verdict, core: Verdict) -> list[str]:
    """Names of the known differences that the three are a case of."""
    return [known.name for known in KNOWN if known.applies(sent, mock, core)]


def differ(mock: Verdict, core: Verdict) -> bool:
    return mock.accepts != core.accepts or core.crashed


Judged = list[tuple[Sent, Verdict, Verdict]]


@pytest.fixture(scope="module")
def judged() -> Judged:
    return [(sent, mock_verdict(sent), openapi_core_verdict(sent)) for sent in mutants(SEED, most_of_a_place=30)]


def test_both_judges_agree_on_every_request_but_for_the_known_differences(judged: Judged) -> None:
    unexplained = [
        f"{sent.operation.id}: {sent.change}\n  mock: {mock}\n  openapi-core: {core}"
        for sent, mock, core in judged
        if differ(mock, core) and not explanations(sent, mock, core)
    ]
    assert not unexplained, "\n".join(unexplained[:10])


def test_every_known_difference_is_still_seen(judged: Judged) -> None:
    seen = {name for sent, mock, core in judged if differ(mock, core) for name in explanations(sent, mock, core)}
    assert {known.name for known in KNOWN} - seen == set()


def test_thousands_of_requests_of_every_kind_are_accepted_and_refused(judged: Judged) -> None:
    verdicts = Counter((sent.kind, mock.accepts) for sent, mock, _ in judged)
    assert len(judged) > 4_000
    assert all(verdicts[kind, accepted] > 150 for kind in ("path", "query", "body") for accepted in (True, False)), verdicts
    for api in ("casavi", "linagora"):
        of_api = Counter(mock.accepts for sent, mock, _ in judged if sent.operation.api == api)
        assert min(of_api[True], of_api[False]) > 300, (api, of_api)


def test_every_operation_is_asked_rightly_and_if_it_takes_anything_wrongly_too(judged: Judged) -> None:
    accepted = {sent.operation.id for sent, mock, _ in judged if mock.accepts}
    refused = {sent.operation.id for sent, mock, _ in judged if not mock.accepts}
    everything = operations()
    assert accepted == {operation.id for operation in everything}
    # A bare query parameter of type string can be refused too: all of these have a length, a pattern or are required.
    assert refused == {operation.id for operation in everything if operation.parameters or operation.content}


ORIGINALS = [original for operation in operations() for original in originals(operation)]
WITH_PARAMETERS = [original for original in ORIGINALS if original.operation.parameters]
WITH_JSON = [original for original in ORIGINALS if original.content_type == "application/json"]
JSON_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=6,
)
ARBITRARY = settings(max_examples=400, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))


@ARBITRARY
@given(data=st.data())
def test_both_judges_agree_on_any_text_in_any_parameter(data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(WITH_PARAMETERS))
    parameter = data.draw(st.sampled_from(original.operation.parameters))
    kind = parameter["schema"].get("type")
    numbers = st.integers().map(str) | st.floats().map(str)
    text = data.draw((st.text() if kind == "string" else st.text() | numbers).filter(lambda t: carries(parameter["in"], t)))
    _agree(original.with_text(parameter["in"], parameter["name"], text))


@ARBITRARY
@given(data=st.data())
def test_both_judges_agree_on_any_value_in_any_property_of_a_body(data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(WITH_JSON))
    body: dict[str, Any] = json.loads(original.body)
    name = data.draw(st.sampled_from(sorted(body)) | st.text(max_size=12))
    value = data.draw(JSON_VALUE)
    _agree(replace(original, body=json.dumps(put(body, (name,), value)).encode(), change=f"{name!r} = {value!r}"))


def _agree(sent: Sent) -> None:
    mock, core = mock_verdict(sent), openapi_core_verdict(sent)
    assert not differ(mock, core) or explanations(sent, mock, core), (sent.operation.id, sent.change, mock, core)
