"""An app in a browser, on another port of localhost, with nothing but what the README tells: app.html is the whole of it."""

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

from mock_server import Config, run_in_thread


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with run_in_thread(Config(host="localhost", port=0)) as server:
        yield server.url


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    page = Response(Path(__file__).with_name("app.html").read_text(), mimetype="text/html")
    server = make_server("localhost", 0, page, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()


@pytest.fixture
def open_app(url: str, app: str, browser: Any) -> Iterator[Callable[[str, str], Any]]:
    """Opens the app in a tab, in that session, and logs that person in. All tabs are of one browser."""
    context = browser.new_context()

    def opened(session: str, name: str) -> Any:
        tab = context.new_page()
        tab.goto(f"{app}/?mock={url}/_s/{session}")
        tab.get_by_role("button", name=f"Log in as {name}").click()
        tab.wait_for_function("document.getElementById('who')?.textContent")
        return tab

    yield opened
    context.close()


def test_a_comment_with_a_picture_shows_it_and_is_news_to_the_other_resident_in_this_session_alone(
    url: str, open_app: Callable[[str, str], Any], png: bytes
) -> None:
    from playwright.sync_api import expect

    apart, home = open_app("apart", "erika"), open_app("home", "max")
    home.locator("#file").set_input_files({"name": "Schlüssel.png", "mimeType": "image/png", "buffer": png})
    home.get_by_role("button", name="Comment").click()
    expect(home.get_by_alt_text("Schlüssel.png")).to_have_js_property("naturalWidth", 128)
    home.get_by_role("button", name="Avatar").click()
    expect(home.locator("#avatar")).to_have_js_property("naturalWidth", 128)

    erika = requests.get(f"{url}/__mock/credentials", timeout=10).json()["casavi"]["principals"][1]
    login = {"Authorization": f"Bearer {erika['bearer']}"}
    unread = requests.get(f"{url}/_s/home/api/v1/communities/1/notifications/unread-count", headers=login, timeout=10)
    assert unread.json() == {"count": 4}
    apart.get_by_role("button", name="Reload").click()
    expect(apart.locator("#log")).to_have_text("3 unread, 3 unread")

    apart.get_by_role("button", name="Log out").click()
    expect(apart.locator("#who")).to_have_text("nobody")
    home.reload()
    expect(home.locator("#who")).to_have_text("Max Mustermann")


def test_a_503_a_delay_and_a_login_that_expired_are_survived(url: str, open_app: Callable[[str, str], Any]) -> None:
    from playwright.sync_api import expect

    control = f"{url}/_s/bad-day/__mock"
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
