"""What pytest loads in every run of an environment that has this package: nothing, until the run concerns the package.

Options have to be known before pytest looks into a folder given with --pyargs, so a conftest comes too late; and the options of
a suite that nobody asked for would be in the way of other plugins.
"""

from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if concerned(early_config, early_config.known_args_namespace.file_or_dir):
        early_config.pluginmanager.import_plugin("contract_tests.plugin")


def concerned(config: pytest.Config, arguments: list[str]) -> bool:
    """Whether an argument of the command line is this package, is inside it, or is a folder around it."""
    folder, pyargs = config.invocation_params.dir, config.known_args_namespace.pyargs
    names = [argument.partition("::")[0] for argument in arguments]
    # The value of an option that is not known yet looks like an argument, too.
    given = [name for name in names if pyargs or (folder / name).exists()]
    for name in given or config.getini("testpaths") or [str(folder)]:
        path = (folder / name).resolve()
        if path.is_relative_to(PACKAGE) or PACKAGE.is_relative_to(path) or (pyargs and name.partition(".")[0] == PACKAGE.name):
            return True
    return False
