"""run_in_thread: a real server for the time of a `with` block."""

from __future__ import annotations

import pytest
import requests

from mock_server import BootError, Config, run_in_thread
from mock_server.tests.processes import Client, eventually, port_is_free


def test_it_serves_inside_the_block_and_frees_its_port_after_it() -> None:
    with run_in_thread() as server:
        client = Client(server.url)
        assert client.create("Over the wire").status_code == 201
        assert "Over the wire" in client.titles()
        url = server.url
    assert eventually(lambda: port_is_free(url))
    with run_in_thread(Config(port=int(url.rpartition(":")[2]))) as again:
        assert again.url == url


def test_it_ends_at_once_although_a_client_keeps_its_connection_open() -> None:
    with requests.Session() as session:
        session.trust_env = False
        with run_in_thread() as server:
            assert session.get(f"{server.url}/__mock/health", timeout=5).status_code == 200
        assert eventually(lambda: port_is_free(server.url))


def test_two_of_them_are_strangers() -> None:
    with run_in_thread() as one, run_in_thread() as two:
        assert one.url != two.url
        assert Client(one.url).create("Here alone").status_code == 201
        assert "Here alone" not in Client(two.url).titles()


def test_an_exception_in_the_block_frees_the_port_too() -> None:
    with pytest.raises(ZeroDivisionError), run_in_thread() as server:
        raise ZeroDivisionError
    assert eventually(lambda: port_is_free(server.url))


def test_a_port_in_use_and_a_bad_scenario_are_told() -> None:
    with run_in_thread() as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), run_in_thread(Config(port=port)):
            pass
    with pytest.raises(BootError, match="nosuch"), run_in_thread(Config(port=0, scenario="nosuch")):
        pass
