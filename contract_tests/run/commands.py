"""What the command `contract-tests` does besides running tests: with profiles, with ledgers and with reports."""

import json
import sys
from pathlib import Path

from contract_tests.contract.masking import masked
from contract_tests.contract.overlay import OverlayError
from contract_tests.profile import ProfileError, load_profile
from contract_tests.profile.tables import profile_schema
from contract_tests.report.diff import main as diff
from contract_tests.run.check_profile import check_profile
from contract_tests.transport.cleanup import sender, take_back
from contract_tests.transport.gate import Limits
from contract_tests.transport.ledger import LedgerError, read_ledger
from contract_tests.transport.session import CleanSession
from contract_tests.transport.target import TargetError, url_target

__all__ = ["ERRORS", "check", "clean_up", "diff"]

ERRORS = (ProfileError, OverlayError, TargetError, LedgerError)  # each with a text for people


def check(file: Path | None) -> int:
    """Whether a profile is any good; without one, the schema of all profiles. Raises ProfileError and OverlayError."""
    if file is not None:
        return check_profile(file)
    print(json.dumps(profile_schema(), indent=2))
    return 0


def clean_up(file: Path, profile: Path | None) -> int:
    """Takes back what a killed run left; 1 if something is still there. Raises LedgerError, ProfileError and TargetError."""
    ledger = read_ledger(file)
    named = profile or ledger.about.get("profile")
    if named is None:
        raise LedgerError(f"ledger {file}: it names no profile; --profile FILE has to say who can log in")
    if not ledger.entries:
        print("nothing is left behind")
        return 0
    target = url_target(ledger.about["bases"], load_profile(Path(named)), Limits())
    left = take_back(ledger, sender(CleanSession(target.name, target.gate)), target.makers)
    for line in left:
        print(f"still there: {masked(line)}", file=sys.stderr)
    print("nothing is left behind" if not left else f"{len(left)} objects are still there")
    return 1 if left else 0
