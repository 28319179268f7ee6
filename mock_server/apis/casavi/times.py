"""Moments as texts that compare as the moments do."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from mock_server.clock import iso_time

_MILLISECOND = timedelta(milliseconds=1)
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_FRACTION = re.compile(r"\.(\d+)")
_LEAP_SECOND = re.compile(r":60(?=[.Z+-])", re.IGNORECASE)


def just_after(text: str) -> str:
    """The moment one millisecond after a stored one."""
    return iso_time(_later(datetime.fromisoformat(text)))


def last_millisecond(text: str) -> str:
    """The last whole millisecond that is not after an RFC 3339 moment: what was made after the one was made after the other."""
    return iso_time(_whole_milliseconds(text))


def next_millisecond(text: str) -> str:
    """The first whole millisecond that is not before an RFC 3339 moment."""
    fraction = _FRACTION.search(text)
    whole = _whole_milliseconds(text)
    beyond = bool(fraction and fraction[1][3:].strip("0"))
    return iso_time(_later(whole) if beyond else whole)


def _later(moment: datetime) -> datetime:
    try:
        return moment + _MILLISECOND
    except OverflowError:  # the last one there is
        return moment


def _whole_milliseconds(text: str) -> datetime:
    leap = _LEAP_SECOND.search(text)
    text = _LEAP_SECOND.sub(":59", text).upper()
    fraction = _FRACTION.search(text)
    text = _FRACTION.sub(f".{fraction[1][:3]:0<3}" if fraction else "", text)
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
        return moment + timedelta(seconds=1) if leap else moment
    except (ValueError, OverflowError):
        # Years 0 and 9999 reach beyond what datetime knows; no notification is that old or that new.
        return _FIRST if text.startswith("000") else _LAST
