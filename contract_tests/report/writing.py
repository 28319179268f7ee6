"""Files of a report: each is there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


class ReportError(Exception):
    """A report that cannot be written or read; the text is one line for a person."""


@contextmanager
def whole(file: Path) -> Iterator[IO[str]]:
    """A new text file, which takes the place of `file` once all is written. Raises ReportError."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            yield out
        draft.replace(file)
    except OSError as error:
        raise ReportError(f"{file}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            draft.unlink()


def write(file: Path, text: str, *, executable: bool = False) -> None:
    """Raises ReportError."""
    with whole(file) as out:
        out.write(text)
        if executable:
            Path(out.name).chmod(0o755)
