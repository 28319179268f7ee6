"""The faults of casavi that are made by hand, and the laws that have to catch them."""

from contract_tests.faults import casavi_changes as c
from contract_tests.faults.changes import (
    accepted,
    answers,
    backwards,
    becomes,
    done_all_the_same,
    having,
    ignored,
    in_each,
    in_json,
    in_property,
    lacking,
    lacking_header,
    lenient,
    logged_in_anyway,
    never_sent,
    on,
    owned,
    query,
    refused,
    requests,
    send_body,
    shifted,
    succeeds_with,
    with_header,
    without,
    without_header,
)
from contract_tests.faults.linagora_changes import half_done
from contract_tests.faults.memory import ever_pending, every_third_lost, remembered, second_time
from contract_tests.faults.planting import Fault, WsgiResponse

MODEL = "every_answer_is_the_models"
NO_LOGIN = "without_a_login_every_operation_is_refused"
ONE_TICKET = "of_simultaneous_tickets_each_is_kept_once"
ONE_MARK = "a_marked_notification_is_read_and_no_other"
FORGED = "https://elsewhere.example"
NO_COOKIE = requests(lacking_header("Cookie"))
REFUSED = ("403", "404", "409")


def _conformance(operation: str, role: str = "resident") -> str:
    return f"conformance[casavi-{operation}-{role}]"


def _redirected(_: WsgiResponse) -> WsgiResponse:
    return WsgiResponse("302 Found", {"Location": f"{FORGED}/callback?code=c"}, b"{}")


