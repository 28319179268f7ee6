"""The forms of login pages, filled in as a browser does."""

from typing import Any

import pytest
from requests import Response

from contract_tests.selftests.login_attempts import PASSWORD
from contract_tests.transport.forms import Form, find_form


def page(body: str | bytes, kind: str = "text/html") -> Response:
    response = Response()
    response.url, response._content = "http://localhost/login", body.encode() if isinstance(body, str) else body  # noqa: SLF001
    response.headers["Content-Type"] = kind
    return response


@pytest.mark.parametrize(
    ("controls", "entries"),
    [
        ('<input name="a" value="1"><input name="b"><input value="2">', {"a": "1", "b": ""}),
        ('<input name="a" disabled><input name="b" readonly value="1">', {"b": "1"}),
        ('<fieldset disabled><legend><input name="a"></legend><input name="b"><select name="c"></select></fieldset>', {"a": ""}),
        ('<input type="checkbox" name="a" checked><input type="checkbox" name="b">', {"a": "on"}),
        ('<input type="checkbox" name="a" value="" checked><input type="checkbox" name="b" value="2">', {"a": ""}),
        ('<input type="radio" name="a" value="1" checked><input type="radio" name="a" value="2">', {"a": "1"}),
        ('<select name="a"><option value="1">One<option> Two  of  it </select>', {"a": "1"}),
        ('<select name="a"><option disabled value="1">One<option> Two  of  it </select>', {"a": "Two of it"}),
        ('<select name="a" size="3"><option>1</select><select name="b"></select>', {}),
        ('<select name="a" multiple><option selected>1<option>2<option selected>3</select>', [("a", "1"), ("a", "3")]),
        ("<textarea name='a'>\n\n&lt;b>\n</textarea><textarea name='b'></textarea>", {"a": "\n<b>\n", "b": ""}),
        ('<button type="button" name="a"></button><input type="reset" name="b"><button name="c" value="3"></button>', {"c": "3"}),
        ('<input type="submit" name="a" disabled><input type="submit" name="b" value="2"><button name="c"></button>', {"b": "2"}),
        ('<input type="image" name="a"><input type="submit" name="b">', {"a.x": "0", "a.y": "0"}),
        ('<datalist><input name="a"></datalist></form><form><input name="b"></form><input name="c" form="f">', {"c": ""}),
    ],
)  # fmt: skip
def test_the_controls_of_a_form_that_are_sent(controls: str, entries: Any) -> None:
    form = find_form(page(f'<form id="f">{controls}</form>'))
    assert form is not None
    assert list(form.entries) == list(entries.items() if isinstance(entries, dict) else entries)


def test_what_lies_outside_of_a_form_is_not_its() -> None:
    assert find_form(page('<input name="a"><form></form><input name="b"><input name="c" form="d">')) == Form(
        "http://localhost/login"
    )


def test_a_button_may_say_where_its_form_goes() -> None:
    form = find_form(page('<base href="/b/"><form action="a"><button formaction="c" formmethod="post">C</button></form>'))
    assert form == Form("http://localhost/b/c", "POST")


def test_who_logs_in_is_typed_into_the_field_before_the_password() -> None:
    form = find_form(
        page('<form></form><form><input name="tenant"><input type="email" name="m"><input type="password" name="p">')
    )
    assert form is not None
    assert form.filled("max", PASSWORD) == [("tenant", ""), ("m", "max"), ("p", PASSWORD)]


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=latin-1", "text/html; charset=nonsense", "\xff", ""])
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"<form action='http://['>", b"<" * 9000, b"<form>" * 9000, "<form name=é>".encode("latin-1")]
)
def test_no_page_is_too_odd_to_be_looked_at(body: bytes, kind: str) -> None:
    form = find_form(page(body, kind))
    assert form is None or form.entries == ()
