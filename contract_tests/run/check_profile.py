"""`contract-tests check-profile`: what a profile says, whether everybody gets in with it, and what a run will be able to test."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from contract_tests.actors.casavi import choose_residents
from contract_tests.actors.linagora import choose_cast
from contract_tests.actors.people import Cast
from contract_tests.contract.masking import masked
from contract_tests.contract.operations import APIS, operations, use_overlays
from contract_tests.profile import OpenIdLogin, Principal, Profile, RequestLogin, load_profile
from contract_tests.run.preflight import Attempt, ask, trouble
from contract_tests.transport.gate import Limits
from contract_tests.transport.guard import CREATIONS, Guard
from contract_tests.transport.logins import LoginError, Logins
from contract_tests.transport.target import Target, TargetError, find_target

# What is not tested if nobody plays a role.
ROLES = {
    "linagora": {
        "alice": "anything of linagora",
        "bob": "joining, leaving and what members see: a second user of the domain",
        "carol": "who may act for others, and races: a third user of the domain",
        "dave": "long lists of members and requests: a fourth user of the domain",
        "admin": "what an administrator of the domain may do",
        "outsider": "whether other domains are kept out: a user of another domain",
    },
    "casavi": {
        "resident": "anything of casavi",
        "neighbour": "comments, notifications and who sees what: a second user of the community",
        "commuter": "moving between communities: a user of this and another one",
        "stranger": "whether other communities are kept out: a user of another one alone",
    },
}
GRANTS = {"authorization_code": "code", "refresh_token": "refresh token", "client_credentials": "client credentials"}


def check_profile(file: Path) -> int:
    """Prints all of it; 1 if somebody cannot log in or is not let in. Raises ProfileError and OverlayError."""
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
        "patience": f"{connection.connect_timeout:g} s to connect, {connection.read_timeout:g} s to answer, "
        f"{connection.retries} repetitions of a connection that fails",
        "rate": connection.rate or "no limit",
        "safety": safety + ("" if profile.safety else " (the profile does not say)"),
        "overlays": ", ".join(map(str, profile.overlays)),
        "deviations": str(profile.deviations or ""),
    }
    return [f"{name:<10} {text}" for name, text in lines.items() if text]


def _tls(profile: Profile) -> str:
    connection = profile.connection
    if all(url.startswith("http://") for url in profile.base_urls.values()):
        return "none"
    if not connection.verify:
        return "!!! NOT CHECKED: verify = false, so anybody on the way can read the logins !!!"
    told = f"checked against {connection.ca or 'the usual authorities'}"
    return told + (f", as {connection.certificate}" if connection.certificate else "")


def _enter(profile: Profile) -> list[str]:
    """Logs everybody in and lets him ask something, a line each; returns what went wrong."""
    try:
        # Without the logins, of which the first that fails would be the end of it.
        target = find_target(None, replace(profile, principals=tuple(map(_as_he_is, profile.principals))), Limits())
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


def _as_he_is(person: Principal) -> Principal:
    return replace(person, login=None)


def _enter_one(target: Target, logins: Logins, person: Principal) -> Attempt | str:
    role = "administrator" if person.is_administrator else "user"
    more = f" and {len(person.homes) - 1} more" if len(person.homes) > 1 else ""
    told = f"{person.api:<8}  {person.name:<10}  {role} of {person.homes[0]}{more}  {_way(person)}"
    try:
        asked = ask(target, logins.admit(person))
    except LoginError as error:
        _print("", [f"  {told}  cannot log in"])
        return str(error)
    answer = f"{asked.answer.status_code} in {asked.seconds * 1000:.0f} ms" if asked.answer is not None else "no answer"
    _print("", [f"  {told}  {answer}"])
    return asked


def _way(person: Principal) -> str:
    """How somebody logs in."""
    match person.login:
        case OpenIdLogin(grant=grant):
            return f"logs in by OpenID {GRANTS.get(grant, grant)}"
        case RequestLogin(method=method, path=path):
            return f"logs in by {method} {path.partition('?')[0]}"
    return "has " + " and ".join(kind for kind in ("bearer", "cookie", "basic") if getattr(person, kind))


def _forecast(profile: Profile) -> list[str]:
    """What a run will test and what not, and why."""
    return [*_sent(profile), *_judged(profile), *(line for api in APIS for line in _roles(profile, api)), *_lacking(profile)]


def _sent(profile: Profile) -> Iterator[str]:
    """How many operations the safety lets through, things of the run's own being concerned."""
    guard = Guard(profile.safety or "read-only", {"own"})
    for api in APIS:
        known = operations(api)
        id_ = "own" if CREATIONS.keys() & known.keys() else "foreign"
        paths = {one: one.url_path(dict.fromkeys(one.parameters, id_)) for one in known.values()}
        refused = [one.id for one, path in paths.items() if guard.needed(one.method, path)]
        less = f"; not sent: {', '.join(refused)}" if refused else ""
        if profile.of(api):
            yield f"{api}: {guard.safety} sends {len(known) - len(refused)} of {len(known)} operations{less}"


def _judged(profile: Profile) -> Iterator[str]:
    if not profile.judge_inferred:
        yield "only what the documents say is judged; judge_inferred = true judges our reading of the rest too"


def _cast(profile: Profile, api: str) -> Cast | str:
    return choose_cast(profile.of(api)) if api == "linagora" else choose_residents(profile.of(api))


def _roles(profile: Profile, api: str) -> Iterator[str]:
    cast = _cast(profile, api)
    if isinstance(cast, str):
        yield f"{api}: nothing, because {cast}"
        return
    yield f"{api}: " + ", ".join(f"{person.name} plays {role}" for role, person in cast.roles.items())
    yield from (
        f"{api}: nobody plays {role}, so not tested is {what}" for role, what in ROLES[api].items() if role not in cast.roles
    )


def _lacking(profile: Profile) -> Iterator[str]:
    """What else the profile could hold, and what it is for."""
    for api in APIS:
        cast, first = _cast(profile, api), next(iter(ROLES[api]))
        if isinstance(cast, Cast) and not cast.roles[first].expired_bearer:
            yield f"{api}: {cast.roles[first].name} has no expired_bearer, so not tested is whether old tokens are refused"
    if profile.of("casavi"):
        lists = {
            "clients": (profile.clients, "the OpenID login and registering"),
            "provider_keys": (profile.provider_keys, "registering"),
            "invite_tokens": (profile.invite_tokens, "checking an invitation that nobody has used"),
        }
        yield from (f"casavi: no {name}, so not tested is {what}" for name, (values, what) in lists.items() if not values)
        if not any(person.email and person.password for person in profile.of("casavi")):
            yield "casavi: nobody has email and password, so not tested is the OpenID login"
