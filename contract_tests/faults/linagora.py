"""The faults of linagora that are made by hand, and the laws that have to catch them and some of the generated ones."""

from contract_tests.actors.linagora import UNKNOWN_ID
from contract_tests.faults import linagora_changes as c
from contract_tests.faults.changes import (
    EMPTY,
    ERROR,
    FORGOTTEN,
    SHAPELESS,
    becomes,
    half_done,
    having,
    ignored,
    ignored_header,
    lenient,
    logged_in_anyway,
    never_sent,
    owned,
    put,
    shifted,
    succeeds_with,
    with_header,
    without,
    without_header,
)
from contract_tests.faults.memory import COUNT, never_fewer, remembered
from contract_tests.faults.planting import Fault, Laws

IMAGE = b'{"_id": "image"}'
MODEL = "every_answer_is_the_models"
BAD_UPLOAD = ("bytes_that_are_not_such_an_image_are_refused", "an_upload_without_its_parameters_is_refused")
OWN_REQUEST = "an_open_request_shows_in_the_community_for_who_asked"
ADDED = "new_members_join_those_who_are_there"
CHANGED = "an_avatar_that_has_changed_is_sent_again"
UNCHANGED = "an_avatar_that_has_not_changed_is_not_sent_again"
SEARCH = "the_search_finds_who_has_all_the_words"
TOGETHER = "of_simultaneous_creations_with_one_title_exactly_one_succeeds"


def _conformance(operation: str, role: str = "alice") -> str:
    return f"conformance[linagora-{operation}-{role}]"


