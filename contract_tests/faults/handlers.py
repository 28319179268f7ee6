"""Changes inside the mock: wrapped handlers of operations."""

from dataclasses import replace

from mock_server.dispatch import Call, Handler, Reply
from mock_server.errors import Problem

FORBIDDEN = 403


def rolled_back(handler: Handler) -> Handler:
    """The answer is right, and nothing has happened."""

    def undone(call: Call) -> Reply:
        driver = call.connection.driver
        driver.execute("SAVEPOINT before")
        reply = handler(call)
        driver.execute("ROLLBACK TO before")
        return reply

    return undone


def done_twice(handler: Handler) -> Handler:
    def twice(call: Call) -> Reply:
        reply = handler(call)
        handler(call)
        return reply

    return twice


def at_home_everywhere(handler: Handler) -> Handler:
    """Whoever asks is in all domains, or in all communities."""

    def welcome(call: Call) -> Reply:
        name = "domain_ids" if hasattr(call.caller, "domain_ids") else "community_ids"
        table = "lin_domains" if name == "domain_ids" else "cas_communities"
        rows = call.connection.driver.execute(f"SELECT id FROM {table} WHERE session = ?", (call.session,))
        return handler(call._replace(caller=replace(call.caller, **{name: frozenset(row[0] for row in rows)})))

    return welcome


def administrating(handler: Handler) -> Handler:
    """Whoever asks administers their domains; casavi has no such role."""

    def promoted(call: Call) -> Reply:
        if not hasattr(call.caller, "domain_ids"):
            return handler(call)
        return handler(call._replace(caller=replace(call.caller, administrated=call.caller.domain_ids)))

    return promoted


def done_though_refused(handler: Handler) -> Handler:
    """Whoever is refused sees the refusal; what they asked for is done all the same, as for somebody with every right."""
    entitled = at_home_everywhere(administrating(handler))

    def sly(call: Call) -> Reply:
        try:
            return handler(call)
        except Problem as problem:
            if problem.status != FORBIDDEN:
                raise
            try:
                entitled(call)
            except Problem:
                raise problem from None
            return Reply(problem.status, problem.body(), problem.headers)

    return sly
