"""The plan of a run: options and environment, resolved once, before anything is tested."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contract_tests.contract.cause import Cause
from contract_tests.contract.choices import APIS, SAFETIES
from contract_tests.contract.operations import use_overlays
from contract_tests.contract.overlay import OverlayError
from contract_tests.profile import Profile, ProfileError, load_profile
from contract_tests.profile.deviations import NONE_KNOWN, Deviations, DeviationsError, read_deviations
from contract_tests.run.options import DEPTHS, OPTIONS, Depth, variable
from contract_tests.transport.gate import NO_LIMITS, Limits, parse_rate
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.target import Target, TargetError, find_target
from contract_tests.transport.traffic import Traffic


@dataclass(frozen=True)
class Plan:
    """What to test, how far one may go, and the seed that makes the run repeatable.

    `ledger` is what the run creates at a target that forgets nothing, and `told` which test told a cause first.
    """

    target: Target
    apis: tuple[str, ...]
    safety: str
    depth_name: str
    seed: int
    report_dir: Path | None
    shrink: bool = True  # failing examples, to the smallest that fails: it takes seconds, and helps people alone
    run_id: str = field(default_factory=lambda: secrets.token_hex(4))
    limits: Limits = NO_LIMITS
    overlays: tuple[Path, ...] = ()
    deviations: Deviations = NONE_KNOWN
    draft: Path | None = None
    options: tuple[str, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
    told: dict[Cause, str] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def depth(self) -> Depth:
        return DEPTHS[self.depth_name]

    @property
    def tag(self) -> str:
        """What the name of each object begins with that the run makes at a target that forgets nothing."""
        return "" if self.target.resettable else f"contract-{self.run_id}"

    @property
    def facts(self) -> dict[str, object]:
        """The plan in plain words, for headers and reports."""
        facts: dict[str, object] = {
            "target": self.target.name,
            "api": ", ".join(self.apis),
            "safety": self.safety,
            "depth": self.depth_name,
            "seed": self.seed,
            "judged": "documented and inferred" if self.target.judges_inferred else "documented alone",
        }
        connection = self.target.profile.connection
        limits = {
            "rate": self.limits.rate or connection.rate,
            "overlays": ", ".join(file.name for file in self.overlays),
            "deviations": len(self.deviations.known),
            "tls": "" if connection.verify else "CERTIFICATES ARE NOT VERIFIED",
            "run_id": self.run_id if self.tag else "",
            "ledger": str(self.ledger.file or ""),
        }
        return facts | {name: value for name, value in limits.items() if value}

    def bigger_than(self, other: Deviations) -> bool:
        """Whether this run tries all that the run tried that some deviations come from."""
        depths, safeties = list(DEPTHS), list(SAFETIES)
        return depths.index(self.depth_name) >= depths.index(other.depth) and (
            safeties.index(self.safety) >= safeties.index(other.safety)
        )


def make_plan(options: Mapping[str, Any], seed: int | None, *, idle: bool = False) -> Plan:
    """The plan that options (by name, None where not given) and environment make; an `idle` mock is for others to start.

    Raises TargetError.
    """
    chosen = {name: options.get(name) or _from_environment(name) for name in OPTIONS}
    profile, limits = _profile(chosen["profile"]), _limits(chosen)
    overlays = (*(profile.overlays if profile else ()), *map(Path, chosen["overlay"] or ()))
    deviations = _deviations(chosen, profile)
    directory = Path(chosen["report"]) if chosen["report"] else None
    if directory is not None:
        _make(directory)
    try:
        use_overlays(overlays)
    except OverlayError as error:
        raise TargetError(str(error)) from None
    target = find_target(chosen["target"], profile, limits, Traffic(directory) if directory else None, overlays, idle=idle)
    safety = chosen["safety"] or target.profile.safety or ("full" if target.resettable else "read-only")
    plan = Plan(
        target,
        tuple(dict.fromkeys(chosen["api"] or APIS)),
        safety,
        chosen["depth"] or "quick",
        _seed(seed, chosen["depth"]),
        directory,
        shrink=os.environ.get("CONTRACT_SHRINK") != "no",
        limits=limits,
        overlays=overlays,
        deviations=deviations,
        draft=Path(chosen["write-deviations"]) if chosen["write-deviations"] else None,
        options=_given(chosen),
    )
    _check_full(plan, chosen["allow-full"])
    return replace(plan, ledger=_ledger(plan))


def _from_environment(name: str) -> Any:
    """The value of an option by its environment variable, None if there is none. Raises TargetError."""
    value = os.environ.get(variable(name))
    if not value:
        return None
    several = OPTIONS[name].get("action") == "append"
    values = value.replace(",", " ").split() if several else [value]
    allowed = OPTIONS[name].get("choices")
    for item in values:
        if allowed and item not in allowed:
            raise TargetError(f"{variable(name)}={value}: one of {', '.join(allowed)} is needed")
    return values if several else value


def _profile(file: str | None) -> Profile | None:
    try:
        return None if file is None else load_profile(Path(file))
    except ProfileError as error:
        raise TargetError(str(error)) from None


def _limits(chosen: Mapping[str, Any]) -> Limits:
    try:
        if chosen["rate"]:
            parse_rate(chosen["rate"])
    except ValueError as error:
        raise TargetError(f"--rate: {error}") from None
    requests, minutes, failures = (_number(chosen, f"max-{name}") for name in ("requests", "minutes", "failures"))
    return Limits(chosen["rate"], _whole(requests), minutes, _whole(failures))


def _number(chosen: Mapping[str, Any], name: str) -> float | None:
    try:
        number = None if chosen[name] is None else float(chosen[name])
    except ValueError:
        number = 0.0
    if number is not None and not 0 < number < float("inf"):
        raise TargetError(f"--{name} {chosen[name]}: a number above 0 is needed")
    return number


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _deviations(chosen: Mapping[str, Any], profile: Profile | None) -> Deviations:
    file = Path(chosen["deviations"]) if chosen["deviations"] else profile.deviations if profile else None
    try:
        known = NONE_KNOWN if file is None else read_deviations(file)
    except DeviationsError as error:
        raise TargetError(str(error)) from None
    return replace(known, drafting=bool(chosen["write-deviations"]))


def _check_full(plan: Plan, host: str | None) -> None:
    """Raises TargetError where everything would be let through at a deployment that was named only once."""
    hosts = {urlsplit(base).hostname for base in plan.target.bases.values()}
    if plan.safety == "full" and not plan.target.resettable and hosts != {host}:
        named = " and ".join(sorted(map(str, hosts)))
        why = "" if len(hosts) == 1 else "; there can be only one"
        raise TargetError(
            f"--safety full writes at random to {named} and takes nothing back: say --allow-full {named} if you mean it{why}"
        )


def _ledger(plan: Plan) -> Ledger:
    if plan.target.resettable:
        return Ledger()
    about: dict[str, Any] = {"run": plan.run_id, "bases": dict(plan.target.bases)}
    if plan.target.profile.file is not None:
        about["profile"] = str(plan.target.profile.file.resolve())
    # A process of its own in runs of several.
    name = f"contract-ledger-{plan.run_id}-{os.getpid()}.jsonl"
    return Ledger((plan.report_dir or Path.cwd()) / name, about)


def _given(chosen: Mapping[str, Any]) -> tuple[str, ...]:
    """The options that a repetition of a test of this run needs."""
    repeated = ("target", "profile", "api", "safety", "allow-full", "depth", "rate", "overlay")
    values = {name: chosen[name] if isinstance(chosen[name], list) else [chosen[name]] for name in repeated if chosen[name]}
    files = {"profile", "overlay"}
    return tuple(
        f"--{name}={Path(value).resolve() if name in files else value}" for name, many in values.items() for value in many
    )


def _seed(given: int | None, depth: str | None) -> int:
    """Quick runs repeat themselves; deeper ones look elsewhere each time, and say where."""
    if given is not None:
        return given
    return 0 if depth in {None, "quick"} else secrets.randbelow(2**32)


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TargetError(f"--report {directory}: {error.strerror}") from None
