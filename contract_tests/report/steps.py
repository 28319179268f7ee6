"""The steps that lead to a failure: requests and answers, taken out of the text that tells them (as `curl` writes it)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# A command as `curl` writes it, word by word, and nothing that a shell would take for something else.
_WORD = r"""(?:[\w@%+=:,./-]|'[^']*'|"'"|"[\w-]+: (?:\w+ )?\$\w+"|@<\(printf '[\\0-9]*'\))+"""
_STEP = re.compile(
    rf"^(?:# (?P<head>[^\n]*)\n)?(?P<command>curl(?: {_WORD})+)(?:  #[^\n]*)?(?:\n-> (?P<answer>[^\n]*))?$", re.MULTILINE
)
_VARIABLE = re.compile(r'"[\w-]+: (?:\w+ )?\$(\w+)"')


@dataclass(frozen=True)
class Step:
    """One request as a command of the shell; the operation before it and the answer after it may be empty."""

    command: str
    head: str = ""
    answer: str = ""

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.head and f"# {self.head}", self.command, self.answer and f"-> {self.answer}")))

    @property
    def logins(self) -> list[str]:
        """The variables that it takes logins from."""
        return _VARIABLE.findall(self.command)


def steps(texts: Iterable[str]) -> list[Step]:
    """What texts tell of requests, of each text once; nothing else of them is taken, so that a script may hold it."""
    return [one for text in texts for one in dict.fromkeys(_parsed(text))]


def _parsed(text: str) -> Iterator[Step]:
    for found in _STEP.finditer(text):
        yield Step(found["command"], found["head"] or "", found["answer"] or "")
