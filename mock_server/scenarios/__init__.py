"""Scenarios: YAML files that say what a session starts from. All mistakes of one are told at once."""

from mock_server.scenarios.files import Scenario, example_scenario, read_scenario, scenario_names, scenario_path, sent_scenario
from mock_server.scenarios.mistakes import Mistakes, Part

__all__ = [
    "Mistakes",
    "Part",
    "Scenario",
    "example_scenario",
    "read_scenario",
    "scenario_names",
    "scenario_path",
    "sent_scenario",
]
