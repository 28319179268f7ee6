"""Jobs in processes of their own, forked from this one, so that what a job spoils is gone with it."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any

AVAILABLE = hasattr(os, "fork")
STOPPING = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class FinishedJob:
    """A job that is over; `result` is None if it took too long or broke, and `why` says which."""

    number: int
    result: Any
    why: str
    seconds: float


def run_forked(jobs: Sequence[Callable[[], Any]], at_once: int, patience: float) -> Iterator[FinishedJob]:
    """Runs jobs, so many at once, and answers each as it ends; one that takes longer than `patience` seconds is killed."""
    running: dict[int, _Running] = {}
    try:
        for number, job in enumerate(jobs):
            while len(running) >= at_once:
                yield from _ended(running, patience)
            with _undisturbed():  # or a job that has just begun is nobody's
                running[number] = _Running(job)
        while running:
            yield from _ended(running, patience)
    finally:
        for one in running.values():
            one.stop()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals that end the run wait."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


class _Running:
    def __init__(self, job: Callable[[], Any]) -> None:
        context = get_context("fork")
        self.answers, theirs = context.Pipe(duplex=False)
        self.started = time.monotonic()
        self.process = context.Process(target=_child, args=(job, theirs), daemon=False)
        self.process.start()
        theirs.close()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def stop(self) -> None:
        """Ends the job and what it started: it leads a group of its own."""
        try:
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        except ProcessLookupError:
            self.process.kill()
        self.process.join()
        self.answers.close()


def _ended(running: dict[int, _Running], patience: float) -> Iterator[FinishedJob]:
    ready = wait([one.answers for one in running.values()], timeout=0.5)
    for number, one in list(running.items()):
        late = one.seconds > patience
        if one.answers not in ready and not late:
            continue
        result, why = _result(one.answers) if one.answers in ready else (None, f"not done in {patience:.0f} seconds")
        one.stop()
        del running[number]
        yield FinishedJob(number, result, why, one.seconds)


def _result(answers: Connection) -> tuple[Any, str]:
    try:
        result, why = answers.recv()
        return result, why
    except EOFError:
        return None, "the process broke"


def _child(job: Callable[[], Any], answers: Connection) -> None:
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the parent that ends its jobs
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    # What the tests of a broken server say, and its log, are nobody's business.
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silence, stream)
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - until the process ends
    try:
        answers.send((job(), ""))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent has to hear of it
        answers.send((None, f"{type(error).__name__}: {error}"))
