"""Brings a database up to that release: `python -m mock_server.tests.next_release URL`."""

import sys

import mock_server.app  # noqa: F401 - brings the tables
from mock_server.store import Store
from mock_server.tests.next_release import next_release

with next_release():
    Store(sys.argv[1]).close()
