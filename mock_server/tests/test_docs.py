"""The specs as they are served, and the page that shows them: in a session, offline, and logged in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from mock_server.config import API_NAMES, data_folder
from mock_server.tests.client import Mock, problem
from mock_server.tests.documents import document
from mock_server.tests.processes import serving

Start = Callable[..., Mock]
READ: dict[str, Callable[[bytes], Any]] = {"json": json.loads, "yaml": yaml.safe_load}
SAMPLE = data_folder("fixtures") / "overlays" / "requests.yaml"
HERE = "http://localhost"


def _served(mock: Mock, api: str, form: str, prefix: str = "") -> Any:
    answer = mock.get(f"{prefix}/__mock/specs/{api}.{form}")
    assert (answer.status_code, answer.mimetype) == (200, f"application/{form}")
    return READ[form](answer.data)


@pytest.mark.parametrize("form", READ)
@pytest.mark.parametrize("api", API_NAMES)
def test_the_spec_is_served_with_the_address_that_its_reader_sees(mock: Mock, api: str, form: str) -> None:
    for prefix in ("", "/_s/mine"):
        served = _served(mock, api, form, prefix)
        assert [server["url"] for server in served.pop("servers")] == [HERE + prefix]
        expected = json.loads(json.dumps(document(api)).replace("http://127.0.0.1:8000", HERE + prefix))
        expected.pop("servers")
        assert served == expected
        assert ":8000" not in json.dumps(served)
    assert list(OpenAPIV31SpecValidator({**served, "servers": []}).iter_errors()) == []


def test_text_that_looks_like_a_number_is_quoted_since_yaml_has_two_opinions_of_it(mock: Mock) -> None:
    assert b"example: 0987654321" not in (served := mock.get("/__mock/specs/linagora.yaml").data)
    assert b'example: "0987654321"' in served


def test_the_spec_is_served_as_overlays_change_it_but_for_the_server(start: Start, tmp_path: Any) -> None:
    (tmp_path / "mine.yaml").write_text(
        "overlay: 1.1.0\nactions: [{target: $.servers, update: [{url: 'https://staging.example'}]}]", "utf-8"
    )
    mock = start(apis=("casavi",), overlays=(str(SAMPLE), str(tmp_path / "mine.yaml")))
    for form in READ:
        served = _served(mock, "casavi", form)
        assert {path for path in served["paths"] if "tickets" in path or "requests" in path} == {
            "/api/v2/requests",
            "/api/v2/requests/{ticket_id}",
            "/api/v2/requests/{ticket_id}/comments",
        }
        assert [server["url"] for server in served["servers"]] == [HERE]


def test_an_api_that_is_not_served_has_no_document_and_is_not_on_the_page(start: Start) -> None:
    mock = start(apis=("linagora",))
    assert problem(mock.get("/__mock/specs/casavi.yaml"))[0] == 404
    assert ">casavi<" not in (page := mock.get("/__mock/docs").text)
    assert "<option selected>linagora<" in page


def test_the_short_address_and_another_session_lead_to_the_page(mock: Mock) -> None:
    assert mock.get("/_s/mine/docs?api=linagora&as=bob").location == "/_s/mine/__mock/docs?api=linagora&as=bob"
    assert mock.get("/_s/mine/__mock/docs?session=yours&as=max").location == "/_s/yours/__mock/docs?as=max"
    assert mock.get("/_s/mine/__mock/docs?session=default").location == "/__mock/docs"
    assert problem(mock.get("/__mock/docs?session=not/one"))[0] == 400


def test_it_leads_back_to_the_page_of_its_session(mock: Mock) -> None:
    assert '<a href="/_s/mine/__mock/">' in mock.get("/_s/mine/__mock/docs").text


def test_the_page_may_load_and_ask_this_server_alone(mock: Mock) -> None:
    policy = mock.get("/__mock/docs").headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    allowed = {source for sources in rules.values() for source in sources.split()}
    assert (rules["default-src"], rules["script-src"]) == ("'none'", "'self'")
    assert allowed == {"'none'", "'self'", "data:", "blob:"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as (_, url):
        yield url


@pytest.fixture
def page(url: str, browser: Any) -> Iterator[Any]:
    """A new page, which by the end of the test has asked no other host and complained of nothing."""
    asked: list[str] = []
    complaints: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    yield page
    page.close()
    assert [address for address in asked if not address.startswith((url, "data:", f"blob:{url}"))] == []
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


def test_linagora_is_tried_out_as_a_chosen_person_in_a_chosen_session(url: str, page: Any, png: bytes) -> None:
    people = requests.get(f"{url}/_s/tried/__mock/credentials", timeout=10).json()["linagora"]["principals"]
    alice = next(person for person in people if person["name"] == "alice")
    login: dict[str, Any] = {"headers": {"Authorization": f"Bearer {alice['bearer']}"}, "timeout": 10}
    page.context.add_cookies([{**alice["cookie"], "url": url}])  # a login of the browser's own, which must not count

    page.goto(f"{url}/_s/tried/docs?api=linagora&as=alice")
    assert [_try(page, "communities-createCommunity") for _ in range(2)] == [201, 409]
    page.get_by_label("Logged in as").select_option("")
    assert _try(page, "communities-createCommunity") == 401
    page.get_by_label("Logged in as").select_option("bob")
    assert _try(page, "communities-listCommunities") == 200

    query = {"domain_id": alice["domain_ids"][0], "title": "Node.js"}
    assert requests.get(f"{url}/api/communities", params=query, **login).json() == []  # of the session `default`
    (made,) = requests.get(f"{url}/_s/tried/api/communities", params=query, **login).json()
    sent = {"mimetype": "image/png", "size": str(len(png))}
    avatar = f"{url}/_s/tried/api/communities/{made['_id']}/avatar"
    requests.post(avatar, params=sent, data=png, **login).raise_for_status()

    page.locator("#operations-avatar-getCommunityAvatar .opblock-summary-control").click()
    page.get_by_placeholder("community_id").fill(made["_id"])
    assert _try(page, "avatar-getCommunityAvatar") == 200
    page.wait_for_function("document.querySelector('.live-responses-table img').naturalWidth === 128")


def test_casavi_is_tried_out_after_the_api_is_chosen_on_the_page_on_a_phone(url: str, page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{url}/docs?api=linagora")
    page.locator("select[name=api]").select_option("casavi")
    page.wait_for_url("**/__mock/docs?api=casavi&session=default")
    page.get_by_label("Session").fill("phone")
    page.get_by_label("Session").press("Enter")
    page.wait_for_url("**/_s/phone/__mock/docs?api=casavi&as=max")
    assert _try(page, "Tickets-listTicketTypes") == 200
    assert _try(page, "Notifications-listNotifications") == 200
    assert page.evaluate("document.documentElement.scrollWidth") == 390
