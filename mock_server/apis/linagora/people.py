"""People who can be invited into a community."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, select

from mock_server.apis.linagora.access import visible_community
from mock_server.apis.linagora.folding import fold
from mock_server.apis.linagora.tables import members, user_domains, users
from mock_server.dispatch import Call, Reply
from mock_server.statements import among, has_all

_INVITABLE = (
    select(users.c.id, users.c.firstname, users.c.lastname, users.c.email)
    .where(
        users.c.session == bindparam("key"),
        exists()
        .where(
            user_domains.c.session == bindparam("key"),
            user_domains.c.user_id == users.c.id,
            among(user_domains.c.domain_id, "domain_ids"),
        )
        .correlate(users),
        ~exists()
        .where(
            members.c.session == bindparam("key"),
            members.c.user_id == users.c.id,
            members.c.community_id == bindparam("community_id"),
        )
        .correlate(users),
    )
    .order_by(users.c.lastname, users.c.firstname, users.c.id)
    .limit(bindparam("page_limit"))
)
# Mostly nobody searches, and looking for nothing would cost as much as the rest.
_FOUND = _INVITABLE.where(has_all(users.c.search, "words"))


def list_invitable_people(call: Call) -> Reply:
    """linagora document, GET …/invitablepeople: every word of `search` has to be found, whatever its case and accents;
    X-ESN-Items-Count is the number of people in the answer."""
    community = visible_community(call)
    words = fold(call.parameters["search"] or "").split()
    values = {
        "key": call.session,
        "domain_ids": list(community.domain_ids),
        "community_id": community.id,
        "page_limit": call.parameters["limit"],
        **({"words": words} if words else {}),
    }
    people = [
        {"_id": row.id, "firstname": row.firstname, "lastname": row.lastname, "emails": [row.email]}
        for row in call.connection.execute(_FOUND if words else _INVITABLE, values)
    ]
    return Reply(200, people, {"X-ESN-Items-Count": str(len(people))})
