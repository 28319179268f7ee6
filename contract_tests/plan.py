"""The plan of a run: options and environment, resolved once, before anything is tested."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract_tests.profiles import SAFETIES
from contract_tests.specs import APIS
from contract_tests.targets import Target, TargetError, find_target


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

OPTIONS: dict[str, dict[str, Any]] = {
    "target": {"metavar": "mock|URL", "help": "what to test (default: mock, in this process)"},
    "profile": {"metavar": "FILE.toml", "help": "who can log in at a real deployment, and how far the tests may go"},
    "api": {"action": "append", "choices": APIS, "help": "test this API alone; repeatable (default: both)"},
    "safety": {"choices": SAFETIES, "help": "reads alone; writes to objects of the run's own; or everything"},
    "depth": {"choices": tuple(DEPTHS), "help": "how much is generated (default: quick)"},
    "report": {"metavar": "DIR", "help": "write report.json, report.md and the ledger of created objects there"},
}


@dataclass(frozen=True)
class Plan:
    """What to test, how far one may go, and the seed that makes the run repeatable."""

    target: Target
    apis: tuple[str, ...]
    safety: str
    depth_name: str
    seed: int
    report_dir: Path | None
    shrink: bool = True  # failing examples, to the smallest that fails: it takes seconds, and helps people alone
    run_id: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def depth(self) -> Depth:
        return DEPTHS[self.depth_name]

    @property
    def facts(self) -> dict[str, object]:
        """The plan in plain words, for headers and reports."""
        return {
            "target": self.target.name,
            "api": ", ".join(self.apis),
            "safety": self.safety,
            "depth": self.depth_name,
            "seed": self.seed,
            "judged": "documented and inferred" if self.target.judges_inferred else "documented alone",
        }


def make_plan(options: dict[str, Any], seed: int | None) -> Plan:
    """The plan that options (by name, None where not given) and environment make. Raises TargetError."""
    chosen = {name: options.get(name) or _from_environment(name) for name in OPTIONS}
    target = find_target(chosen["target"], Path(chosen["profile"]) if chosen["profile"] else None)
    safety = chosen["safety"] or target.profile.safety or ("full" if target.resettable else "read-only")
    directory = Path(chosen["report"]) if chosen["report"] else None
    plan = Plan(
        target,
        tuple(dict.fromkeys(chosen["api"] or APIS)),
        safety,
        chosen["depth"] or "quick",
        _seed(seed, chosen["depth"]),
        directory,
        shrink=os.environ.get("CONTRACT_SHRINK") != "no",
    )
    if directory is not None:
        _make(directory)
    return plan


def _from_environment(name: str) -> Any:
    variable = f"CONTRACT_{name.upper()}"
    value = os.environ.get(variable)
    if not value:
        return None
    values = value.replace(",", " ").split() if name == "api" else [value]
    allowed = OPTIONS[name].get("choices")
    for item in values:
        if allowed and item not in allowed:
            raise TargetError(f"{variable}={value}: one of {', '.join(allowed)} is needed")
    return values if name == "api" else value


def _seed(given: int | None, depth: str | None) -> int:
    """Quick runs repeat themselves; deeper ones look elsewhere each time, and say where."""
    if given is not None:
        return given
    return 0 if depth in {None, "quick"} else secrets.randbelow(2**32)


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TargetError(f"--report {directory}: {error.strerror}") from None
