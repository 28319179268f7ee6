"""Communities: list, create, read, change, delete."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Text, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from mock_server.apis.linagora.access import (
    COMMUNITIES,
    Community,
    managed_community,
    person,
    read_communities,
    visible_community,
)
from mock_server.apis.linagora.avatar import choose_avatar
from mock_server.apis.linagora.members import admit, enter, remove
from mock_server.apis.linagora.tables import communities, community_domains, domains
from mock_server.dispatch import NO_CONTENT, Call, Reply
from mock_server.errors import Problem, bad_request, conflict, forbidden, not_found
from mock_server.statements import Connection, among

_IN_DOMAIN = COMMUNITIES.where(
    exists()
    .where(
        community_domains.c.session == bindparam("key"),
        community_domains.c.community_id == communities.c.id,
        community_domains.c.domain_id == bindparam("domain_id"),
    )
    .correlate(communities)
)


_LIST = _IN_DOMAIN.where(
    or_(bindparam("creator", type_=Text).is_(None), communities.c.creator == bindparam("creator", type_=Text)),
    or_(bindparam("title", type_=Text).is_(None), communities.c.title_folded == bindparam("title", type_=Text)),
)
_THIS = (communities.c.session == bindparam("key"), communities.c.id == bindparam("community_id"))
_UPDATE = (
    update(communities)
    .where(*_THIS)
    .values({name: bindparam(f"new_{name}") for name in ("title", "title_folded", "description")})
)
_DELETE = delete(communities).where(*_THIS)
_RENAME_LINKS = (
    update(community_domains)
    .where(community_domains.c.session == bindparam("key"), community_domains.c.community_id == bindparam("community_id"))
    .values(unique_title=bindparam("new_title"))
)
_INSERT = insert(communities)
_INSERT_LINKS = insert(community_domains)


def list_communities(call: Call) -> Reply:
    """linagora document, GET /api/communities: ordered by title; the filter `title` ignores case."""
    domain_id, creator, title = (call.parameters[name] for name in ("domain_id", "creator", "title"))
    _check_domains(call, [domain_id])
    folded = None if title is None else title.casefold()
    found = read_communities(call, _LIST, domain_id=domain_id, creator=creator, title=folded)
    return Reply(200, [c.shape() for c in found if c.is_visible_to(call.caller)])


def create_community(call: Call) -> Reply:
    """linagora document, POST /api/communities: whoever asks is the creator; a title is unique in each domain (409)."""
    title, domain_ids = call.body["title"], call.body["domain_ids"]
    _check_domains(call, domain_ids)
    checked = not call.parameters["noTitleCheck"]
    if checked:
        _check_title(call, title, domain_ids)
    community = Community(
        id=call.ids.next_hex(),
        title=title,
        description=call.body.get("description"),
        type=call.body.get("type", "open"),
        creator=call.caller.id,
        created_at=call.timestamp,
        activity_uuid=call.ids.next_uuid(),
        domain_ids=tuple(domain_ids),
    )
    add_community(call.connection, call.session, community, call.ids.next_rank(), checked=checked)
    enter(call.connection, call.session, community.id, call.caller.id, call.ids.next_rank(), call.timestamp)
    return Reply(201, community.shape())


def get_community(call: Call) -> Reply:
    return Reply(200, visible_community(call).shape())


def update_community(call: Call) -> Reply:
    """linagora document, PUT /api/communities/{community_id}: only what the body names, all of it or, by the transaction,
    nothing."""
    community = managed_community(call)
    title, description = call.body.get("title", community.title), call.body.get("description", community.description)
    if title != community.title:
        _rename(call, community, title)
    if (title, description) != (community.title, community.description):
        new = {"new_title": title, "new_title_folded": title.casefold(), "new_description": description}
        call.connection.execute(_UPDATE, {**_key(call, community), **new})
    if "avatar" in call.body:
        choose_avatar(call, community, call.body["avatar"])
    _change_members(call, community, call.body.get("newMembers", []), call.body.get("deleteMembers", []))
    return Reply(200, {})


def delete_community(call: Call) -> Reply:
    """linagora document, DELETE: only the creator can; members, requests and images go with it."""
    community = visible_community(call)
    if community.creator != call.caller.id:
        raise forbidden("only the creator can delete the community")
    call.connection.execute(_DELETE, _key(call, community))
    return NO_CONTENT


def add_community(connection: Connection, session: str, community: Community, rank: int, *, checked: bool) -> None:
    """Store a community, as yet without members; checked False lets its title be that of another. Raises Problem 409."""
    row = {
        "session": session,
        "id": community.id,
        "rank": rank,
        "title": community.title,
        "title_folded": community.title.casefold(),
        "description": community.description,
        "type": community.type,
        "creator": community.creator,
        "created_at": community.created_at,
        "activity_uuid": community.activity_uuid,
    }
    links = [
        {
            "session": session,
            "community_id": community.id,
            "domain_id": domain_id,
            "position": position,
            "unique_title": community.title if checked else None,
        }
        for position, domain_id in enumerate(community.domain_ids)
    ]
    connection.execute(_INSERT, row)
    try:
        connection.execute(_INSERT_LINKS, links)
    except IntegrityError as error:
        raise _title_taken(community.title) from error


def _key(call: Call, community: Community) -> dict[str, object]:
    return {"key": call.session, "community_id": community.id}


def _rename(call: Call, community: Community, title: str) -> None:
    # From now on the title is compared, even if noTitleCheck had waived that for the old one.
    _check_title(call, title, community.domain_ids)
    try:
        call.connection.execute(_RENAME_LINKS, {**_key(call, community), "new_title": title})
    except IntegrityError as error:
        raise _title_taken(title) from error


def _change_members(call: Call, community: Community, new: list[str], gone: list[str]) -> None:
    both = set(new) & set(gone)
    if both:
        raise bad_request(f"both newMembers and deleteMembers name {', '.join(sorted(both))}")
    if community.creator in gone:
        raise forbidden("the creator cannot leave the community")
    for user_id in new:
        if not community.may_hold(person(call, user_id)):
            raise forbidden(f"user {user_id} does not belong to a domain of this community")
        admit(call.connection, call.session, community.id, user_id, call.ids.next_rank(), call.timestamp)
    for user_id in gone:
        remove(call, community.id, person(call, user_id).id)


_KNOWN_DOMAIN = select(domains.c.id).where(domains.c.session == bindparam("key"), domains.c.id == bindparam("domain_id"))


def _check_domains(call: Call, domain_ids: Iterable[str]) -> None:
    for domain_id in domain_ids:
        if domain_id in call.caller.domain_ids:
            continue
        if call.connection.execute(_KNOWN_DOMAIN, {"key": call.session, "domain_id": domain_id}).first() is None:
            raise not_found("domain", domain_id)
        raise forbidden(f"you do not belong to domain {domain_id}")


# Not a join: SQLite would begin with all communities of the domains.
_SAME_TITLE = (
    select(communities.c.id)
    .where(
        communities.c.session == bindparam("key"),
        communities.c.title == bindparam("title"),
        exists()
        .where(
            community_domains.c.session == bindparam("key"),
            community_domains.c.community_id == communities.c.id,
            among(community_domains.c.domain_id, "domain_ids"),
        )
        .correlate(communities),
    )
    .limit(1)
)


def _check_title(call: Call, title: str, domain_ids: Iterable[str]) -> None:
    # The unique constraint would not see a community whose own check was waived, so this looks first.
    values = {"key": call.session, "title": title, "domain_ids": list(domain_ids)}
    if call.connection.execute(_SAME_TITLE, values).first():
        raise _title_taken(title)


def _title_taken(title: str) -> Problem:
    return conflict(f"the domain already has a community with the title {title}")
