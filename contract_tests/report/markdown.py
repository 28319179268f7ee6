"""The report as a comment for a pull request, in GitHub's Markdown."""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import islice
from typing import Any, NamedTuple

from contract_tests.report.numbers import counted

MOST = 20  # broken contracts
MOST_REQUESTS = 12
LONGEST_REQUEST = 1500
LONGEST_TEXT = 400
LONGEST = 60_000  # GitHub refuses comments of more than 65,536 characters
COUNTS = (("requests", "requests sent"), ("refused", "requests kept back"))
MARKS = {"held": "✅", "partial": "🟡", "broken": "❌"}


def markdown(data: Mapping[str, Any]) -> str:
    """What `Report.data` holds, as far as there is room: first all that is said, then the requests that show it."""
    parts = [Part(_head(data)), *_broken(data["broken"]), *map(Part, _others(data))]
    room = LONGEST
    for number, part in enumerate(parts):
        room -= len(part.text)
        if room < 0:
            parts[number:] = [Part("There is more in report.html.")]
            break
    told = []
    for part in parts:
        fits = len(part.details) <= room
        room -= len(part.details) if fits else 0
        told.append(part.text + (part.details if fits else ""))
    return "\n\n".join(told) + "\n"


class Part(NamedTuple):
    """A paragraph or more, and what may be folded up under it."""

    text: str
    details: str = ""


def _head(data: Mapping[str, Any]) -> str:
    verdict, run = data["verdict"], data["run"]
    facts = ", ".join(
        f"{name} {run[name]}"
        for name in ("api", "safety", "depth", "seed", "judged", "seconds")
        if run.get(name) not in {None, ""}
    )
    rows = [(f"{data['unit']}s", _counts(data["outcomes"])), ("broken contracts", len(data["broken"]))]
    rows += [("deviations", _counts(states))] if (states := _states(data)) else []
    rows += [(f"{name} met", f"{share['met']} of {share['of']}") for name, share in data["coverage"].items()]
    rows += [(what, run[name]) for name, what in COUNTS if run.get(name)]
    table = "\n".join(["| | |", "| --- | --- |", *(f"| {plain(name)} | {plain(str(value))} |" for name, value in rows)])
    return f"## {MARKS.get(verdict['state'], '⚠️')} {plain(verdict['text'])}\n\n{table}\n\n{plain(facts)}".rstrip()


def _counts(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(numbers.items()))


def _states(data: Mapping[str, Any]) -> dict[str, int]:
    states = [one["state"] for one in data["deviations"]]
    return {state: states.count(state) for state in states}


def _broken(entries: list[Mapping[str, Any]]) -> Iterator[Part]:
    if entries:
        yield Part("### Broken contracts")
    for one in entries[:MOST]:
        yield Part(_one(one), _details(one["requests"]) if one["requests"] else "")
    if len(entries) > MOST:
        yield Part(f"And {len(entries) - MOST} more, in report.html.")


def _one(one: Mapping[str, Any]) -> str:
    laws = [f"    {plain(law)}  " for law in [*one["laws"][:2], *one["sources"][:2]]]
    more = f" and {len(one['tests']) - 1} more" if len(one["tests"]) > 1 else ""
    lines = [
        f"{one['number']}. **{plain(_cut(one['sentence'], LONGEST_TEXT))}**  ",
        *laws,
        f"    found by {code(one['tests'][0])}{more}",
    ]
    return "\n".join(lines)


def _details(requests: list[str]) -> str:
    left_out = len(requests) - MOST_REQUESTS
    shown = [f"# … {left_out} earlier ones are left out"] if left_out > 0 else []
    shown += [_cut(request, LONGEST_REQUEST) for request in requests[-MOST_REQUESTS:]]
    text = "\n".join(shown)
    fence = "`" * max(3, _longest_run(text) + 1)
    lines = f"\n<details><summary>{counted(len(requests), 'request')}</summary>\n\n{fence}sh\n{text}\n{fence}\n\n</details>"
    return "\n" + "\n".join(f"    {line}".rstrip() for line in lines.splitlines())


def _others(data: Mapping[str, Any]) -> Iterator[str]:
    """Deviations, errors, and what was not tested."""
    if data["deviations"]:
        rows = ((one["state"], one["what"], _reason(one), one.get("review") or "") for one in data["deviations"])
        yield _table("Known deviations", ("state", "what", "reason", "review"), rows)
    if data["run"].get("left_behind"):
        yield _table("Left behind at the target", ("what",), ((one,) for one in data["run"]["left_behind"]))
    if data["errors"]:
        yield _table("Tests that could not be carried out", ("test", "why"), ((e["test"], e["reason"]) for e in data["errors"]))
    if data["skips"]:
        yield _table("Not run, and why", ("tests", "reason"), ((str(n), reason) for reason, n in data["skips"].items()))
    if data["not_judged"]:
        because = ((str(number), reason) for reason, number in data["not_judged"].items())
        yield _table("Not judged, because something before it is broken", ("tests", "because"), because)
    for api, names in data["not_tested"].items():
        yield f"Operations of {api} that were not reached: {', '.join(map(code, names))}"


def _reason(one: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (one.get("reason"), one.get("link"))))


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    listed = list(rows)
    lines = [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
    lines += [f"| {' | '.join(plain(_cut(cell, LONGEST_TEXT)) for cell in row)} |" for row in islice(listed, MOST)]
    more = [f"\nAnd {len(listed) - MOST} more, in report.html."] if len(listed) > MOST else []
    return "\n".join([f"### {title}", "", *lines, *more])


def plain(text: str) -> str:
    """A text that Markdown shows as it is, on one line; it mentions nobody and no issue."""
    line = escape(" ".join(text.split()), quote=False)
    return re.sub(r"(?<!\w)@|#(?=\d)", lambda found: found[0] + "\u200b", re.sub(r"([\\`*_\[\]|~])", r"\\\1", line))


def code(text: str) -> str:
    """A text as code, whatever backticks it has; outside tables only."""
    line = " ".join(text.split())
    fence = "`" * (_longest_run(line) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall(r"`+", text)), default=0)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
