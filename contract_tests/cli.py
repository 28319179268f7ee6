"""The command `contract-tests`: the installed suite, and what goes with profiles, ledgers, reports and planted faults."""

import argparse
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

try:
    from contract_tests.contract.masking import masked
    from contract_tests.contract.overlay import OverlayError
    from contract_tests.profile import ProfileError, load_profile
    from contract_tests.report.diff import main as diff
    from contract_tests.run.check_profile import check_profile
    from contract_tests.transport.cleanup import sender, take_back
    from contract_tests.transport.gate import Limits
    from contract_tests.transport.ledger import LedgerError, read_ledger
    from contract_tests.transport.target import TargetError, url_target
    from contract_tests.transport.wire import CleanSession
except ModuleNotFoundError as error:
    # The mock alone is installed.
    raise SystemExit(f"contract-tests: {error.name} is missing; pip install 'community-contracts[test]'") from None


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    parser = _parser()
    chosen, rest = parser.parse_known_args(arguments)
    if chosen.command == "run":
        return run(rest)
    if chosen.command == "faults":
        return plant_faults(rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        if chosen.command == "diff":
            return diff(chosen.old, chosen.new, markdown=chosen.markdown)
        return check_profile(chosen.file) if chosen.command == "check-profile" else clean_up(chosen.ledger, chosen.profile)
    except (ProfileError, OverlayError, TargetError, LedgerError) as error:
        print(masked(str(error)), file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="contract-tests", description="Contract tests for the casavi and linagora APIs.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", add_help=False, help="run the installed suite; takes the options of pytest and of the suite")
    commands.add_parser(
        "faults", add_help=False, help="plant faults into the mock, and show which tests find them; see faults --help"
    )
    check = commands.add_parser(
        "check-profile", help="log everybody in, ask one harmless thing each, and say what can be tested with a profile"
    )
    check.add_argument("file", type=Path, metavar="FILE")
    compare = commands.add_parser("diff", help="say what broke, what was fixed and what stayed between two reports")
    compare.add_argument("old", type=Path, metavar="OLD", help="a folder of --report, or its report.json")
    compare.add_argument("new", type=Path, metavar="NEW")
    compare.add_argument("--markdown", action="store_true", help="for a comment on a pull request")
    clean = commands.add_parser("clean-up", help="delete what a killed run left behind at a deployment")
    clean.add_argument(
        "ledger", type=Path, metavar="LEDGER", help="contract-ledger-....jsonl, in the folder of --report if there was one"
    )
    clean.add_argument("--profile", type=Path, metavar="FILE", help="the profile of that run, if it is somewhere else now")
    return parser


def run(options: list[str]) -> int:
    """The same as pytest with the installed suite; in a process of its own, because this one has imported the suite already."""
    return subprocess.call([sys.executable, "-m", "pytest", "--pyargs", "contract_tests", *options])


def plant_faults(options: list[str]) -> int:
    """The fault matrix, in a process of its own; an interruption is for that process, which tells what it has by then."""
    if find_spec("mock_server") is None:
        print("contract-tests faults: it needs the mock server, and the package mock_server is not installed", file=sys.stderr)
        return 1
    with subprocess.Popen([sys.executable, "-m", "contract_tests.faults.matrix", *options]) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


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


if __name__ == "__main__":
    sys.exit(main())
