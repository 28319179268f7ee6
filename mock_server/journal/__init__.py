"""What was asked and answered in each session."""

from mock_server.journal.exchange import Exchange, keep_body, masked, masked_url
from mock_server.journal.explaining import explain, values
from mock_server.journal.journal import Journal
from mock_server.journal.memory import KEEP
from mock_server.journal.verifying import Expected, verify

__all__ = [
    "KEEP",
    "Exchange",
    "Expected",
    "Journal",
    "explain",
    "keep_body",
    "masked",
    "masked_url",
    "values",
    "verify",
]
