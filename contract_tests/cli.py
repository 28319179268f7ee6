"""The command `contract-tests`: pytest with the installed suite, and what goes with profiles, ledgers and planted faults."""

import argparse
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

try:
    from contract_tests.cleanup import clean_up
    from contract_tests.profiles import Principal, ProfileError, load_profile
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
        return check_profile(chosen.file) if chosen.command == "check-profile" else remove(chosen.ledger, chosen.profile)
    except (ProfileError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="contract-tests", description="Contract tests for the casavi and linagora APIs.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", add_help=False, help="run the installed suite; takes the options of pytest and of the suite")
    commands.add_parser(
        "faults", add_help=False, help="plant faults into the mock, and show which tests find them; see faults --help"
    )
    check = commands.add_parser("check-profile", help="say what a profile holds, without a request")
    check.add_argument("file", type=Path, metavar="FILE")
    clean = commands.add_parser("clean-up", help="delete what a killed run left behind at a deployment")
    clean.add_argument("ledger", type=Path, metavar="LEDGER", help="contract-ledger-....jsonl in the folder of --report")
    clean.add_argument("--profile", type=Path, metavar="FILE", required=True, help="the profile of that run")
    return parser


def run(options: list[str]) -> int:
    """The same as pytest with the installed suite; in a process of its own, because this one has imported the suite already."""
    return subprocess.call([sys.executable, "-m", "pytest", "--pyargs", "contract_tests", *options])


def plant_faults(options: list[str]) -> int:
    """The fault matrix, in a process of its own; an interruption is for that process, which tells what it has by then."""
    if find_spec("mock_server") is None:
        print("contract-tests faults: it needs the mock server, and the package mock_server is not installed", file=sys.stderr)
        return 1
    with subprocess.Popen([sys.executable, "-m", "contract_tests.selftests.matrix", *options]) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def check_profile(file: Path) -> int:
    """Prints what a profile holds. Raises ProfileError."""
    profile = load_profile(file)
    print(f"base_url: {profile.base_url or 'not set; --target URL is needed'}")
    print(f"safety: {profile.safety or 'not set; read-only is used'}")
    print(f"inferred expectations: {'judged' if profile.judge_inferred else 'not judged'}")
    for person in profile.principals:
        print(_told(person))
    known = {"clients": profile.clients, "provider_keys": profile.provider_keys, "invite_tokens": profile.invite_tokens}
    print("casavi: " + ", ".join(f"{len(values)} {name}" for name, values in known.items()))
    return 0


def _told(person: Principal) -> str:
    logins = [kind for kind, has in (("bearer", person.bearer), ("cookie", person.cookie), ("password", person.password)) if has]
    role = "administrator" if person.is_administrator else "user"
    return f"{person.api}: {person.name}, {role} in {', '.join(person.homes)}, logs in by {' and '.join(logins)}"


def remove(ledger: Path, profile: Path) -> int:
    """Cleans up by a ledger; 1 if something is still there. Raises ProfileError, OSError and ValueError."""
    left = clean_up(ledger, load_profile(profile))
    for line in left:
        print(f"still there: {line}", file=sys.stderr)
    print("nothing is left behind" if not left else f"{len(left)} objects are still there")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
