"""Why some faults cannot be found: by name, what makes each equivalent to a sound server, or out of reach of the suite."""

NOBODY_LOOKS = "nothing looks at it"

_ECHO = "no property of the request is one of the answer's, so the answer only gains some, which the spec allows"
REASONS = {
    "casavi-registerUser-what is sent is shown, whatever it is": _ECHO,
    "casavi-addTicketComment-what is sent is shown, whatever it is": _ECHO,
    "casavi-createInvitation-what is sent is shown, whatever it is": _ECHO,
    "casavi-listImportantContacts-another id": "no operation takes the id of such a contact",
    "linagora-listCommunities-what was once there is there for ever": "404 is for an unknown domain, and no domain ever goes",
    "linagora-requestMembership-refused, and written as the owner": "the owner is a member, so their request is refused too",
    "linagora-addMember-the caller belongs everywhere": "who is added has to be of the domain too, and outsiders add nobody else",
    "casavi-markAllNotificationsRead-refused, and done": "who is refused has no notifications there that could be marked",
}
