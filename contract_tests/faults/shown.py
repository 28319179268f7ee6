"""How a fault matrix looks in a terminal: a bar while it runs, then tables."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from contract_tests.faults.catalogue import OPERATORS
from contract_tests.faults.results import PEER, Results

STEPS = 20  # lines where no terminal shows a bar


class Progress:
    """A bar in a terminal, a few lines elsewhere. Nothing of it runs by itself, because processes are forked meanwhile."""

    def __init__(self, console: Console) -> None:
        self.console = console
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}"))
        self._bar = Bar(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, auto_refresh=False, transient=True)
        self._task: TaskID | None = None
        self._done = self._all = 0
        self._what = ""

    def begin(self, what: str, total: int = 0) -> None:
        self._what, self._done, self._all = what, 0, total
        if self.console.is_terminal:
            self._task = self._bar.add_task(what, total=total or None, note="")
            self._bar.start()

    def step(self, done: int, total: int) -> None:
        """As `advance`, for what counts by itself."""
        self._done, self._all = done, total
        self._show("")

    def advance(self, note: str) -> None:
        self._done += 1
        self._show(note)

    def end(self) -> None:
        if self._task is not None:
            self._bar.stop()
            self._bar.remove_task(self._task)
            self._task = None

    def _show(self, note: str) -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=self._done, total=self._all, note=note)
            self._bar.refresh()
        elif self._done * STEPS // max(self._all, 1) > (self._done - 1) * STEPS // max(self._all, 1):
            self.console.print(f"{self._what}: {self._done} of {self._all} {note}".rstrip(), markup=False)


def show(results: Results, console: Console) -> None:
    """The matrix, the survivors with their reasons, and the rate."""
    layers = [*results.layers, *([PEER] if results.asked_of(PEER) else [])]
    console.print(_matrix(results, layers))
    if results.survivors:
        console.print(_survivors(results))
    for law in results.absent:
        console.print(f"no test is about {law}, which has to catch a fault", markup=False)
    for layer in layers:
        requests, seconds = results.medians(layer)
        found = f"{results.killed_by(layer)} of {results.asked_of(layer)}"
        console.print(
            f"{layer}: {found} found, half of them within {requests:.0f} requests and {seconds:.2f} seconds", markup=False
        )
    baseline = results.baseline
    sound = f"{len(baseline.tests)} tests, {baseline.requests} requests, {baseline.seconds:.0f} seconds"
    console.print(f"the sound server: {sound}; all of it: {results.seconds:.0f} seconds, {results.jobs} at once", markup=False)
    console.print(f"found: {results.killed} of {results.asked} faults, {results.rate:.1f} %", markup=False)


def _matrix(results: Results, layers: list[str]) -> Table:
    table = Table(title="Faults found, by kind and layer", box=None, header_style="bold", pad_edge=False)
    table.add_column("")
    table.add_column("kind of fault")
    for name in (*layers, "found"):
        table.add_column(name, justify="right", no_wrap=True)
    for number, name in OPERATORS.items():
        of_kind = [fault for fault in results.asked_faults if fault.operator == number]
        if of_kind:
            asked = {layer: results.asked_of(layer, number) for layer in layers}
            cells = [f"{results.killed_by(layer, number)}/{many}" if many else "-" for layer, many in asked.items()]
            killed = sum(map(results.is_killed, of_kind))
            style = None if killed == len(of_kind) else "yellow"
            table.add_row(str(number), name, *cells, f"{killed}/{len(of_kind)}", style=style)
    return table


def _survivors(results: Results) -> Table:
    table = Table(title="Survivors", box=None, header_style="bold", pad_edge=False)
    for name in ("", "API", "operation", "fault", "why"):
        table.add_column(name, overflow="fold")
    for fault in results.survivors:
        table.add_row(str(fault.operator), fault.api, fault.operation, fault.name, results.why(fault))
    return table
