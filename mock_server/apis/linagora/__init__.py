"""linagora-rse `/api/communities`: what its 15 operations do, and how a browser logs in."""

from mock_server.apis.linagora import access, avatar, communities, login, members, membership, people, scenario, scenario_checks
from mock_server.dispatch import Behaviour

BEHAVIOUR = Behaviour(
    handlers={
        "listCommunities": communities.list_communities,
        "createCommunity": communities.create_community,
        "getCommunity": communities.get_community,
        "updateCommunity": communities.update_community,
        "deleteCommunity": communities.delete_community,
        "getCommunityAvatar": avatar.get_community_avatar,
        "uploadCommunityAvatar": avatar.upload_community_avatar,
        "listMembers": members.list_members,
        "getMember": members.get_member,
        "addMember": members.add_member,
        "removeMember": members.remove_member,
        "listMembershipRequests": membership.list_membership_requests,
        "requestMembership": membership.request_membership,
        "cancelMembershipRequest": membership.cancel_membership_request,
        "listInvitablePeople": people.list_invitable_people,
        "logIn": login.log_in,
        "logOut": login.log_out,
    },
    load_caller=access.load_caller,
    check_scenario=scenario_checks.check_scenario,
    load_scenario=scenario.load_scenario,
    credentials=scenario.credentials,
    extras=lambda _: login.OPERATIONS,
)
