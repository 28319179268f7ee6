"""What was asked and answered in each session."""

from mock_server.journal.exchange import Exchange, keep_body, masked, masked_url
from mock_server.journal.journal import Journal
from mock_server.journal.memory import KEEP

__all__ = ["KEEP", "Exchange", "Journal", "keep_body", "masked", "masked_url"]
