"""What is tested: the mock in this process, or whatever answers at a URL. The only file here that knows the mock."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from contract_tests.profiles import Profile, ProfileError, load_profile, parse_profile
from contract_tests.wire import CleanSession, WsgiAdapter

IN_PROCESS_URL = "http://mock.invalid"
PATIENCE = 10.0


class TargetError(Exception):
    """A target that cannot be tested; the text is one line for a person."""


@dataclass(frozen=True)
class Target:
    """Where requests go and who can log in; `resettable` means a mock, where each test gets a state of its own."""

    name: str
    base_url: str
    adapter: BaseAdapter
    profile: Profile
    resettable: bool

    @property
    def judges_inferred(self) -> bool:
        """Whether expectations that are our own reading are judged, or only what the documents say."""
        return self.resettable if self.profile.judge_inferred is None else self.profile.judge_inferred


def find_target(name: str | None, profile_file: Path | None) -> Target:
    """The target that the options name. Raises TargetError."""
    profile = _profile(profile_file)
    url = name or (profile.base_url if profile else None) or "mock"
    return mock_target() if url == "mock" else url_target(url.rstrip("/"), profile)


def mock_target() -> Target:
    """The mock server as a WSGI app in this process."""
    try:
        from mock_server import Config, create_app  # here, so that a URL never needs it
    except ImportError as error:
        raise TargetError(f"--target mock needs the package mock_server: {error}") from None
    adapter = WsgiAdapter(create_app(Config()))
    return Target("mock", IN_PROCESS_URL, adapter, _published(adapter, IN_PROCESS_URL), resettable=True)


def url_target(url: str, profile: Profile | None) -> Target:
    """Whatever answers at a URL. Without a profile it has to be a mock that tells its credentials."""
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise TargetError(f"--target {url}: mock, or a URL that begins with http:// or https://, is needed")
    adapter = HTTPAdapter(pool_maxsize=20)
    health = _get(adapter, url, "/__mock/health")
    resettable = isinstance(health, dict) and health.get("status") == "ok"
    if profile is None:
        if not resettable:
            raise TargetError(f"--target {url}: not a mock, so --profile FILE has to say who can log in")
        profile = _published(adapter, url)
    return Target(url, url, adapter, profile, resettable)


def _published(adapter: BaseAdapter, url: str) -> Profile:
    try:
        return parse_profile(_get(adapter, url, "/__mock/credentials") or {})
    except ProfileError as error:
        raise TargetError(f"--target {url}: its /__mock/credentials cannot be used: {error}") from None


def _profile(file: Path | None) -> Profile | None:
    try:
        return None if file is None else load_profile(file)
    except ProfileError as error:
        raise TargetError(str(error)) from None


def _get(adapter: BaseAdapter, url: str, path: str) -> Any:
    """The JSON that a control call answers, or None. Raises TargetError if nothing answers at all."""
    try:
        response = CleanSession(url, adapter).get(url + path, timeout=PATIENCE)
    except requests.RequestException as error:
        raise TargetError(f"--target {url}: cannot be reached ({type(error).__name__})") from None
    try:
        return response.json() if response.ok else None
    except ValueError:
        return None
