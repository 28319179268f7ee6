"""What went wrong on the network is one sentence that names the place and what may help."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from werkzeug import Response

from contract_tests.faults.servers import serve
from contract_tests.transport.network import sentence

NOT_GZIP = "answers what cannot be decompressed, though its Content-Encoding says so"


def write_certificate(folder: Path, days: int = 1, host: str = "127.0.0.1") -> tuple[str, str]:
    """A certificate that signs itself, good for so many days from yesterday on, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    general = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    begin = datetime.now(UTC) - timedelta(days=2)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), begin, begin + timedelta(days=2 + days)
        )
        .add_extension(x509.SubjectAlternativeName([general]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    kind = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(*kind))
    return str(folder / "cert.pem"), str(folder / "key.pem")


@contextmanager
def serve_tls(certificate: tuple[str, str], *, wants_one: bool = False) -> Iterator[str]:
    """The URL of a server with a certificate; `wants_one` of the client too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    if wants_one:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificate[0])
    with serve(Response("[]"), context) as url:
        yield url


@contextmanager
def serve_bytes(answer: bytes | None) -> Iterator[str]:
    """The URL of a server that answers each connection with the same bytes; with None never."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        kept: list[socket.socket] = []

        def run() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                kept.append(connection)
                if answer is not None:
                    connection.recv(65536)
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_RDWR)
                    connection.close()

        Thread(target=run, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


def told(url: str, verify: bool | str = True, patience: float = 10) -> str:
    """What is said of a request that has no answer, without the origin that each sentence begins with."""
    url_with_secret = f"{url}/path?token=hidden"
    with pytest.raises(requests.RequestException) as error:
        requests.get(url_with_secret, timeout=patience, verify=verify)
    said = sentence(error.value, url_with_secret)
    assert said.startswith(f"{url} ")
    assert "hidden" not in said
    return said.removeprefix(f"{url} ")


def test_a_port_where_nobody_listens() -> None:
    assert told("http://127.0.0.1:9") == "refuses the connection; does it run, and is the port in base_url right?"


def test_a_host_that_nobody_knows() -> None:
    assert told("http://no-such-host.invalid").startswith("is a host that nobody knows; is base_url right")


def test_a_server_that_does_not_answer() -> None:
    with serve_bytes(None) as url:
        assert told(url, patience=0.5) == "does not answer within 0.5 s; connection.read_timeout says how long to wait"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "closes the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP; is the port in base_url right, or is it https://?"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "breaks off in the middle of an answer"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Encoding: gzip\r\n\r\nabc",
            "answers what cannot be decompressed, though its Content-Encoding says so",
        ),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "redirects in a circle"),
    ],
)
def test_an_answer_that_is_none(answer: bytes, words: str) -> None:
    with serve_bytes(answer) as url:
        assert told(url) == words


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path)
    with serve_tls(certificate) as url:
        assert "is not trusted (self-signed certificate); connection.tls.ca names the file" in told(url)
        assert requests.get(url, timeout=5, verify=certificate[0]).ok


def test_a_certificate_that_has_expired(tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path, days=-1)
    with serve_tls(certificate) as url:
        assert told(url, certificate[0]) == "shows a certificate that has expired"


def test_a_certificate_of_another_host(tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path, host="other.example.org")
    with serve_tls(certificate) as url:
        assert told(url, certificate[0]).startswith("shows a certificate of another host")


def test_a_server_that_wants_a_certificate_of_the_client(tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path)
    with serve_tls(certificate, wants_one=True) as url:
        assert "connection.tls.certificate" in told(url, certificate[0])  # an alert, or where that is lost the end
        assert requests.get(url, timeout=5, verify=certificate[0], cert=certificate).ok


def test_https_where_http_is_spoken() -> None:
    with serve(Response("[]")) as url:
        assert told(url.replace("http:", "https:")) == "does not speak TLS; does its base_url begin with http://?"


def test_http_where_https_is_spoken(tmp_path: Path) -> None:
    with serve_tls(write_certificate(tmp_path)) as url:
        assert told(url.replace("https:", "http:")) in {
            "closes the connection without an answer",
            "does not speak HTTP; is the port in base_url right, or is it https://?",
        }


def test_what_is_not_foreseen_is_said_by_its_kind() -> None:
    url = "https://user:hidden@example.org/path"
    assert sentence(requests.RequestException("hidden"), url) == "https://example.org cannot be asked (RequestException)"
