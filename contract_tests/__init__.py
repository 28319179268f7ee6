"""Contract tests for two HTTP APIs, to be aimed at the mock server or at a real deployment; README.md has a map of the rooms."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