FAULTS = (
    Fault("listCommunities", 35, "titles are ordered without case", c.without_case, by=MODEL),
    Fault("listCommunities", 36, "filter minds the case", c.title_minds_case, by="the_title_filter_ignores_case"),
    Fault("listCommunities", 37, "title filter finds parts", c.title_finds_parts, by="the_title_filter_compares_whole_titles"),
    Fault("listCommunities", 44, "others' are listed", owned, by="confidential_communities_are_listed_for_members_alone"),
    Fault("listCommunities", 44, "a foreign one is listed", c.foreign_one, by="the_list_holds_communities_of_the_domain_alone"),
    Fault("createCommunity", 1, "201 becomes 200", becomes("200 OK", "201"), by=_conformance("createCommunity")),
    Fault("createCommunity", 5, "400 becomes 500", becomes(ERROR, "400"), by=_conformance("createCommunity")),
    Fault("createCommunity", 6, "500 on astral letters in a title", c.astral_title, by="a_title_of_any_letters_reads_back"),
    Fault("createCommunity", 10, "somebody else is the creator", having(creator=UNKNOWN_ID), by="the_creator_is_who_asked"),
    Fault("createCommunity", 15, "domains retyped", having(domain_ids="main"), by=_conformance("createCommunity")),
    Fault("createCommunity", 21, "description lost", ignored("description"), by="a_creation_answers_what_was_sent"),
    Fault("createCommunity", 23, "titles not compared", put(noTitleCheck="true"), by="a_title_is_taken_once_in_a_domain"),
    Fault("createCommunity", 23, "titles compared too early", c.racing_check, by=TOGETHER),
    Fault("createCommunity", 43, "creation in a foreign domain", owned, by="only_in_domains_of_ones_own_is_created"),
    Fault("getCommunity", 2, "200 becomes 202", becomes("202 Accepted", "200"), by=_conformance("getCommunity")),
    Fault("getCommunity", 2, "403 becomes 404", becomes("404 Not Found", "403"), by=_conformance("getCommunity", "outsider")),
    Fault("getCommunity", 3, "404 becomes 200", EMPTY, by="an_unknown_community_is_not_found"),
    Fault("getCommunity", 8, "success as HTML", with_header("Content-Type", "text/html"), by=_conformance("getCommunity")),
    Fault("getCommunity", 13, "title missing", without("title"), by=_conformance("getCommunity")),
    Fault("getCommunity", 13, "own request missing", without("membershipRequest"), by=OWN_REQUEST),
    Fault("getCommunity", 13, "avatar missing", without("avatar"), by="the_community_names_its_avatar"),
    Fault("getCommunity", 14, "_id renamed", c.id_renamed, by=_conformance("getCommunity")),
    Fault("getCommunity", 14, "error of another shape", SHAPELESS, by=_conformance("getCommunity", "outsider")),
    Fault("getCommunity", 16, "creator null", having(creator=None), by=_conformance("getCommunity")),
    Fault("getCommunity", 17, "timestamp in words", having(timestamps={"creation": "today"}), by=_conformance("getCommunity")),
    Fault("getCommunity", 41, "login not looked at", logged_in_anyway, by=_conformance("getCommunity")),
    Fault("getCommunity", 41, "cookie ignored", ignored_header("Cookie"), by="a_cookie_logs_in_as_a_token_does"),
    Fault("updateCommunity", 22, "update lost", never_sent("200 OK", b"{}"), by="a_new_title_is_read_back"),
    Fault("updateCommunity", 22, "an update of two things is lost", c.undone_with_two, by=MODEL),
    Fault("updateCommunity", 22, "the second new member is forgotten", c.without_the_second, by=MODEL),
    Fault("updateCommunity", 24, "a refused update is half done", half_done, by=MODEL),
    Fault("updateCommunity", 25, "a title conflicts with itself", c.conflicts_with_itself, by="a_community_keeps_its_own_title"),
    Fault("updateCommunity", 26, "new members replace the others", c.only_new_members, by=ADDED),
    Fault("updateCommunity", 27, "what is not named is emptied", c.emptied, by="an_update_changes_only_what_it_names"),
    Fault("updateCommunity", 43, "cross-tenant write", owned, by="permission[updateCommunity-open-outsider]"),
    Fault("deleteCommunity", 28, "404 becomes 500", becomes(ERROR, "404"), by="a_deleted_community_is_not_found"),
    Fault("deleteCommunity", 45, "deletion forgotten", FORGOTTEN, by="a_deleted_community_is_no_longer_listed"),
    Fault("deleteCommunity", 47, "role not looked at", owned, by="a_refused_deletion_deletes_nothing"),
    Fault("getCommunityAvatar", 3, "404 becomes 200", EMPTY, by="a_new_community_has_no_avatar"),
    Fault("getCommunityAvatar", 37, "avatar in full size", put(format="original"), by="the_avatar_is_128_pixels_square[PNG]"),
    Fault("getCommunityAvatar", 39, "changed long ago", c.long_ago, by=UNCHANGED),
    Fault("getCommunityAvatar", 39, "changes in the future", c.in_future, by=CHANGED),
    Fault("getCommunityAvatar", 39, "304 for any date", c.unchanged_for_any_date, by="an_older_date_or_none_gets_the_picture"),
    Fault("getCommunityAvatar", 39, "304 although it changed", c.always_unchanged, by=CHANGED),
    Fault("getCommunityAvatar", 39, "200 although unchanged", ignored_header("If-Modified-Since"), by=UNCHANGED),
    Fault("getCommunityAvatar", 45, "old avatar shown", remembered(), by="the_avatar_shows_the_picture_that_was_uploaded"),
    Fault("uploadCommunityAvatar", 19, "wrong size accepted", succeeds_with(IMAGE, "412"), by="a_wrong_size_is_refused"),
    Fault("uploadCommunityAvatar", 20, "bad image accepted", succeeds_with(IMAGE, "400"), by=BAD_UPLOAD),
    Fault("uploadCommunityAvatar", 22, "a second picture is lost", c.undone_again, by=MODEL),
    Fault("uploadCommunityAvatar", 24, "refused, and stored", c.stored_anyway, by="a_refused_upload_keeps_the_avatar"),
    Fault("listMembers", 20, "bad paging accepted", lenient, by="bad_paging_is_refused"),
    Fault("listMembers", 33, "total is that of the page", c.total_of_page, by="the_count_of_members_is_that_of_all_members"),
    Fault("listMembers", 38, "total never falls", never_fewer(), by=MODEL),
    Fault("listMembers", 45, "stale members", remembered(), by="the_count_of_members_follows_joining_and_leaving"),
    Fault("listMembershipRequests", 32, "one request too many", shifted("limit", 1, least=1), by=MODEL),
    Fault("getMember", 3, "everybody is a member", EMPTY, by="a_user_who_is_no_member_is_not_found"),
    Fault("getMember", 12, "no challenge", without_header("WWW-Authenticate", "401"), by=_conformance("getMember", "anonymous")),
    Fault("getMember", 42, "anybody sees who is a member", owned, by="who_is_no_member_cannot_ask_for_members"),
    Fault("addMember", 29, "joining twice joins anew", c.rejoins, by="joining_twice_is_joining_once"),
    Fault("addMember", 41, "login not looked at", logged_in_anyway, by=_conformance("addMember")),
    Fault("removeMember", 45, "leaving forgotten", FORGOTTEN, by="who_left_is_no_longer_a_member"),
    Fault("removeMember", 47, "creator may leave", becomes("204 No Content", "403"), by="the_creator_cannot_leave"),
    Fault("cancelMembershipRequest", 46, "cancellation forgotten", FORGOTTEN, by="a_cancelled_request_is_gone"),
    Fault("requestMembership", 25, "asking again counts anew", c.asked_now, by="asking_twice_is_asking_once"),
    Fault("requestMembership", 43, "anybody asks for anybody", becomes("200 OK", "403"), by="nobody_asks_for_somebody_else"),
    Fault("listInvitablePeople", 33, "total wrong", with_header(COUNT, "99"), by="the_count_of_people_is_that_of_the_answer"),
    Fault("listInvitablePeople", 36, "search minds case and accents", c.literal_search, by=SEARCH),
    Fault("listInvitablePeople", 37, "any word suffices", c.first_word, by=("two_words_find_only_who_has_both", SEARCH)),
    Fault("listInvitablePeople", 37, "limit ignored", put(limit="1000"), by="a_limit_keeps_the_first_people"),
    Fault("linagora", 11, "405 without Allow", without_header("Allow", "405"), by=_conformance("getMember")),
)

