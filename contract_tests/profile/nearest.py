"""What is said of a key that nobody knows."""

from collections.abc import Iterable
from difflib import get_close_matches


def unknown_key(key: str, known: Iterable[str]) -> str:
    """That a key is not known, and which one was probably meant."""
    names = list(known)
    near = get_close_matches(key, names, n=1)
    return f"is not known here; did you mean {near[0]}?" if near else f"is not known here; known are {', '.join(names)}"
