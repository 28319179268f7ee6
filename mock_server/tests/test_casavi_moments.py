"""Which moment the filters `after` and `before` mean, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.apis.casavi.times import just_after, last_millisecond, next_millisecond
from mock_server.tests.client import Mock
from mock_server.tests.residents import MAX, inside, read

# One of max's notifications is of 2024-01-14T08:00:00.000Z, and is the newest; the one before is of 2024-01-13T09:30:00.000Z.
AFTER = {
    "2024-01-14T07:59:59.999Z": 1,
    "2024-01-14T08:00:00Z": 0,
    "2024-01-14T07:59:59.9999999Z": 1,
    "2024-01-14T08:00:00.0001Z": 0,
    "2024-01-14t08:59:59.999+01:00": 1,
    "2024-01-14T09:00:00+01:00": 0,
    "2024-01-13T20:29:59.999-11:30": 1,
    "2024-01-13t08:00:00z": 2,
    "2016-12-31T23:59:60Z": 5,
    "9998-12-31T23:59:60.5Z": 0,
    "0000-01-01T00:00:00Z": 5,
    "0000-12-31T23:59:60z": 5,
    "0001-01-01T00:00:00+23:59": 5,
    "9999-12-31T23:59:59.9999999Z": 0,
    "9999-12-31T23:59:60Z": 0,
    "9999-12-31T23:59:59-23:59": 0,
}
BEFORE = {
    "2024-01-14T08:00:00Z": 4,
    "2024-01-14T08:00:00.0001Z": 5,
    "2024-01-14T08:00:00.000000Z": 4,
    "2024-01-14T08:00:00.001z": 5,
    "2024-01-14T09:00:00+01:00": 4,
    "2024-01-14T09:00:00.000000001+01:00": 5,
    "2016-12-31T23:59:60Z": 0,
    "0000-01-01T00:00:00.5Z": 0,
    "0001-01-01T00:00:00+23:59": 0,
    "9999-12-31T23:59:59.9999Z": 5,
    "9999-12-31T23:59:60.9999z": 5,
    "9999-12-31T23:59:59.9999-23:59": 5,
}


@pytest.mark.parametrize(
    ("name", "moment", "count"),
    [*(("after", *item) for item in AFTER.items()), *(("before", *item) for item in BEFORE.items())],
)
def test_after_and_before_leave_out_the_moment_itself_however_it_is_written(
    mock: Mock, name: str, moment: str, count: int
) -> None:
    page = read(mock, inside("notifications"), **{name: moment})
    assert (page["count"], page["rowsOnPage"], len(page["rows"])) == (count, count, count)


MOMENT = st.builds(
    "{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}{}{}".format,
    st.integers(0, 9999),
    st.integers(1, 12),
    st.integers(1, 31),
    st.sampled_from("Tt"),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 60),
    st.sampled_from(("", ".0", ".9999", ".000", ".0001", "." + "9" * 30)),
    st.sampled_from(("Z", "z", "+00:00", "-00:00", "+23:59", "-23:59", "+24:00", "-14:00")),
)


@settings(
    max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(after=MOMENT, before=MOMENT)
def test_any_two_moments_are_taken_or_400_and_never_a_server_error(mock: Mock, after: str, before: str) -> None:
    response = mock.get(inside("notifications"), MAX, query_string={"after": after, "before": before})
    assert response.status_code in (200, 400), response.get_json()


@pytest.mark.parametrize(
    ("text", "last", "following"),
    [
        ("2024-05-02T08:30:00Z", "2024-05-02T08:30:00.000Z", "2024-05-02T08:30:00.000Z"),
        ("2024-05-02T08:30:00.12Z", "2024-05-02T08:30:00.120Z", "2024-05-02T08:30:00.120Z"),
        ("2024-05-02t08:30:00.1239z", "2024-05-02T08:30:00.123Z", "2024-05-02T08:30:00.124Z"),
        ("2024-05-02T08:30:00.9999+02:00", "2024-05-02T06:30:00.999Z", "2024-05-02T06:30:01.000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z", "2017-01-01T00:00:00.000Z"),
        ("2016-12-31T18:59:60.25-05:00", "2017-01-01T00:00:00.250Z", "2017-01-01T00:00:00.250Z"),
        ("0000-02-29T00:00:00Z", "0001-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.9999Z", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_a_moment_lies_between_two_whole_milliseconds(text: str, last: str, following: str) -> None:
    assert (last_millisecond(text), next_millisecond(text)) == (last, following)


def test_just_after_a_moment_is_a_millisecond_later_but_at_the_end_of_time() -> None:
    assert just_after("2024-12-31T23:59:59.999Z") == "2025-01-01T00:00:00.000Z"
    assert just_after("9999-12-31T23:59:59.999Z") == "9999-12-31T23:59:59.999Z"
