"""checkInviteToken is protected against brute force: failing requests lead to increasing wait times."""

import time
from functools import partial

import pytest

from contract_tests.actors.caller import Answer, Caller
from contract_tests.actors.casavi import Casavi
from contract_tests.actors.expectations import expect, refusal, require, same, status
from contract_tests.contract.basis import inferred
from contract_tests.laws.races import at_once

PATIENCE = 5  # the longest wait, in seconds, that is worth a test
QUICK = 0.9  # a wait of one second is not over yet
TRIES = 3  # failures before the first wait
RACERS = 6


def _check(caller: Caller, token: str = "unknown") -> Answer:
    return caller.call("checkInviteToken", query={"invite_token": token})


def _wait(reply: Answer) -> int:
    """How many seconds a refusal asks for."""
    expect(reply, refusal(429))
    seconds = reply.headers.get("Retry-After", "")
    whole = seconds.isdigit() and int(seconds) >= 1
    require(whole, "checkInviteToken", "asks in Retry-After for no number of seconds", expected="1 or more", got=seconds)
    return int(seconds)


def _sit_out(seconds: int) -> None:
    if seconds > PATIENCE:
        pytest.skip(f"the target asks for {seconds} seconds")
    time.sleep(seconds + 0.05)


def _clean_up(casavi: Casavi, caller: Caller, good: str, seconds: int) -> None:
    """At a real deployment the wait would hit the next test; a mock forgets it with the state of this one."""
    if casavi.wire.session is None:
        _sit_out(seconds)
        expect(_check(caller, good), status(200))


def _fail(caller: Caller, then: str = "unknown") -> int:
    """Fails once more, and returns for how many seconds the caller has to wait then, whatever token is next."""
    before = time.monotonic()
    expect(_check(caller), refusal(404))
    reply = _check(caller, then)
    if time.monotonic() - before > QUICK:  # the wait was over before the second request came, and no fault of the target
        pytest.skip("the target answers too slowly to see a wait of one second")
    return _wait(reply)


def _fail_until_waiting(caller: Caller, then: str = "unknown") -> int:
    for _ in range(TRIES - 1):
        expect(_check(caller), refusal(404))
    return _fail(caller, then)


@inferred("failing requests lead to wait times, from the third failure on; until the wait is over every answer is 429")
def test_who_fails_has_to_wait(casavi: Casavi, resident: Caller, anonymous: Caller) -> None:
    good = casavi.invite(resident)["inviteToken"]
    seconds = _fail_until_waiting(anonymous, then=good)
    _sit_out(seconds)
    expect(_check(anonymous, good), status(200))


@inferred("the waits are increasing: one second at first, and then twice as long each time")
def test_the_waits_increase(casavi: Casavi, resident: Caller, anonymous: Caller) -> None:
    good = casavi.invite(resident)["inviteToken"]
    first = _fail_until_waiting(anonymous)
    _sit_out(first)
    second = _fail(anonymous)
    same([first, second], [1, 2], "checkInviteToken", "does not ask to wait twice as long the second time")
    _clean_up(casavi, anonymous, good, second)


@inferred("a good token ends the wait and clears the count")
def test_a_good_token_clears_the_count(casavi: Casavi, resident: Caller, anonymous: Caller) -> None:
    good = casavi.invite(resident)["inviteToken"]
    for _ in range(2):
        for _ in range(TRIES - 1):
            expect(_check(anonymous), refusal(404))
        expect(_check(anonymous, good), status(200))


@inferred("waiting concerns checkInviteToken alone")
def test_who_has_to_wait_may_do_other_things(casavi: Casavi, resident: Caller) -> None:
    good = casavi.invite(resident)["inviteToken"]
    seconds = _fail_until_waiting(resident)
    casavi.tickets(resident)
    casavi.register(casavi.invite(resident)["inviteToken"])
    _clean_up(casavi, resident, good, seconds)


@inferred("each of several guesses at the same moment counts: after the third failure a client has to wait")
def test_simultaneous_guesses_all_count(casavi: Casavi, resident: Caller, anonymous: Caller) -> None:
    good = casavi.invite(resident)["inviteToken"]
    before = time.monotonic()
    replies = at_once(*(partial(_check, anonymous.twin(), f"guess-{number}") for number in range(RACERS)))
    if time.monotonic() - before > QUICK:  # as above: a wait that is over cannot be seen
        pytest.skip("the target answers too slowly to see a wait of one second")
    statuses = sorted(reply.status for reply in replies)
    wanted = [404] * TRIES + [429] * (RACERS - TRIES)
    same(statuses, wanted, "checkInviteToken", f"does not count each of {RACERS} guesses at once")
    _clean_up(casavi, anonymous, good, 1)
