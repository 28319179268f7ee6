"""The page in a browser: it shows what happens while it is open, does what its buttons say, and can be used without a mouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mock_server.tests.processes import serving


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as (_, url):
        yield url


@pytest.fixture
def page(url: str, browser: Any) -> Iterator[Any]:
    """The page of a session; by the end of the test it has complained of nothing, be it of what its policy forbids."""
    complaints: list[str] = []
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{url}/_s/seen/")
    page.locator("#live", has_text="live").wait_for()
    yield page
    context.close()
    assert complaints == []


def test_what_is_asked_appears_at_once_and_can_be_copied_sent_again_and_reset(url: str, page: Any) -> None:
    from playwright.sync_api import expect

    people = requests.get(f"{url}/_s/seen/__mock/credentials", timeout=10).json()["linagora"]["principals"]
    alice = next(person for person in people if person["name"] == "alice")
    entries = page.locator("#entries > li")

    page.get_by_role("button", name="Copy the bearer token of alice").press("Enter")
    expect(page.locator("#status")).to_contain_text("bearer token of alice")
    page.locator("#words").focus()
    page.keyboard.press("Control+V")
    expect(page.locator("#words")).to_have_value(alice["bearer"])
    page.locator("#words").clear()

    requests.post(
        f"{url}/_s/seen/api/communities",
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
    assert page.locator("#words").input_value().startswith(f"curl -i -X POST {url}/_s/seen/api/communities -H ")
    expect(page.locator("#entries > li:visible")).to_have_count(0)
    page.locator("#words").clear()

    page.get_by_role("button", name="Send again").press("Enter")
    expect(entries).to_have_count(2)
    page.get_by_label("Status").select_option("2xx")
    expect(page.locator("#entries > li:visible")).to_have_count(0)

    page.get_by_role("button", name="Reset").press("Enter")
    expect(page.locator("#status")).to_contain_text("back at its scenario")
    expect(entries).to_have_count(0)


def test_a_snapshot_brings_back_what_the_state_browser_shows(url: str, page: Any) -> None:
    from playwright.sync_api import expect

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


def test_a_fault_is_added_strikes_and_is_removed_without_losing_the_focus(url: str, page: Any) -> None:
    from playwright.sync_api import expect

    page.get_by_label("What happens").select_option("status")
    page.get_by_label("Value", exact=True).fill("502")
    page.get_by_label("To", exact=True).select_option("listUnits")
    page.get_by_label("How often").select_option("the next N times")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    remove = page.get_by_role("button", name="Remove fault-1")
    remove.focus()
    assert [requests.get(f"{url}/_s/seen/api/v1/units", timeout=10).status_code for _ in range(2)] == [502, 401]
    expect(page.locator("#fault-list")).to_contain_text("1 of 2 struck")
    expect(remove).to_be_focused()
    remove.press("Enter")
    expect(remove).to_have_count(0)
    expect(page.get_by_role("heading", name="Faults")).to_be_focused()

    page.get_by_role("button", name="+1 day").press("Enter")
    expect(page.locator("#now")).to_contain_text("24.0 h ahead of real time")
    page.get_by_role("button", name="Real time").press("Enter")
    expect(page.locator("#now")).to_contain_text(", real time")
