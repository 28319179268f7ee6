"""Invitations: from the invitation to the first login, who may not, and the waits of those who guess."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from mock_server.tests.client import Mock, problem
from mock_server.tests.conftest import on_each_sql
from mock_server.tests.residents import (
    ERIKA,
    HANS,
    LINDENHOF,
    MAX,
    PAULA,
    REGISTER,
    SEEBLICK,
    TICKETS,
    UNIT,
    UNITS,
    check,
    count_failures,
    inside,
    invite,
    made,
    new_ticket,
    read,
    register,
)


def _wait(response: TestResponse) -> int:
    """The seconds that a 429 tells to wait."""
    status, details = problem(response)
    seconds = int(response.headers["Retry-After"])
    assert (status, f"{seconds} s" in details) == (429, True), (status, details)
    return seconds


def test_an_invited_person_checks_the_token_registers_and_has_the_unit(any_mock: Mock) -> None:
    created = made(invite(any_mock, unitId=UNIT, firstName="Nia", lastName="Öz", isAdmin=True))
    token = created["inviteToken"]
    contact = {"firstName": "Nia", "lastName": "Öz", "email": "new@lindenhof.example"}
    pending = next(user for user in created["pendingUsers"].values() if user["email"] == contact["email"])
    assert pending == {"id": pending["id"], "contactId": pending["contactId"], "unitId": UNIT, "isAdmin": True, **contact}
    assert created["pendingUsers"][str(pending["id"])] == pending
    assert check(any_mock, token).get_json() == {
        "tokenString": token,
        "type": "invite",
        "contact": {"id": pending["contactId"], **contact},
        "communities": [{"id": LINDENHOF, "name": "Lindenhof"}],
        "tenant": {"id": 1, "name": "Hausverwaltung Sonnenschein GmbH"},
        "roles": ["resident", "administrator"],
    }
    registered = made(register(any_mock, token, lastName="Özil"))
    assert registered["contactExtRef"] == f"c-{pending['contactId']}"
    headers = {"Authorization": f"Bearer {registered['oidcAccessToken']}"}
    assert [unit["id"] for unit in any_mock.get(UNITS, headers=headers).get_json()] == [UNIT]
    ticket = any_mock.post(
        TICKETS, json={"communityId": 1, "ticketTypeId": 2342, "fields": {"23": "?"}}, headers=headers
    ).get_json()
    assert ticket["CreatedBy"] == {"id": pending["contactId"], "firstName": "Nia", "lastName": "Özil"}
    assert problem(any_mock.get(inside("ticket-types", SEEBLICK), headers=headers))[0] == 403
    assert problem(check(any_mock, token))[0] == 404
    assert token not in any_mock.get("/__mock/credentials").get_json()["casavi"]["invite_tokens"]
    assert str(pending["id"]) not in made(invite(any_mock, "next@lindenhof.example"))["pendingUsers"]


def test_the_samples_of_the_document_register_and_the_sub_is_the_reference_where_none_is_given(any_mock: Mock) -> None:
    body = {"firstName": "Max", "lastName": "Mustermann", "email": "max@mustermann.com", "clientId": "foobar"}
    sample = {**body, "inviteCode": "9ug2ef6", "providerKey": "somekey", "sub": "u00001"}
    assert made(any_mock.post(REGISTER, json=sample))["contactExtRef"] == "c-1235"
    assert check(any_mock, "fb7asb64").get_json()["roles"] == ["resident"]
    assert problem(register(any_mock, "fb7asb64", "jonas@x.example", sub="u00001"))[0] == 409
    assert made(register(any_mock, "fb7asb64", "jonas@x.example"))["contactExtRef"] == "c-1236"
    another = made(invite(any_mock, "third@x.example"))["inviteToken"]
    assert problem(register(any_mock, another, "third@x.example", sub="c-1236"))[0] == 409
    assert register(any_mock, another, "third@x.example", sub="c-1236", providerKey="casavi").status_code == 201


REGISTRATIONS: dict[str, tuple[dict[str, Any], int]] = {
    "an unknown code": ({"inviteCode": "nosuch"}, 404),
    "a code in capitals": ({"inviteCode": "FB7ASB64"}, 404),
    "an unknown client": ({"clientId": "nosuch"}, 404),
    "an unknown provider": ({"providerKey": "nosuch"}, 404),
    "the address of a user": ({"email": "max@lindenhof.example"}, 409),
    "the address of a user in capitals": ({"email": "MAX@Lindenhof.Example"}, 409),
    "the sub of a user": ({"sub": "c-101", "providerKey": "casavi"}, 409),
    "no address": ({"email": "nobody"}, 400),
    "an empty sub": ({"sub": ""}, 400),
    "an unknown property": ({"password": "x"}, 400),
    "a NUL": ({"firstName": "a\0"}, 400),
}


@on_each_sql
@pytest.mark.parametrize("name", REGISTRATIONS)
def test_a_refused_registration_leaves_the_invitation_open(any_mock: Mock, name: str) -> None:
    changes, status = REGISTRATIONS[name]
    before = any_mock.state()
    assert problem(register(any_mock, "fb7asb64", **changes))[0] == status
    assert any_mock.state() == before
    assert check(any_mock, "fb7asb64").status_code == 200


def test_a_code_is_good_once_and_a_person_registers_once(any_mock: Mock) -> None:
    made(register(any_mock, "fb7asb64"))
    before = any_mock.state()
    assert problem(register(any_mock, "fb7asb64", "other@lindenhof.example"))[0] == 409
    assert problem(register(any_mock, "9ug2ef6", "NEW@lindenhof.example"))[0] == 409
    assert any_mock.state() == before
    assert made(register(any_mock, "9ug2ef6", "other@lindenhof.example"))


INVITATIONS: dict[str, tuple[str, dict[str, Any], int]] = {
    "into an unknown community": (MAX, {"community": 999}, 404),
    "into a community of others": (MAX, {"community": SEEBLICK}, 403),
    "by somebody of another community": (HANS, {}, 403),
    "of an unknown contact": (MAX, {"contactId": 999}, 404),
    "of a contact who is a user": (MAX, {"contactId": 102}, 409),
    "of a contact who is invited": (MAX, {"contactId": 1236}, 409),
    "of the address of a user": (MAX, {"email": "Erika@LINDENHOF.example"}, 409),
    "of an invited address": (MAX, {"email": "JONAS@lindenhof.example"}, 409),
    "into an unknown unit": (MAX, {"unitId": 999}, 404),
    "into a unit of somebody else": (MAX, {"unitId": 434}, 403),
    "into a unit of another community": (PAULA, {"unitId": 502}, 409),
    "without an address": (MAX, {"email": ""}, 400),
    "with an unknown property": (MAX, {"role": "admin"}, 400),
    "with an id that is none": (MAX, {"contactId": None}, 400),
}


@on_each_sql
@pytest.mark.parametrize("name", INVITATIONS)
def test_a_refused_invitation_is_not_made(any_mock: Mock, name: str) -> None:
    person, changes, status = INVITATIONS[name]
    before = any_mock.state()
    body = {"email": "new@lindenhof.example", **changes}
    path = inside("invitations", body.pop("community", LINDENHOF))
    assert problem(any_mock.post(path, person, json=body))[0] == status
    assert any_mock.state() == before


def test_a_known_contact_is_invited_by_that_name_or_another(any_mock: Mock) -> None:
    body = {"email": "sven@seeblick.example", "contactId": 413}
    (pending,) = made(any_mock.post(inside("invitations", SEEBLICK), HANS, json=body))["pendingUsers"].values()
    assert (pending["contactId"], pending["firstName"], pending["lastName"]) == (413, "Sven", "Segler")
    invited = made(invite(any_mock, contactId=412, lastName="Muster"))
    names = [(user["firstName"], user["lastName"]) for user in invited["pendingUsers"].values()][1:]
    assert names == [("Jonas", "Weiß"), ("Aylin", "Kaya"), ("Zoë", "Brandt"), ("Maria", "Muster")]
    assert made(register(any_mock, invited["inviteToken"]))["contactExtRef"] == "c-412"


def test_after_two_free_failures_the_waits_double(any_mock: Mock) -> None:
    any_mock.freeze()
    assert [problem(check(any_mock, "guess"))[0] for _ in range(3)] == [404, 404, 404]
    for seconds in (1, 2, 4, 8):
        for token in ("guess", "fb7asb64"):
            assert _wait(check(any_mock, token)) == seconds
        any_mock.turn(seconds - 0.001)
        assert _wait(check(any_mock, "guess")) == 1
        any_mock.turn(0.001)
        assert problem(check(any_mock, "guess"))[0] == 404
    assert _wait(check(any_mock, "guess")) == 16
    # Asking while one has to wait makes it no longer.
    assert count_failures(any_mock) == 7


def test_the_wait_ends_somewhere(mock: Mock) -> None:
    mock.freeze()
    for _ in range(20):
        check(mock, "guess")
        mock.turn(5_000)
    check(mock, "guess")
    assert _wait(check(mock, "guess")) == 4096


def test_a_good_token_after_the_wait_ends_it(any_mock: Mock) -> None:
    any_mock.freeze()
    for _ in range(3):
        check(any_mock, "guess")
    any_mock.turn(1)
    assert check(any_mock, "fb7asb64").status_code == 200
    assert count_failures(any_mock) == 0
    assert [check(any_mock, "guess").status_code for _ in range(4)] == [404, 404, 404, 429]


def test_used_tokens_and_heads_count_as_failures_and_malformed_ones_do_not(any_mock: Mock) -> None:
    made(register(any_mock, "fb7asb64"))
    assert problem(check(any_mock, ""))[0] == 400
    assert problem(check(any_mock, "a\0"))[0] == 400
    assert any_mock("HEAD", "/api/v1/invitations/check?invite_token=x").status_code == 404
    assert problem(check(any_mock, "fb7asb64"))[0] == 404
    assert count_failures(any_mock) == 2


def test_a_wait_is_for_one_client_in_one_session_until_a_reset(any_mock: Mock) -> None:
    any_mock.freeze()
    other = any_mock.beside("other")
    for _ in range(3):
        check(any_mock, "guess")
    assert check(any_mock, "guess").status_code == 429
    assert check(any_mock, "guess", "127.0.0.2").status_code == 404
    assert check(any_mock, "fb7asb64", "127.0.0.2").status_code == 200
    assert check(other, "fb7asb64").status_code == 200
    # What a client says of itself does not help it.
    forwarded = {"X-Forwarded-For": "10.0.0.1", "Forwarded": "for=10.0.0.1"}
    assert any_mock.get("/api/v1/invitations/check?invite_token=fb7asb64", headers=forwarded).status_code == 429
    # The wait is for those who look at tokens; nothing else is slower.
    assert new_ticket(any_mock, ERIKA).status_code == 201
    assert any_mock.post("/__mock/reset").status_code == 204
    assert check(any_mock, "fb7asb64").status_code == 200
    assert read(any_mock, TICKETS)[0]["id"] == 7003
