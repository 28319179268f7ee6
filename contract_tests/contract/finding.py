"""A broken contract as a value: what looked, what came, what had to come, where in the answer, and the steps that led there."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """What is wrong, in the widest sense."""

    NO_ANSWER = "no answer"
    SERVER_ERROR = "server error"  # 500 and above, whatever else is wrong with such an answer
    STATUS = "status"  # one that the operation does not have, or not for a request with such a flaw
    BEHAVIOUR = "behaviour"  # an answer that is well formed, but not what the state or a law makes of it
    SCHEMA = "schema"
    CONTENT_TYPE = "content type"
    HEADER = "header"
    BODY = "body"  # one where none may be, of another length than announced, or that is no JSON
    ACCEPTED = "accepted"  # a request that has a flaw
    REJECTED = "rejected"  # a request that has none
    REQUEST = "request"  # one that an app sent with a flaw: whoever sent it breaks the contract, whatever the answer was


@dataclass(frozen=True)
class Place:
    """Where in an answer: a JSON pointer into its body (any list index is `*`), and the component schema and property there.

    `property` is dotted from the component on, such as `activity_stream.timestamps`; of a header it is the name.
    """

    pointer: str = ""
    component: str = ""
    property: str = ""


@dataclass(frozen=True)
class Flaw:
    """What a request is sent with on purpose that is not in order: in its login, method, path, query, header or body."""

    part: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.part)

    def __str__(self) -> str:
        return f"{self.part} {self.name}".strip()


@dataclass(frozen=True)
class Step:
    """One request with its answer: who asked (empty for nobody), which operation it reached (empty for none), headers as pairs.

    `login` is the name of the header that logs the caller in, and `scheme` what its value begins with; the rest is not kept.
    `wrote` is whether it may have changed something.
    """

    api: str
    caller: str
    operation: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int
    answer_headers: tuple[tuple[str, str], ...]
    answer: bytes
    login: str = ""
    scheme: str = ""
    wrote: bool = False

    # Bodies need not be text where a step is handed from process to process.
    __pydantic_config__: ClassVar[dict[str, str]] = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}


@dataclass(frozen=True)
class Finding:
    """One way in which one answer breaks the contract.

    `operation` is an operationId or the name of an OpenID endpoint, empty where no single one is to blame. `expected` and `got`
    are JSON values; `keyword` is the rule of the schema that is broken, such as `required` or `type`, `status` is that of the
    answer. `after` is the operation that wrote last before it. `law` and `source` name the law and where it stands, `judge` who
    looked. `known` is why this one is expected at the target, if it is.
    """

    api: str
    operation: str
    kind: Kind
    expected: Any = None
    got: Any = None
    status: int | None = None
    keyword: str = ""
    place: Place = Place()
    flaw: Flaw = Flaw()
    after: str = ""
    detail: str = ""
    law: str = ""
    source: str = ""
    judge: str = ""
    known: str = ""
    steps: tuple[Step, ...] = field(default=(), compare=False)

    @property
    def writes(self) -> list[str]:
        """The operations that had written before, each once."""
        return list(dict.fromkeys([*(one.operation for one in self.steps[:-1] if one.wrote), *filter(None, [self.after])]))


class ContractError(AssertionError):
    """What a test found wrong; `findings` says all of it.

    `own` means that it is what the test is about; where it is not, another test tells it too, and this one had to end.
    """

    def __init__(self, findings: Iterable[Finding], *, own: bool = True) -> None:
        self.findings, self.own = tuple(findings), own
        super().__init__(self.findings)


def told_by(findings: Iterable[Finding], **more: Any) -> tuple[Finding, ...]:
    """The same findings with more fields filled in, where they are empty yet."""
    return tuple(replace(one, **{name: value for name, value in more.items() if not getattr(one, name)}) for one in findings)
