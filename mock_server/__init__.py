"""A mock server for the casavi Community API and linagora-rse `/api/communities`: it keeps state and obeys the rules.

create_app(Config(...)) is the WSGI application, run_in_thread(Config(...)) a real server for the time of a `with` block, and
the command `mock-server` (cli.py) the whole on a port.
"""

from mock_server.app import MockServer, create_app
from mock_server.config import Config
from mock_server.errors import BootError
from mock_server.thread import RunningServer, run_in_thread

__all__ = ["BootError", "Config", "MockServer", "RunningServer", "create_app", "run_in_thread"]
