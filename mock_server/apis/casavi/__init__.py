"""casavi Community API: its users exist, its 21 operations say 501 until they do what the document says."""

from mock_server.apis.casavi import scenario
from mock_server.dispatch import Behaviour, Call, Reply
from mock_server.errors import Problem


def not_implemented(_call: Call) -> Reply:
    raise Problem(501, "the mock server knows this operation but not yet its behaviour")


OPERATION_IDS = (
    "registerUser",
    "getOpenIdConfiguration",
    "listTickets",
    "createTicket",
    "getTicket",
    "addTicketComment",
    "listTicketTypes",
    "listAppointments",
    "listOfficialPosts",
    "listImportantContacts",
    "listFaqArticles",
    "getUnreadChatCount",
    "getUnreadNotificationCount",
    "listNotifications",
    "markAllNotificationsRead",
    "markNotificationRead",
    "listActivities",
    "listUnits",
    "uploadFile",
    "createInvitation",
    "checkInviteToken",
)

BEHAVIOUR = Behaviour(
    handlers=dict.fromkeys(OPERATION_IDS, not_implemented),
    load_caller=scenario.load_caller,
    load_scenario=scenario.load_scenario,
    credentials=scenario.credentials,
)
