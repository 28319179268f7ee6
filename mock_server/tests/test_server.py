"""The addresses that the command listens on, its certificate, and the token that it prints."""

from __future__ import annotations

import re
import select
import signal
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from mock_server import Config, run_in_thread, server
from mock_server.cli import main, read_config
from mock_server.errors import BootError
from mock_server.tests.processes import end, serving


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")


def _send(method: str, url: str, **options: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, timeout=10, **options)


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


@needs_ipv6
def test_localhost_is_both_loopback_addresses_of_one_server(tmp_path: Path) -> None:
    workers = ("--workers", "2", "--database-url", f"sqlite:///{tmp_path}/state.db")
    with serving("--api", "linagora", *workers) as (process, url):
        assert re.fullmatch(r"http://localhost:\d+", url)
        four, six = f"http://127.0.0.1:{_port(url)}", f"http://[::1]:{_port(url)}"
        for one, other in ((four, six), (six, four)) * 3:
            assert _send("PUT", f"{one}/__mock/snapshots/of-{len(one)}").status_code == 204
            assert f"of-{len(one)}" in _send("GET", f"{other}/__mock/snapshots").text
        assert _send("POST", f"{six}/__mock/faults", json={"operation": "getCommunity", "drop": True}).status_code < 300
        for there in (four, six):
            with pytest.raises(requests.exceptions.ConnectionError):
                _send("GET", f"{there}/api/communities/x")
        status, seconds = end(process, signal.SIGTERM)
        assert status == 0
        assert seconds < 2


