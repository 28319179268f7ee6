"""Calls that arrive at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from contract_tests.actors.caller import Answer
from contract_tests.actors.expectations import expect, require, status
from contract_tests.contract.cause import SUCCESSES
from contract_tests.transport.session import TIMEOUT

Call = Callable[[], Answer]


def at_once(*calls: Call) -> list[Answer]:
    """The answers to calls that all begin at the same moment; each needs a caller of its own."""
    start = Barrier(len(calls), timeout=TIMEOUT)

    def begin(call: Call) -> Answer:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))


def one_succeeds(answers: Iterable[Answer], success: int, refused: int) -> None:
    """Raises ContractError unless exactly one of several calls at once succeeded."""
    answers = list(answers)
    won = [one for one in answers if one.status in SUCCESSES]
    statuses, wanted = sorted(one.status for one in answers), [success] + [refused] * (len(answers) - 1)
    if not won:
        expect(answers[0], status(success))
    how = f"lets {len(won)} of {len(answers)} requests succeed that came at once"
    require(len(won) == 1, answers[0].operation.id, how, expected=wanted, got=statuses)
    for one in answers:
        expect(one, status(success if one in won else refused))
