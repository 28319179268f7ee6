"""Requests that no server has to guess about: each is refused, and nothing comes of it."""

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import expect, refusal
from contract_tests.actors.linagora import Linagora
from contract_tests.contract.basis import inferred

JSON = "application/json"
MOST = 1024 * 1024  # bytes of a body
TITLE = b'{"title": "must not be", "domain_ids": ["%s"]'
BODIES = {
    "JSON that is cut off": (TITLE, JSON),
    "JSON with something behind it": (TITLE + b"} }", JSON),
    "bytes that are no text": (b"\xff\xfe", JSON),
    "nothing": (b"", JSON),
    "a list": (b"[]", JSON),
    "JSON that calls itself text": (TITLE + b"}", "text/plain"),
    "JSON that calls itself a form": (TITLE + b"}", "application/x-www-form-urlencoded"),
}


@pytest.mark.parametrize("body", BODIES)
@inferred("400 is also for an unsupported media type, and a body that is not JSON")
def test_a_body_that_cannot_be_read_is_refused(linagora: Linagora, alice: Caller, body: str) -> None:
    community, (data, media_type) = linagora.id(alice), BODIES[body]
    data = data.replace(b"%s", linagora.domain.encode())
    with linagora.unchanged(alice, community):
        headers = {"Content-Type": media_type}
        expect(alice.call("createCommunity", data=data, headers=headers), refusal(400))
        expect(alice.call("updateCommunity", data=data, headers=headers, community_id=community), refusal(400))


@inferred("a body with a property that the spec does not know is 400")
def test_an_unknown_property_is_refused(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    with linagora.unchanged(alice, community):
        expect(linagora.try_to_create(alice, nobodys="x"), refusal(400))
        expect(alice.call("updateCommunity", {"title": linagora.title(), "nobodys": "x"}, community_id=community), refusal(400))


@inferred("413 for every body that is longer than the server reads, 1 MiB")
def test_a_body_that_is_too_long_is_refused(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    data = b'{"title": "must not stick"' + b" " * MOST + b"}"
    with linagora.unchanged(alice, community):
        headers = {"Content-Type": JSON}
        expect(alice.call("updateCommunity", data=data, headers=headers, community_id=community), refusal(413))


@inferred("a parameter given twice is 400")
def test_a_parameter_that_is_given_twice_is_refused(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    expect(alice.call("listMembers", community_id=community, query={"limit": [1, 2]}), refusal(400))
    expect(alice.call("listInvitablePeople", community_id=community, query={"search": ["a", "b"]}), refusal(400))
    expect(alice.call("listCommunities", query={"domain_id": [linagora.domain] * 2}), refusal(400))
    expect(linagora.try_to_create(alice, {"noTitleCheck": ["true", "true"]}), refusal(400))


@inferred("noTitleCheck is true or false")
@pytest.mark.parametrize("value", ["1", "0", "yes", "TRUE", ""])
def test_another_value_of_the_title_check_is_refused(linagora: Linagora, alice: Caller, value: str) -> None:
    expect(linagora.try_to_create(alice, {"noTitleCheck": value}), refusal(400))
