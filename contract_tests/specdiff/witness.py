"""A text that an old schema allows and a new one does not: two regular expressions alone do not tell whether there is one."""

import re
from random import Random

from contract_tests.specdiff.schema import Schema

TRIES = 200


def refused(old: Schema, new: Schema) -> str | None:
    """A short text that only the old schema allows, by its length and patterns; None if none was found."""
    # Here, since it takes half a second to load, and few changes are of a pattern.
    from hypothesis import HealthCheck, find, settings
    from hypothesis.errors import HypothesisException
    from hypothesis.strategies import SearchStrategy, from_regex, text

    options = settings(max_examples=TRIES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    patterns = old.all("pattern")
    try:
        texts: SearchStrategy[str] = from_regex(str(patterns[0])) if patterns else text()
        return find(texts, lambda one: _allows(old, one) and not _allows(new, one), settings=options, random=Random(0))
    except (HypothesisException, re.error):  # such as what only JavaScript can read
        return None


def _allows(schema: Schema, one: str) -> bool:
    long_enough = all(len(one) >= least for least in schema.all("minLength"))
    short_enough = all(len(one) <= most for most in schema.all("maxLength"))
    return long_enough and short_enough and all(re.search(pattern, one) for pattern in schema.all("pattern"))
