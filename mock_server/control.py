"""What a user does to a session: reset, snapshot, restore, load a scenario, drop. Each verb once, for every face."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from mock_server.auth import LONG_AGO, LoginCookie, Tokens, cookie_name
from mock_server.conditions import AllConditions, Conditions
from mock_server.config import Config
from mock_server.copies import copy_session, delete_session
from mock_server.dispatch import Behaviour, Ids
from mock_server.errors import BootError, Problem, bad_request, conflict, not_found
from mock_server.journal import Journal
from mock_server.scenarios import Mistakes, Part, Scenario, read_scenario, scenario_names, sent_scenario
from mock_server.spec import Api
from mock_server.statements import Connection
from mock_server.store import Store, sessions
from mock_server.upkeep import SNAPSHOT, TEMPLATE, Upkeep, named_sessions, snapshots_of

Value = TypeVar("Value")


class Control:
    """The sessions of one database; apis are the served ones with what they do."""

    def __init__(
        self,
        config: Config,
        store: Store,
        journal: Journal,
        apis: Mapping[str, tuple[Api, Behaviour]],
        conditions: AllConditions,
    ) -> None:
        """Loads the configured scenario, so that a mistake in it shows at boot. Raises BootError."""
        self._config = config
        self._store = store
        self._journal = journal
        self._apis = apis
        self._tokens = Tokens(config.seed)
        self._conditions = conditions
        self._now = conditions.usual.clock.server
        self._upkeep = Upkeep(config, store, self._now, self._forget)
        try:
            with store.transaction(None, write=True) as connection:
                self._template(connection, config.scenario)
        except Problem as problem:
            raise BootError(problem.detail) from problem

    def first_use(self, connection: Connection, session: str) -> None:
        """Make a session that does not exist, inside a write transaction of its own."""
        copy_session(connection, self._template(connection, self._config.scenario), session, self._now())
        self._upkeep.a_session_was_made()

    def used(self, session: str, received: int, later: Callable[[Callable[[], None]], object]) -> None:
        """Note that a request with so many bytes was answered in the session; later(function) drops what is too much or old."""
        if self._upkeep.used(session, received):
            later(self._upkeep.look)

    def reset(self, session: str) -> None:
        """The session's state is its scenario's again, and its journal is empty."""
        self.load_scenario(session, self.scenario(session))

    def scenario(self, session: str) -> str:
        """The name of the scenario that a reset brings back."""
        with self._store.transaction(session, write=False) as connection:
            found: str | None = connection.execute(_SCENARIO, {"key": session}).scalar()
        return found or self._config.scenario

    def scenarios(self) -> list[str]:
        """The names that load_scenario() takes."""
        return sorted({*scenario_names(), self._config.scenario})

    def load_scenario(self, session: str, name: str) -> None:
        """Replace the session's state by a scenario; its journal is emptied.

        Raises Problem 404 for an unknown name, 409 for a file with mistakes.
        """
        try:
            with self._conditions.replacing(session) as connection:
                copy_session(connection, self._template(connection, name), session, self._now())
        except BootError as error:
            raise conflict(str(error)) from error
        self._journal.clear(session)
        self._upkeep.state_was_dropped()

    def load_sent_scenario(self, session: str, sent: bytes | Mapping[str, Any]) -> None:
        """Replace the session's state by a scenario that somebody sent, YAML or a JSON value, to which resets return from now on.

        Raises Problem 400.
        """
        try:
            scenario = sent_scenario(sent, self._config.scenario)
            with self._conditions.replacing(session) as connection:
                # Nobody may drop it before the session is of it.
                self._store.lock(connection, TEMPLATE)
                copy_session(connection, self._loaded(connection, None, scenario), session, self._now())
                self._drop_unused(connection)
        except BootError as error:
            raise bad_request(str(error)) from error
        self._journal.clear(session)
        self._upkeep.state_was_dropped()

    def snapshot(self, session: str, name: str) -> None:
        """Keep the session's state under a name; an older snapshot of that name is replaced."""
        with self._store.transaction(session, write=True) as connection:
            self._ensure(connection, session)
            copy_session(connection, session, f"{session}{SNAPSHOT}{name}", self._now())
            self._upkeep.a_snapshot_was_made(connection, session)

    def restore(self, session: str, name: str) -> None:
        """Bring a snapshot's state back. Raises Problem 404."""
        with self._conditions.replacing(session) as connection:
            key = self._existing_snapshot(connection, session, name)
            copy_session(connection, key, session, self._now())
            self._upkeep.a_snapshot_was_used(connection, key)
        self._upkeep.state_was_dropped()

    def drop_snapshot(self, session: str, name: str) -> None:
        with self._store.transaction(session, write=True) as connection:
            delete_session(connection, self._existing_snapshot(connection, session, name))
        self._upkeep.state_was_dropped()

    def snapshots(self, session: str) -> list[str]:
        with self._store.transaction(session, write=False) as connection:
            return sorted(key.partition(SNAPSHOT)[2] for key in snapshots_of(connection, session))

    def sessions(self) -> list[str]:
        """The names of those that users have made."""
        with self._store.transaction(None, write=False) as connection:
            return [name for name, _ in named_sessions(connection)]

    def sessions_with_bounds(self) -> list[dict[str, Any]]:
        """The sessions that users have made, with what each takes and the bounds of it."""
        return self._upkeep.listed(self._journal.counts())

    def figures(self) -> dict[str, int]:
        """How much there is in all: sessions, snapshots, bytes of files, entries of journals. Raises Problem 503."""
        return {**self._upkeep.figures(), "journal_entries": sum(self._journal.counts().values())}

    def drop_session(self, session: str) -> None:
        """Forget a session with its snapshots and journal. Raises Problem 404."""
        self._forget(session)
        self._upkeep.state_was_dropped()

    def _forget(self, session: str) -> None:
        with self._conditions.replacing(session) as connection:
            existed = self._exists(connection, session)
            for key in snapshots_of(connection, session):
                delete_session(connection, key)
            delete_session(connection, session)
        # Also the requests that were refused, and made no session.
        if not self._journal.clear(session) and not existed:
            raise not_found("session", session)

    def conditions(self, session: str) -> Conditions:
        """Under what the session's requests are answered."""
        return self._conditions.look(session)

    def change_conditions(self, session: str, change: Callable[[Conditions], Conditions]) -> Conditions:
        """Change them, and answer the new ones."""
        with self._conditions.replacing(session) as connection:
            self._ensure(connection, session)
            return self._conditions.change(connection, session, change)

    def fault(self) -> str | None:
        """Why the database cannot be used at present; None if it can."""
        return self._store.fault()

    def credentials(self, session: str) -> dict[str, Any]:
        """Who can log in, per API."""
        return self.look(
            session,
            lambda connection: {
                name: behaviour.credentials(connection, session, partial(self._mint, api))
                for name, (api, behaviour) in self._apis.items()
            },
        )

    def look(self, session: str, read: Callable[[Connection], Value]) -> Value:
        """What read makes of the session's state; a session that does not exist is made."""
        with self._store.transaction(session, write=True) as connection:
            self._ensure(connection, session)
            return read(connection)

    def log_in(self, session: str, name: str, url: str) -> list[str]:
        """The Set-Cookie headers that log a browser in as the users of that name, per API. Raises Problem 404."""
        found = [
            LoginCookie(self._apis[api][0], self._tokens).given(str(person["user_id"]), url)
            for api, known in self.credentials(session).items()
            for person in known["principals"]
            if person["name"] == name
        ]
        if not found:
            raise Problem(404, f"nobody named {name} can log in; GET /__mock/credentials tells who can")
        return found

    def _mint(self, api: Api, user_id: str) -> dict[str, Any]:
        cookie = {"name": cookie_name(api), "value": self._tokens.mint(api.name, "cookie", user_id)}
        expired = self._tokens.mint(api.name, "bearer", user_id, LONG_AGO)
        return {"bearer": self._tokens.mint(api.name, "bearer", user_id), "expired_bearer": expired, "cookie": cookie}

    def _ensure(self, connection: Connection, session: str) -> None:
        if not self._exists(connection, session):
            self.first_use(connection, session)

    def _exists(self, connection: Connection, key: str) -> bool:
        return connection.execute(_EXISTS, {"key": key}).first() is not None

    def _existing_snapshot(self, connection: Connection, session: str, name: str) -> str:
        key = f"{session}{SNAPSHOT}{name}"
        if not self._exists(connection, key):
            raise not_found("snapshot", name)
        return key

    def _template(self, connection: Connection, scenario: str) -> str:
        """The key under which the scenario is loaded; loads it where it is not, as after a change of its file."""
        if scenario.startswith(TEMPLATE) and self._exists(connection, scenario):
            return scenario
        return self._loaded(connection, scenario, read_scenario(scenario, self._config.scenario))

    def _loaded(self, connection: Connection, name: str | None, scenario: Scenario) -> str:
        # A changed file, seed or choice of APIs is another template, so a database that outlives them serves no stale one.
        parts = (scenario.source, str(self._config.seed), *sorted(self._apis))
        key = (_SENT if name is None else TEMPLATE) + hashlib.sha256("\n".join(parts).encode()).hexdigest()
        if not self._exists(connection, key):
            self._store.lock(connection, key)
            if not self._exists(connection, key):
                self._load(connection, key, name or key, scenario)
        return key

    def _load(self, connection: Connection, key: str, name: str, scenario: Scenario) -> None:
        mistakes = Mistakes()
        loaded = {api: behaviour for api, (_, behaviour) in self._apis.items() if api in scenario.parts}
        for api, behaviour in loaded.items():
            behaviour.check_scenario(Part(scenario.parts[api], (api,)), mistakes)
        scenario.refuse(mistakes.found)
        ids = Ids(self._config.seed)
        connection.execute(_INSERT, {"session": key, "scenario": name, "counter": 0, "used_at": 0})
        for api, behaviour in loaded.items():
            try:
                behaviour.load_scenario(connection, key, scenario.parts[api], ids)
            except Problem as problem:
                raise BootError(f"scenario {scenario.name}: {api}: {problem.detail}") from problem
            except IntegrityError as error:
                raise BootError(f"scenario {scenario.name}: {api}: two entries have the same id: {error.orig}") from error
        connection.execute(_SET_COUNTER, {"key": key, "drawn": ids.drawn or 0})

    def _drop_unused(self, connection: Connection) -> None:
        """Forget the scenarios that were sent and that neither a session nor a snapshot is of any more."""
        rows = connection.execute(_OF_SCENARIO).all()
        used = {scenario for key, scenario in rows if key != scenario}
        for key, _ in rows:
            if key.startswith(_SENT) and key not in used:
                delete_session(connection, key)


# Where a scenario is that was sent: nobody else has its name, so it is its own.
_SENT = f"{TEMPLATE}sent-"
_EXISTS = select(sessions.c.session).where(sessions.c.session == bindparam("key"))
_INSERT = insert(sessions)
_SET_COUNTER = update(sessions).where(sessions.c.session == bindparam("key")).values(counter=bindparam("drawn"))
_OF_SCENARIO = select(sessions.c.session, sessions.c.scenario)
_SCENARIO = select(sessions.c.scenario).where(sessions.c.session == bindparam("key"))
