"""Signing up with an invitation."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, insert, select, update

from mock_server.apis.casavi.openid_logins import SCOPES, Subject, find_client, issue_tokens, open_grant
from mock_server.apis.casavi.people import fold_address
from mock_server.apis.casavi.tables import contacts, invitations, members, providers, residents, users
from mock_server.dispatch import Call, Reply
from mock_server.errors import conflict, not_found
from mock_server.statements import Row

_PROVIDER = select(providers.c.key).where(providers.c.session == bindparam("key"), providers.c.key == bindparam("provider"))
_INVITATION = (
    select(invitations, contacts.c.reference)
    .join(contacts, and_(contacts.c.session == invitations.c.session, contacts.c.id == invitations.c.contact_id))
    .where(invitations.c.session == bindparam("key"), invitations.c.token == bindparam("token"))
)
_IN_SESSION = users.c.session == bindparam("key")
# The session in each alternative, so that SQLite has an index for each.
_SAME_USER = select(users.c.id).where(
    (_IN_SESSION & (users.c.id == bindparam("contact_id")))
    | (_IN_SESSION & (users.c.email_folded == bindparam("email")))
    | (_IN_SESSION & (users.c.provider == bindparam("provider")) & (users.c.sub == bindparam("sub")))
)

_INSERT_USER, _INSERT_MEMBER, _INSERT_RESIDENT = insert(users), insert(members), insert(residents)
_KNOWN_AS = (
    update(contacts)
    .where(contacts.c.session == bindparam("key"), contacts.c.id == bindparam("contact_id"))
    .values({name: bindparam(f"new_{name}") for name in ("firstname", "lastname", "email")})
)
_USED = (
    update(invitations)
    .where(invitations.c.session == bindparam("key"), invitations.c.id == bindparam("invitation_id"))
    .values(used=True)
)


def register_user(call: Call) -> Reply:
    """casavi document, POST openid/users: only known providers; `sub` is the contact's reference id where none is given."""
    body = call.body
    client = find_client(call.connection, call.session, body["clientId"])
    if client is None:
        raise not_found("client", body["clientId"])
    key = {"key": call.session, "provider": body["providerKey"]}
    if call.connection.execute(_PROVIDER, key).first() is None:
        raise not_found("provider", body["providerKey"])
    invitation = call.connection.execute(_INVITATION, {"key": call.session, "token": body["inviteCode"]}).first()
    if invitation is None:
        raise not_found("invite code", body["inviteCode"])
    if invitation.used:
        raise conflict("this invite code has been used")
    subject = _add_user(call, invitation)
    _move_in(call, invitation)
    return Reply(201, {**_log_in(call, client, subject), "contactExtRef": invitation.reference})


def _add_user(call: Call, invitation: Row) -> Subject:
    sub = call.body.get("sub", invitation.reference)
    email = fold_address(call.body["email"])
    provider = call.body["providerKey"]
    same = {"key": call.session, "contact_id": invitation.contact_id, "email": email, "provider": provider, "sub": sub}
    if call.connection.execute(_SAME_USER, same).first():
        raise conflict("this person is already a user")
    user = {
        "session": call.session,
        "id": invitation.contact_id,
        "name": email,
        "email": call.body["email"],
        "email_folded": email,
        "password": None,
        "provider": provider,
        "sub": sub,
    }
    call.connection.execute(_INSERT_USER, user)
    firstname = call.body.get("firstName", invitation.firstname)
    lastname = call.body.get("lastName", invitation.lastname)
    known = {"new_firstname": firstname, "new_lastname": lastname, "new_email": call.body["email"]}
    call.connection.execute(_KNOWN_AS, {"key": call.session, "contact_id": invitation.contact_id, **known})
    return Subject(invitation.contact_id, sub, firstname, lastname, call.body["email"])


def _move_in(call: Call, invitation: Row) -> None:
    user = {"session": call.session, "user_id": invitation.contact_id}
    administrator = invitation.administrator
    call.connection.execute(_INSERT_MEMBER, {**user, "community_id": invitation.community_id, "administrator": administrator})
    if invitation.unit_id is not None:
        call.connection.execute(_INSERT_RESIDENT, {**user, "unit_id": invitation.unit_id})
    call.connection.execute(_USED, {"key": call.session, "invitation_id": invitation.id})


def _log_in(call: Call, client: Row, subject: Subject) -> dict[str, str]:
    grant = open_grant(
        call.connection,
        call.session,
        user_id=subject.user_id,
        client_id=client.client_id,
        scope=" ".join(SCOPES),
        request={},
        now=call.now,
        code_used=True,
    )
    tokens = issue_tokens(
        call.connection, grant, subject, lifetime=client.lifetime, issuer=call.origin, scope=grant.scope, now=call.now
    )
    return {"oidcIdToken": tokens.id_token, "oidcAccessToken": tokens.access_token, "oidcRefreshToken": tokens.refresh_token}
