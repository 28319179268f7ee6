"""A broken contract as a value: which operation, which check, and in one sentence what came and what had to come."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# What differs between two tellings of one and the same fault: texts, ids, times and other long numbers.
_VARYING = re.compile(r"""b?'[^']*'|b?"[^"]*"|\b[0-9a-f-]{8,}\b|\d{4,}""")


@dataclass(frozen=True)
class Finding:
    """One way in which an operation breaks its contract; `operation` is empty where no single one is to blame.

    `check` names what looked: a check of Schemathesis or of ours, the model of a machine, or a law.
    """

    operation: str
    check: str
    text: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.text}" if self.operation else self.text

    @property
    def key(self) -> tuple[str, str]:
        """The same for equal faults, whoever met them and with which values."""
        return self.operation, _VARYING.sub("…", self.text)


class ContractError(AssertionError):
    """What a test found; the text is for a person, and begins with who asked for what.

    `complete` means that the text shows the requests that lead there, so that nothing needs to be added.
    """

    def __init__(self, told: str, findings: Iterable[Finding], *, complete: bool = False) -> None:
        super().__init__(told)
        self.findings, self.complete = tuple(findings), complete
