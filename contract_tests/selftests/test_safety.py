"""The guard: nothing but reads in read-only, nothing but the run's own objects in a sandbox."""

import json
from pathlib import Path

import pytest

from contract_tests.faults.servers import Deployment, near, shared_mock
from contract_tests.selftests.runs import Run, run
from contract_tests.selftests.written_profiles import write_profile
from contract_tests.transport.guard import Guard, Need, Refused

OWN, FOREIGN = "own-id", "foreign-id"


@pytest.mark.parametrize(
    ("safety", "method", "path", "allowed"),
    [
        ("read-only", "GET", f"/api/communities/{FOREIGN}", True),
        ("read-only", "HEAD", "/api/communities", False),
        ("read-only", "OPTIONS", "/api/communities", False),
        ("read-only", "GET", "/api/unknown", False),
        ("read-only", "GET", "/api/communities/a/b", False),
        ("read-only", "GET", "/api/communities/a%2Fb", False),
        ("read-only", "GET", "/api/communities/%2e%2e", False),
        ("read-only", "GET", "/__mock/health", False),
        ("read-only", "GET", None, False),
        ("sandbox", "GET", None, True),
        ("sandbox", "POST", None, False),
        ("full", "POST", None, False),
        ("sandbox", "OPTIONS", "/api/communities", True),
        ("sandbox", "GET", "/api/unknown", True),
        ("read-only", "POST", "/api/communities", False),
        ("read-only", "TRACE", "/api/communities", False),
        ("read-only", "DELETE", f"/api/communities/{OWN}", False),
        ("sandbox", "POST", "/api/communities", True),
        ("sandbox", "PUT", f"/api/communities/{OWN}", True),
        ("sandbox", "PUT", f"/api/communities/{OWN}/members/{FOREIGN}", True),
        ("sandbox", "PUT", f"/api/communities/{FOREIGN}/members/{OWN}", False),
        ("sandbox", "DELETE", f"/api/communities/{FOREIGN}", False),
        ("sandbox", "DELETE", f"/api/communities/{OWN}/../{FOREIGN}", False),
        ("sandbox", "DELETE", f"/api/communities/{OWN}/%2e%2e/{FOREIGN}", False),
        ("sandbox", "DELETE", f"/api/communities/{OWN}%2F..%2F{FOREIGN}", False),
        ("read-only", "GET", "/api/v1/units", True),
        ("read-only", "GET", "/api/v1/invitations/check", False),
        ("read-only", "HEAD", "/api/v1/invitations/check", False),
        ("read-only", "GET", "/api/v1/invitations/%63heck", False),
        ("sandbox", "OPTIONS", "/api/v1/invitations/check", True),
        ("sandbox", "GET", "/api/v1/invitations/check", False),
        ("sandbox", "POST", "/api/v1/tickets", False),
        ("sandbox", "POST", "/api/v1/uploads", False),
        ("sandbox", "PUT", "/api/v1/communities/1/notifications/read", False),
        ("full", "DELETE", f"/api/communities/{FOREIGN}", True),
    ],
)
def test_the_guard_knows_what_is_allowed(safety: str, method: str, path: str | None, allowed: bool) -> None:
    guard = Guard(safety, {OWN})
    if allowed:
        guard.check(method, path)
        return
    with pytest.raises(Refused, match=r"^needs |^it goes to another host$"):
        guard.check(method, path)
    assert guard.refused == 1


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        (b'{"title": "contract-12ab-1 Chess", "domain_ids": []}', True),
        (b'{"title": "Chess"}', False),
        (b'{"title": 7}', False),
        (b"[]", False),
        (b"no JSON", False),
        (None, False),
    ],
)
def test_a_sandbox_creates_only_what_bears_the_name_of_the_run(body: bytes | None, allowed: bool) -> None:
    guard = Guard("sandbox", set(), "contract-12ab")
    assert (guard.needed("POST", "/api/communities", body) is None) is allowed


def test_a_refusal_says_why_a_sandbox_is_not_enough() -> None:
    guard = Guard("sandbox", set())
    with pytest.raises(Refused, match="needs --safety full, since nothing undoes addTicketComment"):
        guard.check("POST", "/api/v1/tickets/7/comments")
    assert guard.needed("GET", "/api/v1/invitations/check") == Need("full", "since nothing undoes checkInviteToken")


