"""The fault matrix: which layer of the suite finds which planted fault, after how much, and what survives. A command."""

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from math import nan
from os import cpu_count
from pathlib import Path

from rich.console import Console

from contract_tests.contract.choices import APIS
from contract_tests.faults.catalogue import FAULTS, OPERATORS
from contract_tests.faults.forks import AVAILABLE, STOPPING
from contract_tests.faults.peer import Peer
from contract_tests.faults.planting import Fault
from contract_tests.faults.results import PEER, Results
from contract_tests.faults.runner import LAYER_NAMES, Baseline, Runner, run_suite
from contract_tests.faults.shown import Progress, show
from contract_tests.report.coverage import coverage
from contract_tests.report.page import FAULTS_PAGE, write_faults_page

PERCENT = 97.0
BETWEEN_WRITES = 5.0  # seconds


class Stop:
    """What a signal asks for: the end of the run, with what there is by then. `status` is the exit status, 0 without a signal."""

    status = 0

    def watch(self) -> None:
        for number in STOPPING:
            signal.signal(number, self._end)

    def ignore(self) -> None:
        """What is left to do takes a moment."""
        for number in STOPPING:
            if signal.getsignal(number) == self._end:
                signal.signal(number, signal.SIG_IGN)

    def _end(self, number: int, _frame: object) -> None:
        self.ignore()
        self.status = 128 + number
        raise KeyboardInterrupt


@dataclass
class Matrix:
    """One run: the options, the faults, and what has come out so far."""

    options: argparse.Namespace
    faults: Sequence[Fault]
    console: Console
    only: frozenset[str] | None = None
    stop: Stop = field(default_factory=Stop)
    results: Results = field(init=False)
    failure: str = ""

    def run(self) -> int:
        """Returns the exit status."""
        self.results = Results(self.options.layer, self.options.seed, self.options.jobs, self.faults)
        self.results.whole = self.only is None and tuple(self.options.layer) == LAYER_NAMES
        self._progress = Progress(self.console)
        runner = Runner(
            self._use, only=self.only, wanted_layers=self.options.layer, step=self._progress.step, seed=self.options.seed
        )
        apis = [f"--api={api}" for api in sorted({fault.api for fault in self.faults})]
        self._progress.begin("the sound server")
        status = run_suite(runner, *apis)
        self._progress.end()
        if self.stop.status and not self.results.asked:
            self.console.print("stopped before the first fault was asked about", markup=False)
            return self.stop.status
        if status or self.failure or runner.errors:
            self.console.print(self.failure or "\n".join(runner.errors) or f"pytest ended with {status}", markup=False)
            return 1
        self._tell(runner)
        return self.stop.status or int(self.results.rate < self.options.fail_under or bool(self.results.absent))

    _started: float = field(default_factory=time.monotonic)
    _written: float = 0.0

    def _tell(self, runner: Runner) -> None:
        self.stop.ignore()
        self.results.seconds = time.monotonic() - self._started
        show(self.results, self.console)
        if self.options.report is not None:
            self.console.print(f"matrix: {self.results.write(self.options.report)}", markup=False)
            write_faults_page(self.options.report, runner.plan.facts, coverage(runner.baseline.counted, APIS))
            self.console.print(f"page: {self.options.report / FAULTS_PAGE}", markup=False)

    def _use(self, runner: Runner) -> None:
        self.failure = _unsound(runner.baseline)
        if self.failure:
            return
        self.results.baseline = runner.baseline
        with suppress(KeyboardInterrupt):
            self._ask(runner)
            if self.options.peer:
                self._ask_peer(runner)

    def _ask(self, runner: Runner) -> None:
        asked = [(fault, layers) for fault in self.faults for layers in self._together()]
        self._progress.begin("faults", len(asked))
        questions = [(fault, runner.order(fault, layers)) for fault, layers in asked]
        with closing(runner.ask(questions, self.options.jobs)) as said:
            for number, judgement in said:
                fault, layers = asked[number]
                for layer in layers:
                    if not judgement.killed or layer == judgement.layer:
                        self.results.note(fault, layer, judgement)
                self._keep(f"{self.results.killed} of {self.results.asked} found")
        self._progress.end()

    def _keep(self, said: str) -> None:
        """Shows how far it is, and now and then writes what there is, so that little is lost whatever happens."""
        self._progress.advance(said)
        if self.options.report is not None and time.monotonic() > self._written + BETWEEN_WRITES:
            self._written = time.monotonic()
            self.results.seconds = self._written - self._started
            self.results.write(self.options.report)

    def _together(self) -> list[tuple[str, ...]]:
        """The layers that are asked in one go: all if the first that finds the fault suffices."""
        return [tuple(self.options.layer)] if self.options.once else [(layer,) for layer in self.options.layer]

    def _ask_peer(self, runner: Runner) -> None:
        self._progress.begin("Schemathesis", len(self.faults))
        with closing(Peer(runner, self.options.seed or 0).ask(self.faults, self.options.jobs)) as said:
            for fault, judgement in said:
                self.results.note(fault, PEER, judgement)
                self._keep(f"{self.results.killed_by(PEER)} found")
        self._progress.end()


