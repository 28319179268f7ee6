"""What pytest loads in every environment that has the suite installed: nothing more, until a run is about the suite.

A top-level module of the wheel, because another project may have a package `contract_tests` of its own. It is needed since pytest
parses options before it looks into a package given with --pyargs; where the suite is given as a path, its own conftest does all.
"""

from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]  # of an editable install; that of a wheel is no folder with tests


@pytest.hookimpl(trylast=True)  # conftests come first, so that an option that one of them has too is noticed here
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if concerns_the_suite(early_config):
        early_config.pluginmanager.import_plugin("contract_tests.run.plugin")


def concerns_the_suite(config: pytest.Config) -> bool:
    """Whether a run is about the suite, beyond what its conftest is there for."""
    return _names_the_suite(config) or _is_the_checkout(config)


def _names_the_suite(config: pytest.Config) -> bool:
    """Whether --pyargs names the suite or a part of it, and not somebody else's package of the same name."""
    chosen = config.known_args_namespace
    if not chosen.pyargs or not any(name.split(":")[0].split(".")[0] == "contract_tests" for name in chosen.file_or_dir):
        return False
    spec = find_spec("contract_tests")
    return any(Path(folder, "run", "plugin.py").exists() for folder in (spec and spec.submodule_search_locations) or ())


def _is_the_checkout(config: pytest.Config) -> bool:
    """Whether the checkout is tested as a whole; a part of the suite is a path, and the rest is none of its business."""
    if config.rootpath != CHECKOUT:
        return False
    parameters = config.invocation_params
    # An option that is not known yet leaves its value among the paths.
    values = {value for option, value in pairwise(parameters.args) if option.startswith("--")}
    paths = [name for name in config.known_args_namespace.file_or_dir if name not in values]
    return any(CHECKOUT.is_relative_to((parameters.dir / name).resolve()) for name in paths or ["."])
