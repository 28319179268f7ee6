"""One choice of data blinds no layer: at a server that refuses a special value, the laws about that value alone report it."""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import pytest
from PIL import Image

from contract_tests.faults.servers import near, shared_mock
from contract_tests.selftests.runs import run
from contract_tests.transport.in_process import WsgiApp

LINAGORA, CASAVI = "laws/linagora/test_", "laws/casavi/test_"
PLAIN_NAMES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."
ERROR = {"error": {"code": 0, "message": "Refused", "details": "this value is not taken"}}


@dataclass(frozen=True)
class Asked:
    """A request to a server."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    data: bytes

    @property
    def body(self) -> dict[str, Any]:
        try:
            found = json.loads(self.data)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Special:
    """A special value, the status that refuses it, and laws to try it on: those about the value, and others beside them."""

    name: str
    refused: Callable[[Asked], object]
    tests: str
    about: frozenset[str]
    status: int = 400

    def __str__(self) -> str:
        return self.name


def _special(name: str, refused: Callable[[Asked], object], tests: str, *about: str, status: int = 400) -> Special:
    return Special(name, refused, f"{tests}.py", frozenset(about), status)


def _not_square(asked: Asked) -> bool:
    try:
        image = Image.open(io.BytesIO(asked.data))
    except OSError:
        return False
    return image.width != image.height


def _value(asked: Asked, *names: str) -> str:
    return "".join(str(asked.body.get(name, "")) for name in names)


SPECIAL = [
    _special(
        "a picture that is not square",
        lambda asked: asked.path.endswith("/avatar") and _not_square(asked),
        f"{LINAGORA}avatar",
        "the_small_picture_is_cut_and_not_squeezed",
        status=500,
    ),
    _special(
        "a title of other letters than English",
        lambda asked: not _value(asked, "title").isascii(),
        f"{LINAGORA}listing",
        "titles_are_ordered_by_code_point",
        "the_title_filter_ignores_the_case_of_any_letter",
        "the_title_filter_finds_a_title_of_any_letters",
    ),
    _special(
        "a title or description of other letters than English",
        lambda asked: not _value(asked, "title", "description").isascii(),
        f"{LINAGORA}reading",
        "a_title_of_any_letters_reads_back",
        "a_description_of_any_letters_reads_back",
    ),
    _special(
        "a private community",
        lambda asked: asked.body.get("type") == "private",
        f"{LINAGORA}membership_requests",
        "a_request_is_listed_for_the_creator[private]",
        "asking_does_not_make_a_member[private]",
        "admitting_settles_the_request[private]",
    ),
    _special(
        "a community that is not open",
        lambda asked: asked.body.get("type", "open") != "open",
        f"{LINAGORA}joining",
        "a_refused_join_makes_no_member[restricted]",
        "a_refused_join_makes_no_member[private]",
        "a_refused_join_makes_no_member[confidential]",
        "a_user_who_asks_is_shown_as_members_are",
    ),
    _special(
        "several members in one update",
        lambda asked: len(asked.body.get("newMembers", []) + asked.body.get("deleteMembers", [])) > 1,
        f"{LINAGORA}updating",
        "an_update_adds_and_removes_all_whom_it_names",
        "one_update_can_add_members_and_remove_others",
    ),
    _special(
        "a limit above 100",
        lambda asked: any(int(limit) > 100 for limit in asked.query.get("limit", [])),
        f"{LINAGORA}people",
        "members_and_outsiders_cannot_be_invited",
        "the_search_finds_who_has_all_the_words",
    ),
    _special(
        "a file name with other signs than letters",
        lambda asked: set(asked.headers.get("HTTP_X_FILENAME", "")) - set(PLAIN_NAMES),
        f"{CASAVI}uploads",
        "a_name_may_have_blanks_and_signs",
        "a_name_loses_its_folders",
    ),
    _special(
        "a file of an unusual type",
        lambda asked: asked.headers.get("CONTENT_TYPE") == "application/octet-stream",
        f"{CASAVI}uploads",
        "any_bytes_come_back",
    ),
    _special(
        "a picture that is not square, as a file",
        lambda asked: asked.path.endswith("/uploads") and _not_square(asked),
        f"{CASAVI}uploads",
        "a_smaller_picture_keeps_the_proportions",
    ),
    _special(
        "a comment with attachments",
        lambda asked: "attachments" in asked.body,
        f"{CASAVI}comments",
        "a_comment_has_its_attachments",
        "a_comment_with_an_unknown_file_is_not_kept",
    ),
    _special(
        "a ticket about a unit",
        lambda asked: "ticketTypeId" in asked.body and "unitId" in asked.body,
        f"{CASAVI}tickets",
        "a_ticket_is_about_what_was_sent[unit]",
        "a_refused_ticket_is_not_opened[unknown unit]",
        "a_ticket_is_not_about_the_unit_of_a_neighbour",
        "a_ticket_is_not_about_a_unit_of_another_community",
    ),
    _special(
        "an invitation that names more than an address",
        lambda asked: asked.path.endswith("/invitations") and asked.body.keys() - {"email"},
        f"{CASAVI}invitations",
        "who_is_invited_is_pending[a name]",
        "who_is_invited_is_pending[a unit]",
        "who_is_invited_is_pending[isAdmin]",
        "anybody_may_say_that_nobody_shall_administer",
        "only_an_administrator_invites_administrators",
        "a_token_says_for_whom_it_is[a name]",
        "an_administrator_has_other_roles",
        "a_contact_is_invited_once",
        "an_invitation_names_what_there_is",
        "nobody_is_invited_into_the_unit_of_a_neighbour",
        "nobody_is_invited_into_a_unit_of_another_community",
    ),
    _special(
        "unreadOnly",
        lambda asked: "unreadOnly" in asked.query,
        f"{CASAVI}notifications",
        "unread_only_keeps_the_unread_ones",
        "the_numbers_of_an_answer_are_right[unread]",
    ),
]


def _refusing(app: WsgiApp, special: Special) -> WsgiApp:
    def refusing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        data = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(data)
        headers = {name: str(value) for name, value in environ.items() if name.isupper()}
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        if not special.refused(Asked(environ["REQUEST_METHOD"], environ["PATH_INFO"], query, headers, data)):
            return app(environ, start_response)
        body = json.dumps({"error": ERROR["error"] | {"code": special.status}}).encode()
        start_response(f"{special.status} Refused", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return refusing


@pytest.mark.parametrize("special", SPECIAL, ids=str)
def test_only_the_laws_about_a_special_value_report_it(special: Special) -> None:
    with near(_refusing(shared_mock(), special)) as url:
        outcomes = run([special.tests], "--target", url).outcomes
    laws = {name.partition("::test_")[2]: outcome for name, outcome in outcomes.items()}
    reporting = {name for name, outcome in laws.items() if outcome != "passed"}
    assert {_known(name, special) for name in reporting} == special.about
    assert "passed" in laws.values()


def _known(name: str, special: Special) -> str:
    """The name as the special value lists it: with or without parameters."""
    return name if name in special.about else name.partition("[")[0]