TICKETS = (
    Fault(
        "listTicketTypes", 13, "select without options", in_json(c.all_fields_with(options=[])), by="each_option_can_be_chosen"
    ),
    Fault(
        "listTicketTypes",
        14,
        "error of another shape",
        in_json(lambda _: {"message": "no"}, "403"),
        by="a_refusal_has_the_shape_of_an_error",
    ),
    Fault(
        "listTicketTypes",
        18,
        "no field is required",
        in_json(c.all_fields_with(required=False)),
        by="a_ticket_of_each_type_can_be_opened",
    ),
    Fault(
        "listTicketTypes",
        23,
        "fields twice",
        in_each(lambda one: one | {"fields": one["fields"] * 2}),
        by="types_and_fields_have_ids_of_their_own",
    ),
    Fault("listTickets", 29, "each is listed twice", in_json(c.doubled), by="an_opened_ticket_is_listed_once"),
    Fault("listTickets", 35, "backwards", in_json(backwards), by=("tickets_stand_newest_first", MODEL)),
    Fault(
        "listTickets", 37, "the filter leaves nothing", in_json(lambda _: []), by="the_filter_keeps_the_tickets_of_a_community"
    ),
    Fault("listTickets", 37, "the first and the last left out", in_json(lambda items: items[1:-1]), by="neighbours_see_a_ticket"),
    Fault("listTickets", 41, "login not looked at", logged_in_anyway, by=NO_LOGIN),
    Fault("listTickets", 44, "those of others are listed", owned, by="strangers_do_not_see_a_ticket"),
    Fault("listTickets", 45, "stale list", remembered(), by=ONE_TICKET),
    Fault("createTicket", 6, "letters lost", requests(c.poor_texts), by="any_text_comes_back"),
    Fault("createTicket", 9, "no Location", without_header("Location"), by="the_location_leads_to_the_ticket"),
    Fault("createTicket", 10, "another id", having(id=7001), by="an_opened_ticket_reads_back_as_it_was_answered"),
    Fault("createTicket", 15, "fractions lost", c.with_fields(c.without_fractions), by="any_number_comes_back"),
    Fault(
        "createTicket",
        20,
        "409 becomes 201",
        becomes("201 Created", "409"),
        by=(
            "each_required_field_is_required",
            "a_value_of_another_kind_is_refused",
            "nothing_does_not_fill_a_required_field",
            "a_field_of_another_type_is_foreign",
        ),
    ),
    Fault(
        "createTicket",
        20,
        "404 becomes 201",
        becomes("201 Created", "404"),
        by=("a_ticket_has_a_type_of_its_community", "an_unknown_upload_is_not_found"),
    ),
    Fault("createTicket", 20, "markup let through", having(descriptionRendered="<script>"), by="what_a_user_enters_is_no_markup"),
    Fault("createTicket", 21, "last field lost", c.with_fields(c.without_last), by="what_was_entered_comes_back"),
    Fault("createTicket", 21, "unit ignored", ignored("unitId"), by="a_ticket_is_about_what_was_sent"),
    Fault(
        "createTicket", 24, "refused, and stored", done_all_the_same("409", c.known_fields), by="a_refused_ticket_is_not_opened"
    ),
    Fault("createTicket", 27, "title is the whole text", having(title="two\nlines"), by="the_title_is_the_first_line"),
    Fault("createTicket", 27, "a rating from the start", having(TicketRating={"rating": 5}), by="a_new_ticket_has_no_past"),
    Fault("createTicket", 27, "no is nothing", c.with_fields(c.without_no), by="no_is_an_answer"),
    Fault(
        "createTicket",
        27,
        "labels wrong",
        in_property("customFields", c.each_with(label="x")),
        by="a_field_keeps_its_name_and_kind",
    ),
    Fault("createTicket", 34, "files out of order", c.with_fields(c.with_lists_reversed), by="several_files_come_back_in_order"),
    Fault("createTicket", 40, "one in three lost", every_third_lost(), by=ONE_TICKET),
    Fault("createTicket", 41, "login not looked at", logged_in_anyway, by=NO_LOGIN),
    Fault("createTicket", 41, "cookie ignored", NO_COOKIE, by="a_cookie_writes_as_its_owner"),
    Fault("createTicket", 43, "written as the owner", owned, by=("a_stranger_opens_no_ticket", "a_ticket_says_who_opened_it")),
    Fault(
        "createTicket",
        43,
        "unit of a neighbour taken",
        accepted("403", lacking("unitId")),
        by="a_ticket_is_not_about_the_unit_of_a_neighbour",
    ),
    Fault(
        "createTicket",
        43,
        "unit of another community taken",
        accepted("409", lacking("unitId")),
        by="a_ticket_is_not_about_a_unit_of_another_community",
    ),
    Fault("getTicket", 3, "404 becomes an empty success", succeeds_with(b"{}", "404"), by="an_unknown_ticket_is_not_found"),
    Fault("getTicket", 13, "TicketRating missing", without("TicketRating"), by=_conformance("getTicket")),
    Fault("getTicket", 13, "Sharings missing", without("Sharings"), by="a_ticket_has_all_that_the_source_shows"),
    Fault(
        "getTicket",
        21,
        "last comment lost",
        in_property("TicketComments", lambda all_: all_[:-1]),
        by="a_comment_stands_in_its_ticket",
    ),
    Fault(
        "getTicket",
        35,
        "comments backwards",
        in_property("TicketComments", backwards),
        by="comments_stand_in_the_order_of_writing",
    ),
    Fault("getTicket", 42, "read as the owner", owned, by="a_ticket_is_closed_to_strangers"),
    Fault("addTicketComment", 6, "letters lost", requests(c.poor_texts), by="any_text_comes_back"),
    Fault("addTicketComment", 20, "400 becomes 201", becomes("201 Created", "400"), by="a_malformed_comment_is_not_kept"),
    Fault("addTicketComment", 21, "attachments lost", send_body(attachments=[]), by="a_comment_stands_in_its_ticket"),
    Fault("addTicketComment", 21, "attachments ignored", ignored("attachments"), by="a_file_of_anybody_can_be_attached"),
    Fault(
        "addTicketComment",
        24,
        "refused, and stored",
        done_all_the_same("404", lacking("attachments")),
        by=("a_comment_with_an_unknown_file_is_not_kept", "nobody_is_told_of_a_refused_comment"),
    ),
    Fault("addTicketComment", 24, "refused, and half done", done_all_the_same(REFUSED, half_done), by=MODEL),
    Fault("addTicketComment", 29, "the author is told", c.commented_on_by_the_owner, by="nobody_is_told_of_his_own_comment"),
    Fault("addTicketComment", 40, "one in three lost", every_third_lost(), by="of_simultaneous_comments_each_is_kept_once"),
    Fault(
        "addTicketComment",
        43,
        "written as the owner",
        owned,
        by=("a_ticket_is_closed_to_strangers", "a_comment_says_who_wrote_it"),
    ),
    Fault("addTicketComment", 48, "forged files shown", c.echoed_attachments, by="the_path_says_which_file_is_attached"),
    Fault("uploadFile", 10, "file elsewhere", with_header("Location", "/elsewhere"), by="an_upload_can_be_fetched"),
    Fault("uploadFile", 13, "no thumbs", having(thumbs={}), by="a_picture_has_smaller_pictures"),
    Fault(
        "uploadFile",
        19,
        "size off by one",
        in_property("fileSize", lambda size: size + 1),
        by="an_upload_is_answered_with_its_properties",
    ),
    Fault(
        "uploadFile",
        19,
        "limit too low",
        refused(lambda asked: len(asked.body) >= c.MOST, "413 Content Too Large"),
        by="a_file_of_ten_megabytes_is_taken",
    ),
    Fault("uploadFile", 19, "limit too high", requests(c.cut), by="a_larger_file_is_refused"),
    Fault("uploadFile", 19, "empty file refused", answers(c.empty_file_refused), by="an_empty_file_is_taken"),
    Fault("uploadFile", 20, "folders kept", having(name="../../etc/passwd"), by="a_name_loses_its_folders"),
    Fault("uploadFile", 20, "name not required", accepted("400", c.named), by="both_headers_are_required"),
    Fault("uploadFile", 20, "malformed type taken", becomes("201 Created", "400"), by="a_malformed_type_is_refused"),
    Fault("uploadFile", 23, "one path for all", having(path="same.txt"), by="each_upload_has_a_path_of_its_own"),
    Fault("uploadFile", 27, "thumbs of a text", having(thumbs={"small": "x"}), by="what_is_no_picture_has_no_thumbs"),
    Fault(
        "uploadFile", 27, "type lost", having(fileType="application/x-unknown"), by="an_upload_is_answered_with_its_properties"
    ),
)

