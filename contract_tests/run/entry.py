"""What pytest loads in every run of an environment that has this package: nothing, until the run concerns the package.

Options have to be known before pytest looks into a folder given with --pyargs, so a conftest comes too late; and the options of
a suite that nobody asked for would be in the way of other plugins.
"""

from itertools import pairwise
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1]
# The names of plan.OPTIONS, without what comes with importing them.
OPTION_NAMES = (
    "target",
    "profile",
    "api",
    "safety",
    "allow-full",
    "depth",
    "rate",
    "max-requests",
    "max-minutes",
    "max-failures",
    "overlay",
    "deviations",
    "write-deviations",
    "report",
)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    # An option that is not known yet leaves its value among the arguments.
    values = {value for option, value in pairwise(early_config.invocation_params.args) if option[2:] in OPTION_NAMES}
    arguments = [name for name in early_config.known_args_namespace.file_or_dir if name not in values]
    if concerned(early_config, arguments):
        early_config.pluginmanager.import_plugin("contract_tests.run.plugin")


def concerned(config: pytest.Config, arguments: list[str]) -> bool:
    """Whether an argument of the command line is this package, is inside it, or is a folder around it."""
    folder, pyargs = config.invocation_params.dir, config.known_args_namespace.pyargs
    for argument in arguments or config.getini("testpaths") or [str(folder)]:
        name = argument.partition("::")[0]
        path = (folder / name).resolve()
        if path.is_relative_to(PACKAGE) or PACKAGE.is_relative_to(path) or (pyargs and name.partition(".")[0] == PACKAGE.name):
            return True
    return False
