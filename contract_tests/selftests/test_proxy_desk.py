"""Where what has passed waits to be judged: nobody waits for the judge, and nothing is forgotten."""

import asyncio
import time
from typing import Any, cast

from contract_tests.proxy.desk import Desk
from contract_tests.proxy.passing import Passing
from contract_tests.proxy.rewriting import Place

HERE = Place("http://localhost:8000")


class Slow(list[Passing]):
    """A judge: what it has judged."""

    def note(self, passing: Passing) -> None:
        time.sleep(0.01)
        self.append(passing)

    def reasons(self, passing: Passing, part: str) -> list[str]:
        return [part]


def test_all_that_waits_is_judged_before_the_end() -> None:
    passing, judge = Passing("", "GET", "/", "", None, HERE, HERE, [], []), Slow()
    desk = Desk(lambda: cast("Any", judge))
    for _ in range(10):
        desk.expect()
        desk.put(passing)
    desk.close()
    assert judge == [passing] * 10


def test_nobody_waits_while_what_has_passed_before_is_judged() -> None:
    first, second = (Passing("", "GET", path, "", None, HERE, HERE, [], []) for path in ("/first", "/second"))
    judge = Slow()
    desk = Desk(lambda: cast("Any", judge))
    desk.expect()
    desk.expect()
    desk.put(first)
    assert (asyncio.run(desk.ask(second, "request")), judge) == (["request"], [])
    desk.put(second)
    asyncio.run(desk.settled())
    assert judge == [first, second]
    desk.close()
