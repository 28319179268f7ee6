"""Secrets: whatever goes wrong and whatever is written, none is in it; neither those of the profile nor those of answers."""

import json
import os
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote

import pytest

from contract_tests import PACKAGE
from contract_tests.contract.masking import HIDDEN, learn, masked
from contract_tests.faults.servers import Deployment, mock, serve
from contract_tests.selftests.runs import run_process
from contract_tests.selftests.written_profiles import write_profile

TESTS = [
    "laws/linagora/test_titles.py",
    "laws/linagora/test_reading.py",
    "laws/casavi/test_logins.py",
    "laws/casavi/test_registration.py",
]
LOUD = ["-ra", "-v", "--tb=long", "--showlocals", "--log-level=DEBUG", "-o", "log_cli=true"]
CTRF = "ctrf.json"
ISSUED = re.compile(rb'"\w*(?:[tT]oken|Code|code)"\s*:\s*"([^"]{16,})"|[?&]code=([\w.~-]{16,})')


UNSEEN = "".join(map(chr, (*range(1, 9), 11, 12, *range(14, 32), *range(0x7F, 0xA0), 0x200F, 0x202E, 0x2066, 0xFEFF)))


class Telling(Deployment):
    """Breaks its contract and tells it with the login of who asked; `issued` is what its answers let in with."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.issued: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            places = " ".join(value for name, value in headers if name == "Location")
            self._note(places.encode())
            return start_response(status, headers, *rest)

        if environ["PATH_INFO"].startswith("/api/communities") and environ["REQUEST_METHOD"] == "PUT":
            told = repr([environ.get("HTTP_AUTHORIZATION"), environ.get("HTTP_COOKIE")]).encode()
            told += b64encode(told) + quote(told).encode() + UNSEEN.encode()
            start_response("500 Oh no", [("Content-Type", "text/plain"), ("Content-Length", str(len(told)))])
            return [told]
        body = b"".join(super().__call__(environ, note))
        self._note(body)
        return [body]

    def _note(self, text: bytes) -> None:
        self.issued.update((one or other).decode() for one, other in ISSUED.findall(text))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], set[str]]:
    """All that a loud run at a broken deployment prints and writes, and the secrets that it had to do with."""
    folder = tmp_path_factory.mktemp("secrets")
    telling = Telling(mock())
    with serve(telling) as url:
        profile = write_profile(folder, "judge_inferred = true")
        options = ["--target", url, "--profile", str(profile), "--safety", "full", "--allow-full", "127.0.0.1"]
        more = ["--report", str(folder / "report"), "--write-deviations", str(folder / "known.toml"), *LOUD]
        more += ["--ctrf", str(folder / "report" / CTRF)] if find_spec("ctrf") else []
        done = run_process(*(str(PACKAGE / test) for test in TESTS), *options, *more, folder=folder)
    assert done.returncode == 1, done.stdout + done.stderr
    texts = {str(file.relative_to(folder)): file.read_text("utf-8") for file in folder.rglob("*") if file.is_file()}
    kept = {os.environ[name] for name in re.findall(r"\$\{(\w+)\}", profile.read_text("utf-8"))} - {""}
    return texts | {"the terminal": done.stdout + done.stderr}, kept | telling.issued


def test_all_that_is_written_was_looked_at(written: tuple[dict[str, str], set[str]]) -> None:
    texts, secrets = written
    assert {"report/report.json", "report/report.html", "report/junit.xml", "report/traffic.har", "known.toml"} <= texts.keys()
    assert [name for name in texts if name.startswith("report/failures/")]
    assert "Traceback" in texts["the terminal"] or "login" in texts["the terminal"]
    assert "DEBUG" in texts["the terminal"]
    assert len(secrets) > 30


def test_no_secret_is_in_anything_that_is_written(written: tuple[dict[str, str], set[str]]) -> None:
    texts, secrets = written
    found = {(name, secret) for name, text in texts.items() for secret in secrets if len(secret) >= 5 and secret in text}
    assert found == set()


def test_in_ctrf_is_what_the_report_has_too(written: tuple[dict[str, str], set[str]]) -> None:
    """That no secret is in it, others say."""
    if find_spec("ctrf") is None:
        pytest.skip("pytest-json-ctrf is not installed; CI does so from .ci/tools.txt")
    texts, _ = written
    ctrf = json.loads(texts[f"report/{CTRF}"])["results"]
    outcomes = json.loads(texts["report/report.json"])["outcomes"]
    assert ctrf["summary"]["failed"] == outcomes["failed"] > 0
    assert ctrf["summary"]["skipped"] == outcomes["not judged"] > 0
    assert ctrf["summary"]["passed"] == outcomes["passed"]
    told = {
        test["message"].removeprefix("contract_tests.contract.finding.ContractError: ")
        for test in ctrf["tests"]
        if "message" in test
    }
    assert {"addMember breaks with 500", "not judged because of: updateCommunity breaks with 500"} <= told


def test_nothing_that_a_terminal_obeys_is_in_anything_that_is_written(written: tuple[dict[str, str], set[str]]) -> None:
    texts, _ = written
    assert {name: found for name, text in texts.items() if (found := set(UNSEEN) & set(text))} == {}
    assert "\\x1b" in texts["the terminal"]
    assert "\\x1b" in texts["report/report.html"]
    answers = [
        entry["response"]["content"].get("text", "") for entry in json.loads(texts["report/traffic.har"])["log"]["entries"]
    ]
    assert [text for text in answers if UNSEEN in text], "the archive does not hold what was answered"


def test_letters_of_all_languages_stay_and_half_of_one_is_shown() -> None:
    text = "äß\tñ 漢字\n한글 🏡"
    assert masked(text) == text
    assert masked("\udc80\r\x9b1m") == r"\udc80\r\x9b1m"


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc"])
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_a_secret_is_hidden_in_base64_wherever_it_begins(before: bytes, encode: Callable[[bytes], bytes]) -> None:
    learn("~p?ss>w0rd~~")
    for after in (b"", b"x", b"yz"):
        text = encode(before + b"~p?ss>w0rd~~" + after).decode()
        for shown in (masked(text), masked(text.rstrip("="))):
            assert len(shown.replace(HIDDEN, "").rstrip("=")) <= 4 + len(before) * 2


@pytest.mark.parametrize(
    "text",
    [
        "p@ss/w0rd",
        "%70%40%73%73%2F%77%30%72%64",
        "%70%40%73%73%2f%77%30%72%64",
        "p%40ss%2fw0rd",
        r"p@ss\/w0rd",
        "cEBzcy93MHJk",
        "https://localhost/?x=p%40ss%2Fw0rd",
        '"p@ss/w0rd"',
        "{'oidcRefreshToken': 'SECRET'}",
        "Authorization: Bearer SECRETSECRETSECRET",
        "Authorization: Basic U0VDUkVUOlNFQ1JFVA==",
        "eyJTRUNSRVQiOiJTRUNSRVQifQ.eyJTRUNSRVQiOiJTRUNSRVQifQ.SECRET",
    ],
)
def test_a_secret_is_hidden_however_it_is_written(text: str) -> None:
    learn("p@ss/w0rd")
    hidden = masked(text)
    assert not [part for part in ("SECRET", "w0rd", "U0VD", "TRUNSRVQ", "%72", "93MH") if part in hidden], hidden


def test_what_is_no_secret_stays() -> None:
    text = "status 401 for a wrong token where 401 is the contract; Bearer $ALICE_TOKEN; error.code is 7"
    assert masked(text) == text