def _unsound(baseline: Baseline) -> str:
    broken = baseline.broken
    named = "".join(f"\n  {name}" for name in broken[:10])
    return f"The sound server fails {len(broken)} tests, so what a faulty one fails says nothing:{named}" if broken else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 1 if fewer faults were found than was asked for."""
    parser = _parser()
    options = parser.parse_args(arguments)
    options.layer = [name for name in LAYER_NAMES if name in (options.layer or LAYER_NAMES)]
    if not AVAILABLE:
        print("contract-tests faults: it needs fork, which this system does not have", file=sys.stderr)
        return 1
    faults = _sample([one for one in FAULTS if _wanted(one, options)], options.sample)
    if not faults:
        parser.error("no planted fault is of that API and operator")
    if options.report is not None:
        try:
            options.report.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            parser.error(f"argument --report: {options.report}: {error.strerror}")
    stop = Stop()
    stop.watch()  # also where a shell that runs it in the background has it ignore an interruption
    try:
        return Matrix(options, faults, Console(highlight=False), stop=stop).run()
    except KeyboardInterrupt:  # where pytest does not look for it
        return stop.status


def _wanted(fault: Fault, options: argparse.Namespace) -> bool:
    return (
        fault.api in (options.api or APIS)
        and fault.operator in (options.operator or OPERATORS)
        and (options.name is None or options.name in str(fault))
    )


def _sample(faults: Sequence[Fault], most: int | None) -> Sequence[Fault]:
    """At most so many: the first of each kind and API, then the second, and so on."""
    if most is None:
        return faults
    before: Counter[tuple[int, str]] = Counter()
    places = []
    for fault in faults:
        kind = fault.operator, fault.api
        places.append(((before[kind], *kind), fault))
        before[kind] += 1
    return [fault for _, fault in sorted(places, key=lambda place: place[0])[:most]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="contract-tests faults",
        description="Plants faults into the mock server, and shows which layer of the suite finds them.",
    )
    parser.add_argument("--api", action="append", choices=APIS, help="the faults of this API alone; repeatable")
    parser.add_argument("--operator", action="append", type=_kind, metavar="N", help="faults of this kind, 1 to 48; repeatable")
    parser.add_argument("--name", metavar="TEXT", help="faults whose api-operation-name has this text")
    parser.add_argument("--sample", type=_positive, metavar="N", help="of all those so many, in turn from each kind")
    parser.add_argument("--layer", action="append", choices=LAYER_NAMES, help="this layer alone; repeatable")
    parser.add_argument("--once", action="store_true", help="the first test that finds a fault suffices, of whichever layer")
    parser.add_argument("--jobs", type=_positive, default=cpu_count() or 1, metavar="N", help="so many at once (default: cores)")
    parser.add_argument("--peer", action="store_true", help="ask stock `schemathesis run` too, with the same seconds")
    parser.add_argument("--seed", type=int, metavar="N", help="of what is generated (default: 0)")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write faults.json there")
    parser.add_argument("--fail-under", type=_percent, default=PERCENT, metavar="PERCENT", help="(default: %(default)s)")
    return parser


def _between(least: float, most: float, what: str) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = nan
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{what} is needed")
        return number

    return parse


def _positive(text: str) -> int:
    return int(_between(1, 10**6, "a number from 1 on")(text))


def _kind(text: str) -> int:
    return int(_between(1, len(OPERATORS), f"a number from 1 to {len(OPERATORS)}")(text))


_percent = _between(0, 100, "a number from 0 to 100")


if __name__ == "__main__":
    sys.exit(main())