def test_a_host_that_is_given_is_the_only_one_and_is_printed() -> None:
    with serving("--api", "linagora", "--host", "127.0.0.1") as (_, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        assert _send("GET", f"{url}/__mock/health").status_code == 200
        with socket.socket(socket.AF_INET6) as probe:
            assert probe.connect_ex(("::1", _port(url))) != 0


@needs_ipv6
def test_a_port_that_somebody_else_has_on_one_of_them_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        assert main(["--api", "linagora", "--port", str(port)]) == 2
    assert capfd.readouterr().err.startswith(f"mock-server: cannot listen on ::1:{port}: Address already in use")


def test_a_second_server_does_not_share_the_port_of_the_first(command_url: str) -> None:
    # The workers of one server do share it, with SO_REUSEPORT.
    with pytest.raises(BootError, match="Address already in use"), server.reserved("localhost", _port(command_url)):
        pass


def test_without_ipv6_it_is_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    # A documentation address, which no machine has.
    monkeypatch.setattr(server, "_LOOPBACK", ("127.0.0.1", "2001:db8::1"))
    with server.reserved("localhost", 0) as (addresses, port):
        assert addresses == ["127.0.0.1"]
        assert port > 0


def test_a_certificate_is_made_and_named_and_gone_at_the_end() -> None:
    with serving("--api", "casavi", "--tls") as (process, url):
        assert url.startswith("https://localhost:")
        told = re.search("clients have to trust (.*)\n", _line(process))
        assert told
        authority = Path(told[1])
        for host in ("localhost", "127.0.0.1", *(["[::1]"] if _has_ipv6() else [])):
            there = f"https://{host}:{_port(url)}"
            found = _send("GET", f"{there}/.well-known/openid-configuration", verify=str(authority))
            assert found.json()["issuer"] == there
        old = ssl.create_default_context(cafile=authority)
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with socket.create_connection(("127.0.0.1", _port(url))) as plain, old.wrap_socket(plain, server_hostname="localhost"):
            pass
        with pytest.raises(requests.exceptions.SSLError):
            _send("GET", f"{url}/__mock/health")
        assert authority.parent.stat().st_mode & 0o077 == 0
        end(process, signal.SIGTERM)
        assert not authority.parent.exists()


def test_a_certificate_of_ones_own_is_used_with_its_key_beside_it_or_in_it(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    two_files: dict[str, Any] = {"tls_certificate": str(tmp_path / "cert.pem"), "tls_key": str(tmp_path / "key.pem")}
    with run_in_thread(Config(port=0, apis=("linagora",), **two_files)) as running:
        assert _send("GET", f"{running.url}/__mock/health", verify=str(tmp_path / "ca.pem")).status_code == 200
    with serving("--api", "linagora", "--tls-certificate", str(tmp_path / "both.pem")) as (_, url):
        assert _send("GET", f"{url}/__mock/health", verify=str(tmp_path / "ca.pem")).status_code == 200


def test_a_server_in_a_thread_has_tls_too() -> None:
    with run_in_thread(Config(port=0, apis=("linagora",), tls=True)) as running:
        assert running.url.startswith("https://127.0.0.1:")
        assert _send("GET", f"{running.url}/__mock/health", verify=str(running.authority)).status_code == 200


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_certificate_that_cannot_be_used_is_named(
    tmp_path: Path, content: bytes | None, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cert.pem"
    if content:
        file.write_bytes(content)
    assert main(["--api", "linagora", "--port", "0", "--tls-certificate", str(file)]) == 2
    errors = capfd.readouterr().err
    assert (errors.count("\n"), str(file) in errors) == (1, True)


def _line(process: subprocess.Popen[str]) -> str:
    """The next line that it has told or tells at once."""
    assert process.stderr is not None
    readable, _, _ = select.select([process.stderr], [], [], 1)
    return process.stderr.readline() if readable else ""


def test_beyond_loopback_a_token_is_made_printed_and_asked_for() -> None:
    with serving("--api", "linagora", "--host", "0.0.0.0") as (process, url):
        told = re.search("control calls need the token (.{20,})\n", _line(process))
        assert told
        here = f"http://127.0.0.1:{_port(url)}"
        assert _send("GET", f"{here}/__mock/health").status_code == 200
        assert _send("POST", f"{here}/__mock/reset").status_code == 401
        assert _send("POST", f"{here}/__mock/reset", headers={"Authorization": f"Bearer {told[1]}"}).status_code == 204
        assert _send("POST", f"{here}/__mock/reset", auth=("mock", told[1])).status_code == 204


@pytest.mark.parametrize(
    "arguments",
    [[], ["--host", "127.0.0.1"], ["--host", "0.0.0.0", "--insecure-control"], ["--host", "0.0.0.0", "--control-token", "hush"]],
    ids=str,
)
def test_no_token_is_made_where_one_is_given_or_none_is_wanted(arguments: list[str]) -> None:
    config = read_config(arguments, {})
    assert server.with_control_token(config) == (config, [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--base-url", "mock.example"], "--base-url"),
        (["--base-url", "https://"], "--base-url"),
        (["--base-url", "https://["], "--base-url"),
        (["--base-url", "https://mock.example/?a=b"], "--base-url"),
        (["--base-url", "https://u:p@mock.example"], "--base-url"),
        (["--trusted-proxies", "-1"], "--trusted-proxies"),
        (["--tls-key", "key.pem"], "--tls-certificate"),
        (["--control-token", "a", "--insecure-control"], "--insecure-control"),
    ],
    ids=str,
)
def test_options_that_do_not_fit_are_refused(arguments: list[str], words: str) -> None:
    with pytest.raises(BootError, match=words):
        read_config(arguments, {})


def test_these_options_are_environment_variables_too() -> None:
    environment = {
        "MOCK_SERVER_BASE_URL": "https://mock.example",
        "MOCK_SERVER_TRUSTED_PROXIES": "2",
        "MOCK_SERVER_TLS": "1",
        "MOCK_SERVER_TLS_CERTIFICATE": "cert.pem",
        "MOCK_SERVER_TLS_KEY": "key.pem",
        "MOCK_SERVER_CORS_ORIGIN": "https://a.example,*.localhost",
        "MOCK_SERVER_INSECURE_CONTROL": "true",
    }
    config = read_config([], environment)
    assert config == Config(
        host="localhost",
        base_url="https://mock.example",
        trusted_proxies=2,
        tls=True,
        tls_certificate="cert.pem",
        tls_key="key.pem",
        cors_origins=("https://a.example", "*.localhost"),
        insecure_control=True,
    )
    assert read_config(["--cors-origin", "b", "--cors-origin", "c"], environment).cors_origins == ("b", "c")
    assert not read_config([], {"MOCK_SERVER_TLS": "0"}).tls


def test_help_does_not_tell_the_token(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MOCK_SERVER_CONTROL_TOKEN", "hush")
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "hush" not in capfd.readouterr().out
