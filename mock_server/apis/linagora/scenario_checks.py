"""What the schema cannot know of a scenario's part for linagora-rse: whom and what its names mean."""

from __future__ import annotations

from mock_server.apis.linagora import crowd
from mock_server.scenarios import Mistakes, Part


def check_scenario(part: Part, mistakes: Mistakes) -> None:
    """Tell what is wrong. Mistakes of shape are told elsewhere, and passed over here."""
    domains = mistakes.defined("domains", "name", part.all("domains", "name"))
    for place in (("users", "domains"), ("users", "administrator_of"), ("crowds", "domain"), ("communities", "domains")):
        mistakes.known("domain", domains, part.all(*place))
    for things in ("domains", "users", "communities"):
        mistakes.defined(things, "id", part.all(things, "id"))
    mistakes.defined("crowds", "domain", part.all("crowds", "domain"))
    crowds = {one.get("domain", str): one for one in part.all("crowds")}
    made_up = [name for domain, one in crowds.items() for name in crowd.names(domain, one.amount("count"))]
    users = mistakes.defined("users", "name", part.all("users", "name"), made_up)
    for key in ("creator", "members", "requests"):
        mistakes.known("user", users, part.all("communities", key))
    for domain in domains:
        made_up = crowd.titles(crowds[domain].amount("communities")) if domain in crowds else []
        titles = (title for one in part.all("communities") if domain in one.get("domains", list) for title in one.all("title"))
        mistakes.defined(f"communities of the domain {domain}", "title", titles, made_up)
    for community in part.all("communities"):
        _check_crowd(community, crowds, mistakes)


def _check_crowd(community: Part, crowds: dict[str, Part], mistakes: Mistakes) -> None:
    """No more people of its domain's crowd are in it than there are."""
    domain = next((str(name.value) for name in community.all("domains")), "")
    there_are = crowds[domain].amount("count") if domain in crowds else 0
    for wanted in community.all("crowd"):
        if wanted.amount("members") + wanted.amount("requests") > there_are:
            mistakes.tell(wanted, f"the crowd of the domain {domain} has {there_are} people, fewer than this wants")
