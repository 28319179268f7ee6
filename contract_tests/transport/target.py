"""What is tested: the mock in this process, or whatever answers at a URL. The only file here that knows the mock."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3.util import Retry

from contract_tests.contract.choices import APIS
from contract_tests.profile import Connection, Profile, ProfileError, parse_profile
from contract_tests.report.curl import IN_PROCESS_URL
from contract_tests.transport.bounded import BoundedAdapter
from contract_tests.transport.cleanup import Maker
from contract_tests.transport.gate import Gate, Limits
from contract_tests.transport.in_process import WsgiAdapter
from contract_tests.transport.logins import LoginError, Logins
from contract_tests.transport.network import json_of, sentence
from contract_tests.transport.session import CleanSession
from contract_tests.transport.traffic import Traffic
from contract_tests.transport.wire import FIXED_LOGINS, LoginRenewal

PATIENCE = 10.0
PAUSE = 0.2  # seconds before the first repetition of a connection that failed; each further one takes twice as long


class TargetError(Exception):
    """A target that cannot be tested; each line of the text is for a person."""


@dataclass(frozen=True)
class Target:
    """Where requests go and who can log in.

    `bases` are the base URLs by API, without a slash at the end. Everything goes through `gate`. `resettable` means a target
    where each test gets a state of its own, and `tokens` renews headers that log somebody in. An `idle` one is for other
    processes to ask: in this one it is not started.
    """

    name: str
    bases: Mapping[str, str]
    gate: Gate
    profile: Profile
    resettable: bool
    tokens: LoginRenewal = FIXED_LOGINS
    idle: bool = False

    @property
    def makers(self) -> dict[str, Maker]:
        """The people of the profile by name, with their logins as they are good now."""
        return {
            person.name: Maker(
                person.name, {key: self.tokens.fresh(value) for key, value in person.headers.items()}, person.homes
            )
            for person in self.profile.principals
        }

    @property
    def judges_inferred(self) -> bool:
        """Whether expectations that are our own reading are judged, or only what the documents say."""
        return self.resettable if self.profile.judge_inferred is None else self.profile.judge_inferred


def find_target(
    name: str | None,
    profile: Profile | None,
    limits: Limits,
    traffic: Traffic | None = None,
    overlays: tuple[Path, ...] = (),
    *,
    idle: bool = False,
) -> Target:
    """The target that the options name, with everybody logged in; the mock may stay `idle`. Raises TargetError."""
    if name == "mock" or (name is None and not (profile and profile.base_urls)):
        return _idle_mock(limits, traffic) if idle and not overlays else mock_target(limits, traffic, overlays)
    return url_target(_bases(name, profile), profile, limits, traffic)


def _idle_mock(limits: Limits, traffic: Traffic | None) -> Target:
    """The mock that other processes start for themselves: to start it here too would take a second."""
    if find_spec("mock_server") is None:
        raise TargetError("--target mock needs the package mock_server, which is not installed")
    bases = dict.fromkeys(APIS, IN_PROCESS_URL)
    gate = Gate(BaseAdapter(), Connection(), limits, traffic, bases)
    return Target("mock", bases, gate, Profile(()), resettable=True, idle=True)


def mock_target(limits: Limits | None = None, traffic: Traffic | None = None, overlays: tuple[Path, ...] = ()) -> Target:
    """The mock server as a WSGI app in this process."""
    try:
        from mock_server import Config, create_app  # here, so that a URL never needs it
    except ImportError as error:
        raise TargetError(f"--target mock needs the package mock_server: {error}") from None
    app = create_app(Config(overlays=tuple(map(str, overlays))))
    bases = dict.fromkeys(APIS, IN_PROCESS_URL)
    gate = Gate(WsgiAdapter(app), Connection(), limits or Limits(), traffic, bases)
    return Target("mock", bases, gate, _published(gate, IN_PROCESS_URL), resettable=True)


def _bases(name: str | None, profile: Profile | None) -> dict[str, str]:
    """The base URL of each API; one that the profile does not place is where the other one is. Raises TargetError."""
    if name is not None:
        if urlsplit(name).scheme not in {"http", "https"} or not urlsplit(name).hostname:
            raise TargetError(f"--target {name}: mock, or a URL that begins with http:// or https://, is needed")
        return dict.fromkeys(APIS, name.rstrip("/"))
    placed = dict(profile.base_urls) if profile else {}
    return {api: placed.get(api, next(iter(placed.values()))) for api in APIS}


def url_target(bases: Mapping[str, str], profile: Profile | None, limits: Limits, traffic: Traffic | None = None) -> Target:
    """Whatever answers at these URLs. Without a profile it has to be a mock that tells its credentials. Raises TargetError."""
    connection = profile.connection if profile else Connection()
    gate = Gate(_adapter(connection), connection, limits, traffic, bases)
    name = ", ".join(dict.fromkeys(bases.values()))
    if profile is None or profile.resettable:
        health = _get(gate, name, "/__mock/health")
        if not isinstance(health, dict) or health.get("status") != "ok":
            why = "so --profile FILE has to say who can log in" if profile is None else "so it is not resettable"
            raise TargetError(f"--target {name}: not a mock, {why}")
    if profile is None:
        return Target(name, bases, gate, _published(gate, name), resettable=True)
    logins = Logins(replace(profile, base_urls=bases), gate)
    try:
        admitted = logins.admitted()
    except LoginError as error:
        raise TargetError(str(error)) from None
    return Target(name, bases, gate, admitted, profile.resettable, logins)


def _adapter(connection: Connection) -> BoundedAdapter:
    # Only a connection that was never made is tried again: a request that was sent may have been carried out.
    retries = Retry(
        total=None, connect=connection.retries, read=False, redirect=False, status=False, other=False, backoff_factor=PAUSE
    )
    return BoundedAdapter(pool_maxsize=20, max_retries=retries)


def _published(gate: Gate, url: str) -> Profile:
    try:
        return parse_profile(_get(gate, url, "/__mock/credentials") or {})
    except ProfileError as error:
        raise TargetError(f"--target {url}: its /__mock/credentials cannot be used: {error}") from None


def _get(gate: Gate, url: str, path: str) -> Any:
    """The JSON that a control call answers, or None. Raises TargetError if nothing answers at all."""
    try:
        response = CleanSession(url, gate).get(url + path, timeout=PATIENCE)
    except requests.RequestException as error:
        raise TargetError(f"--target {url}: cannot be reached: {sentence(error, url)}") from None
    return json_of(response) if response.ok else None
