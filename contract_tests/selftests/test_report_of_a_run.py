"""The report of a real run against a server that breaks its contract, and of the same server when it is repaired."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import harfile
import pytest

from contract_tests.faults.servers import mock, serve
from contract_tests.selftests.made_reports import strictly
from contract_tests.selftests.runs import run
from contract_tests.transport.in_process import WsgiApp

TITLES = "laws/linagora/test_titles.py"


class Faulty:
    """A mock that takes a title twice, until it is repaired."""

    def __init__(self, app: WsgiApp) -> None:
        self.app, self.repaired = app, False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and not self.repaired:
            environ["QUERY_STRING"] = "noTitleCheck=true"
        return self.app(environ, start_response)


@pytest.fixture(scope="module")
def faulty() -> Faulty:
    return Faulty(mock())


@pytest.fixture(scope="module")
def folder(faulty: Faulty, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The report on a server that takes a title twice, while the server goes on."""
    made = tmp_path_factory.mktemp("report")
    with serve(faulty) as url:
        run([TITLES], "--target", url, "--api", "linagora", "--report", str(made), "--tb=auto")
        yield made


@pytest.fixture(scope="module")
def data(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"))
    return read


def test_a_report_is_what_its_schema_says_and_nothing_more(data: dict[str, Any]) -> None:
    assert strictly(data) == []
    assert data["broken"]


def test_a_broken_contract_has_its_law_its_source_and_all_that_repeats_it(data: dict[str, Any], folder: Path) -> None:
    one = next(one for one in data["broken"] if one["sentence"] == "createCommunity answers 201 where 409 is the contract")
    assert "a title is taken once in a domain" in one["laws"]
    assert one["sources"][0].startswith("documented: ")
    assert one["requests"][0].startswith("# createCommunity\ncurl ")
    assert (folder / one["curl"]).exists()
    assert (folder / one["repeat"]).exists()


def test_the_archive_of_a_run_has_every_exchange_and_no_login(folder: Path, data: dict[str, Any]) -> None:
    text = (folder / "traffic.har").read_text("utf-8")
    entries = json.loads(text)["log"]["entries"]
    assert len(entries) == data["run"]["requests"] > 50
    for entry in entries:
        harfile.Response(**entry["response"])
        harfile.Timings(**entry["timings"])
        harfile.Request(**entry["request"])  # each complains of keys that HAR does not know, and of those that are missing
    assert {
        header["value"] for entry in entries for header in entry["request"]["headers"] if header["name"] == "Authorization"
    } == {"…"}
    assert list(folder.glob("*.jsonl")) == []


def test_the_pytest_file_is_red_while_the_contract_is_broken_and_green_afterwards(
    folder: Path, data: dict[str, Any], faulty: Faulty
) -> None:
    file = folder / next(one["repeat"] for one in data["broken"] if one["cause"].get("operation") == "createCommunity")
    red = run([str(file)], "-c", os.devnull)
    assert red.status == pytest.ExitCode.TESTS_FAILED
    assert "createCommunity answers 201 where 409 is the contract" in red.failures
    faulty.repaired = True
    try:
        green = run([str(file)], "-c", os.devnull)
    finally:
        faulty.repaired = False
    assert green.status == 0, green.failures
