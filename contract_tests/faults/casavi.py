"""The faults of casavi that the suite has to catch, and by which test."""

from contract_tests.faults.casavi_news import LISTS, NOTIFICATIONS
from contract_tests.faults.casavi_people import PEOPLE
from contract_tests.faults.casavi_tickets import FILES, TICKETS
from contract_tests.faults.planting import Fault


def _node(test: str) -> str:
    """The node id of a law that is given as `file::law`."""
    file, _, law = test.partition("::")
    if law.startswith("test_"):
        return test
    return f"laws/security/test_casavi_access.py::test_{law}" if file == "access" else f"laws/casavi/test_{file}.py::test_{law}"


FAULTS = tuple(
    Fault("casavi", operator, name, operation, change, (_node(test),))
    for operator, name, operation, change, test in (*TICKETS, *FILES, *LISTS, *NOTIFICATIONS, *PEOPLE)
)
