"""What a browser does with a page: it finds the forms, fills them in, and keeps cookies."""

from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser

from requests import Response, Session
from requests.cookies import MockRequest, MockResponse


@dataclass
class Form:
    """A form: where it goes, what it sends as it is, and the names of the fields for a user name and a password."""

    action: str = ""
    method: str = "GET"
    fields: dict[str, str] = field(default_factory=dict)
    user: str = ""
    password: str = ""
    button: bool = False

    def filled(self, user: str, password: str) -> dict[str, str]:
        """What it sends once somebody has typed his name and password."""
        typed = {self.user: user} if self.user else {}
        return self.fields | typed | ({self.password: password} if self.password else {})


def find_form(page: str) -> Form | None:
    """The form of a page that asks for a password, or else the first one; None if it has none."""
    reader = _Reader()
    reader.feed(page)
    return next((form for form in reader.forms if form.password), next(iter(reader.forms), None))


def keep_cookies(session: Session, response: Response) -> None:
    """Takes the cookies of an answer, as requests does by itself only where the answer came over a socket."""
    headers = Message()
    for value in response.raw.headers.getlist("Set-Cookie"):
        headers["Set-Cookie"] = value
    # The two stand in for what a cookie jar of the standard library knows; the types ask for the real ones.
    session.cookies.extract_cookies(MockResponse(headers), MockRequest(response.request))  # type: ignore[arg-type]


class _Reader(HTMLParser):
    """Collects the forms of a page; of several buttons it takes the first, as the Enter key does."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(has.get("action", ""), has.get("method", "get").upper())
            self.forms.append(self._open)
        elif self._open is not None and tag in {"input", "button"} and "disabled" not in has:
            self._note(self._open, has, has.get("type", "submit" if tag == "button" else "text").lower())

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _note(self, form: Form, has: dict[str, str], kind: str) -> None:
        name, value = has.get("name", ""), has.get("value", "")
        if kind in {"submit", "image"}:
            if name and not form.button:
                form.fields[name] = value
            form.button = True
        elif not name or (kind in {"checkbox", "radio"} and "checked" not in has) or kind in {"button", "reset", "file"}:
            return
        elif kind == "password":
            form.password = form.password or name
        elif kind in {"text", "email", "tel"} and not form.user:
            form.user = name
        else:
            form.fields[name] = value