# Laws that have to catch generated faults, by the name of the fault.
CATCHERS: dict[str, Laws] = {
    "linagora-createCommunity-noTitleCheck ignored": "the_title_check_can_be_waived",
    "linagora-createCommunity-rolled back after a success": "a_created_community_is_listed_in_its_domain",
    "linagora-deleteCommunity-204 with a body": _conformance("deleteCommunity"),
    "linagora-getCommunity-400 becomes 500": "a_malformed_id_is_refused",
    "linagora-getCommunity-reads as the owner": "permission[getCommunity-open-outsider]",
    "linagora-getCommunityAvatar-format ignored": "the_original_is_what_was_uploaded",
    "linagora-listCommunities-backwards": "the_list_is_ordered_by_title",
    "linagora-listCommunities-creator ignored": "the_creator_filter_keeps_what_that_user_created",
    "linagora-listCommunities-title ignored": "the_title_filter_leaves_other_titles_out",
    "linagora-listInvitablePeople-search ignored": SEARCH,
    "linagora-listMembers-200 without X-ESN-Items-Count": _conformance("listMembers"),
    "linagora-listMembers-backwards": "members_are_ordered_by_joining",
    "linagora-listMembers-offset ignored": "pages_of_members_partition_the_list",
    "linagora-listMembers-offset one too far": "a_page_is_a_slice_of_the_list",
    "linagora-listMembers-one more than the limit": "pages_of_members_partition_the_list",
    "linagora-listMembers-the last stands there twice": "who_joined_is_seen_among_the_members",
    "linagora-listMembershipRequests-backwards": "a_page_of_requests_is_a_slice_in_the_order_of_asking",
    "linagora-removeMember-rolled back after a success": MODEL,
}
