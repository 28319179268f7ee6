"""Who may do what: one table, one test a cell; and for each type of community, that a refused request changes nothing.

Rows: an operation and the types of community; "self" and "other" say whom a call about a user concerns: the caller, or dave,
who is a member where the operation is removeMember; "home", "foreign" and "both" are the domains that a request names: that of
all but the outsider, the outsider's, or one after the other. Columns: alice created the community, bob, where he asks, is its
member, carol belongs to the domain, admin administers it, outsider belongs to another domain. A status with `?` is inferred;
`-` is said nowhere. What a cell says of a community that is not open is inferred in any case, because the document has no way
to create such a community.
"""

from collections.abc import Iterator

import pytest

from contract_tests.actors.caller import Answer, Caller
from contract_tests.actors.expectations import Matcher, expect, need, refusal, status
from contract_tests.actors.linagora import Linagora
from contract_tests.actors.pictures import picture, upload
from contract_tests.contract.basis import documented, inferred
from contract_tests.contract.operations import operations

TABLE = """
operation               about   types                     alice  bob   carol  admin  outsider  anonymous
listCommunities         home    open                      200    200   200    200    403?      401
listCommunities         foreign open                      403?   403?  403?   403?   200       401
createCommunity         home    open                      201    201   201    201    403?      401
createCommunity         foreign open                      403?   403?  403?   403?   201       401
createCommunity         both    open                      403?   403?  403?   403?   403?      401
getCommunity            -       open,restricted,private   200    200   200    200    403       401
getCommunity            -       confidential              200    200   403    403    403       401
updateCommunity         -       open,restricted,private   200    403?  403?   200?   403       401
updateCommunity         -       confidential              200    403   403    403    403       401
deleteCommunity         -       any                       204    403   403    403    403       401
getCommunityAvatar      -       open,restricted,private   200    200?  200?   200?   403?      401
getCommunityAvatar      -       confidential              200    200   403    403    403       401
uploadCommunityAvatar   -       open,restricted,private   200    403?  403?   200?   403?      401
uploadCommunityAvatar   -       confidential              200    403   403    403    403       401
listMembers             -       open,restricted           200    200   200?   200?   403?      401
listMembers             -       private                   200    200   403    200    403       401
listMembers             -       confidential              200    200   403    403    403       401
getMember               self    open,restricted,private   200    200   403    404?   403       401
getMember               self    confidential              200    200   403    403    403       401
getMember               other   open,restricted,private   404    404   403    404?   403       401
getMember               other   confidential              404    404   403    403    403       401
addMember               self    open                      204    204   204?   204?   403?      401
addMember               self    restricted,private        204    204   403    204    403       401
addMember               self    confidential              204    204   403    403    403       401
addMember               other   open,restricted,private   204?   403?  403?   204?   403?      401
addMember               other   confidential              204    403   403    403    403       401
removeMember            self    open,restricted,private   403    204   204    204    403?      401
removeMember            self    confidential              403    204   403    403    403       401
removeMember            other   open,restricted,private   204?   403?  403?   204?   403?      401
removeMember            other   confidential              204    403   403    403    403       401
listMembershipRequests  -       open                      400?   -     -      400?   403?      401
listMembershipRequests  -       restricted,private        200    403   403    200    403       401
listMembershipRequests  -       confidential              400    -     403    403    403       401
requestMembership       self    open                      400    400   400    400    403?      401
requestMembership       self    restricted,private        400    400   200    200    403       401
requestMembership       self    confidential              400    400   403    403    403       401
requestMembership       other   restricted,private        403    403   403    403    403       401
cancelMembershipRequest self    open                      400    400   400    400    403?      401
cancelMembershipRequest self    restricted,private        400    400   204    204    403       401
cancelMembershipRequest self    confidential              400    400   403    403    403       401
cancelMembershipRequest other   restricted,private        204    403   403    204    403       401
listInvitablePeople     -       open,restricted,private   200    200?  200?   200?   403?      401
listInvitablePeople     -       confidential              200    200   403    403    403       401
"""
ERRORS = 400
TYPES = ("open", "restricted", "private", "confidential")


