"""What `mock-server proxy` becomes: its start, and its end by a signal."""

import asyncio
import gc
import signal
import sys
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

import uvloop

LATER = ("openapi_core", "pydantic", "pytest", "harfile", "requests", "lxml")  # what is loaded once it is up

try:
    from contract_tests.proxy import mock, options
    from contract_tests.proxy.absence import Absence
    from contract_tests.proxy.desk import Desk
    from contract_tests.proxy.front import Front
    from contract_tests.proxy.target import Target

    if absent := [name for name in LATER if find_spec(name) is None]:
        raise ModuleNotFoundError(name=absent[0])
except ModuleNotFoundError as missing:
    raise SystemExit(f"mock-server proxy: {missing.name} is missing; pip install 'community-contracts[test]'") from None

if TYPE_CHECKING:
    from contract_tests.proxy.judge import Judge

PATIENCE = 1.0  # seconds for requests that are on their way when the end is asked for
# A thread that judges keeps Python for so long at a time while a request waits; by itself it would be fifty times as long.
SWITCH_SECONDS = 0.0001


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    try:
        settings = options.read(sys.argv[1:] if arguments is None else arguments)
        mock.set_up_log(settings.mock.log_level)
        settings = replace(settings, mock=mock.with_token(settings.mock))
        beside = mock.Mock(settings.mock, settings.url, settings.people)
    except (options.OptionError, mock.BootError) as error:
        print(f"mock-server proxy: {error}", file=sys.stderr)
        return options.WRONG
    desk = Desk(lambda: _judge(settings, beside))
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()
    try:
        uvloop.run(_serve(settings, beside, desk))
    except mock.BootError as error:
        print(f"mock-server proxy: {error}", file=sys.stderr)
        return options.WRONG
    finally:
        desk.close()
    from contract_tests.proxy.ending import end  # as late as the judge

    ending = end(desk.judge, settings, desk.failed)
    print("\n".join(ending.lines), flush=True)
    return ending.status


def _judge(settings: options.Settings, beside: mock.Mock) -> "Judge":
    # Here, in the thread of the desk: it takes longer to load than all that is needed to pass something on.
    from contract_tests.proxy.judge import make

    return make(settings, beside.record)


async def _serve(settings: options.Settings, beside: mock.Mock, desk: Desk) -> None:
    """Until a signal comes. Raises BootError."""
    target = Target(settings.target, settings.tls, settings.connect_seconds)
    absence = Absence(target, beside) if settings.missing else None
    front = Front(target, beside, desk, absence, enforce=settings.enforce)
    with mock.listening(settings.mock, front) as here:
        beside.send_again_to(here.url)
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        serving = [asyncio.create_task(server.serve()) for server in here.servers]
        await here.answers()
        if here.authority:
            print(f"mock-server: clients have to trust {here.authority}", file=sys.stderr, flush=True)
        print(f"mock-server proxy ready on {here.url} (in front of {settings.url})", flush=True)
        await ended.wait()
        for number in (signal.SIGTERM, signal.SIGINT):  # whoever asks twice means at once
            asyncio.get_running_loop().remove_signal_handler(number)
        await front.finish(PATIENCE)
        for server in here.servers:
            server.stop()  # type: ignore[no-untyped-call]  # not annotated there
        await asyncio.wait(serving, timeout=PATIENCE)
    await target.close()


if __name__ == "__main__":
    sys.exit(main())
