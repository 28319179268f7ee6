"""The one sentence at the top of a report."""

from collections import Counter
from collections.abc import Mapping
from typing import Any


def verdict(data: Mapping[str, Any]) -> dict[str, str]:
    """`state` (broken, error, stopped, nothing, attention or held) and `text` of what a run found, as `Report.data` holds it."""
    state = _state(data)
    stopped = f" The run was stopped: {data['run']['stopped']}." if state == "broken" and data["run"].get("stopped") else ""
    return {"state": state, "text": _TEXTS[state](data) + stopped + _attention(data)}


def _state(data: Mapping[str, Any]) -> str:
    if data["broken"]:
        return "broken"
    if data["errors"]:
        return "error"
    if data["run"].get("stopped"):
        return "stopped"
    if not data["outcomes"].get("passed") and not data["known"]:
        return "nothing"
    return "attention" if _attention(data) else "held"


def _attention(data: Mapping[str, Any]) -> str:
    """What somebody has to do, whatever the tests say."""
    states = Counter(one["state"] for one in data["deviations"])
    numbers = [f"{counted(states[state], 'known deviation')} {state}" for state in ("vanished", "overdue") if states[state]]
    left = len(data["run"].get("left_behind", ()))
    numbers += [f"{counted(left, 'object')} left behind"] if left else []
    return f" To be looked at: {', '.join(numbers)}." if numbers else ""


def _broken(data: Mapping[str, Any]) -> str:
    one = len(data["broken"]) == 1
    tests = {test for entry in data["broken"] for test in entry["tests"]}
    what = "One contract is" if one else f"{len(data['broken'])} contracts are"
    return f"{what} broken at {_target(data)}, as {counted(len(tests), 'test')} of {_all(data)} found."


def _error(data: Mapping[str, Any]) -> str:
    return f"No verdict on {_target(data)}: {counted(len(data['errors']), 'test')} could not be carried out."


def _stopped(data: Mapping[str, Any]) -> str:
    return f"No verdict on {_target(data)}: the run was stopped ({data['run']['stopped']}). Nothing was broken until then."


def _nothing(data: Mapping[str, Any]) -> str:
    return f"Nothing was tested at {_target(data)}: {counted(_all(data), 'test')}, and none that ran."


def _held(data: Mapping[str, Any]) -> str:
    reached = data["coverage"]["operations"]
    known = f", but for {counted(len(data['known']), 'known deviation')}" if data["known"] else ""
    answered = f"{reached['met']} of {reached['of']} operations answered"
    passed = counted(data["outcomes"].get("passed", 0), "test")
    return f"The contract holds at {_target(data)}{known}: {passed} passed, {answered}."


_TEXTS = {"broken": _broken, "error": _error, "stopped": _stopped, "nothing": _nothing, "attention": _held, "held": _held}


def counted(number: int, what: str) -> str:
    """Such as "1 test" and "2 tests"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _target(data: Mapping[str, Any]) -> str:
    target = data["run"].get("target", "mock")
    return "the mock" if target == "mock" else str(target)


def _all(data: Mapping[str, Any]) -> int:
    return sum(data["outcomes"].values())