LISTS = (
    Fault("listAppointments", 30, "page counted from 1", shifted("page", -1), by="a_page_says_which_it_is"),
    Fault("listAppointments", 35, "backwards", in_property("rows", backwards), by="rows_are_ordered_by_time[listAppointments]"),
    Fault("listAppointments", 37, "limit ignored", ignored("limit"), by="the_numbers_of_a_page_follow_the_limit"),
    Fault("listOfficialPosts", 20, "bad page accepted", lenient, by="a_bad_page_is_refused"),
    Fault("listOfficialPosts", 32, "page shown twice", shifted("page", -1), by="pages_are_full_and_repeat_nothing"),
    Fault(
        "listOfficialPosts",
        42,
        "those of another community",
        requests(c.in_the_owners_community),
        by="communities_show_different_rows",
    ),
    Fault("listActivities", 20, "bad paging accepted", lenient, by="a_bad_limit_is_refused"),
    Fault("listActivities", 30, "404 past the end", answers(c.empty_past_the_end_is_404), by="a_page_past_the_end_is_empty"),
    Fault(
        "listActivities",
        32,
        "another page size",
        requests(query(lambda sent: {"limit": "10"} | sent)),
        by="a_page_has_twenty_rows_if_nothing_is_said",
    ),
    Fault("listActivities", 32, "pages leave a gap", c.next_page, by=MODEL),
    Fault(
        "listActivities",
        44,
        "those of another community",
        requests(c.in_the_owners_community),
        by="a_comment_is_no_activity_elsewhere",
    ),
    Fault(
        "listActivities",
        45,
        "stale activities",
        remembered(),
        by=("a_new_ticket_is_an_activity_of_the_community", "a_comment_is_an_activity_of_the_community"),
    ),
    Fault("listImportantContacts", 29, "each is listed twice", in_json(c.doubled), by="contacts_are_the_same_for_all_residents"),
    Fault(
        "listImportantContacts",
        42,
        "those of another community",
        requests(c.in_the_owners_community),
        by="communities_have_contacts_of_their_own",
    ),
    Fault(
        "listFaqArticles",
        10,
        "articles lead nowhere",
        in_property("items", c.each_with(ticketTypeId=9)),
        by="articles_lead_to_tickets_of_the_community",
    ),
    Fault("listFaqArticles", 13, "groups lost", having(groups=[]), by="each_article_is_in_a_group_that_is_there"),
    Fault(
        "getUnreadChatCount",
        3,
        "404 becomes an empty success",
        succeeds_with(b"{}", "404"),
        by="an_unknown_community_is_not_found",
    ),
    Fault("getUnreadChatCount", 41, "login not looked at", logged_in_anyway, by=NO_LOGIN),
    Fault("getUnreadChatCount", 42, "read as the owner", owned, by="a_newcomer_has_no_unread_chat_messages"),
    Fault("listUnits", 2, "200 becomes 202", becomes("202 Accepted", "200"), by=_conformance("listUnits")),
    Fault(
        "listUnits",
        10,
        "all in one community",
        in_each(lambda unit: unit | {"communityId": 2}),
        by="units_lie_in_communities_of_ones_own",
    ),
    Fault("listUnits", 12, "no challenge", without_header("WWW-Authenticate", "401"), by=_conformance("listUnits", "anonymous")),
    Fault("listUnits", 41, "cookie ignored", NO_COOKIE, by="a_cookie_opens_what_a_token_opens"),
    Fault("listUnits", 42, "read as the owner", owned, by="strangers_have_other_units"),
    Fault("getUnreadNotificationCount", 38, "stale count", remembered(), by=ONE_MARK),
    Fault("listNotifications", 24, "listing marks", c.marking_what_is_listed, by="listing_marks_nothing"),
    Fault(
        "listNotifications",
        30,
        "after holds the moment",
        requests(query(c.from_the_moment_on)),
        by="a_moment_divides_the_notifications",
    ),
    Fault("listNotifications", 33, "all are counted whatever the filter", c.count_of_all, by=MODEL),
    Fault(
        "listNotifications",
        37,
        "time zone ignored",
        requests(query(c.without_time_zones)),
        by="a_moment_is_the_same_in_any_time_zone",
    ),
    Fault(
        "listNotifications",
        44,
        "those of the owner",
        owned,
        by=("a_neighbours_notifications_stay_as_they_are", "who_has_no_part_in_a_ticket_is_not_told"),
    ),
    Fault("markNotificationRead", 22, "mark lost", never_sent("204 No Content"), by=ONE_MARK),
    Fault("markNotificationRead", 27, "all are marked", requests(c.marking_all), by=ONE_MARK),
    Fault("markNotificationRead", 40, "one in three lost", every_third_lost(), by="simultaneous_marks_all_count"),
    Fault(
        "markNotificationRead",
        43,
        "404 becomes 204",
        becomes("204 No Content", "404"),
        by=("nobody_marks_the_notification_of_a_neighbour", "an_unknown_notification_is_not_found"),
    ),
    Fault(
        "markNotificationRead",
        43,
        "marked from elsewhere",
        requests(c.in_the_first_community),
        by="a_notification_belongs_to_one_community",
    ),
    Fault("markAllNotificationsRead", 22, "marks lost", never_sent("204 No Content"), by="all_notifications_can_be_marked"),
    Fault("markAllNotificationsRead", 22, "the newest alone is marked", c.marking_the_newest, by=MODEL),
    Fault("markAllNotificationsRead", 43, "marked as the owner", owned, by="a_stranger_marks_no_notifications"),
    Fault(
        "markAllNotificationsRead",
        43,
        "marked everywhere",
        requests(c.in_the_first_community),
        by="marking_all_spares_other_communities",
    ),
)

