"""All that the generic rooms know of one API: one value, in the room `actors` under the name of the API."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

from contract_tests.actors.people import Cast, People
from contract_tests.profile import Principal, Profile
from contract_tests.transport.wire import Wire


@dataclass(frozen=True)
class Api:
    """Who plays which role at an API, and what generated requests have to mind there.

    `roles` says of each what is not tested if nobody plays it, the most important first. `choose` fills them from the people of a
    profile, or says why that cannot be done; `people` makes their callers. `harmless` is the operation that everybody may try
    before a run. `senders` are the roles that send generated requests, and `walkers` those that follow links, for which
    `walk_safety` is needed. `spending` are operations whose success uses something up. `in_doubt` names, by operationId, checks
    of Schemathesis that would take a documented answer on a walk for a fault, `in_doubt_of_others` those that would about what
    others have made. `lacks` says what else a profile could have, and what that would add.
    """

    name: str
    roles: Mapping[str, str]
    choose: Callable[[Sequence[Principal]], Cast | str]
    people: Callable[[Wire, Cast, str, Profile], People]
    harmless: str
    senders: tuple[str, ...]
    walkers: tuple[str, ...] = ()
    walk_safety: str = "full"
    spending: frozenset[str] = frozenset()
    in_doubt: Mapping[str, frozenset[str]] = field(default_factory=dict)
    in_doubt_of_others: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lacks: Callable[[Profile], Iterator[str]] = lambda _: iter(())


@cache
def api(name: str) -> Api:
    """The value of an API, which its own module holds."""
    found: Api = import_module(f"contract_tests.actors.{name}").API
    return found
