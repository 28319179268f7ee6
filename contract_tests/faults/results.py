"""What has come out of a fault matrix, in numbers and as faults.json."""

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from contract_tests.faults.catalogue import OPERATORS
from contract_tests.faults.planting import Fault
from contract_tests.faults.runner import Baseline, Judgement
from contract_tests.faults.survivors import NOBODY_LOOKS, REASONS

PEER = "peer"


class Results:
    """What was said, by fault and layer; "peer" is a layer that does not count."""

    def __init__(self, layers: Sequence[str], seed: int | None, jobs: int, faults: Sequence[Fault]) -> None:
        self.layers, self.seed, self.jobs, self.faults = list(layers), seed or 0, jobs, faults
        self.baseline = Baseline()
        self.whole = False  # whether all of the suite is asked
        self.seconds = 0.0
        self._said: dict[str, dict[str, Judgement]] = {}

    def note(self, fault: Fault, layer: str, judgement: Judgement) -> None:
        self._said.setdefault(str(fault), {})[layer] = judgement

    def of(self, fault: Fault) -> dict[str, Judgement]:
        """What the layers of the suite say."""
        return {layer: judgement for layer, judgement in self._said.get(str(fault), {}).items() if layer != PEER}

    def peer(self, fault: Fault) -> Judgement | None:
        return self._said.get(str(fault), {}).get(PEER)

    def is_killed(self, fault: Fault) -> bool:
        return any(judgement.killed for judgement in self.of(fault).values())

    def why(self, fault: Fault) -> str:
        """The reason for which a fault survives: ours, or that of the run."""
        troubles = [judgement.message for judgement in self.of(fault).values() if judgement.message]
        blind = f"{' and '.join(fault.laws)} should find it" if fault.laws else NOBODY_LOOKS
        return REASONS.get(str(fault)) or (troubles[0] if troubles else blind)

    @property
    def absent(self) -> list[str]:
        """Laws that have to catch a fault, and that the suite does not have, if all of it was there."""
        named = {law for fault in self.asked_faults for law in fault.laws}
        return sorted(named - self.baseline.laws) if self.whole else []

    @property
    def asked_faults(self) -> list[Fault]:
        """Those that something is known of: all, unless the run was interrupted."""
        return [fault for fault in self.faults if self.of(fault)]

    @property
    def asked(self) -> int:
        return len(self.asked_faults)

    @property
    def killed(self) -> int:
        return sum(self.is_killed(fault) for fault in self.faults)

    @property
    def survivors(self) -> list[Fault]:
        return [fault for fault in self.asked_faults if not self.is_killed(fault)]

    @property
    def rate(self) -> float:
        """In percent."""
        return 100 * self.killed / self.asked if self.asked else 0.0

    def killed_by(self, layer: str, operator: int | None = None) -> int:
        return sum(judgement.killed for judgement in self._about(layer, operator))

    def asked_of(self, layer: str, operator: int | None = None) -> int:
        return len(self._about(layer, operator))

    def medians(self, layer: str) -> tuple[float, float]:
        """Requests and seconds until a fault is found."""
        found = [judgement for judgement in self._about(layer, None) if judgement.killed]
        return (median(v.requests for v in found), median(v.seconds for v in found)) if found else (0, 0)

    def _about(self, layer: str, operator: int | None) -> list[Judgement]:
        chosen = [fault for fault in self.faults if operator in {None, fault.operator}]
        known = [self._said.get(str(fault), {}).get(layer) for fault in chosen]
        return [judgement for judgement in known if judgement is not None]

    def write(self, directory: Path) -> Path:
        """Writes faults.json, and answers where."""
        file = directory / "faults.json"
        file.write_text(json.dumps(self.data(), indent=1) + "\n", "utf-8")
        return file

    def data(self) -> dict[str, Any]:
        baseline = self.baseline
        sound = {"tests": len(baseline.tests), "requests": baseline.requests, "seconds": round(baseline.seconds, 1)}
        return {
            "run": {"seed": self.seed, "seconds": round(self.seconds, 1), "jobs": self.jobs, "baseline": sound},
            "layers": self.layers,
            "operators": {str(number): name for number, name in OPERATORS.items()},
            "faults": [self._plain_fault(fault) for fault in self.asked_faults],
        }

    def _plain_fault(self, fault: Fault) -> dict[str, Any]:
        peer, killed = self.peer(fault), self.is_killed(fault)
        return {
            "api": fault.api,
            "operator": fault.operator,
            "operation": fault.operation,
            "name": fault.name,
            "how": fault.how,
            "by": list(fault.laws),
            "layers": {layer: _plain(judgement) for layer, judgement in self.of(fault).items()},
            "peer": None if peer is None else _plain(peer),
            "killed": killed,
            "why": "" if killed else self.why(fault),
        }


def _plain(judgement: Judgement) -> dict[str, Any]:
    return {name: getattr(judgement, name) for name in ("killed", "requests", "seconds", "test", "message")}
