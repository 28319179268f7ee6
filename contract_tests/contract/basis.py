"""Where an expectation stands, in the source document or in our own reading of it; and why it is not asked for."""

import pytest


def documented(source: str, api: str = "linagora") -> pytest.MarkDecorator:
    """A law that the API's document states; `source` is the operation and the words.

    It may stand on operations alone whose paths the document states: of casavi, these are two.
    """
    return pytest.mark.basis("documented", f"{api} document, {source}")


def inferred(source: str) -> pytest.MarkDecorator:
    """A law where the document is silent; judged only where the target's profile asks for it."""
    return pytest.mark.basis("inferred", source)


class NotAsked(pytest.skip.Exception):  # type: ignore[name-defined,misc]  # pytest hides its type
    """A test that this run does not carry out, and `needs`: what would have it carried out, such as `--safety sandbox`."""

    __module__ = "builtins"  # so that pytest prints the name alone, as it does for its own outcomes

    def __init__(self, reason: str, needs: str) -> None:
        super().__init__(reason)
        self.needs = needs


JUDGE_INFERRED = "judge_inferred = true"


def not_judged(what: str) -> NotAsked:
    """Why something is not judged at a target that is held to the documents alone."""
    return NotAsked(f"{what}, and this target is held to the documents alone", JUDGE_INFERRED)
