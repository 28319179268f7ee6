"""The suite's options: what each is called and means, and how it comes by the command line or the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contract_tests.contract.choices import APIS, SAFETIES

if TYPE_CHECKING:  # the command, in whose place pytest begins, needs none of it
    import pytest


@dataclass(frozen=True)
class Depth:
    """How much a run generates: examples of a law, of the fuzzer (0: it stays off), and walks along the links."""

    laws: int
    fuzz: int
    walks: int
    steps: int


DEPTHS = {
    "quick": Depth(8, 0, 9, 10),
    "standard": Depth(30, 30, 40, 12),
    "deep": Depth(150, 300, 250, 15),
}

# As argparse takes them, in the groups of --help. Each takes one value.
GROUPS: dict[str, dict[str, dict[str, Any]]] = {
    "What to test": {
        "target": {"metavar": "mock|URL", "help": "The mock server, started for this run (default), or the URL of a deployment."},
        "profile": {"metavar": "FILE.toml", "help": "Who can log in at the deployment, and how far the tests may go."},
        "api": {"action": "append", "choices": APIS, "help": "Test this API alone. Repeatable; by default both are tested."},
        "overlay": {"action": "append", "metavar": "FILE", "help": "An OpenAPI Overlay that adapts the specs. Repeatable."},
    },
    "How far to go": {
        "safety": {
            "choices": SAFETIES,
            "help": "read-only sends nothing but reads; sandbox also changes what the run itself created; full sends everything."
            " The default is full at the mock and read-only at a URL.",
        },
        "allow-full": {"metavar": "HOST", "help": "Confirm --safety full by naming the host of the deployment once more."},
        "depth": {"choices": tuple(DEPTHS), "help": "How many requests are generated (default: quick)."},
    },
    "When to slow down or stop": {
        "rate": {"metavar": "N/s", "help": "Never send more requests than this: 20/s, 300/m or 1000/h."},
        "max-requests": {"metavar": "N", "help": "Stop after N requests; the remaining tests are skipped."},
        "max-minutes": {"metavar": "N", "help": "Stop after N minutes; the remaining tests are skipped."},
        "max-failures": {"metavar": "N", "help": "Stop after N failed tests; the remaining tests are skipped."},
    },
    "What to make of the results": {
        "report": {
            "metavar": "DIR",
            "help": "Write report.html, report.json, report.md, junit.xml, traffic.har and failures/ to this folder.",
        },
        "deviations": {"metavar": "FILE.toml", "help": "Known differences of the target: they are reported, but fail nothing."},
        "write-deviations": {"metavar": "FILE.toml", "help": "Draft an entry for each new finding; you add the reasons."},
    },
}
OPTIONS = {name: option for group in GROUPS.values() for name, option in group.items()}
PLUGIN = "contract_tests.run.plugin"  # which adds them to pytest


def given(config: pytest.Config, name: str) -> str | None:
    """The value of an option of ours, as the command line or the environment has it."""
    value: str | None = config.getoption(f"contract_{name}") or os.environ.get(variable(name))
    return value


def variable(name: str) -> str:
    """The environment variable of an option."""
    return f"CONTRACT_{name.upper().replace('-', '_')}"
