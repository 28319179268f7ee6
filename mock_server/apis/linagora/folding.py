"""Text as a search compares it: without case, without accents."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """`Élodie` becomes `elodie`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
