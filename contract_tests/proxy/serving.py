"""A proxy as a whole: what it consists of, from its first request to its last."""

import asyncio
import gc
from collections.abc import Callable
from typing import TYPE_CHECKING

from contract_tests.proxy.absence import Absence
from contract_tests.proxy.desk import Desk
from contract_tests.proxy.front import Front
from contract_tests.proxy.mock import Listening, Mock, listening
from contract_tests.proxy.options import Settings
from contract_tests.proxy.target import Target

if TYPE_CHECKING:
    from contract_tests.proxy.judge import Judge

PATIENCE = 1.0  # seconds for requests that are on their way when the end is asked for

# Is told where clients come in, and what to set for the end.
Started = Callable[[Listening, asyncio.Event], None]


def make_desk(settings: Settings, beside: Mock) -> Desk:
    """Where the exchanges of a run are judged."""

    def judge() -> "Judge":
        # Here, in the thread of the desk: it takes longer to load than all that is needed to pass something on.
        from contract_tests.proxy.judge import make

        made = make(settings, beside.record)
        gc.freeze()  # what is loaded now stays: to look through it for garbage takes up to 0.2 s, in which nothing passes
        return made

    return Desk(judge)


async def serve(settings: Settings, beside: Mock, desk: Desk, started: Started) -> None:
    """Passes on until the end is asked for; what is to be judged by then still is. Raises BootError."""
    target = Target(settings.target, settings.tls, settings.connect_seconds)
    absence = Absence(target, beside) if settings.missing else None
    front = Front(target, beside, desk, absence, enforce=settings.enforce)
    with listening(settings.mock, front) as here:
        beside.send_again_to(here.url)
        serving = [asyncio.create_task(server.serve()) for server in here.servers]
        await here.answers()
        ended = asyncio.Event()
        started(here, ended)
        await ended.wait()
        beside.gateway.stop()
        await front.finish(PATIENCE)
        for server in here.servers:
            server.stop()  # type: ignore[no-untyped-call]  # not annotated there
        await asyncio.wait(serving, timeout=PATIENCE)
    await target.close()
