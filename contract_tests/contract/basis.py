"""Where an expectation stands: in the source document, or in our own reading of it."""

import pytest


def documented(source: str, api: str = "linagora") -> pytest.MarkDecorator:
    """A law that the API's document states; `source` is the operation and the words.

    It may stand on operations alone whose paths the document states: of casavi, these are two.
    """
    return pytest.mark.basis("documented", f"{api} document, {source}")


def inferred(source: str) -> pytest.MarkDecorator:
    """A law where the document is silent; judged only where the target's profile asks for it."""
    return pytest.mark.basis("inferred", source)
