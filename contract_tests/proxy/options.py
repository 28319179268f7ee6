"""The options of `mock-server proxy`, and what they and a profile make of a run."""

import argparse
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from contract_tests.contract.operations import use_overlays
from contract_tests.contract.overlay import OverlayError
from contract_tests.proxy.mock import OPTIONS, Config
from contract_tests.proxy.rewriting import Place
from contract_tests.proxy.target import CONNECT_SECONDS, trusting

if TYPE_CHECKING:
    from contract_tests.profile import Connection, Profile
    from contract_tests.profile.deviations import Deviations

WRONG = 4  # the exit status, as that of a contract run
# Those that mean the same as without a proxy.
_SHARED = (
    "host",
    "port",
    "tls",
    "tls-certificate",
    "tls-key",
    "cors-origin",
    "control-token",
    "insecure-control",
    "scenario",
    "seed",
    "max-journal-mb",
    "log-level",
    "log-format",
)
_ABOUT = """\
Passes requests on to a real server and judges both directions by the specs. What breaks them is shown on the page at
/__mock/ and in the journal, and at the end as findings."""
_ENDING = """\
SIGTERM and Ctrl-C end it. Exit status: 0 if all that passed held, 1 if a contract is broken or a known difference is
overdue, 4 if the target or an option is wrong, 5 if nothing was judged."""


class OptionError(Exception):
    """Options or files that cannot be used; each line of the text is for a person."""


@dataclass(frozen=True)
class Settings:
    """A run: `mode` is what it does beside passing on, in words; `tls` is None for a target without."""

    target: Place
    tls: ssl.SSLContext | None
    connect_seconds: float
    mock: Config
    people: tuple[str, ...]
    enforce: bool
    missing: bool
    inferred: bool
    overlays: tuple[Path, ...]
    deviations: "Deviations | None"
    record: Path | None
    report: Path | None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def mode(self) -> str:
        return ", ".join(
            [*(["enforce"] if self.enforce else ["report"]), *(["missing operations by the mock"] if self.missing else [])]
        )

    @property
    def url(self) -> str:
        return self.target.origin + self.target.prefix


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(WRONG, f"mock-server proxy: {message}\n")


def parser() -> argparse.ArgumentParser:
    """The options."""
    found = _Parser("mock-server proxy", description=_ABOUT, epilog=_ENDING, formatter_class=argparse.RawDescriptionHelpFormatter)
    to = found.add_argument_group("what is in front of")
    to.add_argument("--target", metavar="URL", help="the server to pass requests on to, with the prefix of its paths")
    to.add_argument(
        "--profile", type=Path, metavar="FILE.toml", help="a profile of the contract suite: its URL, TLS, overlays and deviations"
    )
    to.add_argument("--overlay", type=Path, action="append", default=[], metavar="FILE", help=OPTIONS["overlay"]["help"])
    to.add_argument("--deviations", type=Path, metavar="FILE.toml", help="known differences: they are reported, but fail nothing")
    how = found.add_argument_group("what happens to what breaks the specs")
    how.add_argument(
        "--enforce", action="store_true", help="such a request is not passed on (400), and such an answer neither (502)"
    )
    how.add_argument("--missing", choices=["mock"], help="operations that the target does not have are answered by the mock")
    how.add_argument(
        "--mock-as",
        action="append",
        default=[],
        metavar="NAME",
        help="who a client is to the mock if it does not know their login; repeatable, one for each API",
    )
    kept = found.add_argument_group("what is kept, without secrets")
    kept.add_argument("--record", type=Path, metavar="FILE.har", help="the traffic with the target, as an HTTP archive")
    kept.add_argument(
        "--report", type=Path, metavar="DIR", help="report.html, report.json, report.md and failures/, as of a contract run"
    )
    here = found.add_argument_group("as without a proxy")
    for name in _SHARED:
        here.add_argument(f"--{name}", **_with_default(name))
    return found


def _with_default(name: str) -> dict[str, Any]:
    option, default = dict(OPTIONS[name]), getattr(_DEFAULTS, name.replace("-", "_"), None)
    if "action" in option:
        return option
    said = "" if default is None else f" (default: {default})"
    return {**option, "default": default, "help": f"{option['help']}{said}"}


_DEFAULTS = Config(host="localhost")


def read(arguments: list[str]) -> Settings:
    """Raises OptionError; exits as argparse does on a bad option."""
    given = parser().parse_args(arguments)
    profile = _profile(given.profile)
    target, connection = _target(given.target, profile), profile.connection if profile else None
    overlays = (*(profile.overlays if profile else ()), *given.overlay)
    try:
        use_overlays(overlays)
        place = Place.of(target)
        tls = _tls(connection) if place.scheme == "https" else None
    except ValueError as error:
        raise OptionError(f"--target {target}: {error}") from None
    except (OverlayError, OSError) as error:
        raise OptionError(str(error)) from None
    for folder in filter(None, (given.report, given.record and given.record.parent)):
        _make(folder)
    shared = {name.replace("-", "_"): getattr(given, name.replace("-", "_")) for name in _SHARED}
    origins = tuple(shared.pop("cors_origin") or _DEFAULTS.cors_origins)
    return Settings(
        target=place,
        tls=tls,
        connect_seconds=connection.connect_timeout if connection else CONNECT_SECONDS,
        mock=Config(**shared, cors_origins=origins, overlays=tuple(map(str, overlays))),
        people=tuple(given.mock_as),
        enforce=given.enforce,
        missing=given.missing is not None,
        inferred=profile is None or profile.judge_inferred is not False,
        overlays=overlays,
        deviations=_deviations(given.deviations or (profile.deviations if profile else None)),
        record=given.record,
        report=given.report,
    )


def _profile(file: Path | None) -> "Profile | None":
    if file is None:
        return None
    # Here, since it takes a fifth of the time that a start takes, and most have none.
    from contract_tests.profile import ProfileError, load_profile

    try:
        return load_profile(file)
    except ProfileError as error:
        raise OptionError(str(error)) from None


def _target(given: str | None, profile: "Profile | None") -> str:
    placed = dict.fromkeys(profile.base_urls.values()) if profile else {}
    if given is None and len(placed) > 1:
        raise OptionError(f"the profile has the APIs at {' and '.join(placed)}; say with --target which of them is meant")
    url = given or next(iter(placed), None)
    if url is None:
        raise OptionError("--target URL is needed: the server to pass requests on to, such as https://staging.example.org")
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname or urlsplit(url).query:
        raise OptionError(
            f"--target {url}: a URL that begins with http:// or https:// is needed, such as https://staging.example.org"
        )
    return str(url)


def _tls(connection: "Connection | None") -> ssl.SSLContext:
    if connection is None:
        return trusting()
    return trusting(connection.ca, connection.certificate, connection.key, verify=connection.verify)


def _deviations(file: Path | None) -> "Deviations | None":
    if file is None:
        return None
    # Here for the same reason.
    from contract_tests.profile.deviations import DeviationsError, read_deviations

    try:
        return read_deviations(file)
    except DeviationsError as error:
        raise OptionError(str(error)) from None


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptionError(f"{folder}: {error.strerror}") from None
