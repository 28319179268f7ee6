"""The command `contract-tests spec-diff`."""

import sys
from collections.abc import Sequence
from pathlib import Path

from contract_tests.contract.masking import visible
from contract_tests.contract.overlay import OverlayError
from contract_tests.specdiff.change import Severity
from contract_tests.specdiff.documents import documents
from contract_tests.specdiff.operations import differences
from contract_tests.specdiff.schema import SpecError
from contract_tests.specdiff.shown import lines
from contract_tests.specdiff.shown import markdown as as_markdown


def main(old: str, new: str, overlays: tuple[Sequence[Path], Sequence[Path]] = ((), ()), *, markdown: bool = False) -> int:
    """Prints what changed; returns 1 if something broke, 2 for what cannot be compared."""
    try:
        changes = [change for pair in documents(old, new, overlays) for change in differences(*pair)]
    except (SpecError, OverlayError) as error:
        print(visible(f"{error}"), file=sys.stderr)
        return 2
    except RecursionError:
        print("a schema leads through too many others to be compared", file=sys.stderr)
        return 2
    print(as_markdown(changes) if markdown else "\n".join(lines(changes)))
    return 1 if any(change.severity is Severity.BREAKING for change in changes) else 0
