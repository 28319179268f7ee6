"""What was asked and answered in each session."""

from mock_server.journal.exchange import Exchange, keep_body, masked, masked_url
from mock_server.journal.journal import Journal
from mock_server.journal.memory import KEEP
from mock_server.journal.telling import told, values
from mock_server.journal.verifying import Expected, Verdict, verify

__all__ = ["KEEP", "Exchange", "Expected", "Journal", "Verdict", "keep_body", "masked", "masked_url", "told", "values", "verify"]
