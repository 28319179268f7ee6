"""Recorded traffic: HTTP archives (HAR) read, recognised as operations, and renamed so that nobody in them is told about."""

from mock_server.recordings.archive import Exchange, read_archive
from mock_server.recordings.logins import Logins, Unknown
from mock_server.recordings.marks import Hex, Kept, Label, Notes, Number, OfPerson, Text
from mock_server.recordings.renaming import Person, renamed
from mock_server.recordings.seen import Seen, is_masked, moment_of, recognised

__all__ = [
    "Exchange",
    "Hex",
    "Kept",
    "Label",
    "Logins",
    "Notes",
    "Number",
    "OfPerson",
    "Person",
    "Seen",
    "Text",
    "Unknown",
    "is_masked",
    "moment_of",
    "read_archive",
    "recognised",
    "renamed",
]
