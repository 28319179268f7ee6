"""Texts as an app shows them."""

from __future__ import annotations

import html
import re

_STATUS_TEXTS = {"OPEN": "Open", "IN_PROGRESS": "In progress", "CLOSED": "Closed"}
_TITLE_LENGTH = 100


def status_text(status: str) -> str:
    return _STATUS_TEXTS.get(status, status)


def render(text: str) -> str:
    """The text as HTML: a paragraph for each that an empty line ends, and nothing of it read as markup."""
    if not text.strip():
        return ""
    paragraphs = re.split(r"\n\s*\n", html.escape(text.strip().replace("\r\n", "\n")))
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs).replace("\n", "<br>")


def shorten(text: str) -> str:
    """The first line, at most 100 characters of it."""
    line = next(iter(text.strip().splitlines()), "").rstrip()
    return line if len(line) <= _TITLE_LENGTH else f"{line[: _TITLE_LENGTH - 1].rstrip()}…"
