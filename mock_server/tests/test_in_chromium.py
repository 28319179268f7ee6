"""What people and apps do in a browser: with the page of the mock, with that of the specs, and with an app on another port.

All in one file, and so in one process, which starts one Chromium.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug import Response
from werkzeug.serving import make_server


@pytest.fixture
def expect(browser: Any) -> Any:
    from playwright.sync_api import expect  # which most runs of tests need not load

    return expect


@pytest.fixture
def page(command_url: str, browser: Any) -> Iterator[Any]:
    """The page of a session; by the end of the test it has complained of nothing, be it of what its policy forbids."""
    complaints: list[str] = []
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{command_url}/_s/seen/")
    page.locator("#live", has_text="live").wait_for()
    yield page
    context.close()
    assert complaints == []


def test_what_is_asked_appears_at_once_and_can_be_copied_sent_again_and_reset(command_url: str, page: Any, expect: Any) -> None:
    people = requests.get(f"{command_url}/_s/seen/__mock/credentials", timeout=10).json()["linagora"]["principals"]
    alice = next(person for person in people if person["name"] == "alice")
    entries = page.locator("#entries > li")

    page.get_by_role("button", name="Copy the bearer token of alice").press("Enter")
    expect(page.locator("#status")).to_contain_text("bearer token of alice")
    page.locator("#words").focus()
    page.keyboard.press("Control+V")
    expect(page.locator("#words")).to_have_value(alice["bearer"])
    page.locator("#words").clear()

    requests.post(
        f"{command_url}/_s/seen/api/communities",
        json={"title": "Wrong", "domain_ids": [alice["domain_ids"][0], 7]},
        headers={"Authorization": f"Bearer {alice['bearer']}"},
        timeout=10,
    )
    expect(entries).to_have_count(1)
    entries.locator("summary").first.press("Enter")
    expect(entries.locator("mark")).to_have_text("7")
    expect(entries.locator("mark + strong")).to_contain_text('7 is not of type "string"')
    expect(entries.locator(".headers").first).to_contain_text("Authorization: ***", use_inner_text=False)

    page.get_by_role("button", name="Copy as curl").press("Enter")
    expect(page.locator("#status")).to_contain_text("curl")
    page.locator("#words").focus()
    page.keyboard.press("Control+V")
    assert page.locator("#words").input_value().startswith(f"curl -i -X POST {command_url}/_s/seen/api/communities -H ")
    expect(page.locator("#entries > li:visible")).to_have_count(0)
    page.locator("#words").clear()

    page.get_by_role("button", name="Send again").press("Enter")
    expect(entries).to_have_count(2)
    page.get_by_label("Status").select_option("2xx")
    expect(page.locator("#entries > li:visible")).to_have_count(0)

    page.get_by_role("button", name="Reset").press("Enter")
    expect(page.locator("#status")).to_contain_text("back at its scenario")
    expect(entries).to_have_count(0)


def test_a_snapshot_brings_back_what_the_state_browser_shows(command_url: str, page: Any, expect: Any) -> None:
    users = page.get_by_role("region", name="Tables of casavi").locator("[data-table=users]")
    users.locator("summary").press("Enter")
    expect(users.locator("tbody tr")).to_have_count(4)
    expect(users.locator("tbody tr").first).to_contain_text("***")

    page.get_by_label("New snapshot").fill("before")
    page.get_by_label("New snapshot").press("Enter")
    restore = page.get_by_role("button", name="Restore snapshot before")
    expect(restore).to_be_visible()
    expect(page.get_by_label("New snapshot")).to_be_focused()
    page.get_by_label("Scenario").select_option("empty")
    page.get_by_role("button", name="Load").press("Enter")
    expect(users.locator("tbody tr")).to_have_count(3)
    restore.press("Enter")
    expect(users.locator("tbody tr")).to_have_count(4)
    assert page.locator("html").evaluate("html => html.scrollWidth") == 390  # nothing sticks out


def test_a_fault_is_added_strikes_and_is_removed_without_losing_the_focus(command_url: str, page: Any, expect: Any) -> None:
    page.get_by_label("What happens").select_option("status")
    page.get_by_label("Value", exact=True).fill("502")
    page.get_by_label("To", exact=True).select_option("listUnits")
    page.get_by_label("How often").select_option("the next N times")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    remove = page.get_by_role("button", name="Remove fault-1")
    remove.focus()
    assert [requests.get(f"{command_url}/_s/seen/api/v1/units", timeout=10).status_code for _ in range(2)] == [502, 401]
    expect(page.locator("#fault-list")).to_contain_text("1 of 2 struck")
    expect(remove).to_be_focused()
    remove.press("Enter")
    expect(remove).to_have_count(0)
    expect(page.get_by_role("heading", name="Faults")).to_be_focused()

    page.get_by_role("button", name="+1 day").press("Enter")
    expect(page.locator("#now")).to_contain_text("24.0 h ahead of real time")
    page.get_by_role("button", name="Real time").press("Enter")
    expect(page.locator("#now")).to_contain_text(", real time")


@pytest.fixture
def docs(command_url: str, browser: Any) -> Iterator[Any]:
    """A new page, which by the end of the test has asked no other host and complained of nothing."""
    asked: list[str] = []
    complaints: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    yield page
    page.close()
    assert [address for address in asked if not address.startswith((command_url, "data:", f"blob:{command_url}"))] == []
    # Chromium itself says so of each refusal that is tried out.
    assert [text for text in complaints if "responded with a status of 4" not in text] == []


def _try(page: Any, operation: str) -> int:
    """The status of the operation that is tried out with what the page has filled in."""
    block = page.locator(f"#operations-{operation}")
    if not block.locator(".execute").count():
        block.locator(".opblock-summary-control").click()
    with page.expect_response(lambda response: "/api/" in response.url) as answered:
        block.locator(".execute").click()
    block.locator(".live-responses-table").wait_for()
    assert page.locator(".errors-wrapper").count() == 0  # what Swagger UI does not understand of the document
    return int(answered.value.status)


def test_linagora_is_tried_out_as_a_chosen_person_in_a_chosen_session(command_url: str, docs: Any, png: bytes) -> None:
    people = requests.get(f"{command_url}/_s/tried/__mock/credentials", timeout=10).json()["linagora"]["principals"]
    alice = next(person for person in people if person["name"] == "alice")
    login: dict[str, Any] = {"headers": {"Authorization": f"Bearer {alice['bearer']}"}, "timeout": 10}
    docs.context.add_cookies([{**alice["cookie"], "url": command_url}])  # a login of the browser's own, which must not count

    docs.goto(f"{command_url}/_s/tried/docs?api=linagora&as=alice")
    assert [_try(docs, "communities-createCommunity") for _ in range(2)] == [201, 409]
    docs.get_by_label("Logged in as").select_option("")
    assert _try(docs, "communities-createCommunity") == 401
    docs.get_by_label("Logged in as").select_option("bob")
    assert _try(docs, "communities-listCommunities") == 200

    query = {"domain_id": alice["domain_ids"][0], "title": "Node.js"}
    assert requests.get(f"{command_url}/api/communities", params=query, **login).json() == []  # of the session `default`
    (made,) = requests.get(f"{command_url}/_s/tried/api/communities", params=query, **login).json()
    sent = {"mimetype": "image/png", "size": str(len(png))}
    avatar = f"{command_url}/_s/tried/api/communities/{made['_id']}/avatar"
    requests.post(avatar, params=sent, data=png, **login).raise_for_status()

    docs.locator("#operations-avatar-getCommunityAvatar .opblock-summary-control").click()
    docs.get_by_placeholder("community_id").fill(made["_id"])
    assert _try(docs, "avatar-getCommunityAvatar") == 200
    docs.wait_for_function("document.querySelector('.live-responses-table img').naturalWidth === 128")


def test_casavi_is_tried_out_after_the_api_is_chosen_on_the_page_on_a_phone(command_url: str, docs: Any) -> None:
    docs.set_viewport_size({"width": 390, "height": 844})
    docs.goto(f"{command_url}/docs?api=linagora")
    docs.locator("select[name=api]").select_option("casavi")
    docs.wait_for_url("**/__mock/docs?api=casavi&session=default")
    docs.get_by_label("Session").fill("phone")
    docs.get_by_label("Session").press("Enter")
    docs.wait_for_url("**/_s/phone/__mock/docs?api=casavi&as=max")
    assert _try(docs, "Tickets-listTicketTypes") == 200
    assert _try(docs, "Notifications-listNotifications") == 200
    assert docs.evaluate("document.documentElement.scrollWidth") == 390


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    page = Response(Path(__file__).with_name("app.html").read_text(), mimetype="text/html")
    server = make_server("localhost", 0, page, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()


@pytest.fixture
def open_app(command_url: str, app: str, browser: Any) -> Iterator[Callable[[str, str], Any]]:
    """Opens the app in a tab, in that session, and logs that person in. All tabs are of one browser."""
    context = browser.new_context()

    def opened(session: str, name: str) -> Any:
        tab = context.new_page()
        tab.goto(f"{app}/?mock={command_url}/_s/{session}")
        tab.get_by_role("button", name=f"Log in as {name}").click()
        tab.wait_for_function("document.getElementById('who')?.textContent")
        return tab

    yield opened
    context.close()


def test_a_comment_with_a_picture_shows_it_and_is_news_to_the_other_resident_in_this_session_alone(
    command_url: str, open_app: Callable[[str, str], Any], png: bytes, expect: Any
) -> None:
    apart, home = open_app("apart", "erika"), open_app("home", "max")
    home.locator("#file").set_input_files({"name": "Schlüssel.png", "mimeType": "image/png", "buffer": png})
    home.get_by_role("button", name="Comment").click()
    expect(home.get_by_alt_text("Schlüssel.png")).to_have_js_property("naturalWidth", 128)
    home.get_by_role("button", name="Avatar").click()
    expect(home.locator("#avatar")).to_have_js_property("naturalWidth", 128)

    erika = requests.get(f"{command_url}/__mock/credentials", timeout=10).json()["casavi"]["principals"][1]
    login = {"Authorization": f"Bearer {erika['bearer']}"}
    unread = requests.get(f"{command_url}/_s/home/api/v1/communities/1/notifications/unread-count", headers=login, timeout=10)
    assert unread.json() == {"count": 4}
    apart.get_by_role("button", name="Reload").click()
    expect(apart.locator("#log")).to_have_text("3 unread, 3 unread")

    apart.get_by_role("button", name="Log out").click()
    expect(apart.locator("#who")).to_have_text("nobody")
    home.reload()
    expect(home.locator("#who")).to_have_text("Max Mustermann")


def test_a_503_a_delay_and_a_login_that_expired_are_survived(
    command_url: str, open_app: Callable[[str, str], Any], expect: Any
) -> None:
    control = f"{command_url}/_s/bad-day/__mock"
    tab = open_app("bad-day", "max")
    unavailable = {"operation": "listTickets", "times": 1, "status": 503, "retry_after": 1}
    late = {"operation": "getUnreadNotificationCount", "times": 1, "delay": 500}
    for call, body in (("faults", unavailable), ("faults", late), ("clock/advance", {"hours": 2})):
        requests.post(f"{control}/{call}", json=body, timeout=10).raise_for_status()
    tab.get_by_role("button", name="Reload").click()
    expect(tab.locator("#log")).to_have_text(re.compile("^2 unread, 503 this is fault-1 .*, 401 the token expired .*, 2 unread$"))
    assert [fault["hits"] for fault in requests.get(f"{control}/faults", timeout=10).json()] == [1, 1]
    # At the login, and then 503, 401 and 200.
    assert len(requests.get(f"{control}/journal?operation=listTickets", timeout=10).json()) == 4