def _rows() -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Operation, about, type, and the cells by role."""
    head, *rows = (line.split() for line in TABLE.strip().splitlines())
    for operation, about, types, *cells in rows:
        for type_ in TYPES if types == "any" else types.split(","):
            said = {role: cell for role, cell in zip(head[3:], cells, strict=True) if cell != "-"}
            yield operation, about, type_, said


def _cells() -> Iterator[object]:
    for operation, about, type_, cells in _rows():
        for role, cell in cells.items():
            # Without a login, the answer is the same whatever the type is.
            if role != "anonymous" or type_ == "open":
                yield _cell(operation, about, type_, role, cell)


def _refused(type_: str) -> Iterator[tuple[str, str, str, int]]:
    """Operation, about, role and status of every cell in which somebody may not write."""
    for operation, about, of_type, cells in _rows():
        for role, cell in cells.items():
            code = int(cell.rstrip("?"))
            known = operations("linagora").get(operation)  # or an overlay has taken it out of the spec
            if of_type == type_ and known is not None and known.writes and code >= ERRORS:
                yield operation, about, role, code


def _name(*parts: str) -> str:
    return "-".join(part for part in parts if part != "-")


def _cell(operation: str, about: str, type_: str, role: str, cell: str) -> object:
    silent = cell.endswith("?") or type_ != "open"
    mark = (inferred if silent else documented)(f"{operation}: who may do what, to a community that is {type_}")
    code = int(cell.rstrip("?"))
    # How a refusal looks is inferred, so a documented cell is held to its status alone.
    matcher = refusal(code) if silent and code >= ERRORS else status(code)
    return pytest.param(operation, about, type_, role, matcher, marks=mark, id=_name(operation, about, type_, role))


@pytest.mark.parametrize(("operation", "about", "type_", "role", "matcher"), list(_cells()))
def test_permission(
    linagora: Linagora, alice: Caller, bob: Caller, operation: str, about: str, type_: str, role: str, matcher: Matcher
) -> None:
    community = _community(linagora, alice, operation, type_)
    if role == "bob":
        _let_in(linagora, alice, community, bob, type_)
    if (operation, about) == ("removeMember", "other"):
        _let_in(linagora, alice, community, linagora["dave"], type_)
    expect(_call(linagora, linagora[role], operation, about, community), matcher)


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("dave_is_in", [False, True], ids=["dave outside", "dave inside"])
@inferred("a request that is refused changes nothing")
def test_what_is_refused_changes_nothing(linagora: Linagora, alice: Caller, bob: Caller, dave_is_in: bool, type_: str) -> None:
    community = _community(linagora, alice, "updateCommunity", type_)
    _let_in(linagora, alice, community, bob, type_)
    if dave_is_in:
        _let_in(linagora, alice, community, linagora["dave"], type_)
    with linagora.unchanged(alice, community):
        for operation, about, role, code in _refused(type_):
            known = role in linagora.cast.roles or role == "anonymous"
            # Who is inside cannot come in, and who is not cannot be removed.
            if known and (operation == "removeMember") is dave_is_in and about not in {"foreign", "both"}:
                expect(_call(linagora, linagora[role], operation, about, community), refusal(code))


def _community(linagora: Linagora, alice: Caller, operation: str, type_: str) -> str:
    # An open community is made without naming the type, which the document does not know.
    community = linagora.id(alice, **({} if type_ == "open" else {"type": type_}))
    if operation == "getCommunityAvatar":
        need(upload(alice, community, picture("red")), status(200))
    return community


def _let_in(linagora: Linagora, manager: Caller, community: str, person: Caller, type_: str) -> None:
    # That managers admit people is inferred, so that nothing documented may rest on it.
    if type_ == "open":
        linagora.join(person, community)
    else:
        linagora.admit(manager, community, person)


def _call(linagora: Linagora, caller: Caller, operation: str, about: str, community: str) -> Answer:
    if operation == "uploadCommunityAvatar":
        return upload(caller, community, picture("blue"))
    if about in {"home", "foreign", "both"}:
        domains = [linagora.domain] * (about != "foreign") + [linagora.elsewhere] * (about != "home")
        if operation == "createCommunity":
            return linagora.try_to_create(caller, domain_ids=domains)
        return caller.call(operation, query={"domain_id": domains[0]})
    body = {"title": linagora.title("changed")} if operation == "updateCommunity" else None
    user = "" if about == "other" else caller.user_id
    return caller.call(operation, body, community_id=community, user_id=user or linagora["dave"].user_id)
