"""Who is logged in in a browser: the API's cookie says who, a second cookie says since when."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Response, request

from mock_server.apis.casavi.openid_logins import Subject, find_subject
from mock_server.arriving import clock_of
from mock_server.auth import Tokens, cookie_name
from mock_server.cookies import drop_cookie, set_cookie
from mock_server.oidc import visit
from mock_server.sessions import arrival
from mock_server.spec import Api


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in; since is when they gave their password, in seconds since the epoch, None if unknown."""

    subject: Subject
    since: int | None


class Browser:
    """The cookies of the current request and of its answer; they are valid below the session's path."""

    def __init__(self, api: Api, seed: int) -> None:
        self._api = api.name
        self._tokens = Tokens(seed)
        self._who = cookie_name(api)
        self._since = f"{self._who}_since"

    def visitor(self) -> Visitor | None:
        """The user whom the cookie names, if this session knows them."""
        here = visit.current()
        user_id = self._tokens.verify(self._api, "cookie", request.cookies.get(self._who, ""), clock_of(request.environ))
        if user_id is None or not user_id.isdecimal():
            return None
        subject = find_subject(here.connection, here.session, int(user_id))
        return Visitor(subject, self._logged_in_at(int(here.now.timestamp()))) if subject else None

    def _logged_in_at(self, now: int) -> int | None:
        text = request.cookies.get(self._since, "")
        seconds = int(text) if re.fullmatch("[0-9]{1,12}", text) else None
        return seconds if seconds is not None and seconds <= now else None

    def remember(self, response: Response, visitor: Visitor) -> None:
        user_id = str(visitor.subject.user_id)
        values = {self._who: self._tokens.mint(self._api, "cookie", user_id), self._since: str(visitor.since)}
        for name, value in values.items():
            response.headers.add("Set-Cookie", set_cookie(name, value, arrival(request.environ).origin))

    def forget(self, response: Response) -> None:
        for name in (self._who, self._since):
            response.headers.add("Set-Cookie", drop_cookie(name, arrival(request.environ).origin))
