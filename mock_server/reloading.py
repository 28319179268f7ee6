"""Serves the specs, the overlays and the scenario anew when their files change."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from mock_server.app import MockServer, create_app
from mock_server.config import API_NAMES, Config, data_folder
from mock_server.errors import BootError
from mock_server.scenarios import scenario_path

log = logging.getLogger("mock_server")

_EVERY_SECONDS = 1


class Reloader:
    """To be made before the application whose place others are to take: what changes from then on is noticed."""

    def __init__(self, config: Config) -> None:
        self._config = config
        scenario = scenario_path(config.scenario, config.scenario)
        specs = (data_folder("specs") / f"{name}.yaml" for name in API_NAMES)
        self._files = [*specs, *map(Path, config.overlays), *([scenario] if scenario else [])]
        self._seen = self._stamps()

    def watch(self, app: MockServer, use: Callable[[MockServer], object]) -> None:
        """From now on, and in a thread; use is told each application that takes the place of this one."""
        threading.Thread(target=self._watch, args=(app, use), name="reload", daemon=True).start()

    def look(self, app: MockServer) -> MockServer:
        """One of the files as they are, with the state of this one; this one if nothing has changed or something is wrong."""
        before, self._seen = self._seen, self._stamps()
        changed = [str(file) for file in self._files if self._seen[file] != before[file]]
        if not changed:
            return app
        try:
            newer = create_app(self._config, before=app)
        except BootError as error:
            log.error("what was served before still is, because of a mistake: %s", error)
        except Exception:
            log.exception("what was served before still is, since the changed %s cannot be", " and ".join(changed))
        else:
            log.info("served anew after a change of %s", " and ".join(changed))
            return newer
        return app

    def _watch(self, app: MockServer, use: Callable[[MockServer], object]) -> None:
        while True:
            newer = self.look(app)
            if newer is not app:
                app = newer
                use(app)
            time.sleep(_EVERY_SECONDS)

    def _stamps(self) -> dict[Path, tuple[int, int] | None]:
        return {file: _stamp(file) for file in self._files}


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
