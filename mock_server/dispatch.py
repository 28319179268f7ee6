"""The way of one request, without any HTTP library: authenticate, validate, run the handler in a transaction, judge the reply."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from mock_server.auth import Authenticator, Login, LoginCookie, Tokens
from mock_server.clock import iso_time
from mock_server.errors import BootError, Problem, unauthorized
from mock_server.scenarios import Mistakes, Part
from mock_server.spec import JSON, Api, Operation
from mock_server.statements import Connection
from mock_server.store import Store, sessions
from mock_server.validation import Incoming, RequestValidator, ResponseValidator, Schemas

log = logging.getLogger("mock_server")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: body is a JSON value, or bytes when media_type is not JSON; media_type None means no body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = JSON


def refused(problem: Problem) -> Reply:
    """What is answered to an expected refusal, in the error shape of both APIs."""
    return Reply(problem.status, problem.body(), problem.headers)


NO_CONTENT = Reply(204, media_type=None)
# fixtures/scenario.schema.yaml has scenarios stay below it.
_FIRST_NUMBER = 1_000_000


class Ids:
    """Draws the ids of one session; the n-th id follows from the seed and n alone."""

    def __init__(self, seed: int, draw: Callable[[], int] = lambda: 1) -> None:
        """draw notes one more id in the database, and answers how many that makes; only the first id needs it. drawn counts all
        of them, noted those that the database knows of; both are None before."""
        self._seed = seed
        self._draw = draw
        self.drawn: int | None = None
        self.noted: int | None = None

    def next_rank(self) -> int:
        """A number greater than every one drawn before: the order in which things came to be."""
        if self.drawn is None:
            self.drawn = self.noted = self._draw()
        else:
            self.drawn += 1
        return self.drawn

    def next_number(self) -> int:
        """A numeric id, beyond those that scenarios give."""
        return _FIRST_NUMBER + self.next_rank()

    def next_hex(self, length: int = 24) -> str:
        return self.named_hex(str(self.next_rank()), length)

    def named_hex(self, name: str, length: int = 24) -> str:
        """Hexadecimal digits that follow from seed and name alone; at most 64."""
        return hashlib.sha256(f"{self._seed} {name}".encode()).hexdigest()[:length]

    def next_uuid(self) -> str:
        digits = self.next_hex(32)
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


class Call(NamedTuple):
    """What a handler gets. parameters has every parameter of the spec by name; caller is whatever the API's load_caller made,
    None where the operation is open to all; now is its one time, in UTC; content_type, client and origin are the Incoming's;
    paths are the templates of the API's paths by operationId, cookie is the one that logs a browser in."""

    session: str
    parameters: Mapping[str, Any]
    body: Any
    caller: Any
    connection: Connection
    ids: Ids
    now: datetime
    content_type: str
    client: str
    origin: str
    paths: Mapping[str, str]
    cookie: LoginCookie

    def location(self, operation_id: str, **values: object) -> dict[str, str]:
        """The header that tells where another operation finds what was made; none where an overlay took that one away."""
        path = self.paths.get(operation_id)
        return {} if path is None else {"Location": path.format(**values)}

    @property
    def timestamp(self) -> str:
        """now as both documents write times: `2014-05-16T09:47:11.703Z`."""
        return iso_time(self.now)


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What one API does: a handler for each operationId, and how it finds a caller, loads a scenario, tells who can log in.

    extras(api) are operations that the spec does not have but a world with the API in it does, such as fetching an uploaded file.
    load_caller(connection, session, login) answers None for an unknown user or an ended login; load_scenario(connection,
    session, data, ids) fills an empty session from the API's part of a scenario, of which check_scenario(part, mistakes) has told
    what its schema cannot know; credentials(connection, session, mint) is the API's part of /__mock/credentials,
    where mint(user_id) answers {"bearer", "expired_bearer", "cookie"}. has_openid is whether its users log in at the provider.
    """

    handlers: Mapping[str, Handler]
    load_caller: Callable[[Connection, str, Login], Any]
    load_scenario: Callable[[Connection, str, Mapping[str, Any], Ids], None]
    credentials: Callable[[Connection, str, Callable[[str], dict[str, Any]]], dict[str, Any]]
    check_scenario: Callable[[Part, Mistakes], None] = lambda _part, _mistakes: None
    extras: Callable[[Api], tuple[Operation, ...]] = lambda _: ()
    has_openid: bool = False


_OF_SESSION = sessions.c.session == bindparam("key")
_EXISTS = select(sessions.c.session).where(_OF_SESSION)
# For a single id, nothing else is needed.
_DRAW = update(sessions).where(_OF_SESSION).values(counter=sessions.c.counter + 1).returning(sessions.c.counter)
_NOTE = update(sessions).where(_OF_SESSION).values(counter=bindparam("drawn"))


class Engine:
    """All operations of one API, bound to their handlers."""

    def __init__(
        self, api: Api, behaviour: Behaviour, store: Store, seed: int, first_use: Callable[[Connection, str], None]
    ) -> None:
        """first_use(connection, session) makes a session that does not exist yet. Raises BootError if operations and handlers
        do not match one to one."""
        self.operations = (*api.operations, *behaviour.extras(api))
        _check_binding(api, self.operations, behaviour)
        self.api = api
        self._paths = {o.id: o.path for o in self.operations}
        self._behaviour = behaviour
        self._store = store
        self._seed = seed
        self._first_use = first_use
        tokens = Tokens(seed)
        self._authenticator = Authenticator(api, tokens)
        self._cookie = LoginCookie(api, tokens)
        schemas = Schemas(api)
        self._requests = {o.id: RequestValidator(schemas, o) for o in self.operations}
        self._responses = {o.id: ResponseValidator(schemas, o) for o in self.operations}

    def handle(self, operation: Operation, incoming: Incoming) -> Reply:
        """Answer one request; a Problem becomes its reply, any other exception a 500 that names the operation."""
        try:
            return self._run(operation, incoming)
        except Problem as error:
            problem = error
        except BootError as error:
            problem = Problem(500, str(error))
        except Exception:
            log.exception("%s failed", operation.id)
            problem = Problem(500, f"{operation.id} failed in the mock server; the server's log has the reason")
        return refused(problem)

    def _run(self, operation: Operation, incoming: Incoming) -> Reply:
        login = self.login(operation, incoming)
        validator = self._requests[operation.id]
        parameters = validator.parameters(incoming)
        body = validator.body(incoming)

        def transact(*, write: bool) -> Reply | None:
            return self._transact(operation, incoming, login, parameters, body, write=write)

        # None comes of a read in a session that does not exist; only a write may make it.
        reply = transact(write=operation.writes) or transact(write=True)
        assert reply is not None
        return reply

    def _transact(
        self,
        operation: Operation,
        incoming: Incoming,
        login: Login | None,
        parameters: Mapping[str, Any],
        body: Any,
        *,
        write: bool,
    ) -> Reply | None:
        """The handler's reply, judged; None where nothing was done because the session does not exist and this is no write."""
        session = incoming.session
        with self._store.transaction(session, write=write) as connection:
            caller = self._caller(connection, session, login)
            if caller is None and not self._exists(connection, session):
                if not write:
                    return None
                self._first_use(connection, session)
                caller = self._caller(connection, session, login)
            if login is not None and caller is None:
                raise unauthorized(self.api.name, "the token is valid, but its user or its login does not exist in this session")
            ids = Ids(self._seed, partial(self._draw, connection, session))
            call = Call(
                session=session,
                parameters=parameters,
                body=body,
                caller=caller,
                connection=connection,
                ids=ids,
                now=incoming.clock.now(),
                content_type=incoming.content_type,
                client=incoming.client,
                origin=incoming.origin,
                paths=self._paths,
                cookie=self._cookie,
            )
            reply = self._behaviour.handlers[operation.id](call)
            self._judge(operation, reply)
            if ids.drawn != ids.noted:
                connection.execute(_NOTE, {"key": session, "drawn": ids.drawn})
            return reply

    @contextlib.contextmanager
    def writing(self, session: str) -> Iterator[Connection]:
        """A write transaction in the session, which is made if it does not exist."""
        with self._store.transaction(session, write=True) as connection:
            if not self._exists(connection, session):
                self._first_use(connection, session)
            yield connection

    def _caller(self, connection: Connection, session: str, login: Login | None) -> Any:
        return None if login is None else self._behaviour.load_caller(connection, session, login)

    def _exists(self, connection: Connection, session: str) -> bool:
        return connection.execute(_EXISTS, {"key": session}).first() is not None

    def _draw(self, connection: Connection, session: str) -> int:
        drawn: int = connection.execute(_DRAW, {"key": session}).scalar_one()
        return drawn

    def login(self, operation: Operation, incoming: Incoming) -> Login | None:
        """Whom the request names. Raises Problem 401."""
        return self._authenticator.login(operation, incoming)

    def misfit(self, operation: Operation, reply: Reply) -> str | None:
        """How the reply breaks the spec; None if it keeps to it."""
        return self._responses[operation.id].error(reply.status, reply.media_type, reply.headers, reply.body)

    def _judge(self, operation: Operation, reply: Reply) -> None:
        # Raising inside the transaction rolls it back: a reply that breaks the spec must leave no trace.
        error = self.misfit(operation, reply)
        if error:
            log.error("%s broke its spec: %s", operation.id, error)
            raise Problem(500, f"{operation.id} broke its spec, a bug of the mock server: {error}")


@dataclass(frozen=True, slots=True)
class Served:
    """An operation with the engine that answers it."""

    engine: Engine
    operation: Operation


def _check_binding(api: Api, operations: tuple[Operation, ...], behaviour: Behaviour) -> None:
    ids = [o.id for o in operations]
    twice = {i for i in ids if ids.count(i) > 1}
    missing = set(ids) - set(behaviour.handlers)
    unknown = set(behaviour.handlers) - set(ids) - api.removed
    for what, names in (("defined twice", twice), ("without a handler", missing), ("not in the spec", unknown)):
        if names:
            raise BootError(f"{api.source}: operations {what}: {', '.join(sorted(names))}")