def _at_a_deployment(folder: Path, safety: str, tests: list[str], *options: str) -> tuple[Run, Deployment]:
    deployment = Deployment(shared_mock())
    profile = write_profile(folder)
    with near(deployment) as url:
        result = run(tests, "--target", url, "--profile", str(profile), "--safety", safety, "--report", str(folder), *options)
    return result, deployment


def test_no_write_reaches_a_target_in_read_only(tmp_path: Path) -> None:
    tests = ["conformance/test_conformance.py", "conformance/test_links.py", "machines", "laws/linagora/test_titles.py"]
    result, deployment = _at_a_deployment(
        tmp_path, "read-only", tests, "--api", "linagora", "-k", "(alice or titles) and not updateCommunity"
    )
    assert {method for method, _ in deployment.requests} == {"GET"}
    assert len(deployment.requests) > 50, "the reads were not sent either"
    assert result.status == pytest.ExitCode.OK, result.failures
    assert "needs --safety sandbox" in " ".join(result.reasons), result.reasons
    read = [test for test, outcome in result.outcomes.items() if outcome == "passed"]
    assert "conformance/test_conformance.py::test_conformance[linagora-getCommunity-alice]" in read
    assert result.outcomes["conformance/test_conformance.py::test_conformance[linagora-deleteCommunity-alice]"] == "skipped"


@pytest.mark.parametrize("safety", ["read-only", "sandbox"])
def test_nothing_is_written_to_casavi_without_full_safety(tmp_path: Path, safety: str) -> None:
    deployment = Deployment(shared_mock())
    profile = write_profile(tmp_path, "judge_inferred = true")
    tests = [f"laws/casavi/test_{file}.py" for file in ("tickets", "uploads", "brute_force")] + [
        "conformance/test_conformance.py"
    ]
    narrow = "not conformance or (resident and (Count or check or mark or upload))"
    with near(deployment) as url:
        options = ["--profile", str(profile), "--safety", safety, "--api", "casavi", "-k", narrow]
        result = run(tests, "--target", url, *options)
    assert deployment.writes == []
    allowed = {"OPTIONS"} if safety == "sandbox" else set()
    assert {method for method, path in deployment.requests if path.endswith("/check")} <= allowed
    if safety == "read-only":
        assert {method for method, _ in deployment.requests} == {"GET"}
    assert len(deployment.requests) > 50, "the reads were not sent either"
    assert result.status == pytest.ExitCode.OK, result.failures
    assert "needs --safety full, since nothing undoes createTicket" in " ".join(result.reasons), result.reasons
    read = [test for test, outcome in result.outcomes.items() if outcome == "passed"]
    assert "conformance/test_conformance.py::test_conformance[casavi-getUnreadChatCount-resident]" in read


def test_a_sandbox_writes_to_its_own_objects_alone_and_leaves_none(tmp_path: Path) -> None:
    tests = ["conformance/test_conformance.py", "conformance/test_links.py", "machines", "laws/linagora/test_deleting.py"]
    result, deployment = _at_a_deployment(
        tmp_path,
        "sandbox",
        tests,
        "--api",
        "linagora",
        "-k",
        "not admin and not anonymous and not outsider and not updateCommunity and not createCommunity",
    )
    assert result.status == pytest.ExitCode.OK, result.failures
    events = [json.loads(line) for file in tmp_path.glob("contract-ledger-*.jsonl") for line in file.read_text().splitlines()]
    created = {event["id"]: event["key"] for event in events if event["event"] == "created"}
    strays = [
        (method, path) for method, path in deployment.writes if path != "/api/communities" and path.split("/")[3] not in created
    ]
    assert strays == []
    assert created, "nothing was created"
    assert result.outcomes["conformance/test_links.py::test_links_lead_to_answers_that_conform[alice]"] == "passed"
    assert result.outcomes["laws/linagora/test_deleting.py::test_a_deletion_spares_other_communities"] == "passed"
    assert set(created.values()) == {event["key"] for event in events if event["event"] == "deleted"}
    titles = [event["name"] for event in events if event["event"] == "creating"]
    assert all(title.startswith("contract-") for title in titles), titles


def test_inferred_laws_are_not_judged_where_the_profile_says_so(tmp_path: Path) -> None:
    result, _ = _at_a_deployment(tmp_path, "sandbox", ["laws/linagora/test_updating.py"], "--api", "linagora")
    assert result.outcomes["laws/linagora/test_updating.py::test_a_new_title_is_read_back"] == "passed"
    assert result.outcomes["laws/linagora/test_updating.py::test_a_new_title_keeps_the_members"] == "skipped"
    assert any("held to the documents alone" in reason for reason in result.reasons)
