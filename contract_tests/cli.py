"""The command `contract-tests`: the installed suite, and what goes with profiles, ledgers, reports and planted faults."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from contract_tests import PACKAGE
from contract_tests.contract.masking import masked
from contract_tests.run.options import GROUPS, OPTIONS

HELP_ENDING = """\
Each option can also be set by an environment variable: CONTRACT_TARGET, CONTRACT_PROFILE and so on.
pytest's own options work too, such as -k, -x and -n; `pytest --help` lists them.

Exit status: 0 if all that was to be judged held, 1 if a contract is broken, 4 if the target, a login or an option is wrong,
and otherwise pytest's own, such as 2 after Ctrl-C.
"""

SPEC_DIFF = """\
Say which changes of a spec are breaking, risky and harmless, by operation.

OLD and NEW are each one of these:
  specs/linagora.yaml         a file that exists, or a folder with such files
  main:specs/linagora.yaml    a file or folder as a git ref has it, from the top of the repository
  main                        a git ref alone: the path of the other side; of two refs, the folder specs

Exit status: 0 if nothing breaks, 1 if something does, 2 if one side cannot be compared.
"""


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    if find_spec("schemathesis") is None:  # the mock alone is installed
        raise SystemExit("contract-tests: schemathesis is missing; pip install 'community-contracts[test]'")
    parser = _parser()
    chosen, rest = parser.parse_known_args(arguments)
    if chosen.command == "run":
        run(rest)
    if chosen.command == "faults":
        return plant_faults(rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if chosen.command == "spec-diff":
        return compare_specs(chosen)
    # Here, since it takes 0.6 s to load, and a run, in whose place pytest begins anew, needs none of it.
    from contract_tests.run import commands

    try:
        if chosen.command == "diff":
            return commands.diff(chosen.old, chosen.new, markdown=chosen.markdown)
        return (
            commands.check(chosen.file) if chosen.command == "check-profile" else commands.clean_up(chosen.ledger, chosen.profile)
        )
    except commands.ERRORS as error:
        print(masked(str(error)), file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def compare_specs(chosen: argparse.Namespace) -> int:
    """The changes between two states of a spec; 1 if one is breaking."""
    from contract_tests.specdiff import command  # here, since no other command needs it

    overlays = [*chosen.overlay, *chosen.old_overlay], [*chosen.overlay, *chosen.new_overlay]
    return command.main(chosen.old, chosen.new, overlays, markdown=chosen.markdown)


class _PrintCompletion(argparse.Action):
    """Prints what makes a shell complete the command, and exits."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: object, shell: Any, option: str | None = None) -> None:
        import shtab  # here, since no run needs it

        print(shtab.complete(_parser(whole=True), shell))
        parser.exit()


