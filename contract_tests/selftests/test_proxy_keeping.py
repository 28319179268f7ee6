"""What a proxy keeps of what has passed: all of it, and no secret in it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema_rs import validator_for

from contract_tests.faults.servers import serve
from contract_tests.report.document import SCHEMA
from contract_tests.selftests.proxies import proxied

SECRETS = {
    "bearer": "s3cret-bearer-0123456789",
    "cookie": "s3cret-cookie-0123456789",
    "set": "s3cret-set-cookie-0123456789",
    "password": 'it\'s "s3cret" too',
    "token": "s3cret-token-0123456789",
    "query": "s3cret-query-0123456789",
    "key": "s3cret-key-0123456789",
    "page": "s3cret-of-a-login-page",
}


def _telling(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answers with all that it was told, and more."""
    # What nobody can tell from other texts stands where logins are alone.
    hidden = SECRETS["page"] if environ["PATH_INFO"] == "/login" else ""
    told = {
        "access_token": SECRETS["token"],
        "hidden": hidden,
        "again": [value for key, value in environ.items() if key.startswith("HTTP_")],
    }
    body = json.dumps({**told, "body": environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()}).encode()
    headers = [("Set-Cookie", f"sid={SECRETS['set']}; Path=/"), ("Location", f"/cb?code={SECRETS['query']}")]
    start_response("200 OK", [*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def test_all_that_has_passed_is_kept_and_no_secret_in_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept = ["--report", str(tmp_path / "report"), "--record", str(tmp_path / "traffic.har")]
    headers = {
        "Authorization": f"Bearer {SECRETS['bearer']}",
        "Cookie": f"sid={SECRETS['cookie']}",
        "X-Api-Key": SECRETS["key"],
        "X-Mock-Session": "secret",
    }
    with serve(_telling) as url, proxied(url, *kept) as proxy:
        for path in ("/api/communities", "/api/v1/tickets", "/login"):
            given = {"password": SECRETS["password"], "title": SECRETS["token"]}
            where = f"{proxy.url}{path}?invite_token={SECRETS['query']}"
            requests.post(where, json=given, headers=headers, timeout=10, allow_redirects=False)
            requests.post(where, data=given, headers=headers, timeout=10, allow_redirects=False)
        journal = json.dumps(proxy.journal("secret"))
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {"traffic.har", "report.json", "report.html", "report.md"} <= {file.name for file in files}
    assert len(json.loads((tmp_path / "traffic.har").read_text())["log"]["entries"]) == 6
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    validator_for(json.loads(SCHEMA.read_text())).validate(report)
    assert "request" in {one["cause"]["kind"] for one in report["broken"]}
    assert proxy.ending is not None
    texts = [*(file.read_text() for file in files), caplog.text, *proxy.ending.lines]
    assert any("createTicket" in text for text in texts)
    for name, secret in SECRETS.items():
        forms = (secret, json.dumps(secret)[1:-1], requests.compat.quote_plus(secret))
        assert [text for text in texts if any(form in text for form in forms)] == [], name
    # In memory they are; what shows of them there is what the journal of the mock shows.
    assert SECRETS["bearer"] not in journal.split('"body"')[0]
