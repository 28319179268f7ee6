"""What `mock-server proxy` becomes: its start, and its end by a signal."""

import asyncio
import gc
import signal
import sys
from dataclasses import replace
from functools import partial
from importlib.util import find_spec

import uvloop

LATER = ("openapi_core", "pydantic", "pytest", "harfile", "requests")  # what is loaded once it is up

try:
    from contract_tests.proxy import mock, options
    from contract_tests.proxy.desk import Desk
    from contract_tests.proxy.serving import make_desk, serve

    if absent := [name for name in LATER if find_spec(name) is None]:
        raise ModuleNotFoundError(name=absent[0])
except ModuleNotFoundError as missing:
    raise SystemExit(f"mock-server proxy: {missing.name} is missing; pip install 'community-contracts[test]'") from None

# So long the thread that judges keeps Python to itself while a request waits; without, it would be a hundred times as long.
SWITCH_SECONDS = 0.00005
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    try:
        settings = options.read(sys.argv[1:] if arguments is None else arguments)
        mock.set_up_log(settings.mock.log_level, settings.mock.log_format)
        settings = replace(settings, mock=mock.with_token(settings.mock))
        beside = mock.Mock(settings.mock, settings.url, settings.people, stands_in=settings.missing)
        desk = make_desk(settings, beside)
        _run(settings, beside, desk)
    except (options.OptionError, mock.BootError) as error:
        print(f"mock-server proxy: {error}", file=sys.stderr)
        return options.WRONG
    from contract_tests.proxy.ending import end  # as late as the judge

    ending = end(desk.judge, settings, desk.failed)
    print("\n".join(ending.lines), flush=True)
    return ending.status


def _run(settings: options.Settings, beside: mock.Mock, desk: Desk) -> None:
    """Until a signal comes and all that has passed by then is judged. Raises BootError."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()
    try:
        uvloop.run(serve(settings, beside, desk, partial(_started, settings)))
    finally:
        for number in ENDING:  # to ask twice, as some terminals do by themselves, must not cost the report
            signal.signal(number, signal.SIG_IGN)
        desk.close()


def _started(settings: options.Settings, here: mock.Listening, ended: asyncio.Event) -> None:
    for number in ENDING:
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    if here.authority:
        mock.tell(f"the certificate is made for this run; clients have to trust {here.authority}")
    print(f"mock-server proxy ready on {here.url} (in front of {settings.url})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