def _parser(*, whole: bool = False) -> argparse.ArgumentParser:
    """Without the options of `run`, which pytest reads, unless whole."""
    parser = argparse.ArgumentParser(prog="contract-tests", description="Contract tests for the casavi and linagora APIs.")
    parser.add_argument(
        "--print-completion",
        action=_PrintCompletion,
        choices=("bash", "fish", "powershell", "tcsh", "zsh"),
        help="print a script that completes commands and options in that shell, and exit",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    tests = commands.add_parser(
        "run", add_help=False, help="test a deployment, or the mock server, against the contract; see run --help"
    )
    commands.add_parser(
        "faults", add_help=False, help="plant faults in the mock server, and show which tests find them; see faults --help"
    )
    if whole:
        _add_options(tests)
    check = commands.add_parser(
        "check-profile", help="log everybody in, ask one harmless thing each, and say what can be tested with a profile"
    )
    either = check.add_mutually_exclusive_group(required=True)
    either.add_argument("file", type=Path, metavar="FILE", nargs="?")
    either.add_argument("--schema", action="store_true", help="print the JSON schema of profiles instead, for an editor")
    compare = commands.add_parser("diff", help="say what broke, what was fixed and what stayed between two reports")
    compare.add_argument("old", type=Path, metavar="OLD", help="a folder of --report, or its report.json")
    compare.add_argument("new", type=Path, metavar="NEW")
    compare.add_argument("--markdown", action="store_true", help="for a comment on a pull request")
    specs = commands.add_parser(
        "spec-diff",
        help="say which changes of a spec are breaking, risky and harmless",
        description=SPEC_DIFF,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    specs.add_argument("old", metavar="OLD", help="a file, a folder, REF:PATH or REF")
    specs.add_argument("new", metavar="NEW")
    for name, sides in (("overlay", "both sides"), ("old-overlay", "OLD"), ("new-overlay", "NEW")):
        help_ = f"an OpenAPI Overlay that adapts {sides} first; repeatable"
        specs.add_argument(f"--{name}", type=Path, action="append", default=[], metavar="FILE", help=help_)
    specs.add_argument("--markdown", action="store_true", help="for a comment on a pull request")
    clean = commands.add_parser("clean-up", help="delete what a killed run left behind at a deployment")
    clean.add_argument(
        "ledger", type=Path, metavar="LEDGER", help="contract-ledger-....jsonl, in the folder of --report if there was one"
    )
    clean.add_argument("--profile", type=Path, metavar="FILE", help="the profile of that run, if it is somewhere else now")
    return parser


def run(arguments: Sequence[str]) -> NoReturn:
    """Becomes pytest with the installed suite; its selftests, and what the folder around it says about pytest, stay out."""
    if not {"-h", "--help"}.isdisjoint(arguments):
        print(run_help())
        sys.exit()
    # So that node ids are the same wherever it is installed.
    root = f"--rootdir={PACKAGE.parent}", f"--override-ini=cache_dir={Path('.pytest_cache').resolve()}"
    alone = "-c", os.devnull, f"--confcutdir={PACKAGE}", f"--ignore={PACKAGE / 'selftests'}"
    become("pytest", *root, *alone, *plugins(arguments), str(PACKAGE), *joined(arguments))


def plugins(arguments: Sequence[str]) -> Iterator[str]:
    """The plugins that pytest would find by itself, named one by one, but for those that the arguments switch off.

    Of what it finds by itself, pytest rewrites whole packages: all of Hypothesis and Schemathesis, which takes more than a second
    in each process where nothing of that is kept yet, as in CI.
    """
    if os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        return
    yield "--disable-plugin-autoload"
    off = {argument.removeprefix("-p") for argument in arguments}
    for plugin in entry_points(group="pytest11"):
        if f"no:{plugin.name}" not in off:
            # Schemathesis' plugin is called like its package, which pytest would rewrite for that name, too.
            yield f"-p{plugin.module if plugin.name == 'schemathesis' else plugin.name}"


def joined(arguments: Iterable[str]) -> Iterator[str]:
    """`--report DIR` as `--report=DIR`: until pytest has loaded our options, it would take DIR for a folder to look into."""
    rest = iter(arguments)
    for argument in rest:
        value = next(rest, None) if argument.startswith("--") and argument[2:] in OPTIONS else None
        yield argument if value is None else f"{argument}={value}"


def run_help() -> str:
    """The options of `run`, without those of pytest."""
    parser = argparse.ArgumentParser(
        prog="contract-tests run",
        usage="%(prog)s [options]",
        description="Test a deployment, or the mock server, against the contract.",
        epilog=HELP_ENDING,
        add_help=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_options(parser)
    return parser.format_help()


def _add_options(parser: argparse.ArgumentParser) -> None:
    for title, options in GROUPS.items():
        group = parser.add_argument_group(title)
        for name, option in options.items():
            group.add_argument(f"--{name}", **option)


def plant_faults(options: Sequence[str]) -> int:
    """Becomes the fault matrix; 1 where there is nothing to plant them into."""
    if find_spec("mock_server") is None:
        print("contract-tests faults: it needs the mock server, and the package mock_server is not installed", file=sys.stderr)
        return 1
    return become("contract_tests.faults.matrix", *options)


def become(module: str, *arguments: str) -> NoReturn:
    """Runs a module in the place of this process, so that signals reach it and its exit status is the command's."""
    # -P: a folder that the user is in may have a package of the same name.
    command = [sys.executable, "-P", "-m", module, *arguments]
    sys.stdout.flush()
    if sys.platform != "win32":
        os.execv(command[0], command)
    with subprocess.Popen(command) as process:  # there is no exec on Windows; Ctrl-C reaches both processes
        while True:
            try:
                sys.exit(process.wait())
            except KeyboardInterrupt:
                continue


if __name__ == "__main__":
    sys.exit(main())
