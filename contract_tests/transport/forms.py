"""What a browser does with a page: it finds the form that asks for a password, fills it in, and keeps cookies.

Which controls are sent, and with which values: HTML Standard, "Constructing the entry list".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from itertools import takewhile
from typing import Any
from urllib.parse import urljoin

from lxml import etree, html
from requests import Response, Session
from requests.cookies import MockRequest, MockResponse

Element = Any  # of lxml, which has no types
Entry = tuple[str, str]

NEVER_SENT = {"reset", "button"}
BUTTONS = {"submit", "image"}
OTHERS = {"hidden", "password", "checkbox", "radio", "file", "color", "range", "number", "date", "month", "week", "time"}


@dataclass(frozen=True)
class Form:
    """A form: the URL that it goes to, what it sends as it is, and the names of the fields for a user name and a password."""

    action: str = ""
    method: str = "GET"
    entries: tuple[Entry, ...] = ()
    user: str = ""
    password: str = ""

    def filled(self, user: str, password: str) -> list[Entry]:
        """What it sends once somebody has typed their name and password."""
        typed = {self.user: user, self.password: password}
        return [(name, typed.get(name, value)) for name, value in self.entries]


def find_form(page: Response) -> Form | None:
    """The form of a page that asks for a password, or else the first one; None if it has none."""
    try:
        document = html.document_fromstring(page.content, parser=_parser(page))
        controls = [one for one in document.iter("input", "select", "textarea", "button") if not _is_disabled(one)]
        base = urljoin(page.url, next(iter(document.xpath("//base/@href")), ""))
        forms = [_read(form, controls, page.url, base) for form in document.iter("form")]
    except (etree.LxmlError, ValueError):  # such as an empty page, or an action that is no URL
        return None
    return next((form for form in forms if form.password), next(iter(forms), None))


def keep_cookies(session: Session, response: Response) -> None:
    """Takes the cookies of an answer, as requests does by itself only where the answer came over a socket."""
    headers = Message()
    for value in response.raw.headers.getlist("Set-Cookie"):
        headers["Set-Cookie"] = value
    # The two stand in for what a cookie jar of the standard library knows; the types ask for the real ones.
    session.cookies.extract_cookies(MockResponse(headers), MockRequest(response.request))  # type: ignore[arg-type]


def _parser(page: Response) -> html.HTMLParser:
    """For letters as the header says; what a page says of itself counts where that says nothing, or what nobody knows."""
    message = Message()
    message["Content-Type"] = page.headers.get("Content-Type", "text/html")
    try:
        return html.HTMLParser(encoding=message.get_content_charset())
    except LookupError:
        return html.HTMLParser()


def _read(form: Element, controls: list[Element], url: str, base: str) -> Form:
    controls = [one for one in controls if _owner(one) in (form, form.get("id") or form)]
    button = next((one for one in controls if _kind(one) in BUTTONS), None)  # as the Enter key chooses it
    sent = [entry for one in controls if one is button or _kind(one) not in BUTTONS for entry in _entries(one, controls)]
    asks = form if button is None else button
    action = asks.get("formaction") or form.get("action") or ""
    typed = [(_kind(one), one.get("name")) for one in controls if _kind(one) in {"text", "password"} and one.get("name")]
    before = list(takewhile(lambda one: one[0] == "text", typed))  # of those the last: the first may name a tenant
    return Form(
        urljoin(base, action.strip()) if action else url,
        (asks.get("formmethod") or form.get("method") or "get").upper(),
        tuple(sent),
        before[-1][1] if before else "",
        next((name for kind, name in typed if kind == "password"), ""),
    )


def _owner(control: Element) -> Any:
    """The id of the form that a control names, or else the form around it."""
    return control.get("form") or next(control.iterancestors("form"), None)


def _is_disabled(control: Element) -> bool:
    """By itself, or by a fieldset around it; but not in the first legend of that."""
    around = control.xpath("ancestor::fieldset[@disabled] | ancestor::datalist")
    legends = control.xpath("ancestor::legend[not(preceding-sibling::legend)]/parent::fieldset")
    return "disabled" in control.attrib or any(one not in legends for one in around)


def _kind(control: Element) -> str:
    """The type of an input or a button, of which those for a line of text are one; else the tag."""
    kind = (control.get("type") or "").lower()
    if control.tag == "button":
        return kind if kind in NEVER_SENT else "submit"
    if control.tag != "input":
        return str(control.tag)
    return kind if kind in OTHERS | BUTTONS | NEVER_SENT else "text"


def _entries(control: Element, controls: list[Element]) -> Iterator[Entry]:
    name, kind, value = control.get("name", ""), _kind(control), control.get("value")
    if kind == "image":  # where it was clicked
        yield from ((f"{name}.{axis}" if name else axis, "0") for axis in "xy")
    elif not name or kind in NEVER_SENT:
        return
    elif kind == "select":
        yield from ((name, option) for option in _chosen(control))
    elif kind == "textarea":
        yield name, control.text_content().removeprefix("\n")
    elif kind not in {"checkbox", "radio"}:
        yield name, value or ""
    elif "checked" in control.attrib and (kind == "checkbox" or control is _last_checked(name, controls)):
        yield name, "on" if value is None else value


def _last_checked(name: str, controls: list[Element]) -> Element:
    return [one for one in controls if _kind(one) == "radio" and one.get("name") == name and "checked" in one.attrib][-1]


def _chosen(select: Element) -> list[str]:
    """The values of the chosen options: of a list for one of them the last, or else the first that may be chosen."""
    options = [one for one in select.iter("option") if not one.xpath("self::*[@disabled] | parent::optgroup[@disabled]")]
    chosen = [one for one in options if "selected" in one.attrib]
    if "multiple" not in select.attrib:
        chosen = chosen[-1:] or (options[:1] if int(select.get("size", "1") or 1) <= 1 else [])
    return [one.get("value", " ".join(one.text_content().split())) for one in chosen]
