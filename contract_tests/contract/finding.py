"""A broken contract as a value: which operation, which check, and in one sentence what came and what had to come."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# What differs between two tellings of one and the same fault: texts, ids, times and other long numbers.
_VARYING = re.compile(r"""b?'[^']*'|b?"[^"]*"|\b[0-9a-f-]{8,}\b|\d{4,}""")
STATUS = "status"  # the check of a status that is nearly right; what else is wrong in a law bears the law's name
STATUSES = re.compile(r"status (\d)\d\d where (.+) is the contract")  # the message of a wrong status
_MISSING = re.compile(r"""^['"](.+)['"] is a required property""")


@dataclass(frozen=True)
class Finding:
    """One way in which an operation breaks its contract; `operation` is empty where no single one is to blame.

    `check` names what looked: a check of Schemathesis or of ours, the model of a machine, or a law. `status` is that of the
    answer, and `pointer` says where in its body. `known` is why this one is expected at the target, if it is, and `requests`
    show it where it is known which do.
    """

    operation: str
    check: str
    text: str
    status: int | None = None
    pointer: str = ""
    known: str = ""
    requests: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.operation}: {self.text}" if self.operation else self.text

    @property
    def plain(self) -> dict[str, Any]:
        """The finding as JSON data, without the requests."""
        return {name: value for name, value in vars(self).items() if name != "requests"}

    @property
    def told(self) -> str:
        """The text without what differs from one telling to the next."""
        return _VARYING.sub("…", self.text)

    @property
    def key(self) -> tuple[str, str]:
        """The same for equal faults, whoever met them and with which values."""
        return self.operation, self.told


class ContractError(AssertionError):
    """What a test found; the text is for a person, and begins with who asked for what.

    `complete` means that the text shows the requests that lead there, so that nothing needs to be added.
    """

    def __init__(self, told: str, findings: Iterable[Finding], *, complete: bool = False) -> None:
        super().__init__(told)
        self.findings, self.complete = tuple(findings), complete


def pointer(path: Iterable[object], message: str) -> str:
    """The JSON pointer to what a validator's message is about: `/*/user/_id`; any item of a list is `*`."""
    missing = _MISSING.match(message)
    parts = ["*" if isinstance(part, int) else str(part) for part in path]
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in [*parts, *([missing[1]] if missing else [])])
