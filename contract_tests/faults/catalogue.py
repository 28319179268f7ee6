"""All faults, and the operators that they are examples of."""

from dataclasses import replace

from contract_tests.faults import casavi, generated, linagora
from contract_tests.faults.planting import Fault, Laws

OPERATORS = {
    1: "one success becomes another",
    2: "a status that the document does not have",
    3: "200 where nothing is found",
    4: "a body where none may be",
    5: "500 for what is malformed",
    6: "breaks on letters beyond the first plane",
    7: "breaks on long texts",
    8: "wrong content type",
    9: "documented header missing",
    10: "ids and paths name something else",
    11: "405 that does not say what is allowed",
    12: "401 that does not say how to log in",
    13: "property missing",
    14: "property renamed",
    15: "property of another type",
    16: "null where none may be",
    17: "times in another format",
    18: "asks for what is optional",
    19: "limits off by one",
    20: "takes what it has to refuse",
    21: "creation lost",
    22: "update lost",
    23: "what is unique is there twice",
    24: "a refusal leaves something behind",
    25: "doing it again makes a difference",
    26: "merges where it replaces, or the reverse",
    27: "changes what was not named",
    28: "the second time breaks",
    29: "done once, there twice",
    30: "pages off by one",
    31: "offset ignored",
    32: "pages overlap or leave a gap",
    33: "totals wrong",
    34: "order changes by itself",
    35: "order the other way round",
    36: "letter case matters where it should not, or the reverse",
    37: "filter or option ignored",
    38: "counts out of date",
    39: "says unchanged although it changed, or the reverse",
    40: "lost when two write at once",
    41: "login skipped",
    42: "reads what belongs to others",
    43: "writes what belongs to others",
    44: "lists show what is private",
    45: "shows what is gone or old",
    46: "leaves orphans",
    47: "role not looked at",
    48: "writes what is read-only",
}

BY_HAND = (*linagora.FAULTS, *casavi.FAULTS)
CATCHERS: dict[str, Laws] = {**linagora.CATCHERS, **casavi.CATCHERS}


def _named(fault: Fault) -> Fault:
    return replace(fault, by=CATCHERS.get(str(fault), ()))


FAULTS = (*BY_HAND, *map(_named, generated.faults()))
