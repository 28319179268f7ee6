"""The faults of linagora that the suite has to catch, and by which test."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from contract_tests.actors.linagora import UNKNOWN_ID
from contract_tests.faults import changes as f
from contract_tests.faults import linagora_changes as c
from contract_tests.faults.planting import Fault, Response

LAWS = "laws/linagora/test_{}.py::test_{}"


def law(file: str, test: str) -> tuple[str, ...]:
    return (LAWS.format(file, test),)


def conformance(operation: str, role: str = "alice") -> tuple[str, ...]:
    return (f"conformance/test_conformance.py::test_conformance[linagora-{operation}-{role}]",)


def _renamed(item: dict[str, Any]) -> dict[str, Any]:
    return {"id" if name == "_id" else name: value for name, value in item.items()}


def _longer_limit(query: dict[str, str]) -> dict[str, str]:
    return query | ({"limit": str(int(query["limit"]) + 1)} if query.get("limit", "").isdigit() else {})


def _later_offset(query: dict[str, str]) -> dict[str, str]:
    return query | ({"offset": str(int(query["offset"]) + 1)} if query.get("offset", "0").isdigit() and "offset" in query else {})


def _empty(answer: Response) -> Response:
    return replace(answer, status="200 OK", headers={"Content-Type": "application/json"}, body=b"{}")


def _recorded(answer: Response) -> Response:
    return replace(answer, status="200 OK", body=b'{"_id": "image"}')


def _with_a_foreign_one(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return items + [item | {"_id": UNKNOWN_ID, "domain_ids": ["another"]} for item in items[-1:]]


def _asked_now(community: dict[str, Any]) -> dict[str, Any]:
    return community | {"membershipRequest": datetime.now(UTC).isoformat()}


COUNT = "X-Esn-Items-Count"

fault = partial(Fault, "linagora")

FAULTS = (
    fault(1, "201 becomes 200", "createCommunity", f.becomes("200 OK", "201"), conformance("createCommunity")),
    fault(2, "undocumented status", "getCommunity", f.becomes("202 Accepted", "200"), conformance("getCommunity")),
    fault(
        3,
        "404 becomes 200 with nothing",
        "getCommunity",
        f.answers(_empty, "404"),
        law("reading", "an_unknown_community_is_not_found"),
    ),
    fault(
        4,
        "204 with a body",
        "deleteCommunity",
        f.answers(lambda a: replace(a, body=b"{}"), "204"),
        conformance("deleteCommunity"),
    ),
    fault(5, "400 becomes 500", "createCommunity", f.becomes("500 Internal Server Error", "400"), conformance("createCommunity")),
    fault(6, "500 on astral Unicode", "createCommunity", c.breaks_on_astral, law("reading", "a_creation_answers_what_was_sent")),
    fault(
        8,
        "wrong content type",
        "getCommunity",
        f.answers(lambda a: f.headed(a, "Content-Type", "text/html")),
        conformance("getCommunity"),
    ),
    fault(9, "documented header missing", "listMembers", f.without_header(COUNT), conformance("listMembers")),
    fault(
        12,
        "401 without WWW-Authenticate",
        "getMember",
        f.without_header("WWW-Authenticate", "401"),
        conformance("getMember", "anonymous"),
    ),
    fault(13, "field missing", "getCommunity", f.without("title"), conformance("getCommunity")),
    fault(14, "field renamed", "getCommunity", f.objects(_renamed), conformance("getCommunity")),
    fault(
        15, "field retyped", "createCommunity", f.objects(lambda c: c | {"domain_ids": "main"}), conformance("createCommunity")
    ),
    fault(16, "null where not nullable", "getCommunity", f.objects(lambda c: c | {"creator": None}), conformance("getCommunity")),
    fault(
        17,
        "timestamp not ISO 8601",
        "getCommunity",
        f.objects(lambda c: c | {"timestamps": {"creation": "yesterday"}}),
        conformance("getCommunity"),
    ),
    fault(
        14,
        "error without its shape",
        "getCommunity",
        f.answers(lambda a: a.with_json({"message": "no"}), "403"),
        conformance("getCommunity", "outsider"),
    ),
    fault(
        2,
        "error code is not the status",
        "getCommunity",
        f.becomes("404 Not Found", "403"),
        conformance("getCommunity", "outsider"),
    ),
    fault(21, "creation lost", "createCommunity", c.lost_creation, law("reading", "a_created_community_is_listed_in_its_domain")),
    fault(22, "update lost", "updateCommunity", f.never_sent("200 OK", b"{}"), law("updating", "a_new_title_is_read_back")),
    fault(
        27,
        "update clobbers what it does not name",
        "updateCommunity",
        c.clobbered,
        law("updating", "an_update_changes_only_what_it_names"),
    ),
    fault(
        23,
        "uniqueness not enforced",
        "createCommunity",
        f.queries(lambda q: q | {"noTitleCheck": "true"}),
        law("titles", "a_title_is_taken_once_in_a_domain"),
    ),
    fault(
        23,
        "uniqueness not enforced in a race",
        "createCommunity",
        c.racing_check,
        law("titles", "of_simultaneous_creations_with_one_title_exactly_one_succeeds"),
    ),
    fault(37, "option ignored", "createCommunity", f.dropped("noTitleCheck"), law("titles", "the_title_check_can_be_waived")),
    fault(
        24,
        "failed write leaves a side effect",
        "uploadCommunityAvatar",
        c.stored_all_the_same,
        law("avatar", "a_refused_upload_keeps_the_avatar"),
    ),
    fault(
        28,
        "second deletion is a 500",
        "deleteCommunity",
        f.becomes("500 Internal Server Error", "404"),
        ("laws/linagora/test_deleting.py::test_a_deleted_community_is_not_found[deleteCommunity]",),
    ),
    fault(
        45,
        "deletion forgotten",
        "deleteCommunity",
        f.never_sent("204 No Content"),
        law("deleting", "a_deleted_community_is_no_longer_listed"),
    ),
    fault(
        45,
        "stale read after a deletion",
        "listMembers",
        f.remembered(),
        law("paging", "the_count_of_members_follows_joining_and_leaving"),
    ),
    fault(
        29,
        "member listed twice",
        "listMembers",
        f.objects(lambda m: m + m[-1:]),
        law("joining", "who_joined_is_seen_among_the_members"),
    ),
    fault(
        45, "leaving forgotten", "removeMember", f.never_sent("204 No Content"), law("joining", "who_left_is_no_longer_a_member")
    ),
    fault(
        47, "creator may leave", "removeMember", f.becomes("204 No Content", "403"), law("joining", "the_creator_cannot_leave")
    ),
    fault(30, "page off by one", "listMembers", f.queries(_later_offset), law("paging", "a_page_is_a_slice_of_the_list")),
    fault(31, "offset ignored", "listMembers", f.dropped("offset"), law("paging", "pages_of_members_partition_the_list")),
    fault(32, "pages overlap", "listMembers", f.queries(_longer_limit), law("paging", "pages_of_members_partition_the_list")),
    fault(
        33,
        "total wrong",
        "listMembers",
        f.answers(lambda a: f.headed(a, COUNT, str(len(a.json)))),
        law("paging", "the_count_of_members_is_that_of_all_members"),
    ),
    fault(
        35,
        "order of the list reversed",
        "listCommunities",
        f.objects(lambda items: items[::-1]),
        law("listing", "the_list_is_ordered_by_title"),
    ),
    fault(
        35,
        "order of the members reversed",
        "listMembers",
        f.objects(lambda items: items[::-1]),
        law("paging", "members_are_ordered_by_joining"),
    ),
    fault(36, "filter minds the case", "listCommunities", c.case_sensitive, law("listing", "the_title_filter_ignores_case")),
    fault(
        37,
        "filter ignored",
        "listCommunities",
        f.dropped("creator"),
        law("listing", "the_creator_filter_keeps_what_that_user_created"),
    ),
    fault(
        39,
        "304 although it changed",
        "getCommunityAvatar",
        c.always_unchanged,
        law("avatar", "an_avatar_that_has_changed_is_sent_again"),
    ),
    fault(
        39,
        "200 although it has not changed",
        "getCommunityAvatar",
        c.never_unchanged,
        law("avatar", "an_avatar_that_has_not_changed_is_not_sent_again"),
    ),
    fault(
        37,
        "avatar in full size",
        "getCommunityAvatar",
        f.queries(lambda q: q | {"format": "original"}),
        ("laws/linagora/test_avatar.py::test_the_avatar_is_128_pixels_square[PNG]",),
    ),
    fault(
        37,
        "words of a search make an OR",
        "listInvitablePeople",
        f.queries(c.first_word_only),
        law("people", "two_words_find_only_who_has_both"),
    ),
    fault(41, "authentication skipped", "getCommunity", f.logged_in_anyway, conformance("getCommunity")),
    fault(41, "authentication of writes skipped", "addMember", f.logged_in_anyway, conformance("addMember")),
    fault(
        42,
        "cross-tenant read",
        "getCommunity",
        f.asked_by_the_owner,
        ("laws/security/test_linagora_permissions.py::test_permission[getCommunity-open-outsider]",),
    ),
    fault(
        43,
        "cross-tenant write",
        "updateCommunity",
        f.asked_by_the_owner,
        ("laws/security/test_linagora_permissions.py::test_permission[updateCommunity-open-outsider]",),
    ),
    fault(
        47, "role check skipped", "deleteCommunity", f.asked_by_the_owner, law("deleting", "a_refused_deletion_deletes_nothing")
    ),
    fault(
        44,
        "confidential communities leak",
        "listCommunities",
        f.asked_by_the_owner,
        law("listing", "confidential_communities_are_listed_for_members_alone"),
    ),
    fault(
        46,
        "cancellation forgotten",
        "cancelMembershipRequest",
        f.never_sent("204 No Content"),
        law("membership_requests", "a_cancelled_request_is_gone"),
    ),
    fault(
        37,
        "title filter ignored",
        "listCommunities",
        f.dropped("title"),
        law("listing", "the_title_filter_leaves_other_titles_out"),
    ),
    fault(
        37, "title filter finds parts", "listCommunities", c.parts_match, law("listing", "the_title_filter_compares_whole_titles")
    ),
    fault(
        44,
        "communities of other domains listed",
        "listCommunities",
        f.objects(_with_a_foreign_one),
        law("listing", "the_list_holds_communities_of_the_domain_alone"),
    ),
    fault(
        43,
        "creation in a foreign domain",
        "createCommunity",
        f.asked_by_the_owner,
        law("listing", "only_in_domains_of_ones_own_is_created"),
    ),
    fault(
        10,
        "somebody else is the creator",
        "createCommunity",
        f.objects(lambda c: c | {"creator": UNKNOWN_ID}),
        law("reading", "the_creator_is_who_asked"),
    ),
    fault(21, "description lost", "createCommunity", c.description_lost, law("reading", "a_creation_answers_what_was_sent")),
    fault(
        41,
        "cookie ignored",
        "getCommunity",
        f.without_cookie,
        ("laws/security/test_linagora_access.py::test_a_cookie_logs_in_as_a_token_does",),
    ),
    fault(
        5,
        "500 on a malformed id",
        "getCommunity",
        f.becomes("500 Internal Server Error", "400"),
        law("reading", "a_malformed_id_is_refused"),
    ),
    fault(
        25,
        "a title conflicts with itself",
        "updateCommunity",
        c.conflicts_with_itself,
        law("titles", "a_community_keeps_its_own_title"),
    ),
    fault(29, "joining twice joins anew", "addMember", c.rejoins, law("joining", "joining_twice_is_joining_once")),
    fault(
        3, "everybody is a member", "getMember", f.answers(_empty, "404"), law("joining", "a_user_who_is_no_member_is_not_found")
    ),
    fault(
        42,
        "anybody sees who is a member",
        "getMember",
        f.asked_by_the_owner,
        law("joining", "who_is_no_member_cannot_ask_for_members"),
    ),
    fault(
        20,
        "bad paging accepted",
        "listMembers",
        f.lenient,
        ("laws/linagora/test_paging.py::test_bad_paging_is_refused[listMembers-query0]",),
    ),
    fault(
        35,
        "order of the requests reversed",
        "listMembershipRequests",
        f.objects(lambda items: items[::-1]),
        law("paging", "a_page_of_requests_is_a_slice_in_the_order_of_asking"),
    ),
    fault(
        25,
        "asking again counts anew",
        "requestMembership",
        f.objects(_asked_now),
        law("membership_requests", "asking_twice_is_asking_once"),
    ),
    fault(
        13,
        "own request not shown",
        "getCommunity",
        f.without("membershipRequest"),
        law("membership_requests", "an_open_request_shows_in_the_community_for_who_asked"),
    ),
    fault(
        43,
        "anybody asks for anybody",
        "requestMembership",
        f.becomes("200 OK", "403"),
        law("membership_requests", "nobody_asks_for_somebody_else"),
    ),
    fault(
        33,
        "count of people wrong",
        "listInvitablePeople",
        f.answers(lambda a: f.headed(a, COUNT, "99")),
        law("people", "the_count_of_people_is_that_of_the_answer"),
    ),
    fault(
        37,
        "limit of people ignored",
        "listInvitablePeople",
        f.queries(lambda q: q | {"limit": "1000"}),
        law("people", "a_limit_keeps_the_first_people"),
    ),
    fault(
        37, "search ignored", "listInvitablePeople", f.dropped("search"), law("people", "the_search_finds_who_has_all_the_words")
    ),
    fault(
        36,
        "search minds case and accents",
        "listInvitablePeople",
        c.literal_search,
        law("people", "the_search_finds_who_has_all_the_words"),
    ),
    fault(
        37,
        "words of a search make an OR, by the property",
        "listInvitablePeople",
        f.queries(c.first_word_only),
        law("people", "the_search_finds_who_has_all_the_words"),
    ),
    fault(
        37,
        "original not kept",
        "getCommunityAvatar",
        f.dropped("format"),
        ("laws/linagora/test_avatar.py::test_the_original_is_what_was_uploaded[PNG]",),
    ),
    fault(
        45,
        "old avatar shown",
        "getCommunityAvatar",
        f.remembered(),
        law("avatar", "the_avatar_shows_the_picture_that_was_uploaded"),
    ),
    fault(3, "avatar of none", "getCommunityAvatar", f.answers(_empty, "404"), law("avatar", "a_new_community_has_no_avatar")),
    fault(
        20,
        "bad image accepted",
        "uploadCommunityAvatar",
        f.answers(_recorded, "400"),
        law("avatar", "bytes_that_are_not_such_an_image_are_refused"),
    ),
    fault(
        20,
        "missing size accepted",
        "uploadCommunityAvatar",
        f.answers(_recorded, "400"),
        ("laws/linagora/test_avatar.py::test_an_upload_without_its_parameters_is_refused[size]",),
    ),
    fault(
        19,
        "wrong size accepted",
        "uploadCommunityAvatar",
        f.answers(_recorded, "412"),
        ("laws/linagora/test_avatar.py::test_a_wrong_size_is_refused[1]",),
    ),
    fault(13, "avatar not named", "getCommunity", f.without("avatar"), law("avatar", "the_community_names_its_avatar")),
    fault(11, "405 without Allow", f.ANYTHING, f.without_header("Allow", "405"), conformance("getMember")),
)
