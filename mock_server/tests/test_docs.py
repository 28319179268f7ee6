"""The specs as they are served, and the page that shows them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from mock_server.config import API_NAMES, data_folder
from mock_server.tests.client import Mock, problem
from mock_server.tests.documents import document

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
