"""Servers for node, from npm: installed into a cache folder of the user, once."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Collection
from pathlib import Path

PACKAGES = {
    "prism": ("@stoplight/prism-cli@5",),
    "json-server": ("json-server@0.17",),
    "openapi-backend": ("openapi-backend@5", "ajv-formats@3"),
}
_SECONDS = 300


def install(servers: Collection[str]) -> Path:
    """The folder node_modules with these servers, and what they need, in it. Raises RuntimeError with the reason where npm is
    absent or fails."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mock-server-bench"
    modules = folder / "node_modules"
    packages = [package for server in servers for package in PACKAGES[server]]
    missing = [package for package in packages if not (modules / package.rpartition("@")[0]).is_dir()]
    if missing:
        _npm_install(folder, missing)
    return modules


def _npm_install(folder: Path, packages: Collection[str]) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("there is no npm on this machine")
    folder.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *packages]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS)  # noqa: S603 - npm
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"npm install failed: {(error.stderr or error.stdout).strip()[:200]}") from error
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"npm install did not end in {_SECONDS} s") from error