PEOPLE = (
    Fault(
        "createInvitation",
        5,
        "400 becomes 500",
        becomes("500 Internal Server Error", "400"),
        by="a_malformed_invitation_is_refused",
    ),
    Fault(
        "createInvitation",
        10,
        "pending under other ids",
        in_property("pendingUsers", c.under_other_ids),
        by="who_is_invited_is_pending",
    ),
    Fault(
        "createInvitation", 20, "unknown unit ignored", accepted("404", lacking("unitId")), by="an_invitation_names_what_there_is"
    ),
    Fault(
        "createInvitation",
        21,
        "the newest not pending",
        in_property("pendingUsers", c.without_the_newest),
        by="who_is_invited_is_pending",
    ),
    Fault("createInvitation", 21, "isAdmin ignored", send_body(isAdmin=False), by="who_is_invited_is_pending"),
    Fault("createInvitation", 21, "unit lost", ignored("unitId"), by="who_registers_has_the_unit_of_the_invitation"),
    Fault(
        "createInvitation",
        23,
        "409 becomes 201",
        becomes("201 Created", "409"),
        by=(
            "nobody_is_invited_twice",
            "no_user_is_invited",
            "of_simultaneous_invitations_of_one_person_one_succeeds",
            "who_has_registered_is_not_pending",
        ),
    ),
    Fault("createInvitation", 23, "one token for all", having(inviteToken="fb7asb64"), by="tokens_differ"),
    Fault("createInvitation", 27, "name lost", ignored("firstName"), by="a_name_may_come_from_the_invitation"),
    Fault("createInvitation", 43, "invited as the owner", owned, by="a_stranger_invites_nobody"),
    Fault(
        "createInvitation",
        43,
        "pending in another community",
        requests(c.in_the_owners_community),
        by="pending_users_are_those_of_the_community",
    ),
    Fault(
        "createInvitation",
        43,
        "unit of a neighbour taken",
        accepted("403", lacking("unitId")),
        by="nobody_is_invited_into_the_unit_of_a_neighbour",
    ),
    Fault("createInvitation", 46, "who has registered is still pending", ever_pending(), by=MODEL),
    Fault("createInvitation", 47, "all are administrators", send_body(isAdmin=True), by="who_is_invited_is_no_administrator"),
    Fault(
        "checkInviteToken",
        3,
        "404 becomes an empty success",
        succeeds_with(b"{}", "404"),
        by=("an_unknown_token_is_not_found", "a_code_can_be_used_once"),
    ),
    Fault("checkInviteToken", 9, "waits that do not grow", with_header("Retry-After", "1", "429"), by="the_waits_increase"),
    Fault(
        "checkInviteToken",
        10,
        "token names another",
        in_property("contact", lambda one: one | {"email": "x@y.example"}),
        by="a_token_says_for_whom_it_is",
    ),
    Fault("checkInviteToken", 24, "looking spends", second_time("404 Not Found"), by="looking_spends_nothing"),
    Fault("checkInviteToken", 38, "failures never forgotten", c.followed_by_failures, by="a_good_token_clears_the_count"),
    Fault("checkInviteToken", 47, "no protection against guessing", becomes("404 Not Found", "429"), by="who_fails_has_to_wait"),
    Fault("registerUser", 3, "404 becomes 201", becomes("201 Created", "404"), by="an_unknown_code_is_not_found"),
    Fault(
        "registerUser", 10, "contact is not the sub", having(contactExtRef="c-0"), by="the_sub_is_the_given_one_or_the_contacts"
    ),
    Fault("registerUser", 21, "refresh token of no use", having(oidcRefreshToken="x"), by="the_first_refresh_token_refreshes"),
    Fault(
        "registerUser",
        23,
        "409 becomes 201",
        becomes("201 Created", "409"),
        by=("a_code_can_be_used_once", "nobody_registers_twice", "of_simultaneous_registrations_with_one_code_one_succeeds"),
    ),
    Fault(
        "registerUser",
        24,
        "refused, and the code is spent",
        done_all_the_same("404", c.with_a_known_client),
        by="a_refused_registration_spends_nothing",
    ),
    Fault("registerUser", 27, "name of the invitation kept", ignored("firstName"), by="who_registers_is_somebody_new"),
    Fault("registerUser", 42, "token of the owner", c.token_of_the_owner, by="who_registers_is_somebody_new"),
    Fault("getOpenIdConfiguration", 10, "issuer elsewhere", having(issuer=FORGED), by="the_issuer_is_where_it_was_asked"),
    Fault(
        "getOpenIdConfiguration",
        10,
        "endpoint elsewhere",
        having(userinfo_endpoint=FORGED),
        by="every_endpoint_lies_under_the_issuer",
    ),
    Fault("getOpenIdConfiguration", 13, "no keys", without("jwks_uri"), by=_conformance("getOpenIdConfiguration")),
    Fault(
        "casavi",
        10,
        "token opens nothing",
        on("/token", having(access_token="x")),
        by=("the_flow_ends_in_a_token_that_opens_the_api", "a_refresh_token_refreshes"),
    ),
    Fault("casavi", 14, "state lost", answers(c.without_state, "30"), by="the_state_comes_back"),
    Fault(
        "casavi",
        23,
        "refused tokens are given",
        on("/token", succeeds_with(b"{}", "4")),
        by=("a_code_is_good_for_one_token", "a_code_is_good_for_who_asked", "an_old_refresh_token_is_refused"),
    ),
    Fault(
        "casavi", 41, "redirect to anywhere", on("/authorize", answers(_redirected, "4")), by="a_foreign_address_gets_no_redirect"
    ),
    Fault(
        "casavi",
        41,
        "signature wrong",
        on("/token", in_property("id_token", c.unsigned)),
        by="the_id_token_is_for_this_client_and_signed",
    ),
    Fault("casavi", 41, "any password is good", requests(c.any_password), by="a_wrong_password_gives_no_code"),
    Fault("casavi", 42, "everybody is one", on("/userinfo", having(sub="x")), by="userinfo_is_about_who_logged_in"),
    Fault(
        "casavi",
        44,
        "private keys shown",
        on("/jwks", in_property("keys", c.each_with(d="AQAB"))),
        by="the_keys_are_public_rsa_keys",
    ),
)

