"""Faults as values: which requests they strike and what they do, what clients prefer, and how an answer gets lost or late."""

from mock_server.faults.delivery import DELIVERY, Delivery, Ending
from mock_server.faults.fault import EFFECTS, Fault, read_fault
from mock_server.faults.prefer import MAX_DELAY, Preference, read_preferences

__all__ = ["DELIVERY", "EFFECTS", "MAX_DELAY", "Delivery", "Ending", "Fault", "Preference", "read_fault", "read_preferences"]
