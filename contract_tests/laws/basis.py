"""Where a law stands: in the source document, or in our own reading of it."""

import pytest


def documented(source: str) -> pytest.MarkDecorator:
    """A law that the document states; `source` is the operation and the words."""
    return pytest.mark.law("documented", f"linagora document, {source}")


def inferred(source: str) -> pytest.MarkDecorator:
    """A law where the document is silent; judged only where the target's profile asks for it."""
    return pytest.mark.law("inferred", source)
