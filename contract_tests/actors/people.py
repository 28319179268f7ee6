"""What the people of both APIs share: who plays which role, and callers by role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import ClassVar

from contract_tests.actors.caller import Caller
from contract_tests.actors.real_values import RealValues
from contract_tests.contract.basis import NotAsked
from contract_tests.contract.operations import Operation
from contract_tests.profile import Principal
from contract_tests.transport.wire import Wire


@dataclass(frozen=True)
class Cast:
    """Who plays whom: `home` is the domain or community that most of them share; roles that nobody can play are left out."""

    home: str
    roles: dict[str, Principal]


def largest_home(principals: Sequence[Principal]) -> str | None:
    """The domain or community with the most people; the first one if there are several; None if nobody has any."""
    homes = [home for person in principals for home in person.homes]
    return max(homes, key=homes.count, default=None)


@dataclass
class People:
    """Callers by role, and names for what they make; `prefix` marks what a run left at a real deployment.

    `known` are ids of things that are there, by the name of the path parameter.
    """

    wire: Wire
    cast: Cast
    prefix: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    api: ClassVar[str]
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.wire.known.update(self.known.values())
        for person in self.cast.roles.values():
            self.wire.known.update({person.user_id, *person.homes})

    def __getitem__(self, role: str) -> Caller:
        if role == "anonymous":
            return Caller(self.api, self.wire, role, {})
        return self.caller(self.person(role))

    def caller(self, person: Principal) -> Caller:
        """A person of the profile, logged in."""
        return Caller(self.api, self.wire, person.name, person.headers, person.user_id, known=True)

    def person(self, role: str) -> Principal:
        """Who plays a role; the test is skipped if nobody can."""
        person = self.cast.roles.get(role)
        if person is None:
            raise NotAsked(f"the profile has nobody who could be {role}", f"somebody to be {role} of {self.api}")
        return person

    def new_name(self, text: str) -> str:
        """A name that begins with the prefix and the text, and that nothing else has."""
        return f"{self.prefix}{text} {next(self._numbers)}".strip()

    def with_cookie(self, role: str) -> Caller:
        """The same person, logged in by cookie; the test is skipped if the profile has none beside the token."""
        person = self.person(role)
        if person.bearer is None or person.cookie is None:
            raise NotAsked(f"the profile has not both a token and a cookie for {person.name}", f"both logins of {person.name}")
        return Caller(self.api, self.wire, f"{person.name} (cookie)", person.cookie_header, person.user_id, known=True)

    def real_values(self, operation: Operation, caller: Caller, safety: str) -> RealValues:
        """Values with which a valid request succeeds, if the caller is who may send it."""
        return self.walk_values(operation, caller)

    def walk_values(self, operation: Operation, caller: Caller) -> RealValues:
        """What a request needs beside the things that an answer before it has named."""
        return RealValues()
