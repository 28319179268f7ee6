"""The page at the printed URL, without a browser: who gets it, what it may load, and the calls that it lives on."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

from lxml import html

from mock_server.config import data_folder
from mock_server.tests.client import Mock

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def page(mock: Mock) -> html.HtmlElement:
    """The page of the mock's session."""
    return html.fromstring(mock.get(f"/_s/{mock.session}/__mock/", headers=BROWSER).get_data())


def test_a_browser_is_led_to_the_page_and_a_program_gets_links(mock: Mock) -> None:
    led = mock.get(f"/_s/{mock.session}/", headers=BROWSER)
    assert (led.status_code, led.location) == (302, f"http://localhost/_s/{mock.session}/__mock/")
    assert mock.get("/__mock/", headers=BROWSER).location == led.location, "the page's own requests have no header"
    mock.get(f"/_s/{mock.session}/docs")
    for path in ("/", "/__mock/"):
        answer = mock.get(path)
        assert (answer.status_code, answer.mimetype, answer.headers["Vary"]) == (200, "application/json", "Accept")
        links = answer.get_json()["links"]
        assert all(mock.get(url).status_code == 200 for url in links.values())
        assert mock.get(links["page"], headers=BROWSER).mimetype == "text/html"
    assert mock.journal() == [], "whoever looks at the page is not in the journal"


def test_the_page_loads_nothing_but_files_of_the_server_and_has_nothing_inline(mock: Mock) -> None:
    answer = mock.get(f"/_s/{mock.session}/__mock/", headers=BROWSER)
    policy = dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))
    assert policy.pop("default-src") == policy.pop("base-uri") == policy.pop("frame-ancestors") == "'none'"
    assert policy == dict.fromkeys(("script-src", "style-src", "connect-src", "img-src", "form-action"), "'self'")
    document = page(mock)
    loaded = document.xpath("//script/@src | //link/@href")
    assert len(loaded) == 3
    for name in (*loaded, "page/conditions.js", "page/journal.js", "page/state.js"):
        assert mock.get(f"/_s/{mock.session}/__mock/{name}").status_code == 200
    assert not document.xpath("//style | //script[not(@src)] | //@style | //@onclick")


def test_each_field_has_a_label_and_each_section_a_name(mock: Mock) -> None:
    document = page(mock)
    labelled = set(document.xpath("//label/@for"))
    assert {field.get("id") for field in document.xpath("//input | //select")} == labelled
    assert all(
        document.get_element_by_id(section.get("aria-labelledby")).tag == "h2" for section in document.xpath("//main//section")
    )
    assert document.xpath("//*[@role='status']")
    assert document.get("lang") == "en"


def test_whoever_can_log_in_is_there_with_all_to_copy(mock: Mock) -> None:
    copied = set(page(mock).xpath("//@data-copy"))
    for api in mock.credentials().values():
        for person in api["principals"]:
            cookie = f"{person['cookie']['name']}={person['cookie']['value']}"
            assert {person["bearer"], person["password"], cookie, str(person["user_id"])} <= copied
    commands = [shlex.split(text) for text in copied if text.startswith("curl")]
    assert len(commands) == sum(len(api["principals"]) for api in mock.credentials().values())
    for *_, header, url in commands:
        name, value = header.split(": ")
        assert mock.get(url, headers={name: value}).status_code == 200


def test_the_session_its_snapshots_and_the_other_sessions_are_there(mock: Mock) -> None:
    other = mock.beside("other")
    other.credentials()
    mock.put("/__mock/snapshots/lunch")
    mock.put("/__mock/scenario", json={"name": "empty"})
    document = page(mock)
    assert document.xpath("//select[@id='scenario']/option[@selected]/text()") == ["empty"]
    paths = document.xpath("//@data-path")
    assert {"reset", "scenario", "snapshots/lunch/restore", "snapshots/lunch", f"sessions/{other.session}"} <= set(paths)
    assert f"sessions/{mock.session}" not in paths
    links = document.xpath("//a[starts-with(@href, '../')]/@href")
    assert {"../../../__mock/", f"../../../_s/{other.session}/__mock/"} <= set(links)


def test_what_a_scenario_names_is_text_on_the_page(start: Callable[..., Mock], tmp_path: Path) -> None:
    file = tmp_path / "<b>&.yaml"
    file.write_bytes((data_folder("fixtures") / "scenarios/empty.yaml").read_bytes())
    mock = start(scenario=str(file))
    assert page(mock).xpath("//select[@id='scenario']/option[@selected]/text()") == [str(file)]


def test_sections_of_what_is_not_served_are_left_out(mock: Mock) -> None:
    document = page(mock)
    for name in ("faults", "clock", "docs"):
        served = mock.get(f"/__mock/{name}").status_code != 404
        assert served == bool(document.xpath(f"//section[@id='{name}'] | //nav/a[@href='{name}']"))
