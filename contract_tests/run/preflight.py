"""Before a run at a deployment, everybody asks one harmless thing: is it there, and is everybody let in?"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from requests import Response

from contract_tests.actors.api import api
from contract_tests.contract.choices import APIS
from contract_tests.contract.operations import home_of, operations
from contract_tests.profile import Principal
from contract_tests.transport.gate import Stopped
from contract_tests.transport.network import origin, redirect_of, sentence
from contract_tests.transport.session import TIMEOUT, CleanSession
from contract_tests.transport.target import Target


@dataclass(frozen=True)
class Attempt:
    """What somebody's harmless request came to: the answer, or why there is none; and the seconds that it took."""

    person: Principal
    url: str
    answer: Response | None
    failure: str
    seconds: float


def preflight(target: Target, apis: Sequence[str] = APIS) -> list[str]:
    """What keeps a run from being worth its while, a sentence for each API and kind of trouble; empty if all is well."""
    return trouble(asked for name in apis for asked in ask_all(target, target.profile.of(name)))


def ask_all(target: Target, people: Iterable[Principal]) -> Iterable[Attempt]:
    """Lets people of one API ask, one after the other; once nobody answers, the others need not try."""
    for person in people:
        asked = ask(target, person)
        yield asked
        if asked.answer is None:
            return


def ask(target: Target, person: Principal) -> Attempt:
    """Lets somebody ask the harmless thing, with their login as it stands in the target's profile."""
    name, home = api(person.api).harmless, home_of(person.api).parameter
    base = target.bases[person.api]
    url = base + operations(person.api)[name].path
    started = time.perf_counter()
    answer, failure = None, ""
    try:
        headers = {key: target.tokens.fresh(value) for key, value in person.headers.items()} | {"Accept": "application/json"}
        session = CleanSession(base, target.gate)
        answer = session.get(url, params={home: person.homes[0]}, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        failure = sentence(error, url)
    except Stopped as stopped:
        failure = str(stopped)
    return Attempt(person, url, answer, failure, time.perf_counter() - started)


def trouble(all_asked: Iterable[Attempt]) -> list[str]:
    """A sentence for each API and kind of trouble, with the names of those who met it."""
    met: dict[tuple[str, str], list[str]] = {}
    for asked in all_asked:
        text = _trouble(asked)
        if text:
            met.setdefault((asked.person.api if asked.answer is not None else "", text), []).append(asked.person.name)
    return [f"{name}, {', '.join(names)}: {text}" if name else text for (name, text), names in met.items()]


def _trouble(asked: Attempt) -> str:
    """What is wrong with an answer; a fault of the server's own is for the tests to tell, and none here."""
    if asked.answer is None:
        return asked.failure
    answer, url, name = asked.answer, asked.url, asked.person.api
    operation, home = api(name).harmless, home_of(name).parameter
    if answer.is_redirect:
        place = urlsplit(redirect_of(answer) or url)
        where = f"{origin(place.geturl())}{place.path}"  # what is behind that may be a secret
        return f"{url} redirects to {where}: a login page? The login in the profile is not what this server takes"
    refusals = {
        401: f"the login is refused (401); has the token or cookie expired, and is it one of {origin(url)}?",
        403: f"the login is good, but {operation} is not allowed with it (403); is {home}s right?",
        404: f"there is no {operation} at {url} (404); is base_url or path_prefix right, or is an overlay needed?",
    }
    is_page = answer.status_code < 500 and "html" in answer.headers.get("Content-Type", "").lower()
    page = f"{url} answers HTML where JSON is the contract; is base_url or path_prefix right?" if is_page else ""
    return refusals.get(answer.status_code, page)
