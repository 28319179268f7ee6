"""The fields of a ticket: what the type asks for, in the kinds that it says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import each_once, expect, refusal, require, same, status
from contract_tests.contract.basis import inferred
from contract_tests.laws.strategies import descriptions

KINDS = ("text", "number", "boolean", "date", "select", "file")
UNKNOWN_FILE = {"path": "unknown-file.txt", "name": "unknown.txt", "fileType": "text/plain", "fileSize": 1, "thumbs": {}}
WRONG: dict[str, list[Any]] = {
    "text": [1, True, []],
    "number": ["3", True, []],
    "boolean": ["true", 1, []],
    "date": ["yesterday", "2024-02-30", "02.05.2024", "20240502", "2024-W18-4", "", 20240502, True],
    "select": ["none of the options", 0, True, []],
    "file": ["note.txt", 1, True],
}


def _shown(ticket: Json) -> Json:
    return {str(one["id"]): one["value"] for one in ticket["customFields"]}


def _comes_back(casavi: Casavi, caller: Caller, type_: Json, fields: Json) -> None:
    """Raises ContractError unless a new ticket shows these fields, and no others, when it is read."""
    shown = _shown(casavi.ticket(caller, casavi.open_ticket(caller, type_, fields=fields)["id"]))
    same(shown, fields, "getTicket", "shows other fields than createTicket was sent")


def _filled(casavi: Casavi, caller: Caller, kind: str, *values: Any) -> tuple[Json, Json]:
    """A ticket type with a field of a kind, and its fields: what is required, and a value of that kind."""
    type_, field = casavi.type_with(caller, kind)
    value = values[0] if values else casavi.value(caller, field)
    return type_, casavi.required(caller, type_) | {str(field["id"]): value}


@pytest.mark.parametrize("kind", KINDS)
@inferred("fields: keys are the ids of the fields (from the ticket types), the value is the user input; customFields shows them")
def test_what_was_entered_comes_back(casavi: Casavi, resident: Caller, kind: str) -> None:
    _comes_back(casavi, resident, *_filled(casavi, resident, kind))


@inferred("fields: every field of a ticket type may be filled in")
def test_all_fields_of_a_type_come_back(casavi: Casavi, resident: Caller) -> None:
    for type_ in casavi.types(resident):
        _comes_back(casavi, resident, type_, casavi.values(resident, type_["fields"]))


@pytest.mark.parametrize("kind", KINDS)
@inferred("customFields has the field's id, label and kind")
def test_a_field_keeps_its_name_and_kind(casavi: Casavi, resident: Caller, kind: str) -> None:
    type_, fields = _filled(casavi, resident, kind)
    known = {str(one["id"]): [one["label"], one["type"]] for one in type_["fields"]}
    shown = {
        str(one["id"]): [one["label"], one["type"]] for one in casavi.open_ticket(resident, type_, fields=fields)["customFields"]
    }
    wanted = {id_: known[id_] for id_ in fields}
    same(shown, wanted, "createTicket", "calls fields otherwise than listTicketTypes does")


@inferred("a field that is not required may be left out, and then it is not in the ticket")
def test_what_was_not_entered_is_not_shown(casavi: Casavi, resident: Caller) -> None:
    for type_ in casavi.types(resident):
        _comes_back(casavi, resident, type_, casavi.required(resident, type_))


@given(text=descriptions)
@inferred("a text comes back as it was entered")
def test_any_text_comes_back(casavi: Casavi, resident: Caller, text: str) -> None:
    _comes_back(casavi, resident, *_filled(casavi, resident, "text", f"x{text}x"))


@given(number=st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e9, 1e9, allow_nan=False))
@inferred("a number comes back as it was entered")
def test_any_number_comes_back(casavi: Casavi, resident: Caller, number: float) -> None:
    _comes_back(casavi, resident, *_filled(casavi, resident, "number", number))


@inferred("a select field takes each of its options")
def test_each_option_can_be_chosen(casavi: Casavi, resident: Caller) -> None:
    _, field = casavi.type_with(resident, "select")
    require(field["options"], "listTicketTypes", "shows a select field without options", got=field)
    for option in filter(None, field["options"]):  # an empty one leaves the field empty
        _comes_back(casavi, resident, *_filled(casavi, resident, "select", option))


@pytest.mark.parametrize("answer", [True, False])
@inferred("a boolean comes back as it was entered")
def test_no_is_an_answer(casavi: Casavi, resident: Caller, answer: bool) -> None:
    type_, field = casavi.type_with(resident, "boolean")
    fields = casavi.required(resident, type_) | {str(field["id"]): answer}
    shown = _shown(casavi.open_ticket(resident, type_, fields=fields)).get(str(field["id"]))
    require(shown is answer, "createTicket", "shows another answer in a boolean field", expected=answer, got=shown)


def _is_refused(casavi: Casavi, caller: Caller, type_: Json, fields: Json, code: int) -> None:
    before = casavi.tickets(caller)
    expect(caller.call("createTicket", casavi.new_ticket(caller, type_, fields=fields)), refusal(code))
    same(casavi.tickets(caller), before, "listTickets", "shows a ticket that was refused")


@inferred("409: a mandatory field is absent")
def test_each_required_field_is_required(casavi: Casavi, resident: Caller) -> None:
    asked = 0
    for type_ in casavi.types(resident):
        good = casavi.required(resident, type_)
        for key in good:
            _is_refused(casavi, resident, type_, {name: value for name, value in good.items() if name != key}, 409)
            asked += 1
    if not asked:
        pytest.skip("no ticket type of the community has a required field")


@inferred("409: a mandatory field is absent")
def test_without_fields_a_mandatory_one_is_absent(casavi: Casavi, resident: Caller) -> None:
    asking = [type_ for type_ in casavi.types(resident) if any(one["required"] for one in type_["fields"])]
    if not asking:
        pytest.skip("no ticket type of the community has a required field")
    body = casavi.new_ticket(resident, asking[0])
    del body["fields"]
    expect(resident.call("createTicket", body), refusal(409))


@pytest.mark.parametrize(("kind", "nothing"), [("text", ""), ("file", [])])
@inferred("409: a mandatory field is empty")
def test_nothing_does_not_fill_a_required_field(casavi: Casavi, resident: Caller, kind: str, nothing: Any) -> None:
    type_, field = casavi.type_with(resident, kind, required=True)
    _is_refused(casavi, resident, type_, casavi.required(resident, type_) | {str(field["id"]): nothing}, 409)


@pytest.mark.parametrize("kind", KINDS)
@inferred("409: a value is not of the field's kind")
def test_a_value_of_another_kind_is_refused(casavi: Casavi, resident: Caller, kind: str) -> None:
    type_, field = casavi.type_with(resident, kind)
    good = casavi.required(resident, type_)
    for value in WRONG[kind]:
        _is_refused(casavi, resident, type_, good | {str(field["id"]): value}, 409)


@inferred("createTicket: 409 for a field that is foreign to the type")
def test_a_field_of_another_type_is_foreign(casavi: Casavi, resident: Caller) -> None:
    first, *others = casavi.types(resident)
    own = {one["id"] for one in first["fields"]}
    foreign = [one for type_ in others for one in type_["fields"] if one["id"] not in own and one["type"] != "file"]
    if not foreign:
        pytest.skip("the community has no two ticket types with different fields")
    _is_refused(casavi, resident, first, casavi.required(resident, first) | casavi.values(resident, foreign[:1]), 409)


@inferred("createTicket: 404 for an unknown upload")
def test_an_unknown_upload_is_not_found(casavi: Casavi, resident: Caller) -> None:
    type_, field = casavi.type_with(resident, "file")
    _is_refused(casavi, resident, type_, casavi.required(resident, type_) | {str(field["id"]): [UNKNOWN_FILE]}, 404)


@inferred("a file field takes several uploads, and shows them in their order")
def test_several_files_come_back_in_order(casavi: Casavi, resident: Caller) -> None:
    files = [casavi.upload(resident, name=f"{number}.txt") for number in (2, 1, 3)]
    _comes_back(casavi, resident, *_filled(casavi, resident, "file", files))


@inferred("each field and each type has an id of its own")
def test_types_and_fields_have_ids_of_their_own(casavi: Casavi, resident: Caller) -> None:
    types = casavi.types(resident)
    each_once([type_["id"] for type_ in types], "listTicketTypes")
    for type_ in types:
        each_once([one["id"] for one in type_["fields"]], "listTicketTypes")


@inferred("listTicketTypes: what can be reported in the community; its residents are told the same")
def test_neighbours_are_told_the_same_types(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    same(casavi.types(neighbour), casavi.types(resident), "listTicketTypes", "shows neighbours different ticket types")


@inferred("createTicket: every type of the list can be reported")
def test_a_ticket_of_each_type_can_be_opened(casavi: Casavi, resident: Caller) -> None:
    for type_ in casavi.types(resident):
        expect(resident.call("createTicket", casavi.new_ticket(resident, type_)), status(201))
