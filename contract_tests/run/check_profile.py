"""`contract-tests check-profile`: what a profile says, whether everybody in it can log in, and what a run can test with it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from contract_tests.actors.api import api
from contract_tests.actors.people import Cast
from contract_tests.contract.choices import APIS
from contract_tests.contract.masking import masked
from contract_tests.contract.operations import creations, operations, use_overlays
from contract_tests.profile import OpenIdLogin, Principal, Profile, RequestLogin, load_profile
from contract_tests.run.preflight import Attempt, ask, trouble
from contract_tests.transport.gate import Limits
from contract_tests.transport.guard import Guard
from contract_tests.transport.logins import LoginError, Logins
from contract_tests.transport.target import Target, TargetError, find_target

GRANTS = {"authorization_code": "login page", "refresh_token": "refresh token", "client_credentials": "client credentials"}


def check_profile(file: Path) -> int:
    """Prints it all, and returns 1 if somebody cannot log in or is refused. Raises ProfileError and OverlayError."""
    profile = load_profile(file)
    use_overlays(profile.overlays)
    _print("", _settings(profile))
    if not profile.base_urls:
        _print("logins", ["not tried: the profile has no base_url, so a run needs --target URL"])
        wrong = []
    else:
        wrong = _enter(profile)
    _print("what a run can test", _forecast(profile))
    _print("what is wrong", wrong)
    return 1 if wrong else 0


def _print(title: str, lines: list[str]) -> None:
    if title and lines:
        print(f"\n{title}")
    for line in lines:
        print(masked(f"  {line}" if title else line))


def _settings(profile: Profile) -> list[str]:
    connection, safety = profile.connection, profile.safety or "read-only"
    lines = {
        "profile": str(profile.file),
        **{api: profile.base_urls.get(api, "no base_url") for api in APIS},
        "tls": _tls(profile),
        "patience": f"{connection.connect_timeout:g} s to connect, {connection.read_timeout:g} s for the next byte, "
        f"{connection.answer_timeout:g} s for a whole answer of up to {connection.max_answer_mb:g} MB; "
        f"{connection.retries} retries of a failed connection",
        "rate": connection.rate or "no limit",
        "safety": safety + ("" if profile.safety else " (the default)"),
        "overlays": ", ".join(map(str, profile.overlays)),
        "deviations": str(profile.deviations or ""),
    }
    return [f"{name:<10} {text}" for name, text in lines.items() if text]


def _tls(profile: Profile) -> str:
    connection = profile.connection
    if all(url.startswith("http://") for url in profile.base_urls.values()):
        return "none"
    if not connection.verify:
        return "!!! NOT CHECKED: with verify = false, anybody in between can read the logins !!!"
    checked = f"checked against {connection.ca or 'the usual authorities'}"
    return checked + (f"; client certificate {connection.certificate}" if connection.certificate else "")


def _enter(profile: Profile) -> list[str]:
    """Logs everybody in and sends one harmless request each, a line per person; returns what went wrong."""
    try:
        # Without their logins, since the first that failed would end it.
        strangers = tuple(replace(person, login=None) for person in profile.principals)
        target = find_target(None, replace(profile, principals=strangers), Limits())
    except TargetError as error:
        return str(error).splitlines()
    logins = Logins(replace(profile, base_urls=target.bases), target.gate)
    print("\nlogins")
    results: list[Attempt | str] = []
    for person in profile.principals:
        silent = any(isinstance(one, Attempt) and one.answer is None and one.person.api == person.api for one in results)
        results += [] if silent else [_enter_one(target, logins, person)]
    failed = [result for result in results if isinstance(result, str)]
    return list(dict.fromkeys([*failed, *trouble(result for result in results if isinstance(result, Attempt))]))


def _enter_one(target: Target, logins: Logins, person: Principal) -> Attempt | str:
    role = "administrator" if person.is_administrator else "user"
    more = f" and {len(person.homes) - 1} more" if len(person.homes) > 1 else ""
    who = f"{person.api:<8}  {person.name:<10}  {role} of {person.homes[0]}{more}  {_way(person)}"
    try:
        asked = ask(target, logins.admit(person))
    except LoginError as error:
        _print("", [f"  {who}  cannot log in"])
        return str(error)
    answer = f"{asked.answer.status_code} in {asked.seconds * 1000:.0f} ms" if asked.answer is not None else "no answer"
    _print("", [f"  {who}  {answer}"])
    return asked


def _way(person: Principal) -> str:
    """How somebody logs in."""
    match person.login:
        case OpenIdLogin(grant=grant):
            return f"logs in with OpenID ({GRANTS.get(grant, grant)})"
        case RequestLogin(method=method, path=path):
            return f"logs in with {method} {path.partition('?')[0]}"
    return "has " + " and ".join(kind for kind in ("bearer", "cookie", "basic") if getattr(person, kind))


def _forecast(profile: Profile) -> list[str]:
    """What a run will and will not test, and why."""
    return [*_sent(profile), *_judged(profile), *(line for name in APIS for line in _roles(profile, name)), *_lacking(profile)]


def _sent(profile: Profile) -> Iterator[str]:
    """How many operations the safety allows, on objects of the run's own."""
    guard = Guard(profile.safety or "read-only", {"own"})
    for name in APIS:
        known = operations(name)
        id_ = "own" if creations().keys() & known.keys() else "foreign"
        paths = {one: one.url_path(dict.fromkeys(one.parameters, id_)) for one in known.values()}
        refused = [one.id for one, path in paths.items() if guard.needed(one.method, path)]
        less = f"; it blocks {', '.join(refused)}" if refused else ""
        if profile.of(name):
            yield f"{name}: {guard.safety} allows {len(known) - len(refused)} of {len(known)} operations{less}"


def _judged(profile: Profile) -> Iterator[str]:
    if not profile.judge_inferred:
        yield "only what the documents say is judged; judge_inferred = true adds our reading of what they leave open"


def _roles(profile: Profile, name: str) -> Iterator[str]:
    cast = api(name).choose(profile.of(name))
    if isinstance(cast, str):
        yield f"{name}: nothing, because {cast}"
        return
    yield f"{name}: " + ", ".join(f"{person.name} plays {role}" for role, person in cast.roles.items())
    roles = api(name).roles.items()
    yield from (f"{name}: nobody plays {role}; not tested: {what}" for role, what in roles if role not in cast.roles)


def _lacking(profile: Profile) -> Iterator[str]:
    """What else the profile could have, and what that would add."""
    for name in APIS:
        cast, first = api(name).choose(profile.of(name)), next(iter(api(name).roles))
        if isinstance(cast, Cast) and not cast.roles[first].expired_bearer:
            yield f"{name}: {cast.roles[first].name} has no expired_bearer; not tested: whether expired tokens are refused"
        lacks = api(name).lacks
        if profile.of(name):
            yield from (f"{name}: {what}" for what in lacks(profile))
