"""Requests that nobody answered, and when there are so many that it is not worth while to go on."""

from collections.abc import Callable

import requests
from requests import PreparedRequest

from contract_tests.transport.network import origin

IN_A_ROW = 3  # after which a look is taken whether the server is there
SECONDS = 300.0  # the most that is spent on answers that never come


class Silence:
    """What is known of whether the server is there; `ended` is what ended the run, and in which test."""

    def __init__(self) -> None:
        self.ended: tuple[str, requests.RequestException] | None = None
        self._number, self._seconds = 0, 0.0
        self._answered: dict[str, PreparedRequest] = {}  # of each server the first GET that it answered

    def broken(self, request: PreparedRequest | None = None) -> None:
        """Notes an answer, and the request if it is one that had it."""
        self._number = 0
        if request is not None and request.method == "GET" and (server := origin(request.url or "")) not in self._answered:
            self._answered[server] = request.copy()

    def lasts(self, request: PreparedRequest, seconds: float, ask: Callable[[PreparedRequest], object]) -> str:
        """Notes a request that had no answer, and says why the run has to end; empty if the server is there, and answers others.

        `ask` sends another one.
        """
        self._number, self._seconds = self._number + 1, self._seconds + seconds
        if self._seconds > SECONDS:
            return f"{self._seconds:.0f} s were spent on requests that had no answer"
        if self._number < IN_A_ROW or self._is_there(request, ask):
            return ""
        return f"{IN_A_ROW} requests in a row had no answer"

    def _is_there(self, request: PreparedRequest, ask: Callable[[PreparedRequest], object]) -> bool:
        known = self._answered.get(origin(request.url or ""))
        if known is None:
            return False
        try:
            ask(known.copy())
        except requests.RequestException:
            return False
        self._number = 0
        return True