FAULTS = TICKETS + LISTS + PEOPLE

# Laws that have to catch generated faults.
CATCHERS = {
    "casavi-checkInviteToken-429 without Retry-After": "who_fails_has_to_wait",
    "casavi-getUnreadNotificationCount-count one too many": "the_count_is_that_of_the_unread_ones",
    "casavi-listActivities-one more than the limit": "pages_of_any_size_add_up_to_the_whole",
    "casavi-listAppointments-page one too far": "pages_of_any_size_add_up_to_the_whole",
    "casavi-listFaqArticles-community_id ignored": "the_filter_keeps_the_articles_of_a_community",
    "casavi-listFaqArticles-reads as the owner": "communities_have_articles_of_their_own",
    "casavi-listNotifications-backwards": ("notifications_stand_newest_first", "the_newest_notification_stands_first"),
    "casavi-listNotifications-before ignored": "two_moments_enclose_notifications",
    "casavi-listNotifications-malformed query taken": "a_bad_moment_is_refused",
    "casavi-listNotifications-unreadOnly ignored": "unread_only_keeps_the_unread_ones",
    "casavi-listOfficialPosts-backwards": "rows_are_ordered_by_time[listOfficialPosts]",
    "casavi-listOfficialPosts-pageCount one too many": "pages_are_full_and_repeat_nothing",
    "casavi-listTicketTypes-reads as the owner": "a_community_is_closed_to_strangers",
    "casavi-listTickets-community_id ignored": (
        "the_filter_leaves_out_the_tickets_of_other_communities",
        "a_filter_asks_for_communities_of_ones_own",
    ),
    "casavi-listUnits-community_id ignored": "the_filter_keeps_the_units_of_a_community",
}
