"""The certificate of the server: the user's, or one that is made for this run."""

from __future__ import annotations

import contextlib
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mock_server.config import Config
from mock_server.errors import BootError

# Not *.localhost: clients take no wildcard below a top-level domain.
_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files; key may be in the same one. authority is what clients have to trust where the certificate was made here."""

    chain: Path
    key: Path
    authority: Path | None = None


@contextlib.contextmanager
def certificate(config: Config) -> Iterator[Certificate | None]:
    """None without TLS; a certificate that was made is gone at the end of the block. Raises BootError."""
    if config.tls_certificate:
        chain = Path(config.tls_certificate)
        yield _checked(Certificate(chain, Path(config.tls_key) if config.tls_key else chain))
    elif config.tls:
        with tempfile.TemporaryDirectory(prefix="mock-server-") as folder:
            yield _make(config, Path(folder))
    else:
        yield None


def _make(config: Config, folder: Path) -> Certificate:
    # Here, since most servers need none and it takes as long to import as Flask.
    import trustme

    public = urlsplit(config.base_url).hostname if config.base_url else None
    names = dict.fromkeys((*_NAMES, *(name for name in (config.host, public) if name)))
    authority = trustme.CA(organization_name="mock-server")
    issued = authority.issue_cert(*names)
    chain = folder / "server.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(chain)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    return Certificate(chain, chain, folder / "authority.pem")


def _checked(given: Certificate) -> Certificate:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(given.chain, given.key, password="")
    except (OSError, ValueError) as error:
        raise BootError(f"--tls-certificate {given.chain} with --tls-key {given.key} cannot be used: {error}") from error
    return given
