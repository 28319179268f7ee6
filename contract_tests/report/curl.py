"""A step as a command that a person can paste, without secrets, and what came."""

import re
import shlex
from collections.abc import Iterable
from itertools import groupby

from contract_tests.contract.finding import Step
from contract_tests.contract.masking import masked

IN_PROCESS_URL = "http://mock.localhost"  # the mock in this process, which a reader has to start as a server
LOCAL_MOCK = "http://localhost:8000"
_NOISE = {"accept", "accept-encoding", "connection", "content-length", "user-agent", "x-schemathesis-testcaseid"}
_SECRETS = {"authorization": "TOKEN", "cookie": "COOKIE"}
LONGEST = 240  # bytes of an answer
LARGEST = 100_000  # bytes of a request that are a text: a shell takes no longer argument
LONGEST_BODY = 2000  # bytes of a request that are shown, where they are no text, or more than that


def curl(step: Step) -> str:
    """The request; a login is left to a variable such as ALICE_TOKEN, and the mock in this process becomes a local one."""
    parts = ["curl", "-i", "-X", step.method, shlex.quote(masked(step.url.replace(IN_PROCESS_URL, LOCAL_MOCK)))]
    if step.login:
        parts += ["-H", f'"{step.login}: {step.scheme}${variable(step)}"']
    for name, text in step.headers:
        if name.lower() not in _NOISE:
            parts += ["-H", shlex.quote(masked(f"{name}: {text}"))]
    return " ".join(parts + _body(step.body))


def variable(step: Step) -> str:
    """The variable of the shell that holds the login of a step; empty if it has none."""
    if not step.login:
        return ""
    kind = "BASIC" if step.scheme == "Basic " else _SECRETS[step.login.lower()]
    return re.sub(r"\W+", "_", f"{step.caller} {kind}".strip().upper(), flags=re.ASCII)


def told(steps: Iterable[Step]) -> list[str]:
    """Steps with their answers, oldest first; the same one some times in a row is one text."""
    together = groupby(steps, key=lambda step: (curl(step), step.operation))
    return [_together(command, operation, list(group)) for (command, operation), group in together]


def _together(command: str, operation: str, steps: list[Step]) -> str:
    statuses = ", ".join(str(one.status) for one in steps)
    many = f", {len(steps)} times: {statuses}" if len(steps) > 1 else ""
    return f"# {operation or 'no operation'}{many}\n{command}\n# -> {steps[0].status} {shown(steps[0].answer)}".rstrip()


def shown(body: bytes) -> str:
    """The beginning of an answer, on one line."""
    # Masked before it is cut: of a secret that is cut in two, nobody can tell that it is one.
    text = masked(body[: LONGEST * 10].decode("utf-8", "backslashreplace"))[:LONGEST]
    return " ".join(text.split()) + (f" … ({len(body)} bytes)" if len(body) > LONGEST else "")


def _body(body: bytes) -> list[str]:
    if not body:
        return []
    text = _text(body[:LARGEST])
    if text is not None and len(body) <= LARGEST:
        return ["--data-binary", shlex.quote(masked(text))]
    cut = f"  # the first {LONGEST_BODY} of {len(body)} bytes" if len(body) > LONGEST_BODY else ""
    if text is not None:
        return ["--data-binary", shlex.quote(masked(text)[:LONGEST_BODY]) + cut]
    octal = "".join(f"\\{byte:03o}" for byte in body[:LONGEST_BODY])
    return ["--data-binary", f"@<(printf '{octal}'){cut}"]


def _text(body: bytes) -> str | None:
    """What a shell takes as it stands; None for other bytes."""
    text = body.decode("utf-8", "replace")
    return text if text.encode() == body and text.replace("\n", "").replace("\t", "").isprintable() else None
